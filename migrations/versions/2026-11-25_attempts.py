"""attempts: what was a response is an event, what was a block result is the response of an attempt."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "11d52f33aad6"
down_revision = "ca8264f0291d"

CHUNK = 5000
NAME = sa.String(length=80)
MOMENT = sa.DateTime(timezone=True)
PRACTICE = ""


def table(name: str, **columns: Any) -> sa.TableClause:
    """A table of this migration, not of the program: that one changes."""
    return sa.table(name, *(sa.column(key, kind) for key, kind in columns.items()))


ATTEMPT = table(
    "attempt", id=sa.Uuid(), enrolment_id=sa.Uuid(), version_id=sa.Integer(), lesson_key=NAME, check_key=NAME,
    number=sa.Integer(), seed=sa.Integer(), frozen=sa.JSON(), started_at=MOMENT, is_passed=sa.Boolean(),
    receipt=sa.String(),
)  # fmt: skip
ENROLMENT = table("enrolment", id=sa.Uuid(), version_id=sa.Integer())
EVENT = table(
    "response_event", id=sa.Integer(), attempt_id=sa.Uuid(), version_id=sa.Integer(), block_key=NAME, kind=sa.String(),
    submission=sa.String(), given=sa.JSON(), score=sa.Float(), at=MOMENT,
)  # fmt: skip
OLD_RESPONSE = table(
    "response", id=sa.Integer(), enrolment_id=sa.Uuid(), version_id=sa.Integer(), lesson_key=NAME, block_key=NAME,
    submission=sa.String(), given=sa.JSON(), score=sa.Float(), answered_at=MOMENT,
)  # fmt: skip
RESPONSE = table(
    "response", attempt_id=sa.Uuid(), block_key=NAME, given=sa.JSON(), last_score=sa.Float(), best_score=sa.Float(),
    tries=sa.Integer(), answered_at=MOMENT,
)  # fmt: skip
RESULT = table(
    "block_result", enrolment_id=sa.Uuid(), lesson_key=NAME, block_key=NAME, given=sa.JSON(), last_score=sa.Float(),
    best_score=sa.Float(), attempts=sa.Integer(), answered_at=MOMENT,
)  # fmt: skip
PROGRESS = table(
    "lesson_progress", question_count=sa.Integer(), answered_count=sa.Integer(), share=sa.Float(), reasons=sa.JSON(),
    done_at=MOMENT,
)  # fmt: skip


def upgrade() -> None:
    make_new_tables()
    make_attempts()
    carry(
        EVENT,
        sa.select(
            ATTEMPT.c.id, OLD_RESPONSE.c.version_id, OLD_RESPONSE.c.block_key,
            sa.case((OLD_RESPONSE.c.score.is_(None), "saved"), else_="answered"), OLD_RESPONSE.c.submission,
            OLD_RESPONSE.c.given, OLD_RESPONSE.c.score, OLD_RESPONSE.c.answered_at,
        ).join(OLD_RESPONSE, of_one_lesson(OLD_RESPONSE)).order_by(OLD_RESPONSE.c.id),
        "attempt_id", "version_id", "block_key", "kind", "submission", "given", "score", "at",
    )  # fmt: skip
    op.drop_table("response")
    make_response()
    carry(
        RESPONSE,
        sa.select(
            ATTEMPT.c.id, RESULT.c.block_key, RESULT.c.given, RESULT.c.last_score, RESULT.c.best_score, RESULT.c.attempts,
            RESULT.c.answered_at,
        ).join(RESULT, of_one_lesson(RESULT)),
        "attempt_id", "block_key", "given", "last_score", "best_score", "tries", "answered_at",
    )  # fmt: skip
    op.drop_table("block_result")
    widen_progress()
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declined_version_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("attended_on", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_enrolment_declined_version_id_course_version"),
            "course_version",
            ["declined_version_id"],
            ["id"],
        )


def of_one_lesson(old: sa.TableClause) -> sa.ColumnElement[bool]:
    """The practice of the lesson that an old row belongs to."""
    return (
        (ATTEMPT.c.enrolment_id == old.c.enrolment_id)
        & (ATTEMPT.c.lesson_key == old.c.lesson_key)
        & (ATTEMPT.c.check_key == PRACTICE)
    )


def carry(target: sa.TableClause, source: sa.Select[Any], *columns: str) -> None:
    op.get_bind().execute(target.insert().from_select(columns, source))


def make_attempts() -> None:
    """One for each lesson that somebody wrote something in."""
    both = sa.union_all(
        sa.select(OLD_RESPONSE.c.enrolment_id, OLD_RESPONSE.c.lesson_key, OLD_RESPONSE.c.answered_at),
        sa.select(RESULT.c.enrolment_id, RESULT.c.lesson_key, RESULT.c.answered_at),
    ).subquery()
    lessons = (
        sa.select(
            both.c.enrolment_id,
            both.c.lesson_key,
            ENROLMENT.c.version_id,
            sa.func.min(both.c.answered_at).label("started_at"),
        )
        .join(ENROLMENT, ENROLMENT.c.id == both.c.enrolment_id)
        .group_by(both.c.enrolment_id, both.c.lesson_key, ENROLMENT.c.version_id)
    )
    rows = [
        {**row, "id": uuid4(), "check_key": PRACTICE, "number": 1, "seed": 0, "frozen": {}, "is_passed": False, "receipt": ""}
        for row in op.get_bind().execute(lessons).mappings()
    ]  # fmt: skip
    for chunk in chunks(rows):
        op.bulk_insert(ATTEMPT, chunk)


def chunks(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def widen_progress() -> None:
    """How far one is was worked out on every page; now it is kept."""
    with op.batch_alter_table("lesson_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("share", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("reasons", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("read_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("useful", sa.Integer(), nullable=True))
    answered = sa.cast(PROGRESS.c.answered_count, sa.Float()) / PROGRESS.c.question_count
    share = sa.case(
        (PROGRESS.c.done_at.is_not(None), 1.0),
        (PROGRESS.c.question_count == 0, 0.0),
        (answered > 0.9, 0.9),
        else_=answered,
    )
    op.get_bind().execute(PROGRESS.update().values(share=share, reasons=[]))
    with op.batch_alter_table("lesson_progress", schema=None) as batch_op:
        batch_op.alter_column("share", nullable=False, existing_type=sa.Float())
        batch_op.alter_column("reasons", nullable=False, existing_type=sa.JSON())


def make_new_tables() -> None:
    op.create_table(
        "allowance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("check_key", NAME, nullable=False),
        sa.Column("extra_attempts", sa.Integer(), nullable=False),
        sa.Column("extra_percent", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("submission", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_allowance_account_id_account")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_allowance_by_id_account")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_allowance_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowance")),
        sa.UniqueConstraint("submission", name=op.f("uq_allowance_submission")),
    )
    with op.batch_alter_table("allowance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allowance_account_id"), ["account_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("series", NAME, nullable=False),
        sa.Column("attended_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_attendance_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "series", "attended_on", name=op.f("pk_attendance")),
    )
    op.create_table(
        "tally",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("lesson_key", NAME, nullable=False),
        sa.Column("block_key", NAME, nullable=False),
        sa.Column("choice", sa.String(length=170), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_tally_course_id_course")),
        sa.PrimaryKeyConstraint("course_id", "lesson_key", "block_key", "choice", name=op.f("pk_tally")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("lesson_key", NAME, nullable=False),
        sa.Column("check_key", NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("frozen", sa.JSON(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("deadline_at", MOMENT, nullable=True),
        sa.Column("handed_in_at", MOMENT, nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_attempt_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_attempt_version_id_course_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "enrolment_id",
            "lesson_key",
            "check_key",
            "number",
            name=op.f("uq_attempt_enrolment_id_lesson_key_check_key_number"),
        ),
    )
    op.create_table(
        "response_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("block_key", NAME, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "answered", "saved", "handed_in", "regraded", name="eventkind", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("submission", sa.String(length=32), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_response_event_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_response_event_version_id_course_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_event")),
        sa.UniqueConstraint("attempt_id", "submission", name=op.f("uq_response_event_attempt_id_submission")),
    )


def make_response() -> None:
    op.create_table(
        "response",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("block_key", NAME, nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("last_score", sa.Float(), nullable=True),
        sa.Column("best_score", sa.Float(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_response_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("attempt_id", "block_key", name=op.f("pk_response")),
    )


def downgrade() -> None:
    """Attempts at checks, attendance, allowances and tallies have no place in what was before: they are lost."""
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_enrolment_declined_version_id_course_version"), type_="foreignkey"
        )
        batch_op.drop_column("attended_on")
        batch_op.drop_column("declined_version_id")
    with op.batch_alter_table("lesson_progress", schema=None) as batch_op:
        for column in ("useful", "read_at", "reasons", "share"):
            batch_op.drop_column(column)
    make_block_result()
    carry(
        RESULT,
        sa.select(
            ATTEMPT.c.enrolment_id, ATTEMPT.c.lesson_key, RESPONSE.c.block_key, RESPONSE.c.given, RESPONSE.c.last_score,
            RESPONSE.c.best_score, RESPONSE.c.tries, RESPONSE.c.answered_at,
        ).join(RESPONSE, RESPONSE.c.attempt_id == ATTEMPT.c.id).where(ATTEMPT.c.check_key == PRACTICE),
        "enrolment_id", "lesson_key", "block_key", "given", "last_score", "best_score", "attempts", "answered_at",
    )  # fmt: skip
    op.drop_table("response")
    make_old_response()
    carry(
        OLD_RESPONSE,
        sa.select(
            ATTEMPT.c.enrolment_id, EVENT.c.version_id, ATTEMPT.c.lesson_key, EVENT.c.block_key, EVENT.c.submission,
            EVENT.c.given, EVENT.c.score, EVENT.c.at,
        ).join(EVENT, EVENT.c.attempt_id == ATTEMPT.c.id)
        .where(ATTEMPT.c.check_key == PRACTICE, EVENT.c.kind.in_(("answered", "saved"))).order_by(EVENT.c.id),
        "enrolment_id", "version_id", "lesson_key", "block_key", "submission", "given", "score", "answered_at",
    )  # fmt: skip
    for name in ("response_event", "attempt", "tally", "attendance", "allowance"):
        op.drop_table(name)


def make_block_result() -> None:
    op.create_table(
        "block_result",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_key", NAME, nullable=False),
        sa.Column("block_key", NAME, nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("last_score", sa.Float(), nullable=True),
        sa.Column("best_score", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_block_result_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "lesson_key", "block_key", name=op.f("pk_block_result")),
    )


def make_old_response() -> None:
    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("lesson_key", NAME, nullable=False),
        sa.Column("block_key", NAME, nullable=False),
        sa.Column("submission", sa.String(length=32), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_response_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_response_version_id_course_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("enrolment_id", "submission", name=op.f("uq_response_enrolment_id_submission")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_enrolment_id"), ["enrolment_id"], unique=False)
