"""The organiser's pages to prepare a day: their days, a new one, its steps, a copy, and what becomes of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.errors import Conflict, NotFound
from backend.events import details, moments, organiser_days, organiser_status, rehearsal, service
from backend.events import organiser_steps as steps
from backend.events.models import ActionDay
from backend.events.organiser_days import hold, look
from backend.events.organiser_forms import CopyForm, NewForm, ReasonForm
from backend.events.organiser_status import Action
from backend.events.organising import Telling
from backend.language import clock, ngettext
from backend.language import gettext as _
from backend.web import Form, flash, form, go, page, parse, read_form

router = APIRouter(prefix="/organisatie")
MOST_SHOWN = 200  # people in a preview, each with a box to leave them out
Organiser = Annotated[Viewer, Depends(holder_of(Role.ORGANISER, Role.ADMINISTRATOR))]


async def typed_fields(request: Request) -> dict[str, Any]:
    """What was sent, for forms that differ by step. Several of one name are a list."""
    sent = await read_form(request)
    return {name: sent.getlist(name) if len(sent.getlist(name)) > 1 else sent[name] for name in sent}


Typed = Annotated[dict[str, Any], Depends(typed_fields)]


@router.get("", name="events.organise")
def list_days(request: Request, session: DbSession, viewer: Organiser) -> Response:
    moment = now()
    coming, past = organiser_days.mine(session, viewer, moment)
    return page(request, "organising/days.html", coming=coming, past=past[:30], now=moment)


@router.get("/nieuw", name="events.new_day")
def new_day(request: Request, session: DbSession, viewer: Organiser) -> Response:
    regions = organiser_days.regions_for(session, viewer)
    typed = {"start": "09:30", "end": "16:00", "regions": [regions[0].key] if len(regions) == 1 else []}
    return _new_page(request, session, viewer, Form(typed))


@router.post("/nieuw", name="events.make_day")
def make_day(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    sent: Annotated[Form[NewForm], Depends(form(NewForm))],
) -> Response:
    if sent.data is None:
        return _new_page(request, session, viewer, sent)
    try:
        with session.begin_nested():
            values = steps.when_values(sent.data)
            slug = organiser_days.create(session, viewer, sent.data.form_id, values, sent.data.regions)
    except Conflict as wrong:
        return _new_page(request, session, viewer, sent.wrong(form=wrong.message))
    flash(request, _("De dag is bewaard als concept. Alleen jij en je collega-organisatoren zien ze."))
    return go(request, "events.prepare", day=slug)


@router.get("/{day}/bewerken", name="events.prepare")
def prepare(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    """The day at a glance: each step with what it says now, and what can be done next."""
    found = look(session, viewer, day)
    return page(
        request,
        "organising/prepare.html",
        day=found,
        state=found.state(now()),
        programme=service.programme(session, found.id),
        questions=details.questions_of(found.questions),
        materials=details.materials_of(found.materials),
        audience=details.audience_of(found.audience),
        actions=organiser_status.open_to(found, now()),
        missing=organiser_status.missing(session, found),
        twice=[
            at for at in (found.starts_at, found.ends_at, found.registration_opens_at, found.registration_closes_at,
                          found.cancel_until, found.spread_until)
            if at and moments.comes_twice(at)
        ],
    )  # fmt: skip


@router.get("/{day}/bewerken/{step}", name="events.edit_step")
def edit_step(request: Request, session: DbSession, viewer: Organiser, day: str, step: str) -> Response:
    found = look(session, viewer, day)
    return _step_page(
        request, session, viewer, (found.slug, _step(step)), Form(_step(step).show(session, found))
    )


@router.post("/{day}/bewerken/{step}", name="events.save_step")
def save_step(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str, step: str
) -> Response:
    """Saved at once, unless people would be mailed: then first shown to whom and what."""
    chosen = _step(step)
    found = hold(session, viewer, day)
    shown = chosen.show(session, found)
    merged = steps.merge(str(typed.get("seen", "")), shown, typed)
    sent: Form[Any] = parse(chosen.form, merged.typed)
    if merged.clashes:
        return _step_page(request, session, viewer, (day, chosen), sent, clashes=merged.clashes, shown=shown)
    if sent.data is None:
        return _step_page(request, session, viewer, (day, chosen), sent)
    how, moment = telling(typed), now()

    def act() -> None:
        values = chosen.values(session, look(session, viewer, day), sent.data)
        steps.save(session, viewer, day, values, moment, how)

    try:
        if found.goes_on and "akkoord" not in typed and (mailings := rehearsal.rehearse(session, act)):
            return preview_page(request, look(session, viewer, day), merged.typed, mailings, (typed, how))
        with session.begin_nested(), rehearsal.watched(session) as sent_mails:
            act()
    except Conflict as wrong:
        session.expire_all()
        return _step_page(request, session, viewer, (day, chosen), sent.wrong(form=wrong.message))
    _say_saved(request, sum(len(each.to) for each in sent_mails), merged, chosen)
    return go(request, "events.prepare", day=day)


def telling(typed: dict[str, Any], *, as_chosen: bool = False) -> Telling:
    """Nobody is left out while it is only tried: who reads the preview sees everybody, and chooses."""
    note = str(typed.get("note", ""))[:1500]
    if "akkoord" not in typed and not as_chosen:
        return Telling(note)
    skipped = typed.get("niet_aan", [])
    addresses = frozenset(skipped if isinstance(skipped, list) else [skipped])
    return Telling(note, by_mail=typed.get("by_mail", "ja") == "ja", not_to=addresses)


def _say_saved(request: Request, mailed: int, merged: steps.Merged, step: steps.Step) -> None:
    said = _("Bewaard.")
    if mailed:
        said += " " + ngettext("%(num)d mail vertrekt.", "%(num)d mails vertrekken.", mailed) % {
            "num": mailed
        }
    flash(request, said)
    kept = [name for name in merged.theirs if name not in merged.clashes]
    if kept:
        labels = ", ".join(step.labels()[name] for name in kept)
        flash(
            request,
            _("Een collega veranderde intussen ook iets: %(what)s. Dat bleef staan.") % {"what": labels},
            "info",
        )


def preview_page(
    request: Request,
    day: ActionDay,
    kept: steps.Shown,
    mailings: list[rehearsal.Mailing],
    sent: tuple[dict[str, Any], Telling],
) -> Response:
    """`sent`: what was typed, and how people would be told."""
    typed, how = sent
    return page(
        request,
        "organising/preview.html",
        day=day,
        action=request.url.path,
        kept=[
            (name, each)
            for name, value in kept.items()
            for each in (value if isinstance(value, list) else [value])
        ],
        seen=typed.get("seen", ""),
        mailings=mailings,
        optional=how.subjects,
        how=telling(typed, as_chosen=True),
        most=MOST_SHOWN,
        form=Form({}),
    )


def edit_page(
    request: Request,
    template: str,
    sent: Form[Any],
    labels: dict[str, str],
    *,
    seen: str = "",
    theirs: steps.Shown | None = None,
    **more: Any,
) -> Response:
    """A form that a colleague may be changing too. `theirs`: what they made of a field that one typed differently oneself."""
    return page(
        request,
        template,
        status=409 if theirs else 422 if sent.errors else 200,
        form=sent,
        labels=labels,
        seen=seen,
        theirs=theirs or {},
        **more,
    )


def _step(key: str) -> steps.Step:
    if key not in steps.STEPS:
        raise NotFound(_("Deze bladzijde bestaat niet."))
    return steps.STEPS[key]


def _step_page(
    request: Request,
    session: Session,
    viewer: Viewer,
    where: tuple[str, steps.Step],
    sent: Form[Any],
    *,
    clashes: steps.Shown | None = None,
    shown: steps.Shown | None = None,
) -> Response:
    slug, step = where
    found = look(session, viewer, slug)
    return edit_page(
        request,
        "organising/step.html",
        sent,
        step.labels(),
        seen=steps.seen(shown or step.show(session, found)),
        theirs=clashes,
        block="step_form" if sent.errors and not clashes else "",
        day=found,
        step=step,
        title=step.title(),
        regions=organiser_days.regions_for(session, viewer, found.region_keys)
        if step.key == "wanneer"
        else [],
    )


def _new_page(request: Request, session: Session, viewer: Viewer, sent: Form[NewForm]) -> Response:
    return page(
        request,
        "organising/new.html",
        status=422 if sent.errors else 200,
        block="new_form" if sent.errors else "",
        form=sent,
        labels=steps.STEPS["wanneer"].labels(),
        regions=organiser_days.regions_for(session, viewer),
    )


# ── the next one from the last one ──


@router.get("/{day}/kopie", name="events.copy_day")
def copy_form(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    return page(request, "organising/copy.html", day=look(session, viewer, day), form=Form())


@router.post("/{day}/kopie", name="events.do_copy_day")
def copy_day(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    sent: Annotated[Form[CopyForm], Depends(form(CopyForm))],
    day: str,
) -> Response:
    if sent.data is not None:
        try:
            with session.begin_nested():
                slug = organiser_days.copy(session, viewer, day, sent.data.form_id, sent.data.on)
        except Conflict as wrong:
            sent = sent.wrong(on=wrong.message)
        else:
            flash(request, _("De kopie staat klaar als concept. Kijk na wat er deze keer anders is."))
            made = look(session, viewer, slug).starts_at
            if steps.clock(made) != steps.clock(look(session, viewer, day).starts_at):
                said = _(
                    "In die nacht gaat de klok een uur vooruit: de kopie begint om %(clock)s uur. Kijk de uren na."
                )
                flash(request, said % {"clock": clock(made)}, "warn")
            return go(request, "events.prepare", day=slug)
    found = look(session, viewer, day)
    return page(request, "organising/copy.html", status=422, block="copy_form", day=found, form=sent)


# ── concept, open, confirmed, called off ──


@router.get("/{day}/status", name="events.confirm_status")
def confirm_status(
    request: Request, session: DbSession, viewer: Organiser, day: str, naar: str = ""
) -> Response:
    found = look(session, viewer, day)
    return _status_page(request, session, found, organiser_status.action(found, naar, now()), Form())


@router.post("/{day}/status", name="events.set_status")
def set_status(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    sent: Annotated[Form[ReasonForm], Depends(form(ReasonForm))],
    day: str,
) -> Response:
    found = hold(session, viewer, day)
    if sent.data is None:
        return _status_page(
            request,
            session,
            found,
            organiser_status.action(found, str(sent.typed.get("to", "")), now()),
            sent,
        )
    wanted = sent.data.to
    if organiser_status.is_done(found, wanted):  # sent twice
        return go(request, "events.prepare", day=day)
    action = organiser_status.action(found, wanted, now())
    if action.asks_reason and len(sent.data.reason) < 3:
        return _status_page(request, session, found, action, sent.wrong(reason=_("Vul dit in.")))
    told = organiser_status.do(session, viewer, day, action, sent.data.reason, now())
    said = action.done
    if told:
        said += " " + ngettext("%(num)d mail vertrekt.", "%(num)d mails vertrekken.", told) % {"num": told}
    flash(request, said)
    return go(request, "events.prepare", day=day)


def _status_page(
    request: Request, session: Session, day: ActionDay, action: Action, sent: Form[ReasonForm]
) -> Response:
    return page(
        request,
        "organising/status.html",
        status=422 if sent.errors else 200,
        block="status_form" if sent.errors else "",
        day=day,
        action=action,
        told=organiser_days.lives(session, day.id) if action.tells else 0,
        missing=organiser_status.missing(session, day) if action.key == "publiceren" else [],
        form=sent,
    )
