"""The mails of a day as people get them, with an example person; and what the organiser writes in them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from backend.auth.models import Viewer
from backend.config import ROOT
from backend.db import now
from backend.errors import NotFound
from backend.events import details, mails, organising
from backend.events.mails import Letter
from backend.events.models import ActionDay, EventKind, Registration, RegistrationStatus
from backend.events.organiser_forms import MailForm
from backend.events.organiser_steps import Shown
from backend.language import gettext as _
from backend.mail import plain_line
from backend.templating import render

EXAMPLE = UUID("00000000-0000-4000-8000-000000000001")  # nobody's: its links lead nowhere
K, S = EventKind, RegistrationStatus


@dataclass(frozen=True)
class Reader:
    id: UUID
    name: str
    email: str
    language: str = "nl"


@dataclass(frozen=True)
class Kind:
    """`key` is in the address, and in the name of the file in templates/email/."""

    key: str
    words: Callable[[], tuple[str, str]]  # what it is called, and who gets it when
    event: EventKind
    status: RegistrationStatus

    @property
    def template(self) -> str:
        return f"registration_{self.key}"

    @property
    def takes_extra(self) -> bool:
        return self.key not in SHORT

    @property
    def title(self) -> str:
        return self.words()[0]

    @property
    def when(self) -> str:
        return self.words()[1]


SHORT = ("thanks", "cancelled", "day_cancelled")  # no place for a paragraph more
KINDS = (
    Kind("confirmed", lambda: (_("Bevestiging"), _("zodra iemand een plaats heeft")), K.REGISTERED, S.CONFIRMED),
    Kind("waiting", lambda: (_("Wachtlijst"), _("wie inschrijft als de dag vol is")), K.REGISTERED, S.WAITING),
    Kind("offered", lambda: (_("Aanbod van een plaats"), _("wie wacht, als er een plaats vrijkomt")), K.OFFERED, S.OFFERED),
    Kind("promoted", lambda: (_("Toch een plaats"), _("wie wachtte en nu een plaats heeft")), K.PROMOTED, S.CONFIRMED),
    Kind("day_confirmed", lambda: (_("De dag gaat door"), _("als je de dag bevestigt")), K.DAY_CONFIRMED, S.CONFIRMED),
    Kind("day_changed", lambda: (_("Wijziging"), _("als uur, plaats of titel verandert")), K.DAY_CHANGED, S.CONFIRMED),
    Kind("reminder", lambda: (_("Herinnering"), _("enkele dagen vooraf")), K.REGISTERED, S.CONFIRMED),
    Kind("practical", lambda: (_("Praktisch"), _("de dag ervoor")), K.REGISTERED, S.CONFIRMED),
    Kind("thanks", lambda: (_("Dank"), _("na de dag, met het materiaal")), K.REGISTERED, S.CONFIRMED),
    Kind("cancelled", lambda: (_("Annulering"), _("wie annuleert")), K.CANCELLED, S.CANCELLED),
    Kind("day_cancelled", lambda: (_("De dag gaat niet door"), _("als je ze afgelast")), K.DAY_CANCELLED, S.CONFIRMED),
)  # fmt: skip


def kinds() -> list[Kind]:
    """Those that this installation sends."""
    return [kind for kind in KINDS if _exists(kind.template)]


def kind_of(key: str) -> Kind:
    for kind in kinds():
        if kind.key == key:
            return kind
    raise NotFound(_("Deze mail bestaat niet."))


def show(day: ActionDay, kind: Kind) -> Shown:
    return {"subject": "", "extra": ""} | day.mail_texts.get(kind.template, {})


def written(day: ActionDay, kind: Kind) -> tuple[str, str]:
    """Subject and text of this mail to an example person, made as every other."""
    moment = now()
    registration = Registration(
        id=EXAMPLE, day_id=day.id, account_id=EXAMPLE, status=kind.status, asked_at=moment, changed_at=moment,
        offered_until=moment + timedelta(days=2),
    )  # fmt: skip
    letter = Letter(
        kind.event, Reader(EXAMPLE, _("Noor Voorbeeld"), "noor@voorbeeld.example"), day, registration
    )
    own = day.mail_texts.get(kind.template, {})
    context = letter.context() | {
        "extra": own.get("extra", ""),
        "materials": details.materials_of(day.materials),
        "place": mails.place_in_words(1),
        "had_seat": True,
        "reason": _("(hier komt je reden)") if kind.event == K.DAY_CANCELLED else "",
    }
    subject, _sep, text = render(f"email/{kind.template}.txt", **context).partition("\n")
    return plain_line(own.get("subject") or subject), text.strip()


def keep(session: Session, viewer: Viewer, slug: str, kind: Kind, data: MailForm) -> None:
    """What is left empty is as it was made."""
    day = organising.find(session, viewer, slug)
    extra = data.extra if kind.takes_extra else ""
    own = {name: text for name, text in (("subject", data.subject), ("extra", extra)) if text}
    texts = {key: value for key, value in day.mail_texts.items() if key != kind.template}
    organising.change(
        session, viewer, slug, {"mail_texts": texts | ({kind.template: own} if own else {})}, now()
    )


def _exists(template: str) -> bool:
    return (ROOT / "templates/email" / f"{template}.txt").exists()
