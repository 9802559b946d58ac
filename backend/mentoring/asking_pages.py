"""A question to an applicant, and the page where they answer: /aanvraag."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlmodel import Session

from backend.auth.access import CurrentUser, holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.fields import FormId, FormModel, Text
from backend.language import gettext as _
from backend.mentoring import asking
from backend.web import Form, flash, form, go, page

router = APIRouter()
Follower = Annotated[Viewer, Depends(holder_of(Role.MENTOR, Role.ADMINISTRATOR))]


class QuestionForm(FormModel):
    vraag: Annotated[Text, Field(min_length=5, max_length=1000)]
    form_id: FormId


class AnswerForm(FormModel):
    antwoord: Annotated[Text, Field(min_length=2, max_length=2000)]


@router.post("/begeleiding/aanvragen/{account_id}/vraag", name="mentoring.ask_applicant")
def ask(
    request: Request,
    session: DbSession,
    viewer: Follower,
    account_id: UUID,
    typed: Annotated[Form[QuestionForm], Depends(form(QuestionForm))],
) -> Response:
    if typed.data is None:
        flash(request, _("Schrijf een vraag van minstens 5 tekens."), "warn")
        return go(request, "mentoring.applications")
    applicant = asking.ask(session, viewer, account_id, typed.data.vraag, typed.data.form_id, now())
    flash(request, _("Je vraag is onderweg naar %(name)s.") % {"name": applicant.name})
    return go(request, "mentoring.applications")


@router.get("/aanvraag", name="mentoring.my_application")
def show_questions(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    return _questions_page(request, session, viewer, Form(), None)


def _questions_page(
    request: Request, session: Session, viewer: Viewer, typed: Form[Any], wrong: UUID | None
) -> Response:
    questions = asking.to_answer(session, viewer)
    return page(
        request, "mentoring/my_application.html", status=422 if wrong else 200, questions=questions, form=typed,
        wrong=wrong, empty=Form(),
    )  # fmt: skip


@router.post("/aanvraag/{question_id}", name="mentoring.answer_question")
def answer(
    request: Request,
    session: DbSession,
    viewer: CurrentUser,
    question_id: UUID,
    typed: Annotated[Form[AnswerForm], Depends(form(AnswerForm))],
) -> Response:
    if typed.data is None:
        return _questions_page(request, session, viewer, typed, question_id)
    asking.answer(session, viewer, question_id, typed.data.antwoord, now())
    flash(request, _("Je antwoord is onderweg. Je krijgt een mail zodra een mentor beslist."))
    return go(request, "mentoring.my_application")
