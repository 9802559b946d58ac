"""mails in quiet hours and around a day."""

import sqlalchemy as sa
from alembic import op

revision = "c449c8aa2ed0"
down_revision = "a65ae1dd32e9"


def upgrade() -> None:
    op.create_table(
        "day_letter",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("reminder", "practical", "thanks", name="letterkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_day_letter_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("registration_id", "kind", name=op.f("pk_day_letter")),
    )
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=2), nullable=False, server_default="nl"))
        batch_op.add_column(sa.Column("about", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("is_quiet", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_outgoing_mail_about"), ["about"], unique=False)
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.alter_column("language", server_default=None)
        batch_op.alter_column("is_quiet", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_about"))
        batch_op.drop_column("is_quiet")
        batch_op.drop_column("about")
        batch_op.drop_column("language")

    op.drop_table("day_letter")
