"""Who did what: the audit by person, deed and day; and for oneself, who looked at me.

What a fact says is told short: names, words and places of others stay where they are.
"""

import asyncio
import csv
import io
from collections.abc import Iterable
from dataclasses import fields, replace
from enum import Enum
from typing import Final

from aiohttp import web

from console.asking import RequestRefusedError
from console.login.bodies import AuditDoc, AuditRow
from console.login.office import LOGIN, MILLI, answer, person
from console.login.who import Who, who_asks
from console.looking import TIME_MS_MAX, look_up
from dispatch.access.accounts import holds
from dispatch.access.facts import Looked, LookedAt
from dispatch.access.words import EVERYWHERE, Right
from dispatch.clock import DAY, MILLISECOND
from dispatch.errors import quoted
from dispatch.events import Event, Personal
from dispatch.ids import CommunityId, RadioId, radio_of
from dispatch.store.auditing import BY_PEOPLE, AuditQuery
from dispatch.tips.facts import TipRead
from dispatch.tips.words import WHY_MAX

ROWS_DEFAULT: Final = 100
ROWS_MAX: Final = 500
CSV_PAGES_MAX: Final = 200
"""A hundred thousand rows: 20 MB, a year of a district."""
LOOKS_DAYS: Final = 180
TEXT_MAX: Final = 120
HIDDEN: Final = frozenset(
    {"t", "community", "by", "account", "incident", "about", "command", "text"}
)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula (OWASP, CSV injection)."""


async def audit(request: web.Request) -> web.Response:
    """One page, newest first."""
    who, query = who_asks(request), _query(request)
    page = await _page(request, query)
    request.app[LOGIN].looks.audit(who)
    return answer(AuditDoc(rows=page[0], before=page[1], names=sorted(BY_PEOPLE)))


async def audit_csv(request: web.Request) -> web.StreamResponse:
    """All that was asked for, as a table for a spreadsheet (UTF-8 with a mark, RFC 4180)."""
    who, query = who_asks(request), _query(request)
    request.app[LOGIN].looks.audit(who)
    answered = web.StreamResponse(
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="yihu-audit.csv"',
        }
    )
    answered.content_type, answered.charset = "text/csv", "utf-8"
    await answered.prepare(request)
    head = ("seq", "t_ms", "what", "by", "account", "community", "incident", "facts")
    await answered.write(b"\xef\xbb\xbf" + _lines([head]))
    before = query.before
    for _ in range(CSV_PAGES_MAX):
        rows, before = await _page(request, replace(query, before=before, count=ROWS_MAX))
        await answered.write(_lines(map(_cells, rows)))
        if before is None:
            break
    await answered.write_eof()
    return answered


async def looks(request: web.Request) -> web.Response:
    """Who looked at me: at the unit I carry, or at a map with it, in the last half year."""
    _, account, _ = person(request)
    desk = request.app[LOGIN]
    record = None if account.unit is None else desk.roster.radios.get(radio_of(account.unit))
    if record is None:
        return answer(AuditDoc(rows=[], before=None, names=[]))
    query = AuditQuery(
        names=frozenset({"Looked"}),
        from_t=desk.books.times.hub() - LOOKS_DAYS * DAY,
        before=_number(request, "before"),
        count=ROWS_DEFAULT,
    )
    page = await look_up(asyncio.to_thread(desk.books.ledger.audit, query))
    rows = [
        audit_row(seq, _without_others(fact, record.radio))
        for seq, fact in page.facts
        if isinstance(fact, Looked) and _concerns(fact, account.unit or "", record.community)
    ]
    return answer(AuditDoc(rows=rows, before=page.next_before, names=[]))


# --- pieces ---


def audit_row(seq: int, fact: Event) -> AuditRow:
    """A fact, short."""
    return AuditRow(
        seq=seq,
        t=fact.t // MILLI,
        what=type(fact).__name__,
        by=str(getattr(fact, "by", "") or getattr(fact, "account", "")),
        account=str(getattr(fact, "account", "")),
        community=fact.community,
        incident=str(getattr(fact, "incident", None) or getattr(fact, "about", None) or ""),
        facts={
            each.name: _why(fact)
            if isinstance(fact, TipRead) and each.name == "why"
            else _short(getattr(fact, each.name))
            for each in fields(fact)
            if each.name not in HIDDEN
        },
    )


def _why(fact: TipRead) -> str | None:
    """Why somebody read a sealed tip is what the audit is asked for; what it said is not in it."""
    return None if fact.why.value is None else str(fact.why.value)[:WHY_MAX]


def _short(value: object) -> str | int | float | bool | None:
    match value:
        case Personal():
            return None if value.value is None else "…"
        case Enum():
            return str(value.value)
        case None | bool() | int() | float():
            return value
        case tuple() | list():
            return ", ".join(str(_short(each)) for each in value)[:TEXT_MAX]
        case dict():
            return ", ".join(f"{key} {_short(each)}" for key, each in value.items())[:TEXT_MAX]
        case _:
            return str(value)[:TEXT_MAX]


def _without_others(fact: Looked, mine: RadioId) -> Looked:
    """Whose tracks were in the same paper is theirs to know, and nobody else's."""
    return replace(fact, units=tuple(unit for unit in fact.units if radio_of(unit) == mine))


def _concerns(fact: Looked, unit: str, community: str) -> bool:
    if fact.at is LookedAt.LIVE:
        return holds(frozenset(fact.where), CommunityId(community))
    return unit in fact.units


async def _page(request: web.Request, query: AuditQuery) -> tuple[list[AuditRow], int | None]:
    ledger = request.app[LOGIN].books.ledger
    page = await look_up(asyncio.to_thread(ledger.audit, query))
    return [audit_row(seq, fact) for seq, fact in page.facts], page.next_before


def _query(request: web.Request) -> AuditQuery:
    """Raises RequestRefusedError."""
    what = request.query.get("what", "")
    if what and what not in BY_PEOPLE:
        raise RequestRefusedError(400, "bad_query", f"no fact is called {quoted(what)}")
    return AuditQuery(
        who=request.query.get("who", "").strip()[:TEXT_MAX],
        names=frozenset({what}) if what else BY_PEOPLE,
        from_t=(_number(request, "from") or 0) * MILLISECOND,
        to_t=min((_number(request, "to") or TIME_MS_MAX) * MILLISECOND, 2**62),
        before=_number(request, "before"),
        communities=_communities(who_asks(request)),
        count=min(_number(request, "count") or ROWS_DEFAULT, ROWS_MAX),
    )


def _communities(who: Who) -> frozenset[str] | None:
    """An auditor of one community sees what was done there; accounts are everybody's matter."""
    where = who.where(Right.READ_AUDIT)
    return None if EVERYWHERE in where else where


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None or text == "":
        return None
    if text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= TIME_MS_MAX:
        return int(text)
    raise RequestRefusedError(400, "bad_query", f"{name} is a number, not {quoted(text)}")


def _cells(row: AuditRow) -> list[str]:
    said = "; ".join(f"{key}={value}" for key, value in row.facts.items() if value is not None)
    texts = (row.what, row.by, row.account, row.community, row.incident, said)
    return [str(row.seq), str(row.t), *map(_harmless, texts)]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
