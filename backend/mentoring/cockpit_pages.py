"""What one does from the cockpit: set a signal aside, take that back, and set the rules."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.fields import FormModel, Line
from backend.language import gettext as _
from backend.mentoring import cockpit, rules, stumbling
from backend.mentoring.cockpit import Until
from backend.mentoring.rules import MOST_DAYS, MOST_TIMES
from backend.mentoring.signals import USUAL, Rule, SignalKind
from backend.templating import url
from backend.web import Form, flash, form, go, go_to, page, parse, read_form, safe_path

router = APIRouter(prefix="/begeleiding")
Follower = Annotated[Viewer, Depends(holder_of(Role.MENTOR, Role.ADMINISTRATOR))]
SIGNAL = "/deelnemer/{account_id}/signaal/{kind}"


class AsideForm(FormModel):
    wat: Until
    terug: Annotated[Line, Field(max_length=1000)] = ""  # where the mentor was


class BackForm(FormModel):
    terug: Annotated[Line, Field(max_length=1000)] = ""


@router.post(SIGNAL, name="mentoring.set_aside")
def set_aside(
    request: Request,
    session: DbSession,
    viewer: Follower,
    account_id: UUID,
    kind: SignalKind,
    typed: Annotated[Form[AsideForm], Depends(form(AsideForm))],
) -> Response:
    if typed.data is None:
        flash(request, _("Kies wat je met dit signaal wilt doen."), "warn")
        return go(request, "mentoring.overview")
    person = cockpit.set_aside(session, viewer, account_id, kind, typed.data.wat, now())
    said = (
        _("%(name)s: gedaan. Je vindt het terug bij “Opzijgezet”.")
        if typed.data.wat == Until.DONE
        else _("%(name)s komt later terug. Je vindt het bij “Opzijgezet”.")
    )
    flash(request, said % {"name": person.name})
    return go_to(request, safe_path(typed.data.terug, url("mentoring.overview")))


@router.post(SIGNAL + "/terug", name="mentoring.take_back")
def take_back(
    request: Request,
    session: DbSession,
    viewer: Follower,
    account_id: UUID,
    kind: SignalKind,
    typed: Annotated[Form[BackForm], Depends(form(BackForm))],
) -> Response:
    person = cockpit.take_back(session, viewer, account_id, kind, now())
    flash(request, _("%(name)s staat weer in je lijst.") % {"name": person.name})
    return go_to(request, safe_path(typed.data.terug if typed.data else "", url("mentoring.overview")))


# ── the rules ──


class RuleForm(FormModel):
    """One rule, as its row in the form tells it."""

    aan: bool = False
    dagen: Annotated[int, Field(ge=0, le=MOST_DAYS)]
    keren: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1


@router.get("/regels", name="mentoring.rules")
def show_rules(request: Request, session: DbSession, viewer: Follower) -> Response:
    mine = rules.rules_of(session, viewer.id)
    typed: dict[str, Any] = {}
    for kind, rule in mine.items():
        typed |= {f"{kind}_dagen": rule.days, f"{kind}_keren": rule.times} | (
            {f"{kind}_aan": "1"} if rule.is_on else {}
        )
    return _rules_page(request, viewer, Form(typed))


def _rules_page(request: Request, viewer: Viewer, typed: Form[Any], status: int = 200) -> Response:
    names = {
        SignalKind.STUCK: _("Zit vast in een les"),
        SignalKind.FAILED: _("Zakte voor een toets"),
        SignalKind.REFLECTION: _("Een reflectie wacht"),
        SignalKind.SILENT: _("Is stil"),
        SignalKind.NOT_BEGUN: _("Begon nog niet"),
    }
    return page(
        request, "mentoring/rules.html", status=status, block="rules_form" if status == 422 else "", form=typed,
        names=names, usual=USUAL, for_all=rules.may_set_for_all(viewer), most=(MOST_DAYS, MOST_TIMES),
    )  # fmt: skip


async def sent_fields(request: Request) -> dict[str, str]:
    return {key: str(value) for key, value in (await read_form(request)).items()}


@router.post("/regels", name="mentoring.set_rules")
def set_rules(
    request: Request,
    session: DbSession,
    viewer: Follower,
    sent: Annotated[dict[str, str], Depends(sent_fields)],
) -> Response:
    chosen: list[Rule] = []
    errors: dict[str, str] = {}
    for kind, usual in USUAL.items():
        row = parse(
            RuleForm, {n: sent[f"{kind}_{n}"] for n in ("aan", "dagen", "keren") if f"{kind}_{n}" in sent}
        )
        errors |= {f"{kind}_{name}": told for name, told in row.errors.items()}
        if row.data is not None:
            chosen.append(Rule(kind, row.data.dagen, row.data.keren if usual.times else 0, row.data.aan))
    if errors:
        return _rules_page(request, viewer, Form(dict(sent), None, errors), 422)
    rules.set_rules(session, viewer, chosen, for_all=sent.get("voor") == "netwerk")
    flash(request, _("Je regels zijn bewaard."))
    return go(request, "mentoring.overview")


@router.get("/vragen", name="mentoring.stumbling")
def show_stumbling(request: Request, session: DbSession, viewer: Follower) -> Response:
    """Where many stumble. A page of its own: it counts every answer of the scope."""
    return page(request, "mentoring/stumbling.html", hard=stumbling.hard_questions(session, viewer, now()))
