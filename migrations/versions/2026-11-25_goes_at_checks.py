"""An index of the goes at checks, which are few among those at practice."""

import sqlalchemy as sa
from alembic import op

revision = "8e51d0c7a3b6"
down_revision = "32cccd2098d3"
IS_CHECK = sa.text("check_key != ''")


def upgrade() -> None:
    op.create_index(
        "ix_attempt_check", "attempt", ["enrolment_id"], sqlite_where=IS_CHECK, postgresql_where=IS_CHECK
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_check", "attempt")
