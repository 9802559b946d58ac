"""Speakers of an action day, and what its organiser wrote in its mails."""

import sqlalchemy as sa
from alembic import op

revision = "5a0c4be1f7d2"
down_revision = "bbdd36379e40"


def upgrade() -> None:
    with op.batch_alter_table("action_day") as batch:
        batch.add_column(sa.Column("speakers", sa.String(length=1000), nullable=False, server_default=""))
        batch.add_column(sa.Column("mail_texts", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    with op.batch_alter_table("action_day") as batch:
        batch.alter_column("speakers", server_default=None)
        batch.alter_column("mail_texts", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("action_day") as batch:
        batch.drop_column("mail_texts")
        batch.drop_column("speakers")
