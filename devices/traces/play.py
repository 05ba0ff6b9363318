"""Plays traces as a fleet, all from a common start, and pushes buttons along the way."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from devices.credentials import Credentials
from devices.mqtt import BrokerAddress
from devices.simulator.fleet import Fleet, PassingTime, Pressed, RadioClient
from devices.simulator.radio import SimulatedRadio
from devices.simulator.temper import Temper
from devices.traces.body import Traveller
from devices.traces.read import Trace
from devices.traces.roster import call_sign, radio_id
from dispatch.clock import MILLISECOND, SECOND, Instant
from dispatch.errors import SettingsError
from dispatch.words import Role
from geo.grids import GridSet

ON_DUTY_TIMEOUT_S: Final = 60.0
"""Real seconds for all radios to connect and sign on."""
LOOK_S: Final = 0.05
BEFORE_S: Final = 5.0
"""Between the last sign-on and the common start, by the centre's clock."""
MARGIN: Final = 30 * SECOND
"""No press so near to a trace's start or end: its radio must have told a place."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One press to come: which trace, and when after the common start."""

    index: int
    at: Instant


def plan_presses(
    traces: Sequence[Trace], count: int, *, until: Instant, chance: random.Random
) -> list[Plan]:
    """Presses by different radios at moments of their journeys, in order of time.

    Raises SettingsError where there are fewer journeys long enough.
    """
    long = [i for i, trace in enumerate(traces) if min(trace.duration, until) > 2 * MARGIN + SECOND]
    if len(long) < count:
        raise SettingsError(
            f"{count} presses by different radios, but only {len(long)} traces are long enough",
            "ask for fewer with --presses",
        )
    plans = [
        Plan(index=i, at=chance.randrange(MARGIN, min(traces[i].duration, until) - MARGIN))
        for i in chance.sample(long, count)
    ]
    return sorted(plans, key=lambda plan: (plan.at, plan.index))


class Player:
    """One replay."""

    def __init__(
        self,
        traces: Sequence[Trace],
        credentials: Credentials,
        *,
        address: BrokerAddress,
        time: PassingTime,
        wall_t: Instant,
        chance: random.Random,
    ) -> None:
        """Raises SettingsError where a radio's secret is not known."""
        self._time = time
        self._travellers = [Traveller(trace) for trace in traces]
        self._clients = [
            self._client(index, body, credentials, address, wall_t - time.now(), chance)
            for index, body in enumerate(self._travellers)
        ]
        self.pressed: list[dict[str, Any]] = []
        """What was pressed when and where, and whether it was stored."""

    async def run(self, plans: Sequence[Plan], *, until: Instant) -> None:
        """Connect, sign on, start together, press, and end ``until`` after the start."""
        playing = asyncio.create_task(Fleet(self._clients).run(), name="fleet")
        try:
            await self._all_on_duty(playing)
            start = self._time.now() + int(BEFORE_S * SECOND)
            for client, traveller in zip(self._clients, self._travellers, strict=True):
                traveller.begin(start)
                client.wake()
            log.info("replay_started", radios=len(self._clients), presses=len(plans))
            async with asyncio.TaskGroup() as tasks:
                for plan in plans:
                    tasks.create_task(self._press(plan, start), name=f"press {plan.index}")
                await self._wait(start + until)
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    def _client(
        self,
        index: int,
        body: Traveller,
        credentials: Credentials,
        address: BrokerAddress,
        offset: Instant,
        chance: random.Random,
    ) -> RadioClient:
        known = credentials.radios.get(radio_id(index))
        if known is None:
            raise SettingsError(
                f"the credentials know no radio {radio_id(index)}",
                "make them with --prepare from the same traces, and start the hub with them",
            )
        radio = SimulatedRadio(
            known.radio,
            known.community,
            body=body,
            temper=Temper.mute(Role.VOLUNTEER),
            chance=random.Random(chance.getrandbits(64)),
            boots=random.SystemRandom(),  # played again, its presses are others
            offset=offset,
        )
        return RadioClient(
            radio, secret=known.secret, address=address, time=self._time, chance=chance
        )

    async def _all_on_duty(self, playing: "asyncio.Task[None]") -> None:
        try:
            async with asyncio.timeout(ON_DUTY_TIMEOUT_S):
                while not all(client.radio.on_duty for client in self._clients):
                    if playing.done():
                        playing.result()
                    await asyncio.sleep(LOOK_S)
        except TimeoutError as exc:
            missing = [c.radio.radio for c in self._clients if not c.radio.on_duty]
            raise SettingsError(
                f"{len(missing)} radios, {missing[0]} among them, could not sign on in "
                f"{ON_DUTY_TIMEOUT_S:.0f} s",
                "start the hub with the same community and credentials first",
            ) from exc

    async def _press(self, plan: Plan, start: Instant) -> None:
        await self._wait(start + plan.at)
        pressed = await self._clients[plan.index].press()
        self.pressed.append(_told(plan, pressed))

    async def _wait(self, until: Instant) -> None:
        while True:
            left_s = self._time.real_s(until)
            if left_s <= 0:
                return
            await asyncio.sleep(min(left_s, 1.0))  # looked at again, for the pace may change


def save_presses(file: Path, pressed: Sequence[dict[str, Any]], grids: GridSet | None) -> None:
    """Write what was pressed, as JSON, with the grid of each place where grids are known."""
    rows = [dict(row) for row in pressed]
    for row in rows:
        if grids is not None and row["fix"] is not None:
            grid = grids.locate(row["fix"]["lon"], row["fix"]["lat"])
            row["grid"] = None if grid is None else grid.id
    try:
        file.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as exc:
        raise SettingsError(
            f"the log {file} cannot be written ({exc.strerror})", "name another with --log"
        ) from exc


def _told(plan: Plan, pressed: Pressed) -> dict[str, Any]:
    reading = pressed.reading
    fix = reading.fix
    place = None
    if fix is not None:
        place = {"t_ms": fix.t // MILLISECOND, "lon": fix.lon, "lat": fix.lat}
    return {
        "radio": reading.press.radio,
        "call_sign": call_sign(plan.index),
        "alarm": reading.press.alarm,
        "press": reading.press.wire,
        "kind": reading.kind.value,
        "t_ms": reading.device_t // MILLISECOND,
        "after_start_s": plan.at / SECOND,
        "fix": place,
        "stored": pressed.stored,
        "waited_s": round(pressed.waited_s, 3),
    }
