"""The pages of practice cards."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from backend import privacy
from backend.auth.access import CurrentMember, admitted, holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.errors import Conflict, NotFound
from backend.exchange import policy, service
from backend.exchange.forms import CardForm, ReviewForm
from backend.exchange.models import PracticeCard, Size, Tension
from backend.exchange.service import Filter
from backend.language import gettext as _
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/uitwisseling/praktijk")
Reviewer = Annotated[Viewer, Depends(holder_of(Role.MENTOR, Role.ADMINISTRATOR))]
CardTyped = Annotated[Form[CardForm], Depends(form(CardForm))]
FIELDS = {
    "titel": "title", "spanning": "tension", "grootte": "size", "context": "context", "actie": "action", "kost": "cost",
    "effect": "effect", "valkuilen": "pitfalls", "contact": "contact",
}  # fmt: skip


def tensions() -> dict[str, str]:
    return {
        Tension.TRAFFIC: _("Verkeer en mobiliteit"), Tension.SHELTER: _("Opvang en migratie"),
        Tension.LIVING_TOGETHER: _("Samenleven in de buurt"), Tension.RELIGION: _("Levensbeschouwing"),
        Tension.SPACE: _("Ruimte, wonen en energie"), Tension.YOUTH: _("Jongeren en overlast"),
        Tension.DISINFORMATION: _("Geruchten en desinformatie"), Tension.HATE: _("Haatspraak en bedreiging"),
        Tension.TRUST: _("Vertrouwen in het bestuur"), Tension.WORLD: _("Conflicten elders in de wereld"),
    }  # fmt: skip


def sizes() -> dict[str, str]:
    return {
        Size.SMALL: _("minder dan 15.000 inwoners"), Size.MIDDLE: _("15.000 tot 35.000 inwoners"),
        Size.LARGE: _("35.000 tot 100.000 inwoners"), Size.CITY: _("meer dan 100.000 inwoners"),
    }  # fmt: skip


@router.get("", name="exchange.cards")
def cards(
    request: Request, session: DbSession, viewer: CurrentMember, wanted: Annotated[Filter, Query()]
) -> Response:
    return page(
        request,
        "exchange/cards.html",
        cards=service.cards(session, viewer, wanted),
        own=service.own(session, viewer),
        to_review=service.to_review(session, viewer),
        regions=service.regions(session),
        filter=wanted,
        tensions=tensions(),
        sizes=sizes(),
    )


@router.get("/nieuw", name="exchange.new_card", dependencies=[Depends(admitted)])
def new(request: Request) -> Response:
    return _show_form(request, Form())


def _show_form(
    request: Request, typed: Form[CardForm], card: PracticeCard | None = None,
    found: list[privacy.Finding] | None = None,
) -> Response:  # fmt: skip
    kept = {name: getattr(card, attribute) for name, attribute in FIELDS.items()} if card else {}
    return page(
        request,
        "exchange/card_form.html",
        status=422 if typed.errors or found else 200,
        block="card_form" if typed.errors or found else "",
        card=card,
        form=typed if typed.typed else Form(kept),
        found=found,
        tensions=[("", _("Kies")), *tensions().items()],
        sizes=[("", _("Kies")), *sizes().items()],
    )


def _fields(sent: CardForm) -> dict[str, Any]:
    return {attribute: getattr(sent, name) for name, attribute in FIELDS.items()}


def _personal(sent: CardForm) -> list[privacy.Finding]:
    """What may tell who somebody is; a contact is meant to."""
    texts = (sent.context, sent.actie, sent.kost, sent.effect, sent.valkuilen)
    return [] if sent.toch else privacy.findings("\n".join(texts))


@router.post("/nieuw", name="exchange.write_card")
def write(request: Request, session: DbSession, viewer: CurrentMember, typed: CardTyped) -> Response:
    if typed.data is None:
        return _show_form(request, typed)
    if found := _personal(typed.data):
        return _show_form(request, typed, found=found)
    card_id = service.write(session, viewer, _fields(typed.data), typed.data.form_id, now())
    flash(request, _("Bewaard. Een mentor leest je kaart na; je krijgt een mail."))
    return go(request, "exchange.card", card_id=card_id)


@router.get("/{card_id}", name="exchange.card")
def card(request: Request, session: DbSession, viewer: CurrentMember, card_id: UUID) -> Response:
    return _show(request, session, viewer, card_id, Form())


def _show(
    request: Request, session: Session, viewer: Viewer, card_id: UUID, typed: Form[ReviewForm]
) -> Response:
    found = service.find(session, viewer, card_id)
    in_review = found.card.status == "review"
    return page(
        request,
        "exchange/card.html",
        status=422 if typed.errors else 200,
        block="review_form" if typed.errors else "",
        found=found,
        card=found.card,
        adopters=service.adopters(session, card_id),
        peers=service.peers(session, viewer, found),
        has_adopted=service.has_adopted(session, viewer, card_id),
        can_adopt=policy.can_adopt(viewer, found.card),
        can_edit=policy.can_edit(viewer, found.card),
        can_review=in_review and policy.can_review(viewer, found.card, found.nis_code, found.region_key),
        tensions=tensions(),
        sizes=sizes(),
        form=typed,
    )


@router.get("/{card_id}/wijzigen", name="exchange.edit_card")
def edit(request: Request, session: DbSession, viewer: CurrentMember, card_id: UUID) -> Response:
    return _show_form(request, Form(), _mine(session, viewer, card_id))


def _mine(session: Session, viewer: Viewer, card_id: UUID) -> PracticeCard:
    found = service.find(session, viewer, card_id).card
    if not policy.can_edit(viewer, found):
        raise NotFound(_("Deze praktijkkaart bestaat niet, of niet meer."))
    return found


@router.post("/{card_id}/wijzigen", name="exchange.change_card")
def change(
    request: Request, session: DbSession, viewer: CurrentMember, card_id: UUID, typed: CardTyped
) -> Response:
    kept = _mine(session, viewer, card_id)
    if typed.data is None:
        return _show_form(request, typed, kept)
    if found := _personal(typed.data):
        return _show_form(request, typed, kept, found)
    service.change(session, viewer, card_id, _fields(typed.data), now())
    flash(request, _("Bewaard. Een mentor leest je kaart na; je krijgt een mail."))
    return go(request, "exchange.card", card_id=card_id)


@router.post("/{card_id}/nalezen", name="exchange.review_card")
def review(
    request: Request,
    session: DbSession,
    viewer: Reviewer,
    card_id: UUID,
    typed: Annotated[Form[ReviewForm], Depends(form(ReviewForm))],
) -> Response:
    if typed.data is None:
        return _show(request, session, viewer, card_id, typed)
    sent = typed.data
    if sent.besluit == "terug" and len(sent.opmerking) < 10:
        wrong = typed.wrong(opmerking=_("Schrijf wat er nog moet gebeuren, in minstens tien tekens."))
        return _show(request, session, viewer, card_id, wrong)
    note = sent.opmerking if sent.besluit == "terug" else None
    try:
        service.review(session, viewer, card_id, sent.versie, note, now())
    except Conflict as decided_already:
        flash(request, decided_already.message, "warn")
        return go(request, "exchange.cards")
    flash(
        request,
        _("De kaart staat in het netwerk.") if note is None else _("De kaart ging terug, met je uitleg."),
    )
    return go(request, "exchange.cards")  # fmt: skip


@router.post("/{card_id}/overnemen", name="exchange.adopt")
def adopt(request: Request, session: DbSession, viewer: CurrentMember, card_id: UUID) -> Response:
    service.adopt(session, viewer, card_id, now())
    flash(request, _("Genoteerd: jouw gemeente nam deze aanpak over."))
    return go(request, "exchange.card", card_id=card_id)


@router.post("/{card_id}/niet-overnemen", name="exchange.drop")
def drop(request: Request, session: DbSession, viewer: CurrentMember, card_id: UUID) -> Response:
    service.drop(session, viewer, card_id)
    flash(request, _("Jouw gemeente staat er niet meer bij."))
    return go(request, "exchange.card", card_id=card_id)
