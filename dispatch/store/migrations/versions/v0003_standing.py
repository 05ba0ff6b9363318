"""What is open as it stands, for a quick start; what expires and what is counted, found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

fills_again = False
"""The tables for looking things up are as they were."""


def upgrade() -> None:
    op.create_table(
        "standing",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("closed_t", sa.BigInteger),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_standing_closed_t", "standing", ["closed_t"])
    _partial("ix_personal_expiring", "personal", ["expires_t"], "value IS NOT NULL")
    _partial(
        "ix_assignments_counted",
        "assignments",
        ["offered_t", "unit", "answered"],
        "answered IS NOT NULL AND carried_from IS NULL AND drill IS NULL",
    )


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
