"""Several authors and learners at the same moment, on both databases: one wins, the others are told, nothing is lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from backend.auth.models import Grant, Role, ScopeKind, Viewer
from backend.authoring import drafts, publishing
from backend.authoring.models import CourseDraft, Publication, Way
from backend.authoring.publishing import Wish
from backend.courses import service as courses
from backend.courses.models import CourseVersion
from backend.courses.packages import export_zip
from backend.db import Database, now
from backend.errors import Conflict, NotFound
from backend.learning.models import Enrolment, Response
from backend.learning.service import Address, answer
from tests.authoring.conftest import make_author, publish
from tests.authoring.packages import COURSE, Files, lesson, package, zipped
from tests.factories import make_account
from tests.learning.test_races import at_once
from tests.learning.test_service import viewer_for

FIX = package(een=lesson("een", right="a"))
OTHER = package(een=lesson("een", Kern="Waarom"))
PEOPLE = 5
pytestmark = pytest.mark.usefixtures("api")  # mails name addresses


@pytest.fixture
def authors(own_engine: Engine) -> list[Viewer]:
    """Two who write the module that is published."""
    with Session(own_engine) as session, session.begin():
        publish(session)
        return [author(session, name) for name in ("Ann", "Cas")]


def author(session: Session, name: str, course: str = "proef") -> Viewer:
    who = viewer_for(make_author(session, name, course))
    values = {field: getattr(who, field) for field in who.__slots__}
    return Viewer(**values | {"grants": (Grant(Role.AUTHOR, ScopeKind.COURSE, course),)})


def send(engine: Engine, by: Viewer, files: Files) -> Wish:
    """Keep a draft; gives what publishing it as a small fix asks."""
    with Database(engine).session() as session:
        checked = drafts.check([document for _id, document in courses.published(session)], zipped(files))
        before = session.get(CourseDraft, checked.course_key)
        draft = drafts.keep(session, by, checked, before.revision if before else None, now())
        published = courses.find(session, "proef")
        return Wish(draft.revision, published.version_id, Way.FIX)


def outcome(move: Callable[[], object], into: list[object]) -> Callable[[], None]:
    """Notes what it gave, or the conflict."""

    def run() -> None:
        try:
            into.append(move())
        except Conflict as conflict:
            into.append(conflict)

    return run


def do(engine: Engine, by: Viewer, wish: Wish) -> int | None:
    with Database(engine).session() as session:
        return publishing.publish(session, by, "proef", wish, now())


def count(engine: Engine, table: type) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_one_author_who_clicks_often_publishes_once(own_engine: Engine, authors: list[Viewer]) -> None:
    wish = send(own_engine, authors[0], FIX)
    given: list[object] = []
    at_once(*[outcome(lambda: do(own_engine, authors[0], wish), given)] * 4)
    assert given == [2, 2, 2, 2]
    assert count(own_engine, Publication) == 1
    assert count(own_engine, CourseVersion) == 2


def test_of_two_authors_one_wins_and_the_other_is_told(own_engine: Engine, authors: list[Viewer]) -> None:
    wish = send(own_engine, authors[0], FIX)
    given: list[object] = []
    new = Wish(wish.revision, wish.before_id, Way.NEW)
    at_once(
        outcome(lambda: do(own_engine, authors[0], wish), given),
        outcome(lambda: do(own_engine, authors[1], new), given),
    )
    assert 2 in given
    (told,) = [each for each in given if isinstance(each, Conflict)]
    assert "publiceerde dit concept al" in told.message
    assert count(own_engine, CourseVersion) == 2


def test_two_first_drafts_at_once_leave_one(own_engine: Engine, authors: list[Viewer]) -> None:
    with Session(own_engine) as session:
        published = [document for _id, document in courses.published(session)]
    checked = [drafts.check(published, zipped(files)) for files in (FIX, OTHER)]

    def keep(number: int) -> None:
        with Database(own_engine).session() as session:
            drafts.keep(session, authors[number], checked[number], None, now())

    given: list[object] = []
    at_once(outcome(lambda: keep(0), given), outcome(lambda: keep(1), given))
    assert count(own_engine, CourseDraft) == 1
    assert sum(isinstance(each, Conflict) for each in given) == 1
    with Session(own_engine) as session:
        kept = session.exec(select(CourseDraft)).one()
        assert len(drafts.as_zip(session, authors[0], kept.course_key)) > 100


def test_learners_who_answer_meanwhile_lose_nothing(own_engine: Engine, authors: list[Viewer]) -> None:
    with Session(own_engine) as session, session.begin():
        people = [viewer_for(make_account(session, f"Persoon {n}")) for n in range(PEOPLE)]

    def give(who: Viewer, key: str) -> None:
        with Database(own_engine).session() as session:
            answer(session, who, Address("proef", key, "kies"), {"keuze": ["b"]}, "a" * 32, now())

    for who in people:
        give(who, "een")
    wish = send(own_engine, authors[0], FIX)
    at_once(lambda: do(own_engine, authors[0], wish), *[lambda w=who: give(w, "twee") for who in people])
    with Session(own_engine) as session:
        newest = courses.find(session, "proef").version_id
        assert set(session.exec(select(Enrolment.version_id))) == {newest}
        scores = sorted(score or 0 for score in session.exec(select(Response.best_score)))
    assert scores == [0] * PEOPLE + [1] * PEOPLE, (
        "the first lesson has another answer now, the second has not"
    )


def test_a_draft_thrown_away_takes_no_file_of_what_is_published_at_that_moment(own_engine: Engine) -> None:
    """Two modules with the same lesson in them."""
    ander = package(
        "ander", course=COURSE.replace("key: proef", "key: ander"), een=FIX["proef/een.md"].decode()
    )
    with Session(own_engine) as session, session.begin():
        publish(session)
        ann, oscar = author(session, "Ann"), author(session, "Oscar", "ander")
    wish = send(own_engine, ann, FIX)
    with Database(own_engine).session() as session:
        revision = drafts.keep(session, oscar, drafts.check((), zipped(ander)), None, now()).revision

    def discard() -> None:
        with Database(own_engine).session() as session:
            drafts.discard(session, oscar, "ander", revision)

    at_once(lambda: do(own_engine, ann, wish), discard)
    with Session(own_engine) as session:
        assert export_zip(session, courses.find(session, "proef").version_id) == zipped(FIX)
        with pytest.raises(NotFound):
            drafts.as_zip(session, oscar, "ander")
