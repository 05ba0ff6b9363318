"""The radios of a chaos run: real MQTT connections that press, tell where they are and come back.

Hand-made packets (bench/handset.py), so that sixty of them in one process cost little of what they
measure. Each presses when told, repeats a press every second until it hears ``stored``, as
docs/wire.md has it, and notes both in its own log.
"""

import asyncio
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.handset import Line
from bench.town import CALLED, secret_of
from devices.mqtt import backoff_s
from tests.awaiting import Bell
from tests.chaos.presses import PressLog

CONNECT_TIMEOUT_S: Final = 5.0
"""As our own radios wait for the broker's answer (devices/mqtt.py)."""
STEADY_S: Final = 10.0
"""A link that held so long was a good one; as devices/mqtt.py has it."""
REPEAT_S: Final = 1.0
POSITION_EVERY_S: Final = 1.0
CENTRE: Final = (112.93, 28.2)
ROUND_DEG: Final = 0.0005
"""Some 50 m from where it began, walked round in a minute: each fix is another place, and none is
too far from the last to be believed."""
ROUND_S: Final = 60.0
SPREAD_DEG: Final = 0.002

now_s = time.monotonic


@dataclass(slots=True, eq=False)
class Press:
    """One press, as its radio knows it."""

    name: str
    """As the hub calls the alarm: RADIO/BOOT/COUNTER."""
    fault: str
    body: bytes
    pressed_s: float
    stored_s: float | None = None
    """When ``stored`` was heard; None until then."""
    said_s: float = -math.inf


class _Link(Line):
    """A line that says when it is gone."""

    def __init__(self, *arguments: Any, lost: asyncio.Event, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._lost = lost

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits for the end learns it."""
        super().connection_lost(exc)
        self._lost.set()


class ChaosRadio:
    """One radio on duty. ``run`` it in a task."""

    def __init__(
        self,
        name: str,
        *,
        logs: Path,
        chance: random.Random,
        bell: Bell,
        position_every_s: float = POSITION_EVERY_S,
    ) -> None:
        """``bell`` is rung when it hears or loses something."""
        self.name = name
        self.links = 0
        """How often a connection came up."""
        self.linked = False
        self.works = True
        """Whether its bearer wants to be on duty; may be changed at any time."""
        self.on_duty = False
        """As the centre has confirmed it."""
        self.open: dict[str, Press] = {}
        """Presses by what ``stored`` will name, BOOT:COUNTER, that it was not heard of yet."""
        self._log = PressLog(logs, name)
        self._chance = chance
        self._bell = bell
        self._position_every_s = position_every_s
        self._placed_s = -math.inf
        """When it told its place last."""
        self._boot = f"{chance.getrandbits(64):016x}"
        self._presses = 0
        self._failures = 0
        self._dropped = False
        self._angle = chance.random() * math.tau
        self._home = tuple(each + SPREAD_DEG * (chance.random() - 0.5) for each in CENTRE)
        self._line: _Link | None = None

    async def run(self, port: int) -> None:
        """Be there, and come back whenever the link is lost, until cancelled."""
        while True:
            begun_s = now_s()
            with suppress(OSError, TimeoutError):
                await self._stay(port)
            self.linked = False
            self._bell.ring()
            steady = self._dropped or now_s() - begun_s > STEADY_S
            self._failures = 0 if steady else self._failures + 1
            self._dropped = False
            await asyncio.sleep(backoff_s(self._failures, self._chance))

    def press(self, fault: str) -> Press:
        """Push the button."""
        self._presses += 1
        key = f"{self._boot}:{self._presses}"
        said = {"press": key, "t": _now_ms(), "kind": "sos", "fix": self._fix()}
        name = f"{self.name}/{key.replace(':', '/')}"
        press = Press(name, fault, json.dumps(said).encode(), now_s())
        self.open[key] = press
        self._log.pressed(name, fault)
        self._say_press(press)
        return press

    def drop(self) -> None:
        """Lose the line, as in a lift: no fault of the broker's."""
        if self._line is not None:
            self._dropped = True
            self._line.close()

    def close(self) -> None:
        """No more presses."""
        self._log.close()

    # --- the link ---

    async def _stay(self, port: int) -> None:
        """Until the link is lost. Raises OSError, TimeoutError where none comes up."""
        lost = asyncio.Event()
        line = _Link(
            self.name,
            secret_of(self.name),
            f"radio/{CALLED}/{self.name}/+",
            self._hear,
            qos=0,
            will=(self._topic("status"), b'{"link":"offline"}'),
            lost=lost,
        )
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: line, "127.0.0.1", port)
                await line.up
            self._begin(line)
            while not lost.is_set():
                self._say_again()
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), min(REPEAT_S, self._position_every_s))
        finally:
            self._line = None
            line.close()

    def _begin(self, line: _Link) -> None:
        self._line, self.linked = line, True
        self.links += 1
        self._say("status", b'{"link":"online"}')
        for press in self.open.values():
            press.said_s = -math.inf  # what was said by another link may be lost
        self._bell.ring()

    def _say_again(self) -> None:
        """All that is not confirmed yet, and where we are."""
        if self.on_duty != self.works:
            duty = "on" if self.works else "off"
            self._say("status", json.dumps({"t": _now_ms(), "duty": duty}).encode())
        for press in self.open.values():
            if now_s() - press.said_s >= REPEAT_S / 2:
                self._say_press(press)
        if self.works and now_s() - self._placed_s >= self._position_every_s - REPEAT_S / 2:
            self._placed_s = now_s()
            self._say("position", json.dumps(self._fix()).encode(), qos=0)

    def _say_press(self, press: Press) -> None:
        if self._say("alarm", press.body):
            press.said_s = now_s()

    def _say(self, lane: str, data: bytes, qos: int = 1) -> bool:
        if self._line is None:
            return False
        self._line.say(self._topic(lane), data, qos=qos)
        return True

    def _topic(self, lane: str) -> str:
        return f"patrol/{CALLED}/{self.name}/{lane}"

    def _fix(self) -> dict[str, float]:
        angle = self._angle + math.tau * now_s() / ROUND_S
        lon, lat = self._home
        return {
            "t": _now_ms(),
            "lon": round(lon + ROUND_DEG * math.cos(angle), 7),
            "lat": round(lat + ROUND_DEG * math.sin(angle), 7),
            "acc": 5.0,
        }

    # --- what it hears ---

    def _hear(self, topic: str, data: bytes) -> None:
        said = json.loads(data)
        match topic.rpartition("/")[2]:
            case "stored":
                self._hear_stored(said.get("press", ""))
            case "order" if said["state"] == "offered":
                self._confirm(order=said["order"], state="received")
            case "cancel":
                self._confirm(cancel=said["order"])
            case "seen":
                self._confirm(seen=said["press"])
            case "config":
                if (said["duty"] == "on") == self.works:
                    self.on_duty = self.works
        self._bell.ring()

    def _hear_stored(self, key: str) -> None:
        press = self.open.pop(key, None)
        if press is not None:
            press.stored_s = now_s()
            self._log.stored(press.name, press.fault)

    def _confirm(self, **what: str) -> None:
        self._say("status", json.dumps({"t": _now_ms(), **what}).encode())


class Crowd:
    """All radios of a run, some of which press."""

    def __init__(
        self,
        names: Sequence[str],
        *,
        pressing: int,
        logs: Path,
        chance: random.Random,
        position_every_s: float = POSITION_EVERY_S,
    ) -> None:
        self.bell = Bell()
        self.radios = [
            ChaosRadio(
                name, logs=logs, chance=chance, bell=self.bell, position_every_s=position_every_s
            )
            for name in names
        ]
        self.presses: list[Press] = []
        """All that were made, in order."""
        self._pressing = self.radios[:pressing]
        self._chance = chance

    async def run(self, port: int) -> None:
        """Keep them all there until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for radio in self.radios:
                tasks.create_task(radio.run(port), name=radio.name)

    async def press_on(self, fault: str, per_s: float) -> None:
        """Someone presses, and the next, at this rate on the whole, until cancelled."""
        while True:
            self.presses.append(self._chance.choice(self._pressing).press(fault))
            await asyncio.sleep(self._chance.expovariate(per_s))

    def all_linked(self) -> bool:
        """Whether everybody is there and on duty, or off it, as they want to be."""
        return all(radio.linked and radio.on_duty == radio.works for radio in self.radios)

    def answered(self, until_s: float = math.inf) -> bool:
        """Whether every press made before this moment was heard as stored."""
        return all(press.pressed_s >= until_s for press in self._unheard())

    def first_stored(self, since_s: float) -> float | None:
        """When the first of the presses made since then was heard as stored; None yet."""
        heard = [
            press.stored_s
            for press in self.presses
            if press.pressed_s >= since_s and press.stored_s is not None
        ]
        return min(heard, default=None)

    def links(self) -> dict[str, int]:
        """How often each was connected so far."""
        return {radio.name: radio.links for radio in self.radios}

    def close(self) -> None:
        """Let go of the logs."""
        for radio in self.radios:
            radio.close()

    def _unheard(self) -> Iterator[Press]:
        return (press for radio in self.radios for press in radio.open.values())


def _now_ms() -> int:
    return time.time_ns() // 10**6
