"""The tables: the journal, the personal values, the projections, the radios' secrets.

The journal is the truth. A projection can be dropped and built again from it,
so it never holds a personal value: erasing would not reach it there. Times
are integer microseconds UTC and ids are text given by the hub, so that SQLite
and PostgreSQL behave alike. The history of positions is apart (history.py).

Whoever changes a table here writes a migration beside it (migrations/).
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    and_,
    text,
)

METADATA: Final = MetaData()

SEQ: Final = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; as a key SQLite then keeps the rows in this very order."""

journal: Final = Table(
    "journal",
    METADATA,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("t", BigInteger, nullable=False),
    Column("community", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("incident", Text, index=True),
    Column("alarm", Text, index=True),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

personal: Final = Table(
    "personal",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("salt", Text),
    Column("value", Text),
    Column("expires_t", BigInteger, nullable=False),
    Column("erased_t", BigInteger),
)

Index(
    "ix_personal_expiring",
    personal.c.expires_t,
    sqlite_where=personal.c.value.is_not(None),
    postgresql_where=personal.c.value.is_not(None),
)
"""Looked through every day, in the writer's way: what was erased is not in it."""

alarms: Final = Table(
    "alarms",
    METADATA,
    Column("alarm", Text, primary_key=True),
    Column("community", Text, nullable=False),
    Column("radio", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("covert", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("device_t", BigInteger, nullable=False),
    Column("received_t", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("incident", Text, index=True),
    Column("undecided", Text, nullable=False),
    Column("tries", BigInteger, nullable=False),
    Column("repeats", BigInteger, nullable=False),
    Column("conflicts", BigInteger, nullable=False),
    Column("drill", Boolean, nullable=False),
    UniqueConstraint("radio", "boot", "counter", name="alarms_identity"),
)

incidents: Final = Table(
    "incidents",
    METADATA,
    Column("incident", Text, primary_key=True),
    Column("community", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("priority", BigInteger, nullable=False),
    Column("covert", Boolean, nullable=False),
    Column("phase", Text, nullable=False),
    Column("opened_t", BigInteger, nullable=False, index=True),
    Column("closed_t", BigInteger, index=True),
    Column("sender", Text),
    Column("grid", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("taken_t", BigInteger),
    Column("disposition", Text, nullable=False),
    Column("linked_to", Text),
    Column("duplicate_of", Text),
    Column("plan", Text, nullable=False),
    Column("drill", Text),
    Column("false_reason", Text),
)

assignments: Final = Table(
    "assignments",
    METADATA,
    Column("assignment", Text, primary_key=True),
    Column("incident", Text, nullable=False, index=True),
    Column("unit", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("wave", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("distance_m", Float),
    Column("state", Text, nullable=False),
    Column("state_t", BigInteger, nullable=False),
    Column("offered_t", BigInteger, nullable=False, index=True),
    Column("answer_by_t", BigInteger, nullable=False),
    Column("need", Text, nullable=False),
    Column("volunteered", Boolean, nullable=False),
    Column("carried_from", Text),
    Column("answered", Boolean),
    Column("drill", Text),
)
"""``answered`` as in records.py: whether it was ever accepted; null while that is not known.
``drill`` is the incident's, beside it so that a starting hub counts a season without a join."""

_COUNTED: Final = and_(
    assignments.c.answered.is_not(None),
    assignments.c.carried_from.is_(None),
    assignments.c.drill.is_(None),
)
Index(
    "ix_assignments_counted",
    assignments.c.offered_t,
    assignments.c.unit,
    assignments.c.answered,
    sqlite_where=_COUNTED,
    postgresql_where=_COUNTED,
)
"""What records are counted from at every start, without the rows themselves."""

units: Final = Table(
    "units",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("community", Text, nullable=False),
    Column("duty", Boolean),
    Column("duty_seq", BigInteger),
    Column("online", Boolean),
    Column("online_seq", BigInteger),
    Index("units_present", "duty", "online"),
)

radios: Final = Table(
    "radios",
    METADATA,
    Column("radio", Text, primary_key=True),
    Column("community", Text, nullable=False),
    Column("call_sign", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("skills", Text, nullable=False),
    Column("post", Text),
    Column("revoked", Boolean, nullable=False),
    Column("enrolled_t", BigInteger, nullable=False),
)

reports: Final = Table(
    "reports",
    METADATA,
    Column("report", Text, primary_key=True),
    Column("community", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("grid", Text),
    Column("t", BigInteger, nullable=False),
    Column("device_t", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

plan_books: Final = Table(
    "plan_books",
    METADATA,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("community", Text, nullable=False),
    Column("book", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""Where each was adopted; its text stands in the fact."""

drills: Final = Table(
    "drills",
    METADATA,
    Column("drill", Text, primary_key=True),
    Column("community", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("started_t", BigInteger, nullable=False),
    Column("ended_t", BigInteger, index=True),
)
"""``seq`` of the fact that it began."""

radio_secrets: Final = Table(
    "radio_secrets",
    METADATA,
    Column("radio", Text, primary_key=True),
    Column("secret_hash", Text, nullable=False),
    Column("t", BigInteger, nullable=False),
)
"""Not a projection: secrets never stand in the journal, so nothing could rebuild it."""

account_secrets: Final = Table(
    "account_secrets",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("password", Text, nullable=False),
    Column("totp", Text, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("recovery", Text, nullable=False),
    Column("subject", Text, nullable=False),
)
"""As access/kept.py has it. None of these four is a projection: no secret stands in the journal."""

sessions: Final = Table(
    "sessions",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("session", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("made_t", BigInteger, nullable=False),
    Column("seen_t", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
)

access_tokens: Final = Table(
    "access_tokens",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("token", Text, nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("expires_t", BigInteger, nullable=False),
)

access_links: Final = Table(
    "access_links",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("expires_t", BigInteger, nullable=False),
)

radio_codes: Final = Table(
    "radio_codes",
    METADATA,
    Column("radio", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_t", BigInteger, nullable=False),
    Column("expires_t", BigInteger, nullable=False),
)
"""As access/kept.py has it. A radio that is revoked loses its code with the fact of it."""

Index(
    "ix_journal_access",
    journal.c.name,
    journal.c.seq,
    sqlite_where=journal.c.community == "",
    postgresql_where=journal.c.community == "",
)
"""Facts of accounts are few among millions, and are read at every start."""

standing: Final = Table(
    "standing",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("closed_t", BigInteger, index=True),
    Column("data", LargeBinary, nullable=False),
)
"""What is open, as folded from the journal up to some fact: standing.py. It may be emptied."""

PROJECTIONS: Final = (alarms, incidents, assignments, units, radios, reports, plan_books, drills)


def upsert(table: Table, *columns: str) -> TextClause:
    """Insert a row, or set these columns where its key is there already.

    Written out because SQLAlchemy spells it per database, while both read these words.
    """
    keys = [c.name for c in table.primary_key]
    names = ", ".join(f'"{c}"' for c in columns)
    values = ", ".join(f":{c}" for c in columns)
    sets = ", ".join(f'"{c}" = excluded."{c}"' for c in columns if c not in keys)
    conflict = f"DO UPDATE SET {sets}" if sets else "DO NOTHING"
    into = f"INSERT INTO {table.name} ({names}) VALUES ({values})"  # noqa: S608  our own names
    return text(f"{into} ON CONFLICT ({', '.join(keys)}) {conflict}")
