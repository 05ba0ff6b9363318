"""``yihu press CALLSIGN``: pushes a radio's red button and tells what came of it.

A simulated radio is asked by its control socket. A radio that nobody plays is
played here: one connection with its own secret, the press repeated until it is
stored. A radio that somebody carries would lose its connection to us, so this is
for radios in a drawer, and for drills.
"""

import argparse
import asyncio
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devices.credentials import CREDENTIALS_FILE, RadioCredentials, load_credentials
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
from devices.simulator.button import REPEAT_S, Button
from devices.simulator.command import LOCAL_BROKER, broker_of
from devices.simulator.control import SOCKET_FILE, NoSimulatorError, ask
from devices.v1.radio import decode_to_radio, encode_reading, own_filter
from dispatch.clock import Instant
from dispatch.errors import DeviceProtocolError, SettingsError, quoted
from dispatch.outgoing import StoredMessage
from dispatch.settings import DATA_DIR
from dispatch.words import Kind

WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a press."""

    stored: bool
    press: str
    waited_s: float
    why: str = ""
    """Why it was not stored, as far as is known."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu press`` takes."""
    parser.add_argument("radio", metavar="CALLSIGN", help="a call sign, or a radio's id")
    parser.add_argument("--kind", default=Kind.SOS.value, choices=[kind.value for kind in Kind])
    parser.add_argument("--covert", action="store_true", help="the radio shows and sounds nothing")
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="the data folder")
    parser.add_argument("--credentials", type=Path, help=f"default: {CREDENTIALS_FILE} in --data")
    parser.add_argument("--broker", default="", help=f"default: of the credentials, {LOCAL_BROKER}")


def run(options: argparse.Namespace) -> int:
    """Press; 0 when it was stored, 1 when not within WAIT_S. Raises SettingsError."""
    credentials = load_credentials(options.credentials or options.data / CREDENTIALS_FILE)
    known = credentials.by_name(options.radio)
    if known is None:
        raise SettingsError(
            f"no radio is called {quoted(options.radio)}",
            "use a call sign of the credentials file, such as "
            + (next((each.call_sign for each in credentials.radios.values()), "none: it is empty")),
        )
    outcome = asyncio.run(
        press(
            known,
            kind=Kind(options.kind),
            covert=options.covert,
            socket=options.data / SOCKET_FILE,
            address=broker_of(options.broker, credentials),
        )
    )
    print(sentence(known, options.kind, outcome))
    return 0 if outcome.stored else 1


def sentence(known: RadioCredentials, kind: str, outcome: Outcome) -> str:
    """What happened, for the person who pressed."""
    who = f"{known.call_sign} ({known.radio})"
    if outcome.stored:
        return f"{who}: {kind} {outcome.press} stored after {outcome.waited_s:.3f} s"
    return f"{who}: {kind} {outcome.press} NOT stored in {outcome.waited_s:.1f} s. {outcome.why}"


async def press(
    known: RadioCredentials, *, kind: Kind, covert: bool, socket: Path, address: BrokerAddress
) -> Outcome:
    """By the simulator where it plays this radio, else as the radio itself."""
    try:
        answer = await ask(socket, {"press": known.radio, "kind": kind.value, "covert": covert})
    except NoSimulatorError:
        answer = {}
    if "stored" in answer:
        return Outcome(
            stored=answer["stored"],
            press=answer["press"],
            waited_s=answer["waited_s"],
            why="" if answer["stored"] else "The simulated radio goes on repeating it.",
        )
    drawn = random.Random(secrets.token_bytes(16))
    return await press_by_mqtt(
        known, kind=kind, covert=covert, address=address, chance=drawn, wall_ns=time.time_ns
    )


async def press_by_mqtt(
    known: RadioCredentials,
    *,
    kind: Kind,
    covert: bool,
    address: BrokerAddress,
    chance: random.Random,
    wall_ns: Callable[[], int],
    wait_s: float = WAIT_S,
) -> Outcome:
    """Be this radio for as long as it takes to have the press stored."""
    played = _Pressing(known, address, chance)
    begun_s = asyncio.get_running_loop().time()
    now: Instant = wall_ns() // 1000
    reading = played.button.press(kind=kind, covert=covert, fix=None, stamp=now, now=now)
    topic, data = encode_reading(reading)
    link = asyncio.create_task(played.link.run(), name="press")
    try:
        async with asyncio.timeout(wait_s):
            while played.button.waiting(reading.press.wire):
                if played.link.up:
                    played.link.publish(topic, data, qos=1)
                await played.heard_something(REPEAT_S)
    except TimeoutError:
        pass  # told in the outcome
    finally:
        link.cancel()
        await asyncio.gather(link, return_exceptions=True)
    stored = not played.button.waiting(reading.press.wire)
    return Outcome(
        stored=stored,
        press=reading.press.wire,
        waited_s=asyncio.get_running_loop().time() - begun_s,
        why="" if stored else played.why or "The centre did not answer.",
    )


class _Pressing:
    """The connection of one press, and the button that it repeats."""

    def __init__(
        self, known: RadioCredentials, address: BrokerAddress, chance: random.Random
    ) -> None:
        self.button = Button(known.radio, known.community, chance)
        self.why = ""
        self._something = asyncio.Event()
        self.link = MqttLink(
            address,
            Login(
                client_id=known.radio,
                username=known.radio,
                password=known.secret,
                filters=((own_filter(known.community, known.radio), 1),),
            ),
            on_message=self._on_message,
            on_link=self._on_link,
            chance=chance,
        )

    async def heard_something(self, wait_s: float) -> None:
        """Wait for news of link or press, at most so long."""
        self._something.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._something.wait()
        except TimeoutError:
            pass  # time to repeat

    def _on_message(self, topic: str, data: bytes, ack: Ack) -> None:
        ack()
        try:
            message = decode_to_radio(topic, data).message
        except DeviceProtocolError:
            return  # not for a press
        if isinstance(message, StoredMessage) and self.button.stored(message.subject):
            self._something.set()

    def _on_link(self, why: str) -> None:
        self.why = f"The broker: {why}." if why else ""
        self._something.set()
