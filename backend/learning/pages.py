"""The lesson player: begin a module, read a lesson, answer, keep a note, say what one thinks of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend import language
from backend.auth.access import CurrentMember, OptionalUser
from backend.auth.models import Viewer
from backend.courses.block_types import Question
from backend.db import DbSession, in_its_place, now
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning import policy, service, versions
from backend.learning.forms import AnswerForm, NoteForm, RatingForm, VersionForm
from backend.learning.grading import Incomplete
from backend.learning.player import view_lesson
from backend.learning.service import Address, LessonState, Result
from backend.templating import url
from backend.web import Form, after_read, flash, form, go, page, parse, read_form

router = APIRouter()
Fields = Mapping[str, list[str]]


async def submitted_fields(request: Request) -> Fields:
    """Every field with all its values; which ones there are depends on the question."""
    form = await read_form(request)
    return {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}


SubmittedFields = Annotated[Fields, Depends(submitted_fields)]


@dataclass(frozen=True, slots=True)
class At:
    """Where the forms of a lesson go, and whether answers are kept."""

    course_key: str
    lesson_key: str
    is_kept: bool
    today: datetime

    def note(self, block_key: str) -> str:
        """One's own note or bookmark at a block."""
        return url("learning.block_note", module=self.course_key, lesson=self.lesson_key, block=block_key)

    @property
    def url(self) -> str:
        return url("learning.lesson", module=self.course_key, lesson=self.lesson_key)

    def answer(self, block_key: str) -> str:
        return url("learning.answer", module=self.course_key, lesson=self.lesson_key, block=block_key)

    def check(self, block_key: str) -> str:
        """Posting begins or goes on; getting shows how it went."""
        return url("learning.start_check", module=self.course_key, lesson=self.lesson_key, check=block_key)

    @property
    def read(self) -> str:
        return url("learning.read", module=self.course_key, lesson=self.lesson_key)

    @property
    def useful(self) -> str:
        return url("learning.rate", module=self.course_key, lesson=self.lesson_key)

    def saved_text(self, moment: datetime) -> str:
        if moment.astimezone(language.ZONE).date() == self.today.astimezone(language.ZONE).date():
            return _("Bewaard om %(time)s") % {"time": language.clock(moment)}
        return _("Bewaard op %(date)s") % {"date": language.short_date(moment)}


@router.get("/leren/{module}/{lesson}", name="learning.lesson")
async def lesson(
    request: Request, session: DbSession, viewer: OptionalUser, module: str, lesson: str
) -> Response:
    state = await in_its_place(request, service.lesson_state, session, viewer, module, lesson)
    if viewer is not None and state.enrolment_id is not None and state.visited_key != lesson:
        after_read(request, partial(_visit, viewer=viewer, module=module, lesson=lesson))
    return _show(request, state, viewer)


def _visit(session: Session, viewer: Viewer, module: str, lesson: str) -> None:
    service.visit(session, viewer, module, lesson, now())


@router.post("/leren/{module}", name="learning.start")
def start(request: Request, session: DbSession, viewer: CurrentMember, module: str) -> Response:
    return _go_on(request, session, viewer, module)


OfferedVersion = Annotated[Form[VersionForm], Depends(form(VersionForm))]


@router.post("/leren/{module}/nieuwe-versie", name="learning.switch")
def switch(
    request: Request, session: DbSession, viewer: CurrentMember, offered: OfferedVersion, module: str
) -> Response:
    versions.switch(session, viewer, module, now(), version_id=_offered(offered))
    flash(request, _("Je volgt nu de nieuwe versie. Wat je al klaar had, blijft klaar."))
    return _go_on(request, session, viewer, module)


@router.post("/leren/{module}/deze-versie", name="learning.keep")
def keep(
    request: Request, session: DbSession, viewer: CurrentMember, offered: OfferedVersion, module: str
) -> Response:
    versions.keep(session, viewer, module, version_id=_offered(offered))
    flash(request, _("Je houdt de versie waarmee je begon."))
    return _go_on(request, session, viewer, module)


def _offered(submitted: Form[VersionForm]) -> int:
    if submitted.data is None:
        raise NotFound(_("Deze versie van de module bestaat niet."))
    return submitted.data.versie


def _go_on(request: Request, session: Session, viewer: Viewer, module: str) -> Response:
    lesson_key, block_key = service.start(session, viewer, module, now())
    return go(request, "learning.lesson", module=module, lesson=lesson_key, anchor=block_key)


@router.post("/leren/{module}/{lesson}/gelezen", name="learning.read")
def mark_read(
    request: Request, session: DbSession, viewer: CurrentMember, module: str, lesson: str
) -> Response:
    service.mark_read(session, viewer, module, lesson, now())
    return go(request, "learning.lesson", module=module, lesson=lesson, anchor="les-einde")


@router.post("/leren/{module}/{lesson}/bruikbaar", name="learning.rate")
def rate(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    submitted: Annotated[Form[RatingForm], Depends(form(RatingForm))],
    module: str,
    lesson: str,
) -> Response:
    if submitted.data is None:
        flash(request, _("Kies een van de vier antwoorden."), "warn")
    else:
        service.rate(session, viewer, module, lesson, submitted.data.bruikbaar, now())
        flash(request, _("Bedankt. Je antwoord is bewaard."))
    return go(request, "learning.lesson", module=module, lesson=lesson, anchor="les-einde")


@router.post("/leren/{module}/{lesson}/{block}", name="learning.answer")
def answer(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    fields: SubmittedFields,
    module: str,
    lesson: str,
    block: str,
) -> Response:
    """An answer to a question, a draft of one, or a note."""
    address = Address(module, lesson, block)
    try:
        if "tekst" in fields:
            service.save_note(
                session, viewer, address, _note(fields), now(), is_meant=fields.get("toch") == ["true"]
            )
        elif "concept" in fields:  # sent by itself while one writes
            service.save_draft(session, viewer, address, fields, now())
        else:
            service.answer(session, viewer, address, fields, _form_id(fields), now())
    except Incomplete as problem:
        state = service.lesson_state(session, viewer, module, lesson)
        return _show(request, state, viewer, refused=(block, problem))
    return go(request, "learning.lesson", module=module, lesson=lesson, anchor=block)


def _note(fields: Fields) -> str:
    typed = fields["tekst"][0] if fields["tekst"] else ""
    read = parse(NoteForm, {"tekst": typed})
    if read.data is None:
        raise Incomplete(read.errors["tekst"], {"text": typed})
    return read.data.tekst


def _form_id(fields: Fields) -> str:
    read = parse(
        AnswerForm, {name: values[0] for name, values in fields.items() if name == "form_id" and values}
    )
    if read.data is None:
        raise NotFound(_("Deze vraag bestaat niet, of niet meer."))  # no page of ours sends this
    return read.data.form_id


def _show(
    request: Request,
    state: LessonState,
    viewer: Viewer | None,
    *,
    refused: tuple[str, Incomplete] | None = None,
) -> Response:
    at = At(state.course.key, state.lesson.key, policy.can_learn(viewer), now())
    tried: dict[str, Result] = {}
    if not at.is_kept and refused is None:
        tried, refused = _try_out(request, state)
    before, after = state.course.neighbours(state.lesson)
    return page(
        request,
        "learning/lesson.html",
        status=200 if refused is None else 422,
        course=state.course,
        lesson=state.lesson,
        place=state.course.lessons.index(state.lesson) + 1,
        before=before,
        after=after,
        progress=state.progress,
        kept=state.noted,
        view=view_lesson(
            state, at.today, again=request.query_params.get("opnieuw", ""), tried=tried, refused=refused
        ),
        at=at,
    )


def _try_out(request: Request, state: LessonState) -> tuple[dict[str, Result], tuple[str, Incomplete] | None]:
    """Visitors answer with a GET: the page shows the feedback, nothing is kept."""
    query = request.query_params
    key = query.get("vraag", "")
    question = state.lesson.questions.get(key)
    if not isinstance(question, Question):
        return {}, None
    try:
        return {key: service.try_out(question, {name: query.getlist(name) for name in query})}, None
    except Incomplete as problem:
        return {}, (key, problem)
