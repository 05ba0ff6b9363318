"""The state of what is open, kept beside the journal so that a start need not fold every fact.

    key          closed_t   data
    head         -          how far it reads: format, number and hash of the journal's last fact
    i/INCIDENT   or null    the incident as folded, its facts, and replies to its commands
    a/ALARM      or null    the alarm as folded

All rows together are what folding the journal up to the head gives, for every incident that
is open or ended lately; nothing else is true of them. They are written behind the journal's
back (``note`` goes on from the head by a page of facts), so the facts after the head are
folded at a start, too. They are never believed beyond the journal: rows that were folded in
another way (``FORMAT``), a hash that does not stand in the journal, a row that is missing, and
everything is folded from the facts again. Deleting the table costs time and nothing else.

Places and names stand in these rows, so that erasing one of theirs throws all of them away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import Connection, delete, select

from dispatch.board import Board
from dispatch.clock import HOUR, Instant
from dispatch.errors import FactUnreadableError
from dispatch.events import AlarmReceived, Event, IncidentEvent, IncidentOpened
from dispatch.fold import fold
from dispatch.ids import CommandId, IncidentId
from dispatch.incident import Alarm, Assignment, Candidates, Incident
from dispatch.lifecycle import STANDING
from dispatch.messages import Reply
from dispatch.store.chain import Tail
from dispatch.store.journal import fact_of, kept_of, parts, personal_of
from dispatch.store.schema import journal, standing, upsert
from dispatch.story import Story

log = structlog.get_logger("yihu.store")

HEAD: Final = "head"
INCIDENT_KEY: Final = "i/"
ALARM_KEY: Final = "a/"

KEPT: Final = 12 * HOUR
"""Ended incidents stay for as long as a start gives them to the hub (reading.py)."""

PAGE_FACTS: Final = 200
"""Facts folded at a time: some ten milliseconds of work beside the hub's own."""

FORMAT: Final = "3"
"""Raised whenever rows would be folded or written down otherwise: they are made again then, at
the price of one slow start. tests/dispatch/store/test_standing_format.py notices."""

ROW_IN: Final = upsert(standing, "key", "closed_t", "data")


@dataclass(frozen=True, slots=True)
class Head:
    """How far the rows read, and who wrote them."""

    seq: int
    hash: str
    """Of the fact with this number."""
    meaning: str
    """``FORMAT``, as it was then."""


@dataclass(frozen=True, slots=True)
class Said:
    """A command, and what it came to, as a fact told it."""

    seq: int
    command: CommandId
    subject: str
    version: int


@dataclass(slots=True)
class Folded:
    """A board, and at which fact each command was answered."""

    board: Board = field(default_factory=Board)
    said: dict[IncidentId, list[Said]] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)
    """The fact that each incident and alarm began with: they stand in this order."""

    def take(self, seq: int, fact: Event) -> None:
        """Fold one more fact."""
        before = len(self.board.replies)
        fold(self.board, fact)
        if isinstance(fact, IncidentOpened):
            self.began[fact.incident] = seq
        elif isinstance(fact, AlarmReceived):
            self.began[fact.alarm] = seq
        if len(self.board.replies) > before and isinstance(fact, IncidentEvent):
            command, reply = next(reversed(self.board.replies.items()))
            told = Said(seq, command, reply.subject, reply.version)
            self.said.setdefault(fact.incident, []).append(told)


@dataclass(frozen=True, slots=True)
class Step:
    """What one page of facts changes in the table."""

    before: Head
    after: Head
    rows: list[dict[str, Any]]
    ended_before_t: Instant


class _Alarm(msgspec.Struct, array_like=True):
    began: int
    state: Alarm


class _Incident(msgspec.Struct, array_like=True):
    began: int
    state: Incident
    said: list[Said]


# --- reading ---


def read_head(conn: Connection) -> Head | None:
    """The head, or None where the table holds nothing that may be believed."""
    data = conn.execute(select(standing.c.data).where(standing.c.key == HEAD)).scalar()
    if data is None:
        return None
    try:
        head = msgspec.msgpack.decode(data, type=Head)
    except msgspec.MsgspecError:
        return None
    known = conn.execute(select(journal.c.hash).where(journal.c.seq == head.seq)).scalar()
    return head if head.meaning == FORMAT and known == head.hash else None


def read_all(conn: Connection, incidents: set[str], alarms: set[str]) -> Folded | None:
    """These incidents and alarms, as many of them as there are; None for a row that is damaged."""
    rows = conn.exec_driver_sql("SELECT key, data FROM standing WHERE key <> 'head' ORDER BY key")
    return _read(rows, incidents, alarms)


def _read(
    rows: Iterable[Any], incidents: set[str] | None, alarms: set[str] | None
) -> Folded | None:
    """``None`` for either: all."""
    held: list[_Incident] = []
    pressed: list[_Alarm] = []
    try:
        for key, data in rows:
            name = key[2:]
            if key.startswith(ALARM_KEY):
                if alarms is None or name in alarms:
                    pressed.append(_ALARM.decode(data))
            elif incidents is None or name in incidents:
                held.append(_INCIDENT.decode(data))
    except (msgspec.MsgspecError, ValueError):
        return None
    return _folded(held, pressed)


def _folded(held: list[_Incident], pressed: list[_Alarm]) -> Folded:
    """In the order in which folding would have met them."""
    found = Folded()
    for press in sorted(pressed, key=attrgetter("began")):
        found.board.note_alarm(press.state)
        found.began[press.state.alarm] = press.began
    orders: list[tuple[IncidentId, Assignment]] = []
    for each in sorted(held, key=attrgetter("began")):
        incident = each.state
        name = incident.incident
        found.board.note_incident(incident)
        found.began[name] = each.began
        found.said[name] = each.said
        orders += [
            (name, order)
            for order in incident.assignments.values()
            if order.state in STANDING or not order.cancel_heard
        ]
    orders.sort(key=lambda each: each[1].offered_t)
    found.board.note_orders(orders)
    _remember(found)
    return found


def _remember(found: Folded) -> None:
    """The replies in the order of the facts; the first that told of a command holds."""
    for each in sorted((s for said in found.said.values() for s in said), key=lambda s: s.seq):
        if each.command not in found.board.replies:
            reply = Reply(subject=each.subject, version=each.version)
            found.board.remember_reply(each.command, reply)


# --- going on ---


def next_step(conn: Connection, *, facts_max: int = PAGE_FACTS) -> Step | None:
    """What the next facts change; None where there are none, or no head to go on from."""
    head = read_head(conn)
    if head is None:
        return None
    wanted = select(journal).where(journal.c.seq > head.seq).order_by(journal.c.seq)
    page = conn.execute(wanted.limit(facts_max)).mappings().all()
    if not page:
        return None
    about = [row for row in page if row["incident"] is not None or row["alarm"] is not None]
    kept = kept_of(personal_of(conn, [row["seq"] for row in about]))
    folded = _loaded(conn, {row["incident"] for row in about}, {row["alarm"] for row in about})
    if folded is None:
        return None
    for row in about:
        try:
            folded.take(row["seq"], fact_of(row, kept))
        except FactUnreadableError as exc:
            log.error("standing_stopped", seq=row["seq"], why=exc.why)
            return None
    return Step(
        before=head,
        after=Head(page[-1]["seq"], page[-1]["hash"], FORMAT),
        rows=list(rows_of(folded)),
        ended_before_t=page[-1]["t"] - KEPT,
    )


def _loaded(conn: Connection, incidents: set[str | None], alarms: set[str | None]) -> Folded | None:
    """The board as far as facts about these may look at it: the alarms of the incidents, and
    the incidents that the alarms are in."""
    rows = dict(_keyed(conn, INCIDENT_KEY, incidents) | _keyed(conn, ALARM_KEY, alarms))
    first = _read(rows.items(), None, None)
    if first is None:
        return None
    rows |= _keyed(conn, INCIDENT_KEY, {each.incident for each in first.board.alarms.values()})
    second = _read(rows.items(), None, None)
    if second is None:
        return None
    theirs = {alarm for each in second.board.incidents.values() for alarm in each.alarms}
    rows |= _keyed(conn, ALARM_KEY, theirs)
    return _read(rows.items(), None, None)


def _keyed(conn: Connection, kind: str, names: Iterable[str | None]) -> dict[str, bytes]:
    keys = sorted({kind + name for name in names if name is not None})
    found: dict[str, bytes] = {}
    for part in parts(keys):
        wanted = select(standing.c.key, standing.c.data).where(standing.c.key.in_(part))
        found |= {row.key: row.data for row in conn.execute(wanted)}
    return found


# --- writing ---


def write_step(conn: Connection, step: Step) -> bool:
    """Write what a step changes; False where somebody else has written since it was read."""
    if read_head(conn) != step.before:
        return False
    if step.rows:
        conn.execute(ROW_IN, step.rows)
    conn.execute(delete(standing).where(standing.c.closed_t < step.ended_before_t))
    _write_head(conn, step.after)
    return True


def write_all(conn: Connection, folded: Folded, tail: Tail) -> None:
    """Begin anew: this is what folding the journal up to its ``tail`` gave."""
    conn.execute(delete(standing))
    rows = list(rows_of(folded))
    if rows:
        conn.execute(ROW_IN, rows)
    if tail.seq:
        _write_head(conn, Head(tail.seq, tail.hash, FORMAT))


def forget(conn: Connection) -> None:
    """Throw it all away: the next start folds the facts."""
    conn.execute(delete(standing))


def holds_any(conn: Connection, incidents: Sequence[str], alarms: Sequence[str]) -> bool:
    """Whether a row tells of one of these."""
    return bool(_keyed(conn, INCIDENT_KEY, incidents) or _keyed(conn, ALARM_KEY, alarms))


def _write_head(conn: Connection, head: Head) -> None:
    data = msgspec.msgpack.encode(head)
    conn.execute(ROW_IN, {"key": HEAD, "closed_t": None, "data": data})


def rows_of(folded: Folded) -> Iterator[dict[str, Any]]:
    """Everything of it as the table has it, but for the head."""
    board, began = folded.board, folded.began
    for each in board.incidents.values():
        yield {
            "key": INCIDENT_KEY + each.incident,
            "closed_t": each.closed_t,
            "data": _ENCODER.encode(
                _Incident(began[each.incident], each, folded.said.get(each.incident, []))
            ),
        }
    for alarm in board.alarms.values():
        yield {
            "key": ALARM_KEY + alarm.alarm,
            "closed_t": _closed_t(board.incidents, alarm),
            "data": _ENCODER.encode(_Alarm(began[alarm.alarm], alarm)),
        }


def _closed_t(incidents: Mapping[IncidentId, Incident], alarm: Alarm) -> Instant | None:
    held = None if alarm.incident is None else incidents.get(alarm.incident)
    return None if held is None else held.closed_t


def _to_bytes(value: object) -> bytes:
    assert isinstance(value, Story | Candidates), type(value)
    return value.to_bytes()


def _of_bytes(kind: type, data: object) -> Story | Candidates:
    if not isinstance(data, bytes) or kind not in (Story, Candidates):
        raise ValueError(f"{kind.__name__} is written as bytes")
    found: Story | Candidates = kind.of_bytes(data)
    return found


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_to_bytes)
_ALARM: Final = msgspec.msgpack.Decoder(_Alarm)
_INCIDENT: Final = msgspec.msgpack.Decoder(_Incident, dec_hook=_of_bytes)
