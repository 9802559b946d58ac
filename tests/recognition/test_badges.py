"""Open Badges: signed, verifiable with nothing but the file and the published key, revocable."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy import func
from sqlmodel import Session, select

from backend.auth.models import Account
from backend.config import settings
from backend.recognition import badge, service
from backend.recognition.models import Certificate, IssuerKey
from tests.browser import Browser
from tests.factories import make_account

AWARD = service.Award("proef", "Polarisatie", "Zie spanning vroeg.", 2, 1.5)
REGISTRY = JWSRegistry()
REGISTRY.max_header_length = 2048  # the key stands in the header, as in the examples of the standard
MOMENT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def holder(session: Session) -> Account:
    return make_account(session, "Noor Claes")


@pytest.fixture
def certificate(session: Session, holder: Account) -> Certificate:
    return service.issue(session, holder.id, AWARD, MOMENT)


def downloaded(browser: Browser, holder: Account, certificate: Certificate) -> str:
    browser.sign_in(holder)
    answer = browser.client.post(
        f"/getuigschrift/{certificate.code}/badge", headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jwt"
    return str(answer.text)


def test_a_badge_verifies_with_the_published_keys(
    browser: Browser, holder: Account, certificate: Certificate
) -> None:
    token = downloaded(browser, holder, certificate)
    keys = KeySet.import_key_set(browser.client.get("/getuigschrift/sleutels.json").json())
    read = jwt.decode(token, keys, algorithms=["RS256"], registry=REGISTRY)
    said = read.claims
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert said["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert said["jti"] == said["id"]
    assert said["id"].endswith(f"/getuigschrift/{certificate.code}")
    assert said["validFrom"] == "2026-11-25T09:30:00Z"
    assert said["nbf"] == int(MOMENT.timestamp())
    who = said["credentialSubject"]["identifier"][0]
    digest = hashlib.sha256((holder.email + who["salt"]).encode()).hexdigest()
    assert who["identityHash"] == f"sha256${digest}", "the holder can show that it is theirs"
    assert holder.email not in json.dumps(said), "and nobody else learns the address"


def test_it_verifies_offline_with_the_key_in_its_header(
    browser: Browser, holder: Account, certificate: Certificate
) -> None:
    token = downloaded(browser, holder, certificate)
    header = json.loads(_decoded(token.split(".")[0]))
    assert "d" not in header["jwk"], "the private half stays here"
    assert (
        jwt.decode(token, RSAKey.import_key(header["jwk"]), algorithms=["RS256"], registry=REGISTRY).claims[
            "iss"
        ]
        == badge.issuer_id()
    )


def test_a_changed_badge_does_not_verify(browser: Browser, holder: Account, certificate: Certificate) -> None:
    head, body, seal = downloaded(browser, holder, certificate).split(".")
    forged = _encoded(_decoded(body).replace(b"Polarisatie", b"Haatspraak!"))
    keys = KeySet.import_key_set(browser.client.get("/getuigschrift/sleutels.json").json())
    with pytest.raises(BadSignatureError):
        jwt.decode(f"{head}.{forged}.{seal}", keys, algorithms=["RS256"], registry=REGISTRY)


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_one_key_signs_for_all(session: Session, holder: Account, certificate: Certificate) -> None:
    for _ in range(2):
        badge.signed_badge(session, certificate, holder.email, MOMENT)
    assert session.scalar(select(func.count()).select_from(IssuerKey)) == 1


def test_the_private_key_is_sealed_and_a_new_secret_makes_a_new_key(
    session: Session, holder: Account, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = badge.signed_badge(session, certificate, holder.email, MOMENT)
    row = session.exec(select(IssuerKey)).one()
    assert '"d"' not in row.sealed_jwk + row.public_jwk
    monkeypatch.setattr(settings, "secret_key", "een heel ander geheim van minstens 32 tekens")
    new = badge.signed_badge(session, certificate, holder.email, datetime(2027, 1, 1, tzinfo=UTC))
    keys = KeySet.import_key_set(badge.public_keys(session))
    assert len(keys.keys) == 2
    for token in (old, new):
        assert (
            jwt.decode(token, keys, algorithms=["RS256"], registry=REGISTRY).claims["name"] == "Polarisatie"
        )


def test_a_revoked_badge_is_on_the_list(
    browser: Browser, session: Session, holder: Account, certificate: Certificate
) -> None:
    assert browser.client.get("/getuigschrift/intrekkingen.json").json()["revokedCredential"] == []
    found = service.find(session, certificate.code)
    found.revoked_at, found.revoked_because = MOMENT, "Per vergissing."
    session.flush()
    (row,) = browser.client.get("/getuigschrift/intrekkingen.json").json()["revokedCredential"]
    assert row["id"].endswith(certificate.code)
    assert row["revoked"] is True
