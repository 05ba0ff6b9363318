"""Exercises, false alarms, who answered which order; the plan books and exercises there were.

What the new columns hold is filled in from the journal afterwards (migrate.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _more_columns()
    _more_tables()


def _more_columns() -> None:
    op.add_column(
        "alarms", sa.Column("drill", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("incidents", sa.Column("drill", sa.Text))
    op.add_column("incidents", sa.Column("false_reason", sa.Text))
    op.add_column("assignments", sa.Column("need", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "assignments",
        sa.Column("volunteered", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column("assignments", sa.Column("carried_from", sa.Text))
    op.add_column("assignments", sa.Column("answered", sa.Boolean))
    op.add_column("assignments", sa.Column("drill", sa.Text))
    op.create_index("ix_assignments_offered_t", "assignments", ["offered_t"])


def _more_tables() -> None:
    op.create_table(
        "plan_books",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=False),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("book", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "drills",
        sa.Column("drill", sa.Text, primary_key=True),
        sa.Column("community", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("started_t", sa.BigInteger, nullable=False),
        sa.Column("ended_t", sa.BigInteger),
    )
    op.create_index("ix_drills_ended_t", "drills", ["ended_t"])
