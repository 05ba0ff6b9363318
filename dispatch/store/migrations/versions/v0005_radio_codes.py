"""Codes that let a radio in once, kept beside the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

fills_again = False
"""The tables for looking things up are as they were."""


def upgrade() -> None:
    op.create_table(
        "radio_codes",
        sa.Column("radio", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("made_t", sa.BigInteger, nullable=False),
        sa.Column("expires_t", sa.BigInteger, nullable=False),
    )
