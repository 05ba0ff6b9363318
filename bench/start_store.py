"""Fills a data folder as years of a district would have: radios, open and ended incidents.

The stories are the real hub's (start_scenes.py), their rows the real store's: each story
is written once through the real encoders and projections, then copied row by row with
other people, times and numbers, other salts and digests, and a chain of hashes of its own.

Ended incidents hold no inputs of decisions, as if these were erased: with a thousand units
looked at, one decision takes a quarter of a megabyte, and a million of them no small disk.
"""

import hashlib
import json
import random
import re
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import create_engine, select

from bench.start_scenes import (
    BEGAN,
    BOOT,
    COMMUNITY,
    GRIDS,
    ON_DUTY,
    UNITS,
    Story,
    call_sign,
    places,
    radio_name,
    stories,
)
from bench.town import ROLES
from devices.secrets import SALT_BYTES, hash_secret
from dispatch.clock import DAY, HOUR, MINUTE, SECOND, Instant
from dispatch.config import load_community
from dispatch.demo import demo_community_path
from dispatch.events import Event, Purpose, RadioConnected, UnitSignedOn
from dispatch.ids import RadioId, UnitId, unit_of
from dispatch.store.chain import EMPTY, Tail, next_tail
from dispatch.store.codec import encode
from dispatch.store.journal import Secret, Submission, append, read_tail
from dispatch.store.port import FixRows, Names
from dispatch.store.schema import METADATA, alarms, assignments, incidents, journal, personal
from dispatch.store.sql import SqlStore

COPIED: Final = (journal, personal, alarms, incidents, assignments)
YEARS_US: Final = 730 * DAY
"""Ended incidents are spread over so long: 1,370 a day for a million."""
CHUNK: Final = 500
"""Stories written at a time."""
ON_DUTY_PART: Final = UNITS // ON_DUTY
SHIFT_STEP: Final = 5
"""Units change places by so many: roles and posts stay as they were."""
CACHE_PAGES: Final = -1_000_000
"""Kilobytes of SQLite's cache while building."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What is built."""

    communities: int
    open_ones: int
    ended: int
    radios: int = UNITS
    """Of each community, a fifth of them on duty."""

    @property
    def units(self) -> int:
        return self.communities * self.radios

    def __post_init__(self) -> None:
        if self.radios != UNITS and self.open_ones + self.ended:
            raise ValueError(f"incidents are told of {UNITS} radios, not of {self.radios}")


def build(folder: Path, size: Size, *, seed: int = 1) -> Path:
    """Town files and a data folder below ``folder``; gives back the data folder."""
    names = [f"c{number:03d}" for number in range(size.communities)]
    data_dir = folder / "data"
    data_dir.mkdir(parents=True)
    _write_town(folder, data_dir, names, size.radios)
    SqlStore.open("", data_dir=data_dir, on_state=lambda _why: None).close()
    now = time.time_ns() // 1000
    _enroll(data_dir, names, now, size.radios // ON_DUTY_PART)
    chance = random.Random(seed)
    if size.open_ones + size.ended:
        open_ones, ended = stories(folder, seed)
        with _bulk(data_dir / "journal.db") as db:
            tail = _tail(db)
            tail = _write(db, tail, _ended(ended, size, names, now, chance))
            _write(db, tail, _open(open_ones, size, names, now, chance))
    _walk(data_dir, names, now, chance, size.radios // ON_DUTY_PART)
    return data_dir


# --- files ---


def _write_town(folder: Path, data_dir: Path, names: Sequence[str], radios: int) -> None:
    grids = demo_community_path().with_name("grids.geojson").read_bytes()
    (folder / "grids.geojson").write_bytes(grids)
    for name in names:
        (folder / f"{name}.toml").write_text(_community(name, radios), encoding="utf-8")
    listed = [str(folder / f"{name}.toml") for name in names]
    (data_dir / "yihu.toml").write_text(f"community_files = {json.dumps(listed)}\n")
    known = {
        radio_name(number, name): {
            "secret": _secret(radio_name(number, name)),
            "community": name,
            "call_sign": call_sign(number, name),
        }
        for name in names
        for number in range(radios)
    }
    (data_dir / "credentials.json").write_text(
        json.dumps({"broker": {"url": "mqtt://127.0.0.1:1883"}, "radios": known}, indent=1)
    )


def _community(name: str, radios: int) -> str:
    head = (
        f'[community]\nid = "{name}"\nname_zh = "{name}"\nname_en = "{name}"\n'
        'zone = "Asia/Shanghai"\ngrids = "grids.geojson"\n'
    )
    return head + "".join(
        f'\n[[radios]]\nid = "{radio_name(number, name)}"\n'
        f'call_sign = "{call_sign(number, name)}"\n'
        f'role = "{ROLES[number % len(ROLES)]}"\npost = "g{number % GRIDS + 1:02d}"\n'
        for number in range(radios)
    )


def _secret(radio: str) -> str:
    """Nobody else can reach this broker."""
    return f"secret-of-{radio}"


# --- radios ---


def _enroll(data_dir: Path, names: Sequence[str], now: Instant, on_duty: int) -> None:
    """Everybody on the roster, a fifth of them on duty and in reach."""
    engine = create_engine(f"sqlite:///{data_dir / 'journal.db'}")
    t = now - YEARS_US - 10 * DAY
    with engine.begin() as conn:
        conn.exec_driver_sql("PRAGMA synchronous=OFF")
        tail = read_tail(conn)
        for name in names:
            made, records = load_community(data_dir.parent / f"{name}.toml")
            facts: list[Event] = [record.enrolled(t) for record in records]
            for number in range(on_duty):
                radio = RadioId(radio_name(number, name))
                on_t = now - 8 * HOUR
                facts.append(
                    UnitSignedOn(
                        t=on_t, community=made.community, unit=unit_of(radio), device_t=on_t
                    )
                )
                facts.append(RadioConnected(t=on_t, community=made.community, radio=radio))
            kept = tuple(
                Secret(
                    radio=record.radio,
                    # one round of hashing: a hundred thousand radios are made in seconds
                    secret_hash=hash_secret(
                        _secret(record.radio), secrets.token_bytes(SALT_BYTES), 1
                    ),
                    t=t,
                )
                for record in records
            )
            encoded = tuple(encode(fact, secrets.token_bytes) for fact in facts)
            tail, _ = append(conn, tail, [Submission(encoded, kept)])
    engine.dispose()


def _walk(
    data_dir: Path, names: Sequence[str], now: Instant, chance: random.Random, on_duty: int
) -> None:
    """The last fix of everybody on duty, in the history."""
    store = SqlStore.open("", data_dir=data_dir, on_state=lambda _why: None)
    try:
        for name in names:
            made, _ = load_community(data_dir.parent / f"{name}.toml")
            where = np.array(places(made, chance)[:on_duty])
            count = len(where)
            units = [UnitId(radio_name(number, name)) for number in range(count)]
            store.submit_fixes(
                FixRows(
                    names=Names(units=units, grids=["", *made.grids.by_id]),
                    rows=np.arange(count),
                    t=np.full(count, now - MINUTE, np.int64),
                    lon=where[:, 0].copy(),
                    lat=where[:, 1].copy(),
                    acc_m=np.full(count, 8.0, np.float32),
                    speed_mps=np.full(count, 1.0, np.float32),
                    course_deg=np.full(count, 90.0, np.float32),
                    battery_pct=np.full(count, 80, np.int8),
                    grid=np.zeros(count, np.int32),
                ),
                [],
            )
            store.flush_history()
    finally:
        store.close()


# --- stories, copied ---


@dataclass(frozen=True, slots=True)
class Copy:
    """One incident to be: the story, and what is its own."""

    form: "Form"
    community: str
    t: Instant
    shift: int
    boot: str
    day: str
    number: int


class Form:
    """A story as rows with blanks in them."""

    def __init__(self, story: Story, *, erased: bool) -> None:
        self.lasted = story.lasted
        self.erased = erased
        self.rows, self.numbers = _rows_of(story)
        self._incident = story.incident
        self._units: set[int] = set()
        self._times: set[str] = set()
        self._personal = {value["id"]: n for n, value in enumerate(self.rows["personal"])}
        self._digests: dict[str, int] = {}
        for row in self.rows["journal"]:
            for digest, name in _REFERENCE.findall(row["body"]):
                self._digests[digest] = self._personal[name]
        known = [re.escape(self._incident), *self._personal, *self._digests]
        self._blank = re.compile(
            rf"{'|'.join(known)}|{COMMUNITY}-r\d\d\d|{COMMUNITY}|{BOOT}|\b178\d{{13}}\b"
        )
        self.forms = {
            name: [{c: self._form(v) for c, v in row.items()} for row in rows]
            for name, rows in self.rows.items()
        }

    def _form(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._blank.sub(self._named, value.replace("%", "%%"))
        return value

    def _named(self, match: re.Match[str]) -> str:
        text = match[0]
        if text == self._incident:
            return "%(i)s"
        if text in self._personal:
            return f"%(p{self._personal[text]})s"
        if text in self._digests:
            return f"%(d{self._digests[text]})s"
        if text == COMMUNITY:
            return "%(c)s"
        if text == BOOT:
            return "%(b)s"
        if text.startswith(COMMUNITY):
            self._units.add(int(text[-3:]))
            return f"%(u{text[-3:]})s"
        self._times.add(text)
        return f"%(t{text})s"

    def blanks(self, copy: Copy) -> dict[str, str]:
        """What stands in the blanks of this copy; digests come later."""
        moved = copy.t - BEGAN
        filled = {f"t{text}": str(int(text) + moved) for text in self._times}
        filled |= {
            f"u{number:03d}": radio_name(
                (number + copy.shift) % ON_DUTY if number < ON_DUTY else number, copy.community
            )
            for number in self._units
        }
        filled["i"] = f"{copy.community}-{copy.day}-{copy.number:03d}"
        filled["c"], filled["b"] = copy.community, copy.boot
        return filled


_REFERENCE: Final = re.compile(r'\{"digest":"([0-9a-f]{64})","personal":"([0-9a-f]{32})"\}')


def _rows_of(story: Story) -> tuple[dict[str, list[dict[str, Any]]], int]:
    """What the real store makes of the story."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as conn:
        encoded = tuple(encode(fact, secrets.token_bytes) for fact in story.facts)
        append(conn, EMPTY, [Submission(encoded)])
        rows = {
            table.name: [dict(row) for row in conn.execute(select(table)).mappings()]
            for table in COPIED
        }
    engine.dispose()
    return rows, len(story.facts)


def _ended(
    told: Sequence[Story], size: Size, names: Sequence[str], now: Instant, chance: random.Random
) -> Iterator[Copy]:
    """Oldest first, the last a day ago."""
    forms = [Form(story, erased=True) for story in told]
    return _copies(forms, size.ended, names, now - YEARS_US - DAY, now - DAY, chance)


def _open(
    told: Sequence[Story], size: Size, names: Sequence[str], now: Instant, chance: random.Random
) -> Iterator[Copy]:
    """Of the last eight hours; those that have just rung last."""
    forms = [Form(story, erased=False) for story in told]
    return _copies(forms, size.open_ones, names, now - 8 * HOUR, now - 10 * MINUTE, chance)


def _copies(
    forms: Sequence[Form],
    count: int,
    names: Sequence[str],
    from_t: Instant,
    to_t: Instant,
    chance: random.Random,
) -> Iterator[Copy]:
    numbers: dict[tuple[str, str], int] = {}
    for n in range(count):
        t = from_t + (to_t - from_t) * n // count
        community = names[n % len(names)]
        day = time.strftime("%Y%m%d", time.gmtime((t + 8 * HOUR) // SECOND))
        numbers[community, day] = number = numbers.get((community, day), 0) + 1
        yield Copy(
            form=forms[(n // len(names)) % len(forms)],
            community=community,
            t=t,
            shift=SHIFT_STEP * chance.randrange(ON_DUTY // SHIFT_STEP),
            boot=f"{chance.getrandbits(64):016x}",
            day=day,
            number=number,
        )


class _Sheets:
    """Rows waiting to be inserted, by table."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in COPIED}

    def flush(self, db: sqlite3.Connection) -> None:
        for table in COPIED:
            marks = ", ".join("?" * len(table.columns))
            db.executemany(f"INSERT INTO {table.name} VALUES ({marks})", self.rows[table.name])
            self.rows[table.name].clear()


def _write(db: sqlite3.Connection, tail: Tail, copies: Iterable[Copy]) -> Tail:
    sheets = _Sheets()
    for n, copy in enumerate(copies, 1):
        tail = _write_one(sheets.rows, tail, copy)
        if n % CHUNK == 0:
            sheets.flush(db)
    sheets.flush(db)
    return tail


def _write_one(sheets: Mapping[str, list[tuple[Any, ...]]], tail: Tail, copy: Copy) -> Tail:
    form, blanks, base = copy.form, copy.form.blanks(copy), tail.seq
    for n, row in enumerate(form.forms["personal"]):
        digest, values = _personal(row, blanks, copy, base)
        blanks[f"p{n}"], blanks[f"d{n}"] = values[0], digest
        sheets["personal"].append(values)
    for row in form.forms["journal"]:
        t, body = row["t"] + copy.t - BEGAN, row["body"] % blanks
        tail = next_tail(tail, t=t, community=copy.community, name=row["name"], body=body)
        about = [None if row[c] is None else row[c] % blanks for c in ("incident", "alarm")]
        sheets["journal"].append(
            (tail.seq, t, copy.community, row["name"], *about, body, tail.hash)
        )
    for table in ("alarms", "incidents", "assignments"):
        for row in form.forms[table]:
            own = {"seq": row.get("seq", 0) + base, "day": copy.day, "number": copy.number}
            sheets[table].append(
                tuple(
                    own[column] if column in own else _filled(value, blanks, copy)
                    for column, value in row.items()
                )
            )
    return tail


def _personal(
    row: Mapping[str, Any], blanks: Mapping[str, str], copy: Copy, base: int
) -> tuple[str, tuple[Any, ...]]:
    """The digest for the body, and the row; the value of a decision is left out where erased."""
    moved = copy.t - BEGAN
    name = secrets.token_hex(16)
    gone = copy.form.erased and row["purpose"] == Purpose.DECISION.value
    values = [name, row["seq"] + base, row["purpose"]]
    if gone:
        return secrets.token_hex(32), (*values, None, None, row["expires_t"] + moved, copy.t + DAY)
    salt, text = secrets.token_bytes(16), row["value"] % blanks
    digest = hashlib.sha256(salt + text.encode()).hexdigest()
    return digest, (*values, salt.hex(), text, row["expires_t"] + moved, None)


def _filled(value: Any, blanks: Mapping[str, str], copy: Copy) -> Any:
    if isinstance(value, str):
        return value % blanks
    if isinstance(value, int) and value > BEGAN // 2:
        return value + copy.t - BEGAN
    return value


# --- SQLite ---


def _tail(db: sqlite3.Connection) -> Tail:
    [(seq, hash_)] = db.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    return Tail(seq, hash_)


class _bulk:  # noqa: N801  used as a verb
    """A connection that inserts fast; indexes are left out meanwhile and made at the end."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file)

    def __enter__(self) -> sqlite3.Connection:
        for pragma in ("synchronous=OFF", f"cache_size={CACHE_PAGES}"):
            self._db.execute(f"PRAGMA {pragma}")
        tables = ", ".join(f"'{table.name}'" for table in COPIED)
        wanted = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        self._indexes = list(self._db.execute(f"{wanted} AND tbl_name IN ({tables})"))
        for name, _ in self._indexes:
            self._db.execute(f"DROP INDEX {name}")
        return self._db

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for _, sql in self._indexes:
                self._db.execute(sql)
            self._db.commit()
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
