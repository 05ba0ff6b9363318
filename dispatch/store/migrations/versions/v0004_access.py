"""Accounts: what is kept of them beside the journal, and their facts found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

fills_again = False
"""The tables for looking things up are as they were."""


def upgrade() -> None:
    op.create_table(
        "account_secrets",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("totp", sa.Text, nullable=False),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("recovery", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("session", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("made_t", sa.BigInteger, nullable=False),
        sa.Column("seen_t", sa.BigInteger, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
    )
    op.create_table(
        "access_tokens",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("expires_t", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_access_tokens_token", "access_tokens", ["token"])
    op.create_table(
        "access_links",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("expires_t", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_access_links_account", "access_links", ["account"])
    of_accounts = sa.text("community = ''")
    op.create_index(
        "ix_journal_access",
        "journal",
        ["name", "seq"],
        sqlite_where=of_accounts,
        postgresql_where=of_accounts,
    )
