"""The journal, the personal values, the projections, the radios' secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _truth()
    _alarms_and_incidents()
    _people()


def _truth() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=False),
        sa.Column("t", sa.BigInteger, nullable=False),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("incident", sa.Text),
        sa.Column("alarm", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_index("ix_journal_incident", "journal", ["incident"])
    op.create_index("ix_journal_alarm", "journal", ["alarm"])
    op.create_table(
        "personal",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("salt", sa.Text),
        sa.Column("value", sa.Text),
        sa.Column("expires_t", sa.BigInteger, nullable=False),
        sa.Column("erased_t", sa.BigInteger),
    )
    op.create_index("ix_personal_seq", "personal", ["seq"])
    op.create_table(
        "radio_secrets",
        sa.Column("radio", sa.Text, primary_key=True),
        sa.Column("secret_hash", sa.Text, nullable=False),
        sa.Column("t", sa.BigInteger, nullable=False),
    )


def _alarms_and_incidents() -> None:
    op.create_table(
        "alarms",
        sa.Column("alarm", sa.Text, primary_key=True),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("radio", sa.Text, nullable=False),
        sa.Column("boot", sa.Text, nullable=False),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("covert", sa.Boolean, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("device_t", sa.BigInteger, nullable=False),
        sa.Column("received_t", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("incident", sa.Text),
        sa.Column("undecided", sa.Text, nullable=False),
        sa.Column("tries", sa.BigInteger, nullable=False),
        sa.Column("repeats", sa.BigInteger, nullable=False),
        sa.Column("conflicts", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("radio", "boot", "counter", name="alarms_identity"),
    )
    op.create_index("ix_alarms_incident", "alarms", ["incident"])
    op.create_table(
        "incidents",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("priority", sa.BigInteger, nullable=False),
        sa.Column("covert", sa.Boolean, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("opened_t", sa.BigInteger, nullable=False),
        sa.Column("closed_t", sa.BigInteger),
        sa.Column("sender", sa.Text),
        sa.Column("grid", sa.Text, nullable=False),
        sa.Column("taken_by", sa.Text, nullable=False),
        sa.Column("taken_t", sa.BigInteger),
        sa.Column("disposition", sa.Text, nullable=False),
        sa.Column("linked_to", sa.Text),
        sa.Column("duplicate_of", sa.Text),
        sa.Column("plan", sa.Text, nullable=False),
    )
    op.create_index("ix_incidents_opened_t", "incidents", ["opened_t"])
    op.create_index("ix_incidents_closed_t", "incidents", ["closed_t"])
    op.create_table(
        "assignments",
        sa.Column("assignment", sa.Text, primary_key=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("wave", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("distance_m", sa.Float),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_t", sa.BigInteger, nullable=False),
        sa.Column("offered_t", sa.BigInteger, nullable=False),
        sa.Column("answer_by_t", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_assignments_incident", "assignments", ["incident"])


def _people() -> None:
    op.create_table(
        "units",
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("duty", sa.Boolean),
        sa.Column("duty_seq", sa.BigInteger),
        sa.Column("online", sa.Boolean),
        sa.Column("online_seq", sa.BigInteger),
    )
    op.create_index("units_present", "units", ["duty", "online"])
    op.create_table(
        "radios",
        sa.Column("radio", sa.Text, primary_key=True),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("call_sign", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("skills", sa.Text, nullable=False),
        sa.Column("post", sa.Text),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("enrolled_t", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "reports",
        sa.Column("report", sa.Text, primary_key=True),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("grid", sa.Text),
        sa.Column("t", sa.BigInteger, nullable=False),
        sa.Column("device_t", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
