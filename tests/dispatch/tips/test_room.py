"""Tips by radio, and a store that hangs."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from dispatch.clock import HOUR
from dispatch.errors import StoreDownError
from dispatch.ids import RadioId, unit_of
from dispatch.outgoing import StoredMessage, ToRadio
from dispatch.readings import Fix, TipReading
from dispatch.roster import RadioRecord
from dispatch.store.port import Committed
from dispatch.store.sql import SqlStore
from dispatch.tips import room as rooms
from dispatch.tips.opened import OpenTip
from dispatch.tips.room import OF_ONE_AT_ONCE, TipRoom
from dispatch.tips.words import TipKind, Way
from dispatch.words import Role
from tests.dispatch.store.facts import NOON
from tests.dispatch.tips.rooms import tip_room
from tests.dispatch.tips.tips import WANG, WORDS, XIZI, told

RADIO = RadioId("radio-of-li")
HERE = Fix(t=NOON, lon=120.15, lat=30.25)
TIMEOUT_S = 20.0


def reading(key: str = "k1", **fields: Any) -> TipReading:
    """What a radio says."""
    defaults: dict[str, Any] = {
        "radio": RADIO,
        "community": XIZI,
        "key": key,
        "about": TipKind.DRUGS,
        "words": WORDS,
        "anonymous": False,
        "fix": HERE,
        "device_t": NOON,
    }
    return TipReading(**defaults | fields)


def record(radio: RadioId) -> RadioRecord | None:
    """The roster has one."""
    if radio != RADIO:
        return None
    return RadioRecord(
        radio=RADIO, community=XIZI, call_sign="一号", role=Role.VOLUNTEER, skills=(), post=None
    )


@dataclass
class Centre:
    """A room that hears radios, and what it said to them."""

    store: SqlStore
    room: TipRoom
    now: list[int]
    sent: asyncio.Queue[ToRadio] = field(default_factory=asyncio.Queue)
    acked: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def hear(self, said: TipReading) -> None:
        """Until the broker is let go of it."""
        self.room.on_reading(said, lambda: self.acked.put_nowait(said.key))
        async with asyncio.timeout(TIMEOUT_S):
            await self.acked.get()

    def told(self) -> list[str | None]:
        """Codes that radios were told since it was asked last."""
        codes = []
        while not self.sent.empty():
            message = self.sent.get_nowait().message
            assert isinstance(message, StoredMessage)
            assert message.is_report
            codes.append(message.code)
        return codes

    async def opened(self) -> list[OpenTip]:
        """All there are, oldest first."""
        found, _ = await self.room.listed(frozenset({XIZI}))
        return [
            await self.room.read(each.tip.tip, frozenset({XIZI}), WANG, "查看")
            for each in found[::-1]
        ]


@asynccontextmanager
async def centre(folder: Path) -> AsyncIterator[Centre]:
    """Started; again in the same folder it goes on."""
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    now = [NOON]
    sent: asyncio.Queue[ToRadio] = asyncio.Queue()
    room = tip_room(store, folder, lambda: now[0], find=record, send=sent.put_nowait)
    running = asyncio.create_task(room.run())
    try:
        yield Centre(store, room, now, sent)
    finally:
        running.cancel()
        await asyncio.wait([running])
        store.close()


async def test_a_radios_tip_is_kept_and_its_code_told(tmp_path: Path) -> None:
    """With who told it and where they stood, sealed."""
    async with centre(tmp_path) as here:
        await here.hear(reading())

        (code,) = here.told()
        assert code is not None
        (opened,) = await here.opened()
        assert (opened.told.kind, opened.told.words) == (TipKind.DRUGS, WORDS)
        assert (opened.told.lon, opened.told.lat) == (HERE.lon, HERE.lat)
        assert opened.tip.way is Way.RADIO
        assert opened.teller is not None
        assert opened.teller.unit == unit_of(RADIO)
        assert (await here.room.state(code, "somewhere")).value == "read"


async def test_of_one_without_a_name_neither_radio_nor_place_is_kept(tmp_path: Path) -> None:
    """Where they stood names them as well."""
    async with centre(tmp_path) as here:
        await here.hear(reading(anonymous=True))

        (opened,) = await here.opened()
        assert opened.teller is None
        assert (opened.told.lon, opened.told.lat) == (None, None)
        assert opened.tip.heard == ""
        seqs = [seq for seq, _ in here.store.tip_facts()]
        assert RADIO not in repr(here.store.whole_tip_facts(seqs))


@pytest.mark.parametrize("anonymous", [False, True])
async def test_said_again_it_is_there_once_and_the_code_is_the_same(
    tmp_path: Path, anonymous: bool
) -> None:
    """A radio repeats until it hears ``stored``."""
    async with centre(tmp_path) as here:
        for _ in range(3):
            await here.hear(reading(anonymous=anonymous))
        await here.hear(reading("k2", anonymous=anonymous))

        codes = here.told()
        assert len(codes) == 4
        assert len(set(codes[:3])) == 1
        assert codes[3] != codes[0]
        assert len(await here.opened()) == 2


async def test_over_a_restart_one_with_a_name_is_there_once(tmp_path: Path) -> None:
    """The centre went down between storing it and saying so."""
    async with centre(tmp_path) as here:
        await here.hear(reading())
        codes = here.told()

    async with centre(tmp_path) as here:
        await here.hear(reading())
        assert here.told() == codes
        assert len(await here.opened()) == 1


@pytest.mark.parametrize(
    "fields", [{"radio": RadioId("r9")}, {"community": "hubin"}, {"words": ""}]
)
async def test_what_cannot_be_kept_is_not_confirmed(tmp_path: Path, fields: dict[str, Any]) -> None:
    """A stranger, another community, nothing said; and the next one is heard."""
    async with centre(tmp_path) as here:
        with structlog.testing.capture_logs() as logged:
            await here.hear(reading(**fields))

        assert here.told() == []
        assert WORDS not in repr(logged)
        await here.hear(reading("k2"))
        assert len(here.told()) == 1


async def test_a_radio_that_floods_is_heard_later(tmp_path: Path) -> None:
    """What is not confirmed is said again."""
    async with centre(tmp_path) as here:
        for number in range(OF_ONE_AT_ONCE + 1):
            await here.hear(reading(f"k{number}"))
        assert len(here.told()) == OF_ONE_AT_ONCE

        here.now[0] += HOUR
        await here.hear(reading(f"k{OF_ONE_AT_ONCE}"))
        assert len(here.told()) == 1


class HangingLedger:
    """A store that takes and never answers, until it is let."""

    def __init__(self) -> None:
        self.taken: list[Future[Committed]] = []

    def submit(self, facts: Any) -> Future[Committed]:
        """Nothing comes of it."""
        del facts
        self.taken.append(Future())
        return self.taken[-1]

    def tip_facts(self) -> list[Any]:
        """None."""
        return []

    def whole_tip_facts(self, seqs: Any) -> list[Any]:
        """None."""
        del seqs
        return []


async def test_a_store_that_hangs_is_said_and_what_comes_true_later_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gives one is not told that it is kept before it is."""
    monkeypatch.setattr(rooms, "KEPT_TIMEOUT_S", 0.05)
    ledger = HangingLedger()
    room = tip_room(ledger, tmp_path, lambda: NOON)  # type: ignore[arg-type]  # as far as it is asked

    with pytest.raises(StoreDownError):
        await room.give(told(), None, where=XIZI, way=Way.PAGE, taken_by=None, giver="x")
    assert await room.waiting(frozenset({XIZI})) == 0

    ledger.taken[0].set_result(Committed(seq=1))

    told_of = asyncio.Event()  # behind the loop's own turn of it
    asyncio.get_running_loop().call_soon(told_of.set)
    await told_of.wait()

    assert await room.waiting(frozenset({XIZI})) == 1
