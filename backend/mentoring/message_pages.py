"""Words: nudging, the conversations of a mentor, feedback, and one's own messages."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from backend.auth.access import CurrentMember
from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.db import DbSession, now
from backend.errors import NotFound
from backend.language import gettext as _
from backend.language import ngettext
from backend.mentoring import feedback, messages
from backend.mentoring.forms import FeedbackForm, NudgeForm, WordForm
from backend.mentoring.messages import About, Words
from backend.mentoring.pages import Follower
from backend.mentoring.participants import ids_in
from backend.mentoring.policy import scope_of
from backend.web import Form, after_read, flash, form, go, page

router = APIRouter()
Chosen = Annotated[Sequence[UUID], Query(alias="wie", max_length=messages.MOST_AT_ONCE)]


# ── a nudge to one or many ──


@router.get("/begeleiding/woord", name="mentoring.write")
def write(request: Request, session: DbSession, viewer: Follower, chosen: Chosen = ()) -> Response:
    if not chosen:
        flash(request, _("Kies eerst iemand om naar te schrijven."), "info")
        return go(request, "mentoring.overview")
    return _show_nudge(request, session, viewer, chosen, Form())


def _show_nudge(
    request: Request, session: Session, viewer: Viewer, chosen: Sequence[UUID], typed: Form[NudgeForm]
) -> Response:
    """The form, and once the text is there, what will be sent to whom."""
    people = messages.people(session, viewer, chosen, now())
    quiet = messages.quiet_until(session, [person.id for person in people], now())
    first = next((person for person in people if person.id not in quiet), people[0])
    text = typed.data.tekst if typed.data else ""
    return page(
        request,
        "mentoring/nudge.html",
        status=422 if typed.errors else 200,
        block="nudge_form" if typed.errors else "",
        people=people,
        quiet=quiet,
        open_count=len(people) - len(quiet),
        days=messages.QUIET.days,
        draft=_("Dag %(name)s,\n\nHoe loopt het met de module? Zit je ergens vast, of past het even niet? "
                "Antwoord gerust hier: ik lees mee.\n\n%(me)s") % {"name": messages.NAME, "me": viewer.name},
        preview=messages.for_person(text, first.name) if text else "",
        preview_for=first,
        form=typed,
    )  # fmt: skip


@router.post("/begeleiding/woord", name="mentoring.nudge")
def nudge(
    request: Request,
    session: DbSession,
    viewer: Follower,
    typed: Annotated[Form[NudgeForm], Depends(form(NudgeForm))],
) -> Response:
    if typed.data is None or typed.data.stap != "stuur":
        return _show_nudge(request, session, viewer, _chosen(typed), typed)
    sent = typed.data
    done = messages.nudge(session, viewer, sent.wie, sent.tekst, sent.form_id, now())
    if done.sent:
        said = ngettext(
            "%(num)d deelnemer kreeg je bericht.", "%(num)d deelnemers kregen je bericht.", len(done.sent)
        )
        flash(request, said % {"num": len(done.sent)})
    if done.quiet:
        names = ", ".join(person.name for person in done.quiet)
        flash(
            request,
            _("Niet verstuurd naar %(names)s: daar ging de voorbije %(n)s dagen al een bericht heen.")
            % {"names": names, "n": messages.QUIET.days},
            "warn",
        )
    return go(request, "mentoring.conversations")  # fmt: skip


def _chosen(typed: Form[NudgeForm]) -> list[UUID]:
    """Who was chosen, also when something else in the form is wrong."""
    if typed.data:
        return typed.data.wie
    sent = typed.typed.get("wie", [])
    try:
        return [UUID(each) for each in (sent if isinstance(sent, list) else [sent])][: messages.MOST_AT_ONCE]
    except ValueError as unreadable:
        raise NotFound(
            _("Deze deelnemer bestaat niet, of hoort niet bij de gemeenten die je begeleidt.")
        ) from unreadable


# ── the conversations of a mentor ──


@router.get("/begeleiding/gesprekken", name="mentoring.conversations")
def conversations(request: Request, session: DbSession, viewer: Follower) -> Response:
    at = now()
    waiting = feedback.unanswered(session, ids_in(scope_of(viewer), at))
    names = (
        {p.id: p for p in messages.people(session, viewer, [w.account_id for w in waiting], at)}
        if waiting
        else {}
    )
    return page(
        request,
        "mentoring/conversations.html",
        conversations=messages.conversations(session, viewer, at),
        waiting=[(each, names[each.account_id], each.days(at)) for each in waiting],
        now=at,
    )  # fmt: skip


@router.get("/begeleiding/deelnemer/{account_id}/gesprek", name="mentoring.conversation")
def conversation(request: Request, session: DbSession, viewer: Follower, account_id: UUID) -> Response:
    return _show_conversation(request, session, viewer, account_id, Form())


def _show_conversation(
    request: Request, session: Session, viewer: Viewer, account_id: UUID, typed: Form[WordForm]
) -> Response:
    person = messages.people(session, viewer, [account_id], now())[0]
    lines = messages.conversation(session, account_id)
    if any(line.message.kind == "reply" and not line.message.read_at for line in lines):
        after_read(request, lambda s: messages.mark_read(s, account_id, by_learner=False, now=now()))
    return page(
        request,
        "mentoring/conversation.html",
        status=422 if typed.errors else 200,
        block="word_form" if typed.errors else "",
        person=person,
        lines=lines,
        may_answer=any(line.message.kind == "reply" for line in lines),
        titles=_titles(session),
        words=dict(feedback.judgements()),
        form=typed,
    )


def _titles(session: Session) -> dict[tuple[str, str], str]:
    """Of every published lesson, by module and lesson."""
    return {
        (document.key, lesson.key): f"{document.title}, {_('les %(number)s') % {'number': lesson.number}}"
        for _id, document in courses.published(session)
        for lesson in document.lessons
    }


@router.post("/begeleiding/deelnemer/{account_id}/gesprek", name="mentoring.answer")
def answer(
    request: Request,
    session: DbSession,
    viewer: Follower,
    account_id: UUID,
    typed: Annotated[Form[WordForm], Depends(form(WordForm))],
) -> Response:
    if typed.data is None:
        return _show_conversation(request, session, viewer, account_id, typed)
    person = messages.answer(session, viewer, account_id, Words(typed.data.tekst, typed.data.form_id), now())
    flash(request, _("Je bericht is bij %(name)s.") % {"name": person.name})
    return go(request, "mentoring.conversation", account_id=account_id)


# ── feedback ──

FEEDBACK = "/begeleiding/deelnemer/{account_id}/reflecties/{module}/{lesson}/{block}"


def _about(module: str, lesson: str, block: str) -> About:
    return About(module, lesson, block)


Where = Annotated[About, Depends(_about)]


@router.get(FEEDBACK, name="mentoring.feedback")
def show_feedback(
    request: Request, session: DbSession, viewer: Follower, account_id: UUID, about: Where
) -> Response:
    return _show_feedback(request, session, viewer, account_id, about, Form())


def _show_feedback(
    request: Request, session: Session, viewer: Viewer, account_id: UUID, about: About, typed: Form[FeedbackForm]
) -> Response:  # fmt: skip
    person = messages.people(session, viewer, [account_id], now())[0]
    published = [document for _id, document in courses.published(session)]
    return page(
        request,
        "mentoring/feedback.html",
        status=422 if typed.errors else 200,
        block="word_form" if typed.errors else "",
        person=person,
        shown=feedback.find(session, account_id, about, published),
        judgements=feedback.judgements(),
        form=typed,
    )


@router.post(FEEDBACK, name="mentoring.give_feedback")
def give_feedback(
    request: Request,
    session: DbSession,
    viewer: Follower,
    account_id: UUID,
    about: Where,
    typed: Annotated[Form[FeedbackForm], Depends(form(FeedbackForm))],
) -> Response:
    if typed.data is None:
        return _show_feedback(request, session, viewer, account_id, about, typed)
    messages.people(session, viewer, [account_id], now())
    shown = feedback.find(
        session, account_id, about, [document for _id, document in courses.published(session)]
    )
    words = dict(feedback.judgements())
    rubric = [
        [criterion, words[key]]
        for criterion, key in zip(shown.rubric, typed.data.oordeel, strict=False)
        if key and key in words
    ]
    sent = typed.data
    person = messages.give_feedback(
        session, viewer, account_id, Words(sent.tekst, sent.form_id, about, rubric), now()
    )
    flash(request, _("Je feedback is bij %(name)s.") % {"name": person.name})
    return go(request, "mentoring.conversation", account_id=account_id)


# ── one's own messages ──


@router.get("/mijn/berichten", name="mentoring.messages")
def mine(request: Request, session: DbSession, viewer: CurrentMember) -> Response:
    return _show_mine(request, session, viewer, Form())


def _show_mine(request: Request, session: Session, viewer: Viewer, typed: Form[WordForm]) -> Response:
    lines = messages.conversation(session, viewer.id)
    if any(line.message.kind != "reply" and not line.message.read_at for line in lines):
        after_read(request, lambda s: messages.mark_read(s, viewer.id, by_learner=True, now=now()))
    return page(
        request,
        "mentoring/messages.html",
        status=422 if typed.errors else 200,
        block="word_form" if typed.errors else "",
        lines=lines,
        titles=_titles(session),
        form=typed,
    )


@router.post("/mijn/berichten", name="mentoring.reply")
def reply(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    typed: Annotated[Form[WordForm], Depends(form(WordForm))],
) -> Response:
    if typed.data is None:
        return _show_mine(request, session, viewer, typed)
    messages.reply(session, viewer, Words(typed.data.tekst, typed.data.form_id), now())
    flash(request, _("Verstuurd. Wie jouw gemeente begeleidt, leest dit."))
    return go(request, "mentoring.messages")
