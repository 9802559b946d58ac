"""The authors' desk: the modules, one module, what must be looked at again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.authoring import drafts, policy, review_list, rules_in_words, service
from backend.courses import service as courses
from backend.db import DbSession, now
from backend.language import ZONE
from backend.learning import reports
from backend.web import page

router = APIRouter(prefix="/redactie")
Author = Annotated[Viewer, Depends(holder_of(Role.AUTHOR, Role.ADMINISTRATOR))]


@router.get("", name="authoring.desk")
def show_desk(request: Request, session: DbSession, viewer: Author) -> Response:
    today = now().astimezone(ZONE).date()
    modules = service.desk(session, viewer, today)
    documents = [each.published.document for each in modules if each.published]
    return page(
        request,
        "authoring/desk.html",
        modules=modules,
        due=review_list.most_urgent(documents, today),
        old_count=sum(source.is_old(today) for source in review_list.sources_by_age(documents)),
        reports=reports.reports(session, service.scope_of(viewer), handled=False),
        may_begin=policy.writes_everything(viewer),
        now=now(),
    )


@router.get("/herzien", name="authoring.review")
def show_review(request: Request, session: DbSession, viewer: Author) -> Response:
    today = now().astimezone(ZONE).date()
    documents = service.documents(session, viewer)
    return page(
        request,
        "authoring/review.html",
        due=review_list.most_urgent(documents, today),
        sources=review_list.sources_by_age(documents),
        today=today,
    )


@router.get("/modules/{module}", name="authoring.course")
def show_course(request: Request, session: DbSession, viewer: Author, module: str) -> Response:
    return course_page(request, session, viewer, module)


def course_page(
    request: Request, session: Session, viewer: Viewer, module: str, *, refused: str = "", status: int = 200
) -> Response:
    """`refused`: why the package that was just sent could not be kept."""
    desk = service.course_desk(session, viewer, module)
    document = desk.published.document if desk.published else None
    titles = {each.key: each.title for _id, each in courses.published(session)} if document else {}
    return page(
        request,
        "authoring/course.html",
        status=status,
        block="opladen" if refused else "",
        desk=desk,
        problems=drafts.problems_of(desk.draft) if desk.draft else [],
        first_lesson=drafts.first_lesson(desk.draft) if desk.draft else "",
        rules=rules_in_words.of_course(document, titles) if document else [],
        lessons=[(lesson, rules_in_words.of_lesson(lesson, document)) for lesson in document.lessons]
        if document
        else [],
        refused=refused,
        largest=drafts.LARGEST // 1_000_000,
    )


@router.get("/nieuw", name="authoring.new")
def show_new(request: Request, viewer: Author) -> Response:
    return new_page(request, viewer)


def new_page(request: Request, viewer: Viewer, *, refused: str = "") -> Response:
    if not policy.writes_everything(viewer):
        raise service.not_there()
    return page(
        request,
        "authoring/new.html",
        status=422 if refused else 200,
        block="opladen" if refused else "",
        refused=refused,
        largest=drafts.LARGEST // 1_000_000,
    )


def revision_of(text: str) -> UUID | None:
    """What the page that sent a form showed; None for nothing, or nonsense."""
    try:
        return UUID(text)
    except ValueError:
        return None
