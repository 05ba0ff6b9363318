"""Simulated radios with a real broker: they sign on, walk, press, answer, and lose their link."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.mqtt import BrokerAddress
from devices.simulator.control import Control, NoSimulatorError, ask
from devices.simulator.fleet import Fleet, PassingTime, RadioClient
from devices.simulator.radio import BATTERY_CHANGED_S, SimulatedRadio
from devices.simulator.temper import Temper
from dispatch.clock import MINUTE, SECOND
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    Heard,
    HeardReading,
    LinkReading,
    OfferReading,
    PressReading,
)
from dispatch.words import AssignmentState, Kind, Role
from tests.broker import RunningBroker, running_broker
from tests.devices.simulator.bodies import Standing
from tests.devices.simulator.centre import Centre, running_centre

RADIOS = {f"r-{i}": ("demo", f"secret-{i}") for i in range(5)}


def fleet_of(broker: RunningBroker, *, speed: float = 1.0) -> Fleet:
    """A client for each radio; everybody comes when called."""
    passing = PassingTime(time.monotonic_ns, speed)
    clients = []
    for radio, (community, secret) in broker.radios.items():
        temper = Temper(role=Role.GUARD, likely=dict.fromkeys(Role, 1.0), link_losses_per_h=0.0)
        machine = SimulatedRadio(
            RadioId(radio),
            CommunityId(community),
            body=Standing(),
            temper=temper,
            chance=random.Random(radio),
        )
        clients.append(
            RadioClient(
                machine,
                secret=secret,
                address=BrokerAddress(host=broker.host, port=broker.mqtt_port),
                time=passing,
                chance=random.Random(radio),
            )
        )
    return Fleet(clients)


@asynccontextmanager
async def playing(fleet: Fleet) -> AsyncIterator[Fleet]:
    """The fleet lives in this block."""
    task = asyncio.create_task(fleet.run(), name="fleet")
    try:
        yield fleet
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def everybody_walks(centre: Centre) -> bool:
    """Whether a fix of each radio was heard."""
    return {r for batch in centre.batches for r in centre.rows.radios(batch.rows)} == set(RADIOS)


@pytest.mark.broker
async def test_a_fleet_signs_on_walks_and_presses(tmp_path: Path) -> None:
    """By the control socket a button is pushed; the answer comes when `stored` was heard."""
    socket = tmp_path / "simulator.sock"
    async with running_broker(tmp_path, RADIOS) as broker, running_centre(broker) as centre:
        fleet = fleet_of(broker)
        async with playing(fleet), Control(socket, fleet):
            await centre.until(lambda: everybody_walks(centre))

            answer = await ask(socket, {"press": "r-3", "kind": "fire", "covert": True})
            shown = await ask(socket, {"radios": True})
            wrong = [
                await ask(socket, {"press": "nobody"}),
                await ask(socket, {"press": "r-3", "kind": "zombie"}),
                await ask(socket, {"launch": 1}),
            ]
        await centre.until(
            lambda: sum(not r.online for r in centre.readings if isinstance(r, LinkReading)) == 5
        )
    presses = [r for r in centre.readings if isinstance(r, PressReading)]

    assert answer["stored"] is True
    assert {press.press.wire for press in presses} == {answer["press"]}
    assert (presses[0].press.radio, presses[0].kind, presses[0].covert) == ("r-3", Kind.FIRE, True)
    assert presses[0].fix is not None
    assert {radio["unit"] for radio in shown["radios"]} == set(RADIOS)
    assert all(radio["on_duty"] and radio["linked"] for radio in shown["radios"])
    assert all("error" in each for each in wrong)
    assert not socket.exists()


@pytest.mark.broker
async def test_an_order_is_answered_over_the_wire_at_the_centres_speed(tmp_path: Path) -> None:
    """At 100 times the speed an order of some minutes is done in seconds, states in order."""
    async with (
        running_broker(tmp_path, {"r-0": RADIOS["r-0"]}) as broker,
        running_centre(broker, clock_speed=100.0) as centre,
        playing(fleet_of(broker)),
    ):
        await centre.until(lambda: bool(centre.of(DutyReading)))
        duty = centre.of(DutyReading)[0]
        assert isinstance(duty, DutyReading)
        await centre.until(lambda: bool(centre.batches))
        centre.order(duty)

        def states() -> list[AssignmentState]:
            return [r.state for r in centre.readings if isinstance(r, AnswerReading)]

        await centre.until(lambda: AssignmentState.CLEAR in states())
        lag = abs(int(centre.batches[-1].t[-1]) - centre.clock.now())

    assert list(dict.fromkeys(states())) == [
        AssignmentState.RECEIVED,
        AssignmentState.ACCEPTED,
        AssignmentState.EN_ROUTE,
        AssignmentState.ON_SCENE,
        AssignmentState.CLEAR,
    ]
    assert lag < 10 * MINUTE


@pytest.mark.broker
async def test_a_lost_link_is_told_by_the_last_will_and_comes_back(tmp_path: Path) -> None:
    """The broker says offline for the radio; after the battery was changed it signs on again."""
    async with (
        running_broker(tmp_path, {"r-0": RADIOS["r-0"]}) as broker,
        running_centre(broker, clock_speed=BATTERY_CHANGED_S) as centre,
        playing(fleet_of(broker)) as fleet,
    ):
        body = fleet.clients[RadioId("r-0")].radio.body
        assert isinstance(body, Standing)
        await centre.until(lambda: bool(centre.batches))
        body.empty = True

        def links() -> list[bool]:
            return [r.online for r in centre.readings if isinstance(r, LinkReading)]

        await centre.until(lambda: links()[:3] == [True, False, True])


@pytest.mark.broker
async def test_a_press_nobody_stores_is_said_again_and_again(tmp_path: Path) -> None:
    """The centre hears it each second; the answer is honest."""
    async with (
        running_broker(tmp_path, {"r-0": RADIOS["r-0"]}) as broker,
        running_centre(broker, clock_speed=50.0, stores=False) as centre,
        playing(fleet_of(broker)) as fleet,
    ):
        await centre.until(lambda: bool(centre.batches))
        pressing = asyncio.create_task(fleet.clients[RadioId("r-0")].press())
        await centre.until(lambda: len(centre.of(PressReading)) >= 20)
        assert not pressing.done()
        pressing.cancel()
        await asyncio.gather(pressing, return_exceptions=True)

    assert len({str(reading) for reading in map(_identity, centre.of(PressReading))}) == 1


@pytest.mark.broker
async def test_an_alarm_is_called_off_by_the_control_socket(tmp_path: Path) -> None:
    """Pressed for an exercise, asked, granted, shown: each step is heard by the centre."""
    socket = tmp_path / "simulator.sock"
    async with (
        running_broker(tmp_path, {"r-0": RADIOS["r-0"]}) as broker,
        running_centre(broker) as centre,
    ):
        fleet = fleet_of(broker)
        async with playing(fleet), Control(socket, fleet):
            await centre.until(lambda: bool(centre.batches))

            press = (await ask(socket, {"press": "r-0", "drill": True}))["press"]
            asked = await ask(socket, {"radio": "r-0", "call_off": press, "pin": "0417"})
            done = await ask(socket, {"radio": "r-0", "called_off": press})
            never_asked = await ask(socket, {"radio": "r-0", "called_off": f"{'0' * 16}:9"})
            typed = await ask(socket, {"radio": "r-0", "call_off": press, "pin": "abc"})
            typed_done = await ask(socket, {"radio": "r-0", "called_off": press})
            shown = await ask(socket, {"radio": "r-0"})
            await centre.until(lambda: bool(centre.of(HeardReading)))

    wish, heard = centre.of(CallOffReading)[0], centre.of(HeardReading)[0]
    pressed = centre.of(PressReading)[0]
    assert isinstance(pressed, PressReading)
    assert pressed.drill
    assert isinstance(wish, CallOffReading)
    assert (wish.alarm, wish.pin) == (pressed.press.alarm, "0417")
    assert isinstance(heard, HeardReading)
    assert (heard.what, heard.subject) == (Heard.CALLED_OFF, wish.alarm)
    assert asked["call_off"] in ("heard", "done")
    assert (done, never_asked) == ({"call_off": "done"}, {"call_off": None})
    assert typed["call_off"] in ("heard", "done"), "what is no PIN is heard as a wrong one is"
    assert typed_done == {"call_off": "done"}
    assert shown["radios"][0]["call_off"] == "done"


@pytest.mark.broker
async def test_who_offers_to_go_is_sent_by_the_wire(tmp_path: Path) -> None:
    """The order begins accepted: the radio says that it has it, and goes on from there."""
    socket = tmp_path / "simulator.sock"
    async with (
        running_broker(tmp_path, {"r-0": RADIOS["r-0"]}) as broker,
        running_centre(broker, clock_speed=20.0) as centre,
    ):
        fleet = fleet_of(broker)
        async with playing(fleet), Control(socket, fleet):
            await centre.until(lambda: bool(centre.batches))

            answer = await ask(socket, {"radio": "r-0", "offer": "nearest"})

            def states() -> list[AssignmentState]:
                return [r.state for r in centre.readings if isinstance(r, AnswerReading)]

            await centre.until(lambda: AssignmentState.RECEIVED in states())

    offer = centre.of(OfferReading)[0]
    assert answer == {"offered": "nearest"}
    assert isinstance(offer, OfferReading)
    assert offer.incident is None


async def test_asking_where_nobody_plays_says_so(tmp_path: Path) -> None:
    """`yihu press` then goes by MQTT itself."""
    with pytest.raises(NoSimulatorError):
        await ask(tmp_path / "simulator.sock", {"radios": True})


def test_passing_time_never_jumps() -> None:
    """Only its pace changes when the centre says how fast its clock runs."""
    steady = [0]
    passing = PassingTime(lambda: steady[0], 1.0)
    steady[0] = 10 * 10**9
    assert passing.now() == 10 * SECOND

    passing.run_at(20.0)
    steady[0] += 10**9

    assert passing.now() == 30 * SECOND
    assert passing.real_s(70 * SECOND) == 2.0
    passing.run_at(-1.0)
    assert passing.speed == 20.0


def _identity(reading: object) -> str:
    assert isinstance(reading, PressReading)
    return f"{reading.press.alarm} {reading.digest}"
