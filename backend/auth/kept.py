"""A session that ended while somebody was typing loses nothing: what was sent is kept and offered again."""

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.auth.models import Account, AuthSession, KeptForm
from backend.auth.sessions import MAY_SIGN_IN, hash_token
from backend.errors import NotFound
from backend.language import gettext as _

KEPT_FOR = timedelta(hours=24)
MAX_CHARACTERS = 200_000
MAX_FORMS = 20  # for one person at a time
NEVER_PATHS = (
    "/aanmelden",
    "/afmelden",
    "/account-aanmaken",
    "/bevestigen",
    "/wachtwoord",
    "/mijn/profiel",
    "/mijn/bewaard",
    "/mijn/gegevens",
)
SECRET_FIELD = re.compile("passw|wachtwoord|secret|geheim|token", re.IGNORECASE)


def keep(
    session: Session, token: str, path: str, sent: Iterable[tuple[str, str]], now: datetime
) -> UUID | None:
    """Keep a form for the person whose session this was. None when that is not known, or not allowed for such a form."""
    fields: dict[str, list[str]] = {}
    for name, value in sent:
        fields.setdefault(name, []).append(value)
    if (
        not fields
        or path.startswith(NEVER_PATHS)
        or len(path) > 1000
        or any(SECRET_FIELD.search(name) for name in fields)
        or len(json.dumps(fields)) > MAX_CHARACTERS
    ):
        return None
    account_id = session.scalar(
        select(col(AuthSession.account_id))
        .join(Account, col(Account.id) == AuthSession.account_id)
        .where(col(AuthSession.token_hash) == hash_token(token), col(Account.status).in_(MAY_SIGN_IN))
    )
    if account_id is None:
        return None
    forget_old(session, now)
    mine = session.scalars(
        select(KeptForm).where(col(KeptForm.account_id) == account_id).order_by(col(KeptForm.created_at))
    ).all()
    if same := next((f for f in mine if f.path == path and f.fields == fields), None):
        return same.id
    for oldest in mine[: max(0, len(mine) + 1 - MAX_FORMS)]:
        session.delete(oldest)
    kept = KeptForm(account_id=account_id, path=path, fields=fields, created_at=now)
    session.add(kept)
    return kept.id


def of(session: Session, account_id: UUID, form_id: UUID, now: datetime) -> KeptForm:
    """What this person typed. NotFound for anybody else."""
    kept = session.scalars(
        select(KeptForm).where(
            col(KeptForm.id) == form_id,
            col(KeptForm.account_id) == account_id,
            col(KeptForm.created_at) > now - KEPT_FOR,
        )
    ).first()
    if kept is None:
        raise NotFound(
            _(
                "Hier is niets bewaard voor jou. Misschien stuurde je het al opnieuw, of is het meer dan een dag oud."
            )
        )
    return kept


def drop(session: Session, account_id: UUID, form_id: UUID) -> None:
    session.execute(
        delete(KeptForm).where(col(KeptForm.id) == form_id, col(KeptForm.account_id) == account_id)
    )


def forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(KeptForm).where(col(KeptForm.created_at) <= now - KEPT_FOR))


def is_text(value: str) -> bool:
    """Whether a field is something a person wrote, not a choice or a number that belongs to the page."""
    return bool(" " in value.strip() or "\n" in value or "@" in value) and not value.startswith("/")
