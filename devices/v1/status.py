"""The status lane of wire v1: one thing said of oneself, told apart by its members. No meaning.

    {"t", "duty"}  {"link"}             who is there
    {"t", "order", "state"}             what becomes of an order
    {"t", "seen" | "cancel" | "shown" | "called_off" | "refused"}   what the radio shows by now
    {"t", "call_off"}  {"t", "offer"}   what its bearer asks of the centre

The codec hands over what came by ``patrol/{community}/{radio}/status``.
"""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from devices.v1 import wire
from devices.v1.parse import Sender, claimed, fault, parse, press_id
from dispatch.clock import Instant
from dispatch.free_text import plain
from dispatch.ids import AssignmentId, IncidentId
from dispatch.readings import (
    WRONG_PIN,
    AnswerReading,
    CallOffReading,
    DutyReading,
    Heard,
    HeardReading,
    LinkReading,
    MessageReading,
    OfferReading,
)
from dispatch.words import AssignmentState


class _Probe(msgspec.Struct):
    """Which status shape it is: exactly one of these members says so."""

    duty: msgspec.Raw = msgspec.Raw()
    order: msgspec.Raw = msgspec.Raw()
    seen: msgspec.Raw = msgspec.Raw()
    cancel: msgspec.Raw = msgspec.Raw()
    shown: msgspec.Raw = msgspec.Raw()
    call_off: msgspec.Raw = msgspec.Raw()
    called_off: msgspec.Raw = msgspec.Raw()
    refused: msgspec.Raw = msgspec.Raw()
    offer: msgspec.Raw = msgspec.Raw()
    link: msgspec.Raw = msgspec.Raw()


_PROBE: Final = msgspec.json.Decoder(_Probe)
_DUTY: Final = msgspec.json.Decoder(wire.DutyWire)
_ANSWER: Final = msgspec.json.Decoder(wire.AnswerWire)
_SEEN: Final = msgspec.json.Decoder(wire.SeenHeardWire)
_CANCEL: Final = msgspec.json.Decoder(wire.CancelHeardWire)
_SHOWN: Final = msgspec.json.Decoder(wire.ShownWire)
_CALL_OFF: Final = msgspec.json.Decoder(wire.CallOffWire)
_CALLED_OFF: Final = msgspec.json.Decoder(wire.CalledOffHeardWire)
_REFUSED: Final = msgspec.json.Decoder(wire.RefusedHeardWire)
_OFFER: Final = msgspec.json.Decoder(wire.OfferWire)
_LINK: Final = msgspec.json.Decoder(wire.LinkWire)


def decode(sender: Sender, data: bytes, received_t: Instant) -> MessageReading:
    """What a status says. Raises DeviceProtocolError where it says nothing, or two things."""
    probe = parse(_PROBE, data)
    shapes = [name for name in _STATUSES if bytes(getattr(probe, name))]
    if len(shapes) != 1:
        raise fault("wrong_shape", f"a status says one thing, this says {len(shapes)}")
    return _STATUSES[shapes[0]](sender, data, received_t)


def _duty(sender: Sender, data: bytes, received_t: Instant) -> DutyReading:
    said = parse(_DUTY, data)
    return DutyReading(
        community=sender[0],
        radio=sender[1],
        on=said.duty == "on",
        device_t=claimed(said.t, received_t),
        received_t=received_t,
    )


def _answer(sender: Sender, data: bytes, received_t: Instant) -> AnswerReading:
    said = parse(_ANSWER, data)
    return AnswerReading(
        community=sender[0],
        radio=sender[1],
        assignment=AssignmentId(said.order),
        state=AssignmentState(said.state),
        reason=plain(said.reason or ""),
        device_t=claimed(said.t, received_t),
        received_t=received_t,
    )


def _seen_heard(sender: Sender, data: bytes, received_t: Instant) -> HeardReading:
    alarm = press_id(sender[1], parse(_SEEN, data).seen).alarm
    return _heard(sender, Heard.SEEN, alarm, received_t)


def _cancel_heard(sender: Sender, data: bytes, received_t: Instant) -> HeardReading:
    return _heard(sender, Heard.CANCEL, parse(_CANCEL, data).cancel, received_t)


def _shown(sender: Sender, data: bytes, received_t: Instant) -> HeardReading:
    return _heard(sender, Heard.SHOWN, parse(_SHOWN, data).shown, received_t)


def _called_off_heard(sender: Sender, data: bytes, received_t: Instant) -> HeardReading:
    alarm = press_id(sender[1], parse(_CALLED_OFF, data).called_off).alarm
    return _heard(sender, Heard.CALLED_OFF, alarm, received_t)


def _refused_heard(sender: Sender, data: bytes, received_t: Instant) -> HeardReading:
    alarm = press_id(sender[1], parse(_REFUSED, data).refused).alarm
    return _heard(sender, Heard.REFUSED, alarm, received_t)


def _heard(sender: Sender, what: Heard, subject: str, received_t: Instant) -> HeardReading:
    return HeardReading(
        community=sender[0], radio=sender[1], what=what, subject=subject, received_t=received_t
    )


def _call_off(sender: Sender, data: bytes, received_t: Instant) -> CallOffReading:
    said = parse(_CALL_OFF, data)
    return CallOffReading(
        community=sender[0],
        radio=sender[1],
        alarm=press_id(sender[1], said.call_off).alarm,
        pin=_typed(said.pin or ""),
        device_t=claimed(said.t, received_t),
        received_t=received_t,
    )


def _typed(pin: str) -> str:
    """What a forced hand mistypes is heard as a wrong PIN: refused, the wish would get no answer,
    and its radio would show to whoever stands beside it that this was no PIN."""
    return pin if re.match(wire.PIN_PATTERN, pin) else WRONG_PIN


def _offer(sender: Sender, data: bytes, received_t: Instant) -> OfferReading:
    said = parse(_OFFER, data)
    return OfferReading(
        community=sender[0],
        radio=sender[1],
        incident=None if said.offer == wire.NEAREST else IncidentId(said.offer),
        device_t=claimed(said.t, received_t),
        received_t=received_t,
    )


def _link(sender: Sender, data: bytes, received_t: Instant) -> LinkReading:
    said = parse(_LINK, data)
    return LinkReading(
        community=sender[0],
        radio=sender[1],
        online=said.link == "online",
        received_t=received_t,
    )


_STATUSES: Final[dict[str, Callable[[Sender, bytes, Instant], MessageReading]]] = {
    "duty": _duty,
    "order": _answer,
    "seen": _seen_heard,
    "cancel": _cancel_heard,
    "shown": _shown,
    "call_off": _call_off,
    "called_off": _called_off_heard,
    "refused": _refused_heard,
    "offer": _offer,
    "link": _link,
}
