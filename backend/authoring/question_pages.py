"""The desk: how the questions of a module do."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.authoring import question_figures, service
from backend.authoring.desk_pages import Author
from backend.courses import service as courses
from backend.db import DbSession
from backend.web import page

router = APIRouter(prefix="/redactie/modules/{module}")


@router.get("/vragen", name="authoring.questions")
def show_questions(request: Request, session: DbSession, viewer: Author, module: str) -> Response:
    service.require_author(viewer, module)
    found = courses.find(session, module)
    figures = question_figures.figures(session, found.course_id, found.document)
    lessons = [
        (lesson, [figure for figure in figures if figure.lesson.key == lesson.key])
        for lesson in found.document.lessons
    ]
    return page(
        request,
        "authoring/questions.html",
        course=found.document,
        lessons=[(lesson, of_lesson) for lesson, of_lesson in lessons if of_lesson],
        hard=sorted(
            (figure for figure in figures if figure.must_be_rewritten), key=lambda each: each.right_percent
        ),
        fewest=question_figures.FEWEST,
        limit=int(100 * question_figures.TOO_HARD),
    )
