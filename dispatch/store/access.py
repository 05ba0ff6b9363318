"""What stands beside the journal of accounts and codes: kept with its facts, read at a start.

The shapes are access/kept.py's. Nothing here is a projection: it cannot be built again.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.sql.base import Executable

from dispatch.access.kept import (
    BesideChange,
    CodeRow,
    DropCode,
    DropLinks,
    DropSession,
    DropToken,
    KeptBeside,
    LinkRow,
    Secret,
    SessionRow,
    TokenRow,
)
from dispatch.access.words import SessionId, TokenId
from dispatch.ids import OperatorName, RadioId
from dispatch.store.schema import (
    access_links,
    access_tokens,
    account_secrets,
    radio_codes,
    sessions,
    upsert,
)

SECRET_IN: Final = upsert(account_secrets, *(c.name for c in account_secrets.columns))
SESSION_IN: Final = upsert(sessions, *(c.name for c in sessions.columns))
TOKEN_IN: Final = upsert(access_tokens, *(c.name for c in access_tokens.columns))
LINK_IN: Final = upsert(access_links, *(c.name for c in access_links.columns))
CODE_IN: Final = upsert(radio_codes, *(c.name for c in radio_codes.columns))
SESSION_OUT: Final = delete(sessions).where(sessions.c.digest == bindparam("this"))
TOKEN_OUT: Final = delete(access_tokens).where(access_tokens.c.token == bindparam("this"))
LINKS_OUT: Final = delete(access_links).where(access_links.c.account == bindparam("this"))
CODE_OUT: Final = delete(radio_codes).where(radio_codes.c.radio == bindparam("this"))


def keep(conn: Connection, changes: Sequence[BesideChange]) -> None:
    """Make these true, one after the other."""
    for change in changes:
        statement, values = _statement(change)
        conn.execute(statement, values)


def read(conn: Connection) -> KeptBeside:
    """Everything."""
    return KeptBeside(
        secrets=tuple(
            Secret(
                account=OperatorName(row.account),
                password=row.password,
                totp=row.totp,
                totp_step=row.totp_step,
                recovery=tuple(msgspec.json.decode(row.recovery, type=list[str])),
                subject=row.subject,
            )
            for row in conn.execute(select(account_secrets))
        ),
        sessions=tuple(
            SessionRow(
                digest=row.digest,
                session=SessionId(row.session),
                account=OperatorName(row.account),
                made_t=row.made_t,
                seen_t=row.seen_t,
                address=row.address,
                agent=row.agent,
            )
            for row in conn.execute(select(sessions))
        ),
        tokens=tuple(
            TokenRow(
                digest=row.digest,
                token=TokenId(row.token),
                account=OperatorName(row.account),
                expires_t=row.expires_t,
            )
            for row in conn.execute(select(access_tokens))
        ),
        links=tuple(
            LinkRow(digest=row.digest, account=OperatorName(row.account), expires_t=row.expires_t)
            for row in conn.execute(select(access_links))
        ),
    )


def codes(conn: Connection) -> list[CodeRow]:
    """The codes of radios, used ones and void ones left out."""
    return [
        CodeRow(
            radio=RadioId(row.radio),
            digest=row.digest,
            by=OperatorName(row.by),
            made_t=row.made_t,
            expires_t=row.expires_t,
        )
        for row in conn.execute(select(radio_codes))
    ]


def _statement(change: BesideChange) -> tuple[Executable, dict[str, Any]]:
    match change:
        case Secret():
            row = _fields(change)
            row["recovery"] = msgspec.json.encode(change.recovery).decode()
            return SECRET_IN, row
        case SessionRow():
            return SESSION_IN, _fields(change)
        case TokenRow():
            return TOKEN_IN, _fields(change)
        case LinkRow():
            return LINK_IN, _fields(change)
        case DropSession():
            return SESSION_OUT, {"this": change.digest}
        case DropToken():
            return TOKEN_OUT, {"this": change.token}
        case DropLinks():
            return LINKS_OUT, {"this": change.account}
        case CodeRow():
            return CODE_IN, _fields(change)
        case DropCode():
            return CODE_OUT, {"this": change.radio}


def _fields(row: Secret | SessionRow | TokenRow | LinkRow | CodeRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}
