"""A radio in a test's hand: a real MQTT client that keeps its link as radios do.

    async with Radio(system, "xizi-v01") as radio:
        await radio.sign_on(120.13, 30.26)
        press = await radio.press()                 repeated until `stored` is heard
        order = await radio.hears("order")
        await radio.answer(order["order"], "accepted")     repeated until it is echoed
        await radio.call_off(press, pin="0417")            repeated until the centre has the wish
        order = await radio.offer()                        repeated until an order under way comes

It reconnects by itself, subscribes to its own topics and says that it is there. It
writes the wire by hand, as docs/wire.md draws it, so that an error in our own codec is
not made twice.
"""

import asyncio
import contextlib
import json
import random
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.awaiting import NEWS_TIMEOUT_S, Bell
from tests.system import System

REPEAT_S: Final = 0.5
"""Twice as eager as a radio, so that tests are twice as fast."""
RECONNECT_MIN_S: Final = 1
RECONNECT_MAX_S: Final = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """One message to the radio: the topic's last level, and what it says."""

    topic: str
    said: Mapping[str, Any]


class Radio:
    """One radio, from ``async with`` to its end."""

    def __init__(
        self,
        system: System,
        name: str,
        *,
        mqtt_port: int = 0,
        clock_off_s: float = 0.0,
        seed: int | None = None,
    ) -> None:
        known = system.credentials()["radios"][name]
        self.name = name
        self.community: str = known["community"]
        self.call_sign: str = known["call_sign"]
        self.heard: list[Heard] = []
        self.refused: list[str] = []
        """What the broker answered each time it did not let us in."""
        self.links = 0
        """How often a connection came up."""
        self.linked = False
        self._clock_off_s = clock_off_s
        self._chance = random.Random(secrets.token_bytes(16) if seed is None else seed)
        self._bell = Bell()
        self._loop = asyncio.get_running_loop()
        self._repeating: set[asyncio.Task[None]] = set()
        self._boot = f"{self._chance.getrandbits(64):016x}"
        self._presses = 0
        self._address = ("127.0.0.1", mqtt_port or system.mqtt_port)
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=name, reconnect_on_failure=True
        )
        self._client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        self._client.username_pw_set(name, known["secret"])
        self._client.will_set(self._topic("status"), '{"link":"offline"}', qos=1)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    async def __aenter__(self) -> Self:
        """Returns when the link is up, or when it was refused; see ``refused``."""
        self._client.connect_async(*self._address)
        self._client.loop_start()
        await self._bell.until(lambda: self.links or self.refused, lambda: f"{self.name} linked")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._repeating:
            task.cancel()
        await asyncio.gather(*self._repeating, return_exceptions=True)
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        # paho closes its sockets when it is collected: let that be now, not in a cycle with us.
        for event in ("connect", "disconnect", "message"):
            setattr(self._client, f"on_{event}", None)

    # --- what a bearer does ---

    async def sign_on(self, lon: float, lat: float) -> None:
        """Go on duty, and tell where we are once the centre has said that we are."""
        duty = json.dumps({"t": self.now_ms(), "duty": "on"})
        await self._repeated("status", duty, lambda: self._has("config", duty="on"))
        self.tell_position(lon, lat)

    async def sign_off(self) -> None:
        """Go off duty; returns when the centre has confirmed it."""
        duty = json.dumps({"t": self.now_ms(), "duty": "off"})
        await self._repeated("status", duty, lambda: self._has("config", duty="off"))

    def tell_position(self, lon: float, lat: float) -> None:
        """Send where we are now, once, as positions are sent."""
        self.publish("position", json.dumps(self.fix(lon, lat)), qos=0)

    def fix(self, lon: float, lat: float) -> dict[str, float]:
        """A good fix of now by this radio's clock."""
        return {"t": self.now_ms(), "lon": lon, "lat": lat, "acc": 5.0, "bat": 80}

    def push(self, **said: Any) -> str:
        """Press the red button: repeated until ``stored`` names it. Gives back the press."""
        self._presses += 1
        press = f"{self._boot}:{self._presses}"
        message = {"press": press, "t": self.now_ms(), "kind": "sos", **said}
        repeating = asyncio.create_task(
            self._repeated("alarm", json.dumps(message), lambda: self.has_stored(press)),
            name=f"{self.name} presses",
        )
        self._repeating.add(repeating)
        repeating.add_done_callback(self._repeating.discard)
        return press

    async def press(self, **said: Any) -> str:
        """Press the red button, and wait until it is stored."""
        press = self.push(**said)
        await self._bell.until(lambda: self.has_stored(press), lambda: f"{press} stored")
        return press

    def has_stored(self, press: str) -> bool:
        """Whether this press was heard as stored."""
        return self._has("stored", press=press)

    async def answer(self, order: str, state: str, **said: Any) -> None:
        """Answer an order, and wait until the centre has echoed it."""
        message = {"t": self.now_ms(), "order": order, "state": state, **said}

        def echoed() -> bool:
            return self._has("order", order=order, state=state) or self._has("cancel", order=order)

        await self._repeated("status", json.dumps(message), echoed)

    async def receive(self, order: str) -> None:
        """Say that an order is here, and wait until it is heard again, however it stands: one
        that begins under way is echoed in that state."""
        message = json.dumps({"t": self.now_ms(), "order": order, "state": "received"})
        before = len(self.all_heard("order", order=order))
        await self._repeated(
            "status", message, lambda: len(self.all_heard("order", order=order)) > before
        )

    async def call_off(self, press: str, pin: str = "") -> None:
        """Ask to call a press off, and wait until the centre has the wish, or it is done."""
        wish = {"t": self.now_ms(), "call_off": press, **({"pin": pin} if pin else {})}
        await self._repeated(
            "status", json.dumps(wish), lambda: self._has("called_off", press=press)
        )

    async def is_called_off(self, press: str) -> None:
        """Returns once the press is called off, which is confirmed as a radio does."""
        await self.hears("called_off", press=press, done=True)
        self.confirm(called_off=press)

    async def shows_refused(self, press: str) -> None:
        """Returns once the wish to call it off is refused, which is confirmed as a radio does."""
        await self.hears("called_off", press=press, refused=True)
        self.confirm(refused=press)

    async def tell_tip(self, key: str, **said: Any) -> str:
        """Tell a sealed tip, and wait until it is stored; gives back its code."""
        tip = json.dumps({"report": key, "t": self.now_ms(), "kind": "tip", **said})
        await self._repeated("report", tip, lambda: self._has("stored", report=key))
        (code,) = {each["code"] for each in self.all_heard("stored", report=key)}
        return str(code)

    async def offer(self, incident: str = "nearest") -> Mapping[str, Any]:
        """Offer to go, and wait until an order under way comes; gives back that order."""
        before = len(self.heard)
        said = json.dumps({"t": self.now_ms(), "offer": incident})
        await self._repeated("status", said, lambda: bool(self._sent_since(before, incident)))
        return self._sent_since(before, incident)[0]

    def confirm(self, **what: str) -> None:
        """Say that ``seen=PRESS``, ``cancel=ORDER``, ``shown=ORDER``, ``called_off=PRESS`` or
        ``refused=PRESS`` is."""
        self.publish("status", json.dumps({"t": self.now_ms(), **what}))

    # --- what it hears ---

    async def hears(
        self, topic: str, *, timeout_s: float = NEWS_TIMEOUT_S, **said: Any
    ) -> Mapping[str, Any]:
        """The first message on this topic that says this, heard already or to come."""
        return await self._bell.until(
            lambda: next(iter(self.all_heard(topic, **said)), None),
            lambda: f"{self.name} hears {topic} {said}; it heard {self.heard}",
            timeout_s,
        )

    async def hears_again(self, topic: str, **said: Any) -> Mapping[str, Any]:
        """The next such message after those that were heard already."""
        before = len(self.all_heard(topic, **said))
        found = await self._bell.until(
            lambda: self.all_heard(topic, **said)[before:],
            lambda: f"{self.name} hears {topic} {said} again; it heard {self.heard}",
        )
        return found[0]

    def all_heard(self, topic: str, **said: Any) -> list[Mapping[str, Any]]:
        """All messages so far on this topic that say this, oldest first."""
        return [
            each.said
            for each in self.heard
            if each.topic == topic and said.items() <= each.said.items()
        ]

    async def links_again(self, links: int) -> None:
        """Returns once a connection came up after the first ``links``."""
        await self._bell.until(
            lambda: self.linked and self.links > links, lambda: f"{self.name} linked again"
        )

    async def is_cut(self) -> None:
        """Returns once the link is down."""
        await self._bell.until(lambda: not self.linked, lambda: f"{self.name} cut off")

    async def is_refused(self) -> str:
        """What the broker said, once it has turned us away."""
        await self._bell.until(lambda: self.refused, lambda: f"{self.name} turned away")
        return self.refused[-1]

    # --- the wire ---

    def publish(self, lane: str, payload: str | bytes, *, qos: int = 1) -> None:
        """Say something on our own topic, once, whatever it is."""
        self._client.publish(self._topic(lane), payload, qos)

    def now_ms(self) -> int:
        """This radio's clock."""
        return int((time.time() + self._clock_off_s) * 1000)

    def _topic(self, lane: str) -> str:
        return f"patrol/{self.community}/{self.name}/{lane}"

    def _has(self, topic: str, **said: Any) -> bool:
        return bool(self.all_heard(topic, **said))

    def _sent_since(self, heard: int, incident: str) -> list[Mapping[str, Any]]:
        """Orders of this incident that say that we are on our way, after so many messages."""
        return [
            each.said
            for each in self.heard[heard:]
            if each.topic == "order"
            and each.said["state"] in ("accepted", "en_route", "on_scene")
            and incident in ("nearest", each.said["incident"])
        ]

    async def _repeated(self, lane: str, payload: str, done: Any) -> None:
        """Say it every REPEAT_S while the link is up, until it is done."""
        deadline_s = self._loop.time() + NEWS_TIMEOUT_S
        while not done():
            assert self._loop.time() < deadline_s, f"{self.name}: never answered: {payload}"
            if self.linked:
                self.publish(lane, payload)
            with contextlib.suppress(AssertionError):  # time to say it again
                await self._bell.until(done, lambda: payload, REPEAT_S)

    # paho calls these in its own thread.

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, code: Any, _: Any) -> None:
        if code.is_failure:
            self._soon(self._turned_away, str(code))
            return
        client.subscribe(f"radio/{self.community}/{self.name}/#", qos=1)
        client.publish(self._topic("status"), '{"link":"online"}', qos=1)
        self._soon(self._linked)

    def _on_disconnect(self, *_: Any) -> None:
        self._soon(self._unlinked)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._soon(self._hear, Heard(message.topic.split("/")[-1], json.loads(message.payload)))

    def _soon(self, step: Any, *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be gone before the thread
            self._loop.call_soon_threadsafe(step, *arguments)

    def _linked(self) -> None:
        self.links += 1
        self.linked = True
        self._bell.ring()

    def _unlinked(self) -> None:
        self.linked = False
        self._bell.ring()

    def _turned_away(self, why: str) -> None:
        self.refused.append(why)
        self._bell.ring()

    def _hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self._bell.ring()
