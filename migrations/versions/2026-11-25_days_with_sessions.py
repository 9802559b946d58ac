"""Action days with several regions, sessions, offers, needs apart, and a ledger.

What is there is carried over: each registration has one event in the ledger, needs move to their own table, and a day that
was public stays as certain as it was.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "bbdd36379e40"
down_revision = "986c9f54a696"

# Columns that rows of before need a value for, once.
ADDED = {
    "action_day": [
        "series",
        "sequence",
        "online_url",
        "online_opens_minutes",
        "offer_hours",
        "is_listed",
        "audience",
        "questions",
        "materials",
        "needs_kept_days",
    ],
    "programme_item": ["is_round", "is_required"],
    "registration": ["must_confirm", "answers"],
}


def upgrade() -> None:
    op.create_table(
        "calendar_address",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_calendar_address_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_calendar_address")),
    )
    op.create_table(
        "action_day_region",
        sa.Column("day_id", sa.Uuid(), nullable=False),
        sa.Column("region_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["day_id"], ["action_day.id"], name=op.f("fk_action_day_region_day_id_action_day")
        ),
        sa.ForeignKeyConstraint(
            ["region_key"], ["region.key"], name=op.f("fk_action_day_region_region_key_region")
        ),
        sa.PrimaryKeyConstraint("day_id", "region_key", name=op.f("pk_action_day_region")),
    )
    with op.batch_alter_table("action_day_region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_day_region_region_key"), ["region_key"], unique=False)

    op.create_table(
        "registration_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("day_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "carried_over",
                "registered",
                "invited",
                "requested",
                "approved",
                "refused",
                "promoted",
                "offered",
                "accepted",
                "declined",
                "expired",
                "cancelled",
                "given",
                "received",
                "left",
                "arrived",
                "changed",
                "moved_up",
                "shifted",
                "day_changed",
                "day_confirmed",
                "day_cancelled",
                "attended",
                name="eventkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed",
                "waiting",
                "cancelled",
                "offered",
                "requested",
                "refused",
                name="registrationstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=True),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["day_id"], ["action_day.id"], name=op.f("fk_registration_event_day_id_action_day")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_event_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_event")),
        sa.UniqueConstraint(
            "registration_id", "sequence", name=op.f("uq_registration_event_registration_id_sequence")
        ),
    )
    with op.batch_alter_table("registration_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_event_day_id"), ["day_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_registration_event_registration_id"), ["registration_id"], unique=False
        )

    op.create_table(
        "registration_need",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("day_id", sa.Uuid(), nullable=False),
        sa.Column("diets", sa.JSON(), nullable=False),
        sa.Column("access", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["day_id"], ["action_day.id"], name=op.f("fk_registration_need_day_id_action_day")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_need_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_registration_need")),
    )
    with op.batch_alter_table("registration_need", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_need_day_id"), ["day_id"], unique=False)

    op.create_table(
        "workshop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("speakers", sa.String(length=300), nullable=False),
        sa.Column("room", sa.String(length=120), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waiting_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_workshop_begins_before_it_ends")),
        sa.CheckConstraint(
            "taken >= 0 AND taken <= capacity", name=op.f("ck_workshop_taken_within_capacity")
        ),
        sa.CheckConstraint("waiting_count >= 0", name=op.f("ck_workshop_waiting_not_negative")),
        sa.ForeignKeyConstraint(["day_id"], ["action_day.id"], name=op.f("fk_workshop_day_id_action_day")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["programme_item.id"], name=op.f("fk_workshop_round_id_programme_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
    )
    with op.batch_alter_table("workshop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workshop_day_id"), ["day_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_workshop_round_id"), ["round_id"], unique=False)

    op.create_table(
        "workshop_choice",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("chosen", "waiting", "wished", name="choicestatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_workshop_choice_registration_id_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["programme_item.id"], name=op.f("fk_workshop_choice_round_id_programme_item")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_choice_workshop_id_workshop")
        ),
        sa.PrimaryKeyConstraint("registration_id", "workshop_id", name=op.f("pk_workshop_choice")),
    )
    with op.batch_alter_table("workshop_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workshop_choice_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_workshop_choice_workshop_id"), ["workshop_id"], unique=False)
        batch_op.create_index(
            "uq_workshop_choice_chosen",
            ["registration_id", "round_id"],
            unique=True,
            sqlite_where=sa.text("status = 'chosen'"),
            postgresql_where=sa.text("status = 'chosen'"),
        )
        batch_op.create_index(
            "uq_workshop_choice_waiting",
            ["registration_id", "round_id"],
            unique=True,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )

    op.execute(
        "INSERT INTO action_day_region (day_id, region_key)"
        " SELECT id, region_key FROM action_day WHERE region_key IS NOT NULL"
    )
    op.execute("UPDATE action_day SET status = 'confirmed' WHERE status = 'published'")
    _end_after_the_beginning()
    op.execute(
        "INSERT INTO registration_need (registration_id, day_id, diets, access, note, answers)"
        " SELECT id, day_id, '[]', '[]', needs, '{}' FROM registration WHERE needs <> '' AND status <> 'cancelled'"
    )
    op.execute(
        "INSERT INTO registration_event (registration_id, day_id, at, kind, status, sequence, reason)"
        " SELECT id, day_id, changed_at, 'carried_over', status, sequence, '' FROM registration"
    )
    with op.batch_alter_table("action_day", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series", sa.String(length=80), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("host_nis", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("online_url", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("online_opens_minutes", sa.Integer(), nullable=False, server_default="15")
        )
        batch_op.add_column(sa.Column("registration_opens_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("offer_hours", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("spread_limit", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("spread_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("audience", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("questions", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("materials", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("needs_kept_days", sa.Integer(), nullable=False, server_default="7"))
        batch_op.drop_index(batch_op.f("ix_action_day_region_key"))
        batch_op.create_index(batch_op.f("ix_action_day_series"), ["series"], unique=False)
        batch_op.drop_constraint(batch_op.f("fk_action_day_region_key_region"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_action_day_host_nis_municipality"), "municipality", ["host_nis"], ["nis_code"]
        )
        batch_op.drop_column("region_key")
        batch_op.create_check_constraint("waiting_not_negative", "waiting_count >= 0")
        batch_op.create_check_constraint("begins_before_it_ends", "starts_at < ends_at")

    with op.batch_alter_table("programme_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("is_round", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("is_required", sa.Boolean(), nullable=False, server_default=sa.true()))

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("municipality_nis", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("registered_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("must_confirm", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("attended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answers", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.drop_constraint(batch_op.f("uq_registration_day_id_account_id"), type_="unique")
        batch_op.create_index("ix_registration_line", ["day_id", "status", "asked_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_registration_registered_by_id"), ["registered_by_id"], unique=False
        )
        batch_op.create_index(
            "uq_registration_live",
            ["day_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('cancelled', 'refused')"),
            postgresql_where=sa.text("status NOT IN ('cancelled', 'refused')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_registered_by_id_account"), "account", ["registered_by_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_municipality_nis_municipality"),
            "municipality",
            ["municipality_nis"],
            ["nis_code"],
        )
        batch_op.drop_column("needs")

    op.execute(
        "UPDATE registration SET municipality_nis = (SELECT organisation.municipality_nis FROM membership"
        " JOIN organisation ON organisation.id = membership.organisation_id"
        " WHERE membership.account_id = registration.account_id AND membership.ended_at IS NULL LIMIT 1)"
    )
    for table, columns in ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def _end_after_the_beginning() -> None:
    """From now on the database refuses a day that ends before it begins."""
    day = sa.table(
        "action_day",
        sa.column("id", sa.Uuid()),
        sa.column("starts_at", sa.DateTime(timezone=True)),
        sa.column("ends_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(day).where(day.c.ends_at <= day.c.starts_at)).all():
        ends_at = row.starts_at + timedelta(hours=1)
        connection.execute(day.update().where(day.c.id == row.id).values(ends_at=ends_at))


def downgrade() -> None:
    op.execute("UPDATE registration SET status = 'confirmed' WHERE status = 'offered'")
    op.execute("UPDATE registration SET status = 'waiting' WHERE status = 'requested'")
    op.execute("UPDATE registration SET status = 'cancelled' WHERE status = 'refused'")
    op.execute(
        "DELETE FROM workshop_choice WHERE registration_id IN (SELECT id FROM registration WHERE status = 'cancelled')"
    )
    op.execute("DELETE FROM registration_event")
    op.execute(  # there may be one of each person and day
        "DELETE FROM registration WHERE status = 'cancelled' AND EXISTS (SELECT 1 FROM registration AS other"
        " WHERE other.day_id = registration.day_id AND other.account_id = registration.account_id"
        " AND (other.status <> 'cancelled' OR other.asked_at > registration.asked_at))"
    )
    op.execute("UPDATE action_day SET status = 'published' WHERE status = 'confirmed'")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("needs", sa.VARCHAR(length=500), nullable=False, server_default=""))
        batch_op.drop_constraint(
            batch_op.f("fk_registration_municipality_nis_municipality"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("fk_registration_registered_by_id_account"), type_="foreignkey")
        batch_op.drop_index(
            "uq_registration_live",
            sqlite_where=sa.text("status NOT IN ('cancelled', 'refused')"),
            postgresql_where=sa.text("status NOT IN ('cancelled', 'refused')"),
        )
        batch_op.drop_index(batch_op.f("ix_registration_registered_by_id"))
        batch_op.drop_index("ix_registration_line")
        batch_op.create_unique_constraint(
            batch_op.f("uq_registration_day_id_account_id"), ["day_id", "account_id"]
        )
        batch_op.drop_column("answers")
        batch_op.drop_column("attended_at")
        batch_op.drop_column("offered_until")
        batch_op.drop_column("must_confirm")
        batch_op.drop_column("registered_by_id")
        batch_op.drop_column("municipality_nis")

    op.execute(
        "UPDATE registration SET needs = COALESCE((SELECT note FROM registration_need"
        " WHERE registration_need.registration_id = registration.id), '')"
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.alter_column("needs", server_default=None)
    with op.batch_alter_table("programme_item", schema=None) as batch_op:
        batch_op.drop_column("is_required")
        batch_op.drop_column("is_round")
        batch_op.drop_column("ends_at")

    with op.batch_alter_table("action_day", schema=None) as batch_op:
        batch_op.add_column(sa.Column("region_key", sa.VARCHAR(), nullable=True))
        batch_op.drop_constraint(batch_op.f("fk_action_day_host_nis_municipality"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_action_day_region_key_region"), "region", ["region_key"], ["key"]
        )
        batch_op.drop_index(batch_op.f("ix_action_day_series"))
        batch_op.create_index(batch_op.f("ix_action_day_region_key"), ["region_key"], unique=False)
        batch_op.drop_constraint(batch_op.f("ck_action_day_begins_before_it_ends"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_action_day_waiting_not_negative"), type_="check")
        batch_op.drop_column("needs_kept_days")
        batch_op.drop_column("materials")
        batch_op.drop_column("questions")
        batch_op.drop_column("audience")
        batch_op.drop_column("spread_until")
        batch_op.drop_column("spread_limit")
        batch_op.drop_column("is_listed")
        batch_op.drop_column("offer_hours")
        batch_op.drop_column("registration_opens_at")
        batch_op.drop_column("online_opens_minutes")
        batch_op.drop_column("online_url")
        batch_op.drop_column("sequence")
        batch_op.drop_column("host_nis")
        batch_op.drop_column("series")

    op.execute(
        "UPDATE action_day SET region_key = (SELECT min(region_key) FROM action_day_region"
        " WHERE action_day_region.day_id = action_day.id)"
    )
    with op.batch_alter_table("workshop_choice", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_workshop_choice_waiting",
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )
        batch_op.drop_index(
            "uq_workshop_choice_chosen",
            sqlite_where=sa.text("status = 'chosen'"),
            postgresql_where=sa.text("status = 'chosen'"),
        )
        batch_op.drop_index(batch_op.f("ix_workshop_choice_workshop_id"))
        batch_op.drop_index(batch_op.f("ix_workshop_choice_round_id"))

    op.drop_table("workshop_choice")
    with op.batch_alter_table("workshop", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workshop_round_id"))
        batch_op.drop_index(batch_op.f("ix_workshop_day_id"))

    op.drop_table("workshop")
    with op.batch_alter_table("registration_need", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_need_day_id"))

    op.drop_table("registration_need")
    with op.batch_alter_table("registration_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_event_registration_id"))
        batch_op.drop_index(batch_op.f("ix_registration_event_day_id"))

    op.drop_table("registration_event")
    with op.batch_alter_table("action_day_region", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_day_region_region_key"))

    op.drop_table("action_day_region")
    op.drop_table("calendar_address")
