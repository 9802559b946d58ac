"""What waits for the demo mentor: somebody who failed a check twice, and somebody whose shared reflection has no answer yet."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Account, Viewer
from backend.courses import service as courses
from backend.demo.people import COURSE
from backend.demo.places import DOMAIN
from backend.learning import checks, reflections
from backend.learning import service as learning
from backend.learning.checks import GoAddress
from backend.learning.enrolments import Address
from backend.learning.grading import as_submitted, right_answer

FAILED, SHARED = "lid20", "lid17"  # both in the regions of the demo mentor, and under way in the module
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXT = (
    "In onze gemeente gaat het nu over de opvang in de oude school. Rond de school ken ik voor- en tegenstanders. "
    "Wie het nog niet weet, hoor ik bijna niet. Hoe bereik ik die mensen zonder een infoavond?"
)


def make_waiting(session: Session, now: datetime) -> None:
    for days in (3, 2):
        _fail(session, _member(session, FAILED, now), now - DAY * days)
    _share(session, _member(session, SHARED, now), now - DAY * 4)


def _member(session: Session, mail_name: str, now: datetime) -> Viewer:
    account = session.scalars(select(Account).where(col(Account.email) == f"{mail_name}@{DOMAIN}")).one()
    return Viewer(
        id=account.id, session_id=uuid4(), name=account.name, email=account.email, status=account.status,
        language=account.language, organisation_id=None, organisation_name="", municipality_nis=None, region_key=None,
        grants=(), seen_at=now,
    )  # fmt: skip


def _fail(session: Session, member: Viewer, at: datetime) -> None:
    """The first check of the module, with one question right and the others left open."""
    document = courses.published_version(session, COURSE)[2]
    lesson = next(lesson for lesson in document.lessons if lesson.checks)
    check = next(iter(lesson.checks.values()))
    number = checks.start(session, member, Address(COURSE, lesson.key, check.key), at)
    address = GoAddress(COURSE, lesson.key, check.key, number)
    questions = checks.check_state(session, member, address).paper.questions
    first = next(iter(questions.values()))
    sent = {f"{first.key}.{name}": value for name, value in as_submitted(right_answer(first)).items()}
    checks.hand_in(session, member, address, sent, at + HOUR / 4)


def _share(session: Session, member: Viewer, at: datetime) -> None:
    """The reflection of the first lesson."""
    lesson = courses.published_version(session, COURSE)[2].lessons[0]
    block = next(block for block in lesson.blocks.values() if block.type == "reflection")
    address = Address(COURSE, lesson.key, block.key)
    learning.save_note(session, member, address, TEXT, at)
    reflections.share(session, member, address, TEXT, at + HOUR / 4)
