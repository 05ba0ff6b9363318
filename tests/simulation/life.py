"""One life of the hub: everything ``yihu hub`` wires together, over the doubles of a world.

The hub, the shell, its clock, the journal's writer and the consoles' feed are the real ones.
Each time they reach for the outside, or take a step, the world may have them killed.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from console.api import make_feeds
from console.feed import Feed
from devices.codec import PositionReading
from devices.v1.codec import V1
from dispatch.clock import HubClock
from dispatch.clock_keeping import KeptOffset, keep_clock
from dispatch.decide import Choice, Prospects, choose
from dispatch.errors import StoreError
from dispatch.events import Event
from dispatch.gateways.book import Book
from dispatch.gateways.messages import Message, Result
from dispatch.hub import Hub
from dispatch.ids import RadioId
from dispatch.live import LiveTable
from dispatch.outgoing import OrderMessage, ToConsoles, ToRadio
from dispatch.readings import FixBatch, TipReading
from dispatch.roster import Pins, RadioRecord, Roster
from dispatch.rules.call import Call
from dispatch.settings import Settings
from dispatch.shell import Shell
from dispatch.words import AssignmentState
from tests.builders import town
from tests.simulation.agenda import Agenda
from tests.simulation.chance import Chance, Fault
from tests.simulation.disk import Disk
from tests.simulation.loop import LifeLoop
from tests.simulation.scribe import Killed
from tests.simulation.stores import AnyStore, Weather, a_scribe, a_store

CODEC: Final = V1()
TAKEN_US: Final = (1_000, 50_000)
"""Until the broker says that it has an order."""
TOLD_US: Final = (200_000, 8_000_000)
"""Until a gateway says what came of a message."""
NOTES_EVERY_US: Final = 20_000_000
"""What is kept for a quick start goes on so often."""


class EscapedError(AssertionError):
    """Something escaped where nothing may."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause
        super().__init__(f"{type(cause).__name__}: {cause}")


class Outside(Protocol):
    """The world, as far as a life reaches for it."""

    def touched(self) -> None:
        """Once each time; raises Killed where that was the last."""
        ...

    def submitted(self, facts: Sequence[Event]) -> None:
        """Facts are on their way to the disk."""
        ...

    def sent(self, message: ToRadio) -> None:
        """The hub says something to a radio."""
        ...

    def kicked(self, radio: RadioId) -> None:
        """A radio is to be let in no more."""
        ...


class Kept(KeptOffset):
    """Of the machine's memory: gone with its power."""

    def __init__(self) -> None:
        self.offset_us: int | None = None

    def read(self) -> int | None:
        """What was kept."""
        return self.offset_us

    def keep(self, offset_us: int) -> None:
        """Keep it."""
        self.offset_us = offset_us


class Machine:
    """The machine that the hub runs on: its two clocks."""

    def __init__(self, agenda: Agenda, begin: int) -> None:
        self._agenda = agenda
        self._begin = begin
        self.stepped_us = 0
        """By how much its wall clock is wrong."""
        self.started = 0
        self.kept = Kept()

    def wall_ns(self) -> int:
        """What its clock shows."""
        return (self._begin + self._agenda.now + self.stepped_us) * 1000

    def steady_ns(self) -> int:
        """Since it was started."""
        return (self._agenda.now - self.started) * 1000

    def power_cut(self) -> None:
        """Started again: what was only in memory is gone."""
        self.started = self._agenda.now
        self.kept = Kept()


class Chooser:
    """Decides like the real one, unless it is broken just now."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.calm = False

    def __call__(self, call: Call, near: Prospects) -> Choice:
        if not self.calm and self._chance.hits(Fault.RULES, 0.5):
            raise ZeroDivisionError("a rule failed")
        return choose(call, near)


class Life:
    """From a start to an end."""

    def __init__(
        self,
        number: int,
        *,
        outside: Outside,
        agenda: Agenda,
        machine: Machine,
        disk: Disk,
        weather: Weather,
        chooser: Chooser,
        chance: Chance,
        settings: Settings,
        records: Sequence[RadioRecord],
        pins: dict[RadioId, Pins],
        ways: Book | None,
        tick_us: int,
    ) -> None:
        self.number = number
        self.alive = True
        self.killed = False
        self.stalled_until = 0
        self.store_down_t = -1
        """True time at which the store was last known to be down."""
        self.holes = False
        """Facts were given up: the journal does not tell all that this hub knows."""
        self.shell: Shell | None = None
        self._outside = outside
        self._agenda = agenda
        self._chance = chance
        self._draw = chance.stream(f"life {number}")
        self._tick_us = tick_us
        self.loop = LifeLoop(agenda, self)
        self._begin(machine, disk, weather, chooser, settings, records, pins, ways)

    def run(self, do: Callable[[], object]) -> None:
        """One step of it. Raises EscapedError; sets ``killed`` where the step was its last."""
        asyncio._set_running_loop(self.loop)
        try:
            do()
        except Killed:
            self.killed = True
        except Exception as exc:
            raise EscapedError(exc) from exc
        finally:
            asyncio._set_running_loop(None)
        if self.hub.store_down:
            self.store_down_t = self._agenda.now
        escaped, self.loop.escaped = self.loop.escaped, None
        if isinstance(escaped, Killed):
            self.killed = True
        elif escaped is not None:
            raise EscapedError(escaped) from escaped

    def soon(self, do: Callable[[], object]) -> None:
        """A step of it, now if it is not standing still."""
        self._agenda.at(self._agenda.now, do, self)

    @property
    def idle(self) -> bool:
        """Nothing is under way to the disk, and the journal tells all."""
        return self.store.scribe.idle and not self.holes and not self.hub.store_down

    # --- wiring ---

    def _begin(
        self,
        machine: Machine,
        disk: Disk,
        weather: Weather,
        chooser: Chooser,
        settings: Settings,
        records: Sequence[RadioRecord],
        pins: dict[RadioId, Pins],
        ways: Book | None,
    ) -> None:
        scribe = a_scribe(self._agenda, self, disk, weather, self._on_state)
        salt = random.Random(self._draw.getrandbits(64))
        self.store: AnyStore = a_store(disk, scribe, salt.randbytes, self._outside.submitted)
        held = self.store.load()
        self.clock = HubClock(
            not_before=held.last_t,
            offset_us=machine.kept.read(),
            wall=machine.wall_ns,
            steady=machine.steady_ns,
        )
        if not held.seq:
            for record in records:
                done = self.store.enroll(record, secret_hash="none", t=self.clock.now())
                scribe.pump(done)
            held = self.store.load()
        roster = Roster([town()], held.radios or records, pins)
        live = LiveTable(roster)
        self.hub = Hub(settings=settings, roster=roster, live=live, choose=chooser, ways=ways)
        self._restored = replace(held, radios=[])
        self._machine = machine
        self._settings = settings

    def start(self) -> None:
        """As ``yihu hub`` does once the store is open; a step of its own."""
        shell = self.shell = Shell(hub=self.hub, clock=self.clock)
        self.feed: Feed = make_feeds(
            hub=self.hub,
            settings=self._settings,
            clock=self.clock,
            present=shell.present,
            counters=shell.counts,
            version="yihu simulated",
            demo=False,
        ).whole
        shell.connect(
            store=self.store,
            radios=_Radios(self),
            consoles=_Consoles(self),
            kick=self._kick,
            gateways=_Gateways(self),
        )
        shell.start(self._restored)
        quiet = lambda: shell.quiet  # noqa: E731 -- as the wiring says it
        keeping = keep_clock(
            self.clock, self._machine.kept, quiet=quiet, stepped=shell.clock_stepped
        )
        self._tasks = [self.loop.create_task(keeping)]
        self._flushing = contextlib.ExitStack()
        self._flushing.enter_context(self.feed.flushing())
        self._tick()
        self._agenda.after(NOTES_EVERY_US, self._note_standing, self)

    # --- what comes in ---

    def hear(self, topic: str, data: bytes, ack: Callable[[], None]) -> None:
        """A message from the broker."""

        def acked() -> None:
            self._outside.touched()
            ack()

        reading = CODEC.decode(topic, data, self.clock.now())
        assert not isinstance(reading, PositionReading | TipReading)
        assert self.shell is not None
        self.shell.on_reading(reading, acked)

    def hear_position(self, topic: str, data: bytes) -> None:
        """A fix or a few."""
        community, radio = CODEC.sender(topic)
        row = self.hub.live.find(community, radio)
        batch, refused = CODEC.fixes([row], [data], self.clock.now())
        assert not refused, refused
        assert isinstance(batch, FixBatch)
        assert self.shell is not None
        self.shell.on_fixes(batch)

    # --- what goes out ---

    def touch(self) -> None:
        """It reaches for the outside."""
        self._outside.touched()

    def send(self, message: ToRadio) -> None:
        """To a radio."""
        self.touch()
        self._outside.sent(message)
        match message.message:
            case OrderMessage(order=order, state=AssignmentState.OFFERED):
                shell = self.shell
                assert shell is not None
                wait_us = self._draw.randint(*TAKEN_US)
                self._agenda.after(wait_us, lambda: shell.on_order_taken(order), self)

    def tell(self, message: Message) -> None:
        """By a gateway."""
        self.touch()
        failed = self._chance.hits(Fault.GATEWAY, 0.6)
        result = Result(id=message.id, ok=not failed, why="http_500" if failed else "")
        shell = self.shell
        assert shell is not None
        self._agenda.after(
            self._draw.randint(*TOLD_US), lambda: shell.on_gateway(message, result), self
        )

    def _kick(self, radio: RadioId) -> None:
        self.touch()
        self._outside.kicked(radio)

    def _on_state(self, why: str) -> None:
        if self.shell is not None:
            self.shell.store_state_threadsafe(why)

    def _tick(self) -> None:
        self.feed.tick()
        self._agenda.after(self._tick_us, self._tick, self)

    def _note_standing(self) -> None:
        with contextlib.suppress(StoreError):  # as the housekeeping does
            self.store.note_standing()
        self._agenda.after(NOTES_EVERY_US, self._note_standing, self)


class _Radios:
    def __init__(self, life: Life) -> None:
        self._life = life

    def send(self, message: ToRadio) -> None:
        self._life.send(message)


class _Consoles:
    def __init__(self, life: Life) -> None:
        self._life = life

    def changed(self, what: ToConsoles) -> None:
        self._life.touch()
        self._life.feed.changed(what)

    def moved(self, rows: npt.NDArray[np.int32]) -> None:
        self._life.feed.moved(rows)


class _Gateways:
    def __init__(self, life: Life) -> None:
        self._life = life

    def submit(self, message: Message) -> None:
        self._life.tell(message)
