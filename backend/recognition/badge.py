"""A certificate as an Open Badge 3.0: a signed credential (VC-JWT) that anyone can verify, also offline.

The payload is the credential itself; the header carries the public key, which is one of those at `recognition.keys`.
Sources: Open Badges 3.0 §8.2 (VC-JWT), §9 (revocation list); the holder's address is there as a salted hash only.
"""

import hashlib
import json
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.config import settings
from backend.recognition.models import Certificate, IssuerKey
from backend.templating import absolute_url

if TYPE_CHECKING:  # the functions that need it load it: it takes 9 MB that most processes never use
    from joserfc.jwk import OctKey, RSAKey

ALGORITHM = "RS256"  # the one that every verifier of Open Badges knows
CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
SEALED = {"alg": "dir", "enc": "A256GCM"}


def signed_badge(session: Session, certificate: Certificate, email: str, now: datetime) -> str:
    """The credential as a compact JWT. `email` is the holder's address now. Needs a session that may write."""
    from joserfc import jwt

    key = _signing_key(session, now)
    public = {name: value for name, value in key.as_dict(private=False).items() if name in ("kty", "n", "e")}
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.kid, "jwk": public}
    return jwt.encode(header, credential(certificate, email), key, algorithms=[ALGORITHM])


def credential(certificate: Certificate, email: str) -> dict[str, Any]:
    address = absolute_url("recognition.check", certificate=certificate.code)
    salt = secrets.token_hex(8)
    hashed = hashlib.sha256((email + salt).encode()).hexdigest()
    return {
        "iss": issuer_id(),
        "jti": address,
        "nbf": int(certificate.issued_at.timestamp()),
        "@context": CONTEXT,
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": certificate.course_title,
        "issuer": {"id": issuer_id(), "type": ["Profile"], "name": "Lerend netwerk", "url": settings.base_url},
        "validFrom": certificate.issued_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "identityType": "emailAddress", "hashed": True, "salt": salt,
                 "identityHash": f"sha256${hashed}"}
            ],
            "achievement": {
                "id": absolute_url("courses.show", module=certificate.course_key),
                "type": ["Achievement"],
                "achievementType": "CertificateOfCompletion",
                "name": certificate.course_title,
                "description": certificate.course_summary or certificate.course_title,
                "version": str(certificate.version),
                "inLanguage": "nl-BE",
                "criteria": {
                    "narrative": f"Alle lessen van de module zijn afgewerkt ({certificate.hours:g} uur)."
                },
            },
        },
        "credentialStatus": {"id": absolute_url("recognition.revocations"), "type": "1EdTechRevocationList"},
    }  # fmt: skip


def issuer_id() -> str:
    return absolute_url("recognition.issuer")


def public_keys(session: Session) -> dict[str, Any]:
    """A JWK Set: every key that ever signed."""
    rows = session.scalars(select(col(IssuerKey.public_jwk)).order_by(col(IssuerKey.created_at)))
    return {"keys": [json.loads(row) for row in rows]}


def revocation_list(revoked: list[Certificate]) -> dict[str, Any]:
    return {
        "id": absolute_url("recognition.revocations"),
        "issuer": issuer_id(),
        "revokedCredential": [
            {"id": absolute_url("recognition.check", certificate=each.code), "revoked": True,
             "revocationReason": each.revoked_because}
            for each in revoked
        ],
    }  # fmt: skip


def _signing_key(session: Session, now: datetime) -> "RSAKey":
    """The newest key that this installation can open; a new one when there is none (the secret key was changed, say)."""
    from joserfc import jwe
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    for row in session.scalars(select(IssuerKey).order_by(col(IssuerKey.created_at).desc())):
        try:
            sealed = jwe.decrypt_compact(row.sealed_jwk, _seal(), algorithms=list(SEALED.values()))
        except (JoseError, ValueError):
            continue
        return RSAKey.import_key(json.loads(sealed.plaintext or b""))
    key = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    private = json.dumps(key.as_dict(private=True)).encode()
    session.add(
        IssuerKey(
            kid=str(key.kid),
            public_jwk=json.dumps(key.as_dict(private=False)),
            sealed_jwk=jwe.encrypt_compact(SEALED, private, _seal(), algorithms=list(SEALED.values())),
            created_at=now,
        )
    )
    session.flush()
    return key


def _seal() -> "OctKey":
    from joserfc.jwk import OctKey

    return OctKey.import_key(hashlib.sha256(b"issuer key\0" + settings.secret_key.encode()).digest())
