"""The mails of a day as people get them, with an example person; and what the organiser writes in them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import now
from backend.errors import NotFound
from backend.events import mail_previews, organising, service
from backend.events.models import ActionDay, EventKind, LetterKind, RegistrationStatus, Workshop
from backend.events.organiser_forms import MailForm
from backend.events.organiser_steps import Shown
from backend.language import gettext as _

K, L, S = EventKind, LetterKind, RegistrationStatus


@dataclass(frozen=True)
class Kind:
    """`key` is in the address, and in the name of the file in templates/email/."""

    key: str
    words: Callable[[], tuple[str, str]]  # what it is called, and who gets it when
    event: EventKind | LetterKind
    status: RegistrationStatus | None = None  # where the event alone does not tell

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


# No place for a paragraph more.
SHORT = ("thanks", "refused", "expired", "given", "left", "cancelled", "day_cancelled")
KINDS = (
    Kind("confirmed", lambda: (_("Bevestiging"), _("zodra iemand een plaats heeft")), K.REGISTERED),
    Kind("waiting", lambda: (_("Wachtlijst"), _("wie inschrijft als de dag vol is")), K.REGISTERED, S.WAITING),
    Kind("requested", lambda: (_("Aanvraag"), _("wie een plaats aanvraagt")), K.REQUESTED),
    Kind("refused", lambda: (_("Geen plaats"), _("wie geen plaats krijgt van jou")), K.REFUSED),
    Kind("invited", lambda: (_("Uitnodiging door een collega"), _("wie door een collega ingeschreven is")), K.INVITED),
    Kind("offered", lambda: (_("Aanbod van een plaats"), _("wie wacht, als er een plaats vrijkomt")), K.OFFERED),
    Kind("expired", lambda: (_("Aanbod voorbij"), _("wie niet op tijd ja zei")), K.EXPIRED),
    Kind("promoted", lambda: (_("Toch een plaats"), _("wie wachtte en nu een plaats heeft")), K.PROMOTED),
    Kind("changed", lambda: (_("Andere sessies"), _("wie andere sessies kiest")), K.CHANGED),
    Kind("moved_up", lambda: (_("Toch de sessie"), _("wie een plaats krijgt in een volzette sessie")), K.MOVED_UP),
    Kind("given", lambda: (_("Plaats doorgegeven"), _("wie zijn plaats doorgeeft")), K.GIVEN),
    Kind("received", lambda: (_("Plaats gekregen"), _("wie een plaats krijgt van een collega")), K.RECEIVED),
    Kind("left", lambda: (_("Andere dag"), _("wie een andere dag van de reeks kiest")), K.LEFT),
    Kind("day_confirmed", lambda: (_("De dag gaat door"), _("als je de dag bevestigt")), K.DAY_CONFIRMED),
    Kind("day_changed", lambda: (_("Wijziging"), _("als uur, plaats of titel verandert")), K.DAY_CHANGED),
    Kind("reminder", lambda: (_("Herinnering"), _("wie een plaats heeft, een week vooraf")), L.REMINDER),
    Kind("practical", lambda: (_("Praktisch"), _("wie een plaats heeft, de werkdag ervoor")), L.PRACTICAL),
    Kind("thanks", lambda: (_("Dank"), _("wie erbij was, de dag erna, met het materiaal")), L.THANKS),
    Kind("cancelled", lambda: (_("Annulering"), _("wie annuleert")), K.CANCELLED),
    Kind("day_cancelled", lambda: (_("De dag gaat niet door"), _("als je ze afgelast")), K.DAY_CANCELLED),
)  # fmt: skip


def kinds(day: ActionDay) -> list[Kind]:
    """Those that this day may send."""
    return [kind for kind in KINDS if mail_previews.can_come(day, kind.event)]


def kind_of(key: str) -> Kind:
    for kind in KINDS:
        if kind.key == key:
            return kind
    raise NotFound(_("Deze mail bestaat niet."))


def show(day: ActionDay, kind: Kind) -> Shown:
    return {"subject": "", "extra": ""} | day.mail_texts.get(kind.template, {})


def example_choice(session: Session, day: ActionDay) -> list[Workshop]:
    """What the example person chose: the first session of each round."""
    return [moment.workshops[0] for moment in service.programme(session, day.id) if moment.workshops]


def written(day: ActionDay, kind: Kind, sessions: list[Workshop]) -> mail_previews.Preview:
    """This mail to an example person, made as every other."""
    return mail_previews.preview(day, kind.event, sessions, now(), status=kind.status)


def keep(session: Session, viewer: Viewer, slug: str, kind: Kind, data: MailForm) -> None:
    """What is left empty is as it was made."""
    day = organising.find(session, viewer, slug)
    extra = data.extra if kind.takes_extra else ""
    own = {name: text for name, text in (("subject", data.subject), ("extra", extra)) if text}
    texts = {key: value for key, value in day.mail_texts.items() if key != kind.template}
    organising.change(
        session, viewer, slug, {"mail_texts": texts | ({kind.template: own} if own else {})}, now()
    )
