"""The organiser's pages of what a day can have besides: questions, and words of one's own in its mails."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import DbSession
from backend.errors import Conflict
from backend.events import details, organiser_mails, organiser_questions
from backend.events import organiser_steps as steps
from backend.events.organiser_days import hold, look
from backend.events.organiser_forms import MailForm, QuestionForm
from backend.events.organiser_pages import Organiser, Typed, edit_page
from backend.language import gettext as _
from backend.web import Form, flash, go, page, parse

router = APIRouter(prefix="/organisatie/{day}")


@router.get("/bewerken/vragen", name="events.questions")
def list_questions(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    found = look(session, viewer, day)
    return page(
        request, "organising/questions.html", day=found, questions=details.questions_of(found.questions)
    )


@router.get("/bewerken/vragen/nieuw", name="events.new_question")
def new_question(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    return _question_page(request, session, viewer, (day, None), Form({"kind": "yes_no"}))


@router.post("/bewerken/vragen/nieuw", name="events.add_question")
def add_question(request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str) -> Response:
    return _save_question(request, session, viewer, (day, None), typed)


@router.get("/bewerken/vragen/{question_key}", name="events.edit_question")
def edit_question(
    request: Request, session: DbSession, viewer: Organiser, day: str, question_key: str
) -> Response:
    shown = organiser_questions.show(organiser_questions.one(look(session, viewer, day), question_key))
    return _question_page(request, session, viewer, (day, question_key), Form(shown), seen=steps.seen(shown))


@router.post("/bewerken/vragen/{question_key}", name="events.save_question")
def save_question(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str, question_key: str
) -> Response:
    return _save_question(request, session, viewer, (day, question_key), typed)


@router.post("/bewerken/vragen/{question_key}/plaats", name="events.shift_question")
def shift_question(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str, question_key: str
) -> Response:
    try:
        with session.begin_nested():
            organiser_questions.shift(session, viewer, day, question_key, str(typed.get("na", "")))
    except Conflict as wrong:
        flash(request, wrong.message, "warn")
    return go(request, "events.questions", day=day, anchor=f"vraag-{question_key}")


@router.post("/bewerken/vragen/{question_key}/weg", name="events.remove_question")
def remove_question(
    request: Request, session: DbSession, viewer: Organiser, day: str, question_key: str
) -> Response:
    organiser_questions.remove(session, viewer, day, question_key)
    flash(request, _("De vraag is weg."))
    return go(request, "events.questions", day=day)


@router.get("/mails", name="events.mails")
def list_mails(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    found = look(session, viewer, day)
    chosen = organiser_mails.example_choice(session, found)
    written = [(kind, organiser_mails.written(found, kind, chosen)) for kind in organiser_mails.kinds(found)]
    return page(request, "organising/mails.html", day=found, written=written)


@router.get("/mails/{mail_kind}", name="events.edit_mail")
def edit_mail(request: Request, session: DbSession, viewer: Organiser, day: str, mail_kind: str) -> Response:
    found = look(session, viewer, day)
    kind = organiser_mails.kind_of(mail_kind)
    return _mail_page(request, session, viewer, (day, mail_kind), Form(organiser_mails.show(found, kind)))


@router.post("/mails/{mail_kind}", name="events.save_mail")
def save_mail(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str, mail_kind: str
) -> Response:
    kind = organiser_mails.kind_of(mail_kind)
    shown: steps.Shown = organiser_mails.show(hold(session, viewer, day), kind)
    merged = steps.merge(str(typed.get("seen", "")), shown, typed)
    sent: Form[MailForm] = parse(MailForm, merged.typed)
    if merged.clashes or sent.data is None:
        return _mail_page(request, session, viewer, (day, mail_kind), sent, theirs=merged.clashes)
    organiser_mails.keep(session, viewer, day, kind, sent.data)
    flash(request, _("Bewaard. Zo gaat de mail voortaan uit."))
    return go(request, "events.edit_mail", day=day, mail_kind=mail_kind)


def _mail_page(
    request: Request,
    session: Session,
    viewer: Viewer,
    where: tuple[str, str],
    sent: Form[Any],
    *,
    theirs: steps.Shown | None = None,
) -> Response:
    found, kind = look(session, viewer, where[0]), organiser_mails.kind_of(where[1])
    preview = organiser_mails.written(found, kind, organiser_mails.example_choice(session, found))
    shown: steps.Shown = organiser_mails.show(found, kind)
    return edit_page(
        request,
        "organising/mail.html",
        sent,
        {"subject": _("Onderwerp"), "extra": _("Een alinea van jou")},
        seen=steps.seen(shown),
        theirs=theirs,
        day=found,
        kind=kind,
        mail_kind=where[1],
        preview=preview,
    )


def _save_question(
    request: Request, session: Session, viewer: Viewer, where: tuple[str, str | None], typed: dict[str, Any]
) -> Response:
    day, key = where
    found = hold(session, viewer, day)
    seen, theirs = "", steps.Shown()
    if key is not None:
        shown = organiser_questions.show(organiser_questions.one(found, key))
        merged = steps.merge(str(typed.get("seen", "")), shown, typed)
        typed, seen = merged.typed, steps.seen(shown)
        theirs = merged.clashes
    sent: Form[QuestionForm] = parse(QuestionForm, typed)
    if not theirs and sent.data is not None:
        try:
            with session.begin_nested():
                organiser_questions.save(session, viewer, day, key, sent.data)
        except Conflict as wrong:
            sent = sent.wrong(form=wrong.message)
        else:
            flash(request, _("Bewaard."))
            return go(request, "events.questions", day=day)
    return _question_page(request, session, viewer, where, sent, seen=seen, theirs=theirs)


def _question_page(
    request: Request,
    session: Session,
    viewer: Viewer,
    where: tuple[str, str | None],
    sent: Form[Any],
    **more: Any,
) -> Response:
    found = look(session, viewer, where[0])
    labels = {
        "text": _("De vraag"),
        "kind": _("Hoe antwoordt men?"),
        "options": _("Mogelijkheden"),
        "is_required": _("Antwoorden moet"),
        "is_personal": _("Persoonlijk antwoord"),
        "when": _("Alleen als"),
    }
    conditions = organiser_questions.conditions(found, where[1] or "")
    return edit_page(
        request,
        "organising/question.html",
        sent,
        labels,
        day=found,
        question=where[1],
        conditions=conditions,
        **more,
    )
