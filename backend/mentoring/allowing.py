"""More attempts or more time in a test, for somebody one follows: given with a reason, told by mail, in the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth.models import Account, Viewer
from backend.courses import service as courses
from backend.courses.block_types import Check
from backend.courses.documents import CourseDocument
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning import allowances
from backend.learning.allowances import Extra
from backend.learning.models import Allowance
from backend.mentoring.participants import Participant, people_in
from backend.mentoring.policy import scope_of


@dataclass(frozen=True, slots=True)
class Testing:
    """A test of a published module; `check` is None for all tests of the module."""

    course: CourseDocument
    check: Check | None

    @property
    def key(self) -> str:
        return f"{self.course.key}/{self.check.key if self.check else ''}"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody was given before. `testing` is None when the test is gone."""

    allowance: Allowance
    by: str
    testing: Testing | None


@dataclass(frozen=True, slots=True)
class Page:
    person: Participant
    tests: list[Testing]
    given: list[Given]  # the newest first


def page_of(session: Session, viewer: Viewer, account_id: UUID, now: datetime) -> Page:
    """Three queries. Raises NotFound for who is not in the scope."""
    person = _person(session, viewer, account_id, now)
    published = courses.published(session)
    tests = tests_of(document for _id, document in published)
    documents = {course_id: document.key for course_id, document in published}
    by_key = {test.key: test for test in tests}
    rows = session.execute(
        select(Allowance, col(Account.name))
        .join(Account, col(Account.id) == Allowance.by_id)
        .where(col(Allowance.account_id) == account_id)
        .order_by(col(Allowance.given_at).desc())
    )
    given = [
        Given(each, name, by_key.get(f"{documents.get(each.course_id, '')}/{each.check_key}"))
        for each, name in rows
    ]
    return Page(person, tests, given)


def tests_of(documents: Iterable[CourseDocument]) -> list[Testing]:
    """Every test of these modules; where there are several, all of them together too."""
    found = []
    for document in documents:
        checks = [check for lesson in document.lessons for check in lesson.checks.values()]
        found += [Testing(document, check) for check in checks]
        found += [Testing(document, None)] if len(checks) > 1 else []
    return found


def _person(session: Session, viewer: Viewer, account_id: UUID, now: datetime) -> Participant:
    people = people_in(session, scope_of(viewer), now, col(Account.id) == account_id)
    if account_id not in people:
        raise NotFound(_("Deze deelnemer bestaat niet, of hoort niet bij de gemeenten die je begeleidt."))
    return people[account_id]


def give(
    session: Session, viewer: Viewer, account_id: UUID, test_key: str, extra: Extra, form_id: str, now: datetime
) -> Participant:  # fmt: skip
    """Give somebody more, and tell them. The same form twice is once. `extra.check_key` follows from `test_key`.

    Raises NotFound for who is not in the scope, and for a test that is not there.
    """
    person = _person(session, viewer, account_id, now)
    tests = tests_of(document for _id, document in courses.published(session))
    test = next((each for each in tests if each.key == test_key), None)
    if test is None:
        raise NotFound(_("Deze toets bestaat niet, of niet meer."))
    key = test.check.key if test.check else ""
    wanted = Extra(extra.attempts, extra.percent, extra.reason, key)
    if allowances.allow(session, viewer, account_id, test.course.key, wanted, form_id, now):
        record(
            session, viewer.id, "mentoring.allowed", kind="account", key=account_id, course=test.course.key,
            check=key, attempts=extra.attempts, percent=extra.percent,
        )  # fmt: skip
        account = session.get_one(Account, account_id)
        mail.send(
            session, account.email, "mentoring_allowed", language=account.language, name=account.name, by=viewer.name,
            test=test, extra=wanted,
        )  # fmt: skip
    return person
