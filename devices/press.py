"""``yihu press CALLSIGN``: pushes a radio's red button and tells what came of it, step by step.

A simulated radio is asked by its control socket. A radio that nobody plays is played here
(played_radio.py). A radio that somebody carries would lose its connection to us, so this is
for radios in a drawer, and for drills. With ``--call-off`` its bearer then asks to call the
alarm off, which an operator has to grant. With ``--drill`` it tells whether the centre takes
the press for part of an exercise: with none on, the alarm is real.
"""

import argparse
import asyncio
import random
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from devices.credentials import CREDENTIALS_FILE, RadioCredentials, load_credentials
from devices.mqtt import BrokerAddress
from devices.played_radio import Outcome, PlayedRadio
from devices.simulator.command import LOCAL_BROKER, broker_of
from devices.simulator.control import SOCKET_FILE, NoSimulatorError, ask
from devices.simulator.fleet import STORED_TIMEOUT_S
from devices.simulator.wishes import CallOff
from devices.v1.wire import PIN_PATTERN
from dispatch.errors import SettingsError, quoted
from dispatch.ids import RadioId
from dispatch.settings import DATA_DIR
from dispatch.words import Kind

CALLED_OFF_WAIT_S: Final = 120.0
"""An operator speaks with the sender first."""
CALLED_OFF_WAIT_MAX_S: Final = 3600.0

TAKEN_FOR: Final[dict[bool | None, str]] = {
    True: "an exercise is on, and the alarm is part of it",
    False: "NO exercise is on: the alarm is REAL, and people are called."
    " Have an operator start the exercise first, and call this one off",
    None: "the centre does not say whether an exercise is on; with none on, the alarm is real",
}
"""How a press with ``--drill`` was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What its bearer does."""

    kind: Kind = Kind.SOS
    covert: bool = False
    drill: bool = False
    call_off: bool = False
    pin: str = ""
    wait_s: float = CALLED_OFF_WAIT_S
    """For the alarm to be called off."""


class Hand(Protocol):
    """One radio, however it is played."""

    async def press(self, *, kind: Kind, covert: bool, drill: bool) -> Outcome:
        """Push its button, and wait a while until that is stored."""
        ...

    async def call_off(self, press: str, pin: str) -> bool:
        """Ask to call the press off; whether the centre has the wish."""
        ...

    async def called_off(self, press: str, wait_s: float) -> CallOff | None:
        """How far the wish is once it is answered, or after so many seconds."""
        ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu press`` takes."""
    parser.add_argument("radio", metavar="CALLSIGN", help="a call sign, or a radio's id")
    parser.add_argument("--kind", default=Kind.SOS.value, choices=[kind.value for kind in Kind])
    parser.add_argument("--covert", action="store_true", help="the radio shows and sounds nothing")
    parser.add_argument("--drill", action="store_true", help="say that it is an exercise")
    parser.add_argument(
        "--call-off", action="store_true", help="then ask to call it off, and wait for that"
    )
    parser.add_argument("--pin", default="", help="with --call-off: what its bearer types")
    parser.add_argument(
        "--wait",
        type=float,
        default=CALLED_OFF_WAIT_S,
        metavar="SECONDS",
        help="with --call-off: how long to wait for the operator (default: %(default).0f)",
    )
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="the data folder")
    parser.add_argument("--credentials", type=Path, help=f"default: {CREDENTIALS_FILE} in --data")
    parser.add_argument("--broker", default="", help=f"default: of the credentials, {LOCAL_BROKER}")


def run(options: argparse.Namespace) -> int:
    """Press; 0 when all that was asked came about, 1 when not in time. Raises SettingsError."""
    wanted = wanted_of(options)
    credentials = load_credentials(options.credentials or options.data / CREDENTIALS_FILE)
    known = credentials.by_name(options.radio)
    if known is None:
        raise SettingsError(
            f"no radio is called {quoted(options.radio)}",
            "use a call sign of the credentials file, such as "
            + (next((each.call_sign for each in credentials.radios.values()), "none: it is empty")),
        )
    done = asyncio.run(
        press(
            known,
            wanted,
            socket=options.data / SOCKET_FILE,
            address=broker_of(options.broker, credentials),
            tell=lambda line: print(line, flush=True),
        )
    )
    return 0 if done else 1


def wanted_of(options: argparse.Namespace) -> Wanted:
    """The command line, checked. Raises SettingsError."""
    if options.pin and not options.call_off:
        raise SettingsError("--pin belongs to --call-off", "give both, or neither")
    if not re.match(PIN_PATTERN, options.pin):
        raise SettingsError("--pin is not up to 8 digits", "give the digits as they are typed")
    if not 0 < options.wait <= CALLED_OFF_WAIT_MAX_S:
        raise SettingsError(
            f"--wait is {options.wait}", f"set it between 0 and {CALLED_OFF_WAIT_MAX_S:.0f} seconds"
        )
    return Wanted(
        kind=Kind(options.kind),
        covert=options.covert,
        drill=options.drill,
        call_off=options.call_off,
        pin=options.pin,
        wait_s=options.wait,
    )


async def press(
    known: RadioCredentials,
    wanted: Wanted,
    *,
    socket: Path,
    address: BrokerAddress,
    tell: Callable[[str], None],
) -> bool:
    """By the simulator where it plays this radio, else as the radio itself; whether all was done.

    Raises NoSimulatorError where the simulator ends meanwhile.
    """
    async with hand_on(known, socket, address) as hand:
        return await steps(hand, f"{known.call_sign} ({known.radio})", wanted, tell)


async def steps(hand: Hand, who: str, wanted: Wanted, tell: Callable[[str], None]) -> bool:
    """One after the other, each told when it is done; the first that fails is the last."""
    outcome = await hand.press(kind=wanted.kind, covert=wanted.covert, drill=wanted.drill)
    what = f"{wanted.kind} {outcome.press}" + (" (drill)" if wanted.drill else "")
    if not outcome.stored:
        tell(f"{who}: {what} NOT stored in {outcome.waited_s:.1f} s. {outcome.why}")
        return False
    tell(f"{who}: {what} stored after {outcome.waited_s:.3f} s")
    if wanted.drill:
        tell(f"{who}: {TAKEN_FOR[outcome.drill]}")
    as_asked = not wanted.drill or outcome.drill is not False
    if not wanted.call_off:
        return as_asked
    begun_s = asyncio.get_running_loop().time()

    def passed_s() -> float:
        return asyncio.get_running_loop().time() - begun_s

    if not await hand.call_off(outcome.press, wanted.pin):
        tell(f"{who}: the centre did NOT answer the wish to call it off in {passed_s():.1f} s")
        return False
    tell(f"{who}: the centre has the wish to call it off after {passed_s():.3f} s")
    answer = await hand.called_off(outcome.press, wanted.wait_s)
    if answer is CallOff.REFUSED:
        tell(f"{who}: an operator REFUSED that after {passed_s():.1f} s; help keeps coming")
    elif answer is not CallOff.DONE:
        tell(f"{who}: NOT called off in {passed_s():.1f} s; the alarm stands")
    else:
        tell(f"{who}: called off after {passed_s():.3f} s")
    return as_asked and answer is CallOff.DONE


@asynccontextmanager
async def hand_on(
    known: RadioCredentials, socket: Path, address: BrokerAddress
) -> AsyncIterator[Hand]:
    """The radio as the simulator plays it, or played here where nobody does."""
    try:
        answer = await ask(socket, {"radio": known.radio})
    except NoSimulatorError:
        answer = {}
    if "radios" in answer:
        yield SimulatedHand(known.radio, socket)
        return
    drawn = random.Random(secrets.token_bytes(16))
    async with PlayedRadio(known, address, chance=drawn, wall_ns=time.time_ns) as played:
        yield played


class SimulatedHand:
    """A radio of the running simulator, by its control socket."""

    def __init__(self, radio: RadioId, socket: Path) -> None:
        self._radio = radio
        self._socket = socket

    async def press(self, *, kind: Kind, covert: bool, drill: bool) -> Outcome:
        """Push its button. Raises NoSimulatorError."""
        asked = {"press": self._radio, "kind": kind.value, "covert": covert, "drill": drill}
        answer = await self._ask(asked)
        return Outcome(
            stored=answer["stored"],
            press=answer["press"],
            waited_s=answer["waited_s"],
            why="" if answer["stored"] else "The simulated radio goes on repeating it.",
            drill=answer.get("drill"),
        )

    async def call_off(self, press: str, pin: str) -> bool:
        """Ask to call the press off. Raises NoSimulatorError."""
        answer = await self._ask({"radio": self._radio, "call_off": press, "pin": pin})
        return answer["call_off"] in (CallOff.HEARD, CallOff.DONE, CallOff.REFUSED)

    async def called_off(self, press: str, wait_s: float) -> CallOff | None:
        """How far the wish is once it is answered, or after so many seconds.

        Raises NoSimulatorError.
        """
        loop = asyncio.get_running_loop()
        until_s = loop.time() + wait_s
        while (left_s := until_s - loop.time()) > 0:
            part_s = min(left_s, STORED_TIMEOUT_S)
            asked = {"radio": self._radio, "called_off": press, "wait_s": part_s}
            stage = (await self._ask(asked))["call_off"]
            if stage != CallOff.HEARD:
                return None if stage is None else CallOff(stage)
        return CallOff.HEARD

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = await ask(self._socket, asked)
        if "error" in answer:
            raise NoSimulatorError(answer["error"])
        return answer
