"""`yihu press`: by the simulator where there is one, else as the radio itself, and honest."""

import argparse
import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devices import press
from devices.credentials import Credentials, RadioCredentials, save_credentials
from devices.mqtt import BrokerAddress
from devices.played_radio import Outcome, PlayedRadio
from devices.press import Wanted
from devices.simulator.control import Control
from devices.simulator.fleet import Fleet
from devices.simulator.wishes import CallOff
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import CallOffReading, DutyReading, Heard, HeardReading, PressReading
from dispatch.words import Kind
from tests.broker import RunningBroker, running_broker
from tests.devices.simulator.centre import running_centre
from tests.devices.simulator.test_fleet import fleet_of, playing

KNOWN = RadioCredentials(
    radio=RadioId("r-1"), community=CommunityId("demo"), call_sign="西子一间", secret="s-1"
)
RADIOS = {"r-1": ("demo", "s-1")}


def options(folder: Path, *arguments: str) -> argparse.Namespace:
    """The command line of ``yihu press``, with a credentials file beside it."""
    save_credentials(
        folder / "credentials.json",
        Credentials(broker_url="mqtt://127.0.0.1:1", radios={KNOWN.radio: KNOWN}),
    )
    parser = argparse.ArgumentParser()
    press.add_arguments(parser)
    return parser.parse_args([f"--data={folder}", *arguments])


def address_of(broker: RunningBroker) -> BrokerAddress:
    """Where it listens."""
    return BrokerAddress(host=broker.host, port=broker.mqtt_port)


@dataclass(slots=True)
class Told:
    """Collects the lines that would be printed."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)


def played(address: BrokerAddress, *, wait_s: float) -> PlayedRadio:
    """The radio, played here."""
    return PlayedRadio(KNOWN, address, chance=random.Random(1), wall_ns=time.time_ns, wait_s=wait_s)


@pytest.mark.broker
async def test_a_radio_nobody_plays_presses_for_itself(tmp_path: Path) -> None:
    """A radio out of a drawer: connect, press, hear `stored`."""
    told = Told()
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        running_centre(broker, exercise=True) as centre,
    ):
        done = await press.press(
            KNOWN,
            Wanted(kind=Kind.MEDICAL, covert=True, drill=True),
            socket=tmp_path / "simulator.sock",
            address=address_of(broker),
            tell=told,
        )
    heard = centre.of(PressReading)[0]

    assert done
    assert isinstance(heard, PressReading)
    assert (heard.kind, heard.covert, heard.drill) == (Kind.MEDICAL, True, True)
    stored, taken = told.lines
    assert stored.startswith(f"西子一间 (r-1): medical {heard.press.wire} (drill) stored after ")
    assert taken == "西子一间 (r-1): an exercise is on, and the alarm is part of it"


@pytest.mark.broker
@pytest.mark.parametrize("by_simulator", [False, True])
async def test_a_drill_that_is_taken_as_real_is_told_as_such(
    tmp_path: Path, by_simulator: bool
) -> None:
    """Somebody is about to run: whoever only meant to practise must know at once."""
    told, socket = Told(), tmp_path / "simulator.sock"
    async with (
        running_broker(tmp_path, {"r-0": ("demo", "s-0"), **RADIOS}) as broker,
        running_centre(broker) as centre,
    ):
        fleet = fleet_of(broker) if by_simulator else Fleet([])
        async with playing(fleet), Control(socket, fleet):
            await centre.until(lambda: not by_simulator or len(centre.of(DutyReading)) >= 2)
            done = await press.press(
                KNOWN, Wanted(drill=True), socket=socket, address=address_of(broker), tell=told
            )

    assert not done
    assert "stored after" in told.lines[0]
    assert "NO exercise is on: the alarm is REAL" in told.lines[1]


@pytest.mark.broker
async def test_a_simulator_that_does_not_play_it_is_passed_by(tmp_path: Path) -> None:
    """It may play another community, or only some radios."""
    socket = tmp_path / "simulator.sock"
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        running_centre(broker),
        Control(socket, Fleet([])),
    ):
        done = await press.press(
            KNOWN, Wanted(), socket=socket, address=address_of(broker), tell=Told()
        )

    assert done


@pytest.mark.broker
async def test_a_press_is_called_off_step_by_step(tmp_path: Path) -> None:
    """Stored, then the wish, then the operator's word, which the radio confirms."""
    told = Told()
    async with running_broker(tmp_path, RADIOS) as broker, running_centre(broker) as centre:
        done = await press.press(
            KNOWN,
            Wanted(call_off=True, pin="0417", wait_s=10.0),
            socket=tmp_path / "simulator.sock",
            address=address_of(broker),
            tell=told,
        )
        await centre.until(lambda: bool(centre.of(HeardReading)))
    wish, heard = centre.of(CallOffReading)[0], centre.of(HeardReading)[0]

    assert done
    assert isinstance(wish, CallOffReading)
    assert wish.pin == "0417"
    assert isinstance(heard, HeardReading)
    assert (heard.what, heard.subject) == (Heard.CALLED_OFF, wish.alarm)
    pressed, asked, granted = told.lines
    assert "stored after" in pressed
    assert "the centre has the wish" in asked
    assert ": called off after" in granted
    assert not any("0417" in line for line in told.lines)


@pytest.mark.broker
@pytest.mark.parametrize("by_simulator", [False, True])
@pytest.mark.parametrize(
    ("grants", "end"),
    [
        (None, "NOT called off in N s; the alarm stands"),
        (False, "an operator REFUSED that after N s; help keeps coming"),
    ],
)
async def test_a_wish_that_no_operator_grants_is_told_as_such(
    tmp_path: Path, by_simulator: bool, grants: bool | None, end: str
) -> None:
    """People are still coming, and the one who pressed must know; by both ways of pressing."""
    told, socket = Told(), tmp_path / "simulator.sock"
    async with (
        running_broker(tmp_path, {"r-0": ("demo", "s-0"), **RADIOS}) as broker,
        running_centre(broker, grants=grants) as centre,
    ):
        fleet = fleet_of(broker) if by_simulator else Fleet([])
        async with playing(fleet), Control(socket, fleet):
            await centre.until(lambda: not by_simulator or len(centre.of(DutyReading)) >= 2)
            done = await press.press(
                KNOWN,
                Wanted(call_off=True, wait_s=0.5),
                socket=socket,
                address=address_of(broker),
                tell=told,
            )

        heard = centre.of(HeardReading)

    assert not done
    assert re.sub(r"\d+\.\d+ s", "N s", told.lines[-1]) == f"西子一间 (r-1): {end}"
    assert all(isinstance(each, HeardReading) and each.what is Heard.REFUSED for each in heard)


@pytest.mark.broker
async def test_a_press_nobody_stores_is_told_as_such(tmp_path: Path) -> None:
    """Repeated all the while; then the truth. Nothing is called off that was not stored."""
    told = Told()
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        running_centre(broker, stores=False) as centre,
        played(address_of(broker), wait_s=1.5) as radio,
    ):
        done = await press.steps(radio, "r-1", Wanted(call_off=True), told)

    assert not done
    (line,) = told.lines
    assert "NOT stored" in line
    assert line.endswith("The centre did not answer.")
    assert len(centre.of(PressReading)) >= 2


async def test_without_a_broker_the_reason_is_told() -> None:
    """Connection refused is what the person at the keyboard needs to read."""
    async with played(BrokerAddress(host="127.0.0.1", port=1), wait_s=0.5) as radio:
        outcome = await radio.press(kind=Kind.SOS, covert=False, drill=False)
        asked = await radio.call_off(outcome.press, "")

    assert not outcome.stored
    assert "refused" in outcome.why
    assert not asked


class OldCentre:
    """Of an older release: it stores the press, and knows of no wishes and no exercises."""

    async def press(self, *, kind: Kind, covert: bool, drill: bool) -> Outcome:
        return Outcome(stored=True, press="00:1", waited_s=0.1)

    async def call_off(self, press: str, pin: str) -> bool:
        return False

    async def called_off(self, press: str, wait_s: float) -> CallOff | None:
        raise AssertionError("nothing was asked")


async def test_a_wish_that_nobody_answers_is_told_as_such() -> None:
    """The alarm stands, and the one at the keyboard must not think otherwise."""
    told = Told()
    done = await press.steps(OldCentre(), "r-1", Wanted(call_off=True), told)

    assert not done
    assert "did NOT answer the wish" in told.lines[-1]


async def test_a_centre_that_says_nothing_of_exercises_is_not_guessed_at() -> None:
    """Neither *an exercise is on* nor *none is* would be known to be true."""
    told = Told()
    done = await press.steps(OldCentre(), "r-1", Wanted(drill=True), told)

    assert done
    assert "does not say whether an exercise is on" in told.lines[-1]


def test_a_name_nobody_has_is_refused_with_one_that_exists(tmp_path: Path) -> None:
    """Exit status 2, and what to write instead."""
    with pytest.raises(SettingsError, match="西子一间"):
        press.run(options(tmp_path, "西子二间"))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--pin=1234"], "belongs to --call-off"),
        (["--call-off", "--pin=12a4"], "up to 8 digits"),
        (["--call-off", "--pin=123456789"], "up to 8 digits"),
        (["--call-off", "--wait=0"], "--wait is 0"),
        (["--call-off", "--wait=nan"], "--wait is nan"),
        (["--call-off", "--wait=1e9"], "--wait is 1000000000"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_pressed(
    tmp_path: Path, arguments: list[str], why: str
) -> None:
    """An alarm is no place to find a spelling mistake."""
    with pytest.raises(SettingsError, match=why):
        press.run(options(tmp_path, "西子一间", *arguments))


def test_what_happened_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 where nobody stored it."""

    async def refused(*_: object, **__: object) -> Outcome:
        await asyncio.sleep(0)
        return Outcome(stored=False, press="00:1", waited_s=0.2, why="The broker: gone.")

    monkeypatch.setattr(PlayedRadio, "press", refused)

    status = press.run(options(tmp_path, "西子一间", "--kind=fire"))

    assert status == 1
    assert "NOT stored" in capsys.readouterr().out
