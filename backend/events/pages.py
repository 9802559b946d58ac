"""The pages of action days to look at: the list, one day, my registrations, calendars."""

from math import ceil
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend.auth.access import CurrentUser, OptionalUser
from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.errors import NotFound
from backend.events import (
    atom,
    calendar,
    details,
    feeds,
    forms,
    history,
    links,
    mails,
    materials,
    month,
    needs,
    policy,
    region_map,
    registering,
    service,
    spread,
    structured,
)
from backend.events.links import Purpose
from backend.language import gettext as _
from backend.templating import absolute_url
from backend.web import Form, download, flash, go, page

router = APIRouter()
CALENDAR = "text/calendar; charset=utf-8"
AT_ONCE = 100  # days in the list; the map and the months count all of them


class Wanted(BaseModel):
    """What the address of the list asks for: `?regio=…&periode=2026-12`. What is not known chooses nothing."""

    regio: str = ""
    gemeente: str = ""
    periode: str = ""
    vrij: str = ""
    pagina: Annotated[int, Field(ge=1, le=1000)] = 1


@router.get("/actiedagen", name="events.list")
def list_days(
    request: Request, session: DbSession, viewer: OptionalUser, wanted: Annotated[Wanted, Query()]
) -> Response:
    moment = now()
    days = service.upcoming(session, moment)
    in_region = service.chosen(
        days, moment, region=wanted.regio, municipality=wanted.gemeente, only_free=bool(wanted.vrij)
    )
    regions = service.regions(session)
    names = {region.key: region.name for region in regions}
    found = service.chosen(in_region, moment, period=wanted.periode)
    number = min(wanted.pagina, max(1, ceil(len(found) / AT_ONCE)))
    shown = found[AT_ONCE * (number - 1) : AT_ONCE * number]
    return page(
        request,
        "events/list.html",
        days=shown,
        days_count=len(found),
        number=number,
        has_more=len(found) > AT_ONCE * number,
        here={day.id for day in shown},
        month=month.month(wanted.periode, in_region),
        past=service.past(session, moment),
        months={service.month_of(day): day.starts_at for day in days},
        regions=regions,
        tiles=region_map.tiles(names, days, moment),
        town_rows=region_map.municipality_tiles(session, wanted.regio, days, moment)
        if wanted.regio in names
        else [],
        mine=service.my_statuses(session, viewer),
        my_region=names.get(viewer.region_key or "") if viewer else None,
        chosen=wanted.model_dump(exclude={"pagina"}),
        now=moment,
    )


@router.get("/actiedagen.ics", name="events.feed")
def feed(session: DbSession, regio: str = "") -> Response:
    """All public days, or those of a region, for a calendar to follow."""
    moment = now()
    days = service.for_feed(session, moment, _known(session, regio))
    name = f"actiedagen-{regio}.ics" if regio else "actiedagen.ics"
    return _to_follow(calendar.feed(days, moment), name, "public, max-age=900")


@router.get("/actiedagen.atom", name="events.atom")
def atom_feed(session: DbSession, regio: str = "") -> Response:
    """The same days, for who follows news in a reader: what changed last is first."""
    moment = now()
    names = {each.key: each.name for each in service.regions(session)}
    if regio and regio not in names:
        raise NotFound(_("Deze regio kennen we niet."))
    days = service.for_feed(session, moment, regio)
    address = absolute_url("events.atom", regio=regio)
    changed = history.changed_at(session, [day.slug for day in days])
    text = atom.feed(days, changed, moment, address=address, region=names.get(regio, ""))
    return Response(text, media_type=atom.MEDIA_TYPE, headers={"Cache-Control": "public, max-age=900"})


@router.get("/actiedagen/{day}", name="events.show")
def show(request: Request, session: DbSession, viewer: OptionalUser, day: str) -> Response:
    return page(request, "events/show.html", form=Form(), **about(session, day, viewer))


@router.get("/actiedagen/{day}/agenda.ics", name="events.calendar")
def calendar_file(request: Request, session: DbSession, viewer: OptionalUser, day: str) -> Response:
    moment = now()
    found, own = service.find(session, day, viewer)
    if own is not None and own.registration.is_seated:
        text = calendar.for_participant(feeds.entry_of(session, found, own.registration), moment)
    else:
        text = calendar.for_everyone(found, moment)
    return download(request, text.encode(), CALENDAR, calendar.FILE_NAME)


@router.get("/actiedagen/{day}/materiaal/{file_id}", name="events.material")
def material(request: Request, session: DbSession, viewer: OptionalUser, day: str, file_id: UUID) -> Response:
    """To keep, never to show: what somebody sent is not run on this site."""
    kept = materials.file_for(session, viewer, day, file_id)
    return download(request, kept.content, kept.media_type, kept.name)


@router.get("/mijn/inschrijvingen", name="events.mine")
def mine(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    moment = now()
    return page(
        request,
        "events/mine.html",
        mine=service.mine(session, viewer, moment),
        feed_code=feeds.code(session, viewer.id),
        now=moment,
    )


@router.get("/mijn/agenda/{code}.ics", name="events.own_feed")
def own_feed(session: DbSession, code: str) -> Response:
    """Whoever has the address may read it: calendar programs cannot sign in."""
    moment = now()
    return _to_follow(
        calendar.own_feed(feeds.entries_at(session, code, moment), moment),
        "mijn-actiedagen.ics",
        "private, no-store",
    )


@router.post("/mijn/inschrijvingen/nieuw-agenda-adres", name="events.renew_feed")
def renew_feed(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    feeds.renew(session, viewer.id)
    flash(request, _("Je agenda heeft een nieuw adres. Het oude werkt niet meer."))
    return go(request, "events.mine", anchor="agenda")


def about(session: Session, slug: str, viewer: Viewer | None) -> dict[str, Any]:
    """What the pages about one day show."""
    moment = now()
    one = service.show(session, slug, viewer)
    day, own = one.day, one.own
    registration = own.registration if own else None
    step = policy.step(day, registration, viewer, moment)
    may_ask = viewer is not None and step in (policy.Step.OPEN, policy.Step.FULL)
    is_blocked = may_ask and spread.is_blocked(session, day, viewer, moment)
    if is_blocked:
        step = policy.Step.FULL
    questions = details.questions_of(day.questions)
    live = registration is not None and registration.is_live
    return {
        "day": day,
        "programme": one.programme,
        "own": own,
        "registration": registration,
        "step": step,
        "is_blocked": is_blocked,
        "questions": questions,
        "labels": forms.labels(service.round_titles(one.programme), questions),
        "materials": details.materials_of(day.materials) if live else [],
        "place": mails.place_in_words(own.place_in_line if own else 0),
        "lines": {key: mails.place_in_words(place) for key, place in own.lines.items()} if own else {},
        "can_cancel": registration is not None and policy.can_cancel(day, registration, moment),
        "can_change": registration is not None and policy.can_change(day, registration, moment),
        "can_pass_on": registration is not None and policy.can_pass_on(day, registration, moment),
        "can_move": registration is not None and policy.can_move(day, registration, moment),
        "can_invite": viewer is not None and policy.may_register_colleagues(viewer) and day.is_open(moment),
        "join_code": links.code(Purpose.JOIN, registration.id) if registration and live else "",
        "online_opens_at": policy.online_opens_at(day),
        "event_data": structured.event_data(day, moment) if day.is_listed else None,
        "diet_words": needs.diet_words(),
        "access_words": needs.access_words(),
        "too_late": registering.too_late_to_cancel(day, moment),
        "now": moment,
    }


def _known(session: Session, region: str) -> str:
    """The key of a region, or "" for all. Raises NotFound for what is none, or a calendar would stay empty unnoticed."""
    if region and region not in {each.key for each in service.regions(session)}:
        raise NotFound(_("Deze regio kennen we niet."))
    return region


def _to_follow(text: str, name: str, caching: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": caching}
    return Response(text, media_type=CALENDAR, headers=headers)
