"""Each law can fail: a double that breaks it on purpose makes exactly that law speak.

The worlds are calm otherwise, so that nothing else can be the reason.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tests.simulation.life as life_module
from dispatch.clock import Instant
from dispatch.events import AlarmReceived, Event, ResponseDecided, UnitSignedOff, UnitSignedOn
from dispatch.hub import Hub
from dispatch.ids import CommunityId, UnitId
from dispatch.messages import Effects
from dispatch.outgoing import ToConsoles
from dispatch.shell import Shell
from dispatch.store.port import Restored
from dispatch.words import Kind
from tests.simulation.__main__ import seeds_of
from tests.simulation.chance import Fault
from tests.simulation.disk import MemoryDisk
from tests.simulation.laws import SENTENCES, LawBrokenError, was_on_duty
from tests.simulation.loop import LifeLoop
from tests.simulation.runs import TRACE_LINES, hushed, needed, play
from tests.simulation.world import World

SEEDS = range(6)
"""In each of these somebody presses; not in all is every law at stake."""

Plant = Callable[[World, pytest.MonkeyPatch], None]

Row = dict[str, Any]


class ForgetfulDisk(MemoryDisk):
    """Says that it has presses, and has not."""

    def commit(self, rows: list[Row], values: list[Row]) -> None:
        super().commit([row for row in rows if row["name"] != "AlarmReceived"], values)


class AlteringDisk(MemoryDisk):
    """Makes another kind of each press."""

    def commit(self, rows: list[Row], values: list[Row]) -> None:
        super().commit(rows, values)
        for at, fact in enumerate(self._facts):
            if isinstance(fact, AlarmReceived):
                self._facts[at] = replace(fact, kind=Kind.MISSING)


class LosingDisk(MemoryDisk):
    """Loses facts of one sort after they were committed."""

    def lost(self, fact: Event) -> bool:
        return isinstance(fact, ResponseDecided)

    def commit(self, rows: list[Row], values: list[Row]) -> None:
        super().commit(rows, values)
        self._facts = [fact for fact in self._facts if not self.lost(fact)]


class LosingDuties(LosingDisk):
    """Of these a bearer is told that they are on duty."""

    def lost(self, fact: Event) -> bool:
        return isinstance(fact, UnitSignedOn)


class LosingRequests(LosingDisk):
    """Of these an operator is told that they are done."""

    def lost(self, fact: Event) -> bool:
        return getattr(fact, "command", None) is not None


class TamperedDisk(MemoryDisk):
    """Somebody changes a body."""

    def commit(self, rows: list[Row], values: list[Row]) -> None:
        super().commit(rows, values)
        for row in rows:
            row["body"] += " "


class SleepyLoop(LifeLoop):
    """Never wakes the shell."""

    def timed(self, handle: asyncio.TimerHandle, wait_us: int) -> None:
        if "_wake" not in repr(handle):
            super().timed(handle, wait_us)


class UnwrittenHub(Hub):
    """Changes something that no fact tells."""

    def expire(self, now: Instant) -> Effects:
        for incident in self.incidents.values():
            incident.calls_held = True
        return super().expire(now)


class FaultyHub(Hub):
    """Fails once somebody has pressed."""

    def expire(self, now: Instant) -> Effects:
        if self.incidents:
            raise ZeroDivisionError("a turn failed")
        return super().expire(now)


class DeafConsoles(life_module._Consoles):
    """Pages are told nothing of incidents."""

    def changed(self, what: ToConsoles) -> None:
        super().changed(replace(what, incidents=frozenset()))


def disk(kind: type[MemoryDisk]) -> Plant:
    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        world.disk = kind()

    return plant


def in_life(name: str, double: type) -> Plant:
    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(life_module, name, double)

    return plant


def deaf_to(lane: str) -> Plant:
    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        world.broker.deaf_to = lambda topic: topic.endswith(lane)

    return plant


PLANTED: dict[str, Plant] = {
    "stored_is_on_disk": disk(ForgetfulDisk),
    "press_once": disk(AlteringDisk),
    "no_press_lost": deaf_to("/alarm"),
    "order_from_decision": disk(LosingDisk),
    "no_timer_lost": in_life("LifeLoop", SleepyLoop),
    "console_is_snapshot": in_life("_Consoles", DeafConsoles),
    "chain_whole": disk(TamperedDisk),
    "replay_is_state": in_life("Hub", UnwrittenHub),
    "closed_frees_all": deaf_to("/cancel"),
    "answered_is_kept": disk(LosingRequests),
    "nothing_escapes": in_life("Hub", FaultyHub),
}


@pytest.mark.parametrize("law", SENTENCES)
def test_a_planted_fault_makes_exactly_its_law_speak(
    law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A law that cannot fail holds nothing up."""
    broken = []

    with hushed():
        for seed in SEEDS:
            world = World(seed, without=set(Fault))
            PLANTED[law](world, monkeypatch)
            try:
                world.run()
            except LawBrokenError as exc:
                broken.append(exc.law)

    assert set(broken) == {law}


def test_a_confirmed_duty_that_is_lost_makes_its_law_speak() -> None:
    """``stored_is_on_disk`` promises more than presses, and is tried for each."""
    world = World(0, without=set(Fault))
    world.disk = LosingDuties()

    with hushed(), pytest.raises(LawBrokenError, match="told of a duty that is not there"):
        world.run()


class FullShell(Shell):
    """Had to give facts up before it did anything else: its journal cannot tell all."""

    def start(self, restored: Restored) -> None:
        self.counts["facts_not_kept"] += 1
        super().start(restored)


def test_a_duty_that_a_full_store_never_took_is_no_lost_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That facts were given up counts from that moment on, not from the next look at it."""
    world = World(0, without=set(Fault))
    world.disk = LosingDuties()
    monkeypatch.setattr(life_module, "Shell", FullShell)

    with hushed():
        world.run()


def duties(*told: tuple[Instant, bool]) -> list[Event]:
    """When v2 signed on (true) or off, as the journal has it; somebody else is always off."""
    facts: list[Event] = []
    for t, on in told:
        kind = UnitSignedOn if on else UnitSignedOff
        facts += [
            kind(t=t, community=CommunityId("town"), unit=UnitId("v2"), device_t=t),
            UnitSignedOff(t=t, community=CommunityId("town"), unit=UnitId("v1"), device_t=t),
        ]
    return facts


@pytest.mark.parametrize(
    ("told", "is_there"),
    [
        ([], False),
        ([(10, True)], True),
        ([(20, True)], True),
        ([(10, True), (15, False)], False),
        ([(10, True), (20, False)], True),
        ([(10, True), (20, False), (20, True), (20, False)], True),
        ([(20, False), (20, True), (20, False)], True),
        ([(10, True), (30, False)], True),
        ([(10, True), (15, False), (30, True)], False),
        ([(10, True), (15, False), (20, False)], False),
    ],
)
def test_a_duty_of_an_instant_is_there_if_any_moment_of_it_was_on(
    told: list[tuple[Instant, bool]], is_there: bool
) -> None:
    """A hub that stood still hears of a sign-on and a sign-off in the same instant, and writes
    both in one commit: the sign-on was confirmed rightly, though the sign-off is there as well."""
    facts = duties(*told)

    assert was_on_duty(facts, UnitId("v2"), 20) is is_there


def test_nothing_is_broken_where_nothing_is_planted() -> None:
    """Else the tests above would show nothing."""
    with hushed():
        for seed in SEEDS:
            World(seed, without=set(Fault)).run()


def test_a_failure_says_what_broke_and_how_to_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And which faults it takes: here none, the hub fails by itself."""
    monkeypatch.setattr(life_module, "Hub", FaultyHub)

    with hushed():
        failure = play(6)
        assert failure is not None
        needs = needed(failure)

    assert needs == set()
    words = failure.words(needs=needs)
    assert "seed 6 breaks nothing_escapes" in words
    assert "ZeroDivisionError: a turn failed" in words
    assert f'repeat it: make simulate SEED=6 WITHOUT="{" ".join(sorted(Fault))}"' in words
    assert len(failure.trace) == TRACE_LINES


def test_seeds_are_a_number_or_a_range() -> None:
    """As ``make simulate`` takes them; the last of a range is played, too."""
    assert seeds_of("100") == range(100)
    assert seeds_of("5..7") == range(5, 8)


def test_every_law_and_every_fault_is_in_the_docs() -> None:
    """Who reads what we promise finds all of it."""
    page = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text(encoding="utf-8")

    assert [each for each in (*SENTENCES, *Fault) if f"`{each}`" not in page] == []


def test_no_loop_is_left_behind() -> None:
    """A world sets the running loop for each step, and takes it back."""
    with hushed():
        World(0, without=set(Fault)).run()

    assert asyncio._get_running_loop() is None
