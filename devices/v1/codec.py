"""The hub's end of wire v1: payloads into readings, messages into payloads. No socket, no clock.

    patrol/{community}/{radio}/alarm | position | status | report                 read here
    radio/{community}/{radio}/stored | seen | order | cancel | called_off | config  written here

What a status says is read in ``status.py``; the radio's end is in ``radio.py``.
Length is refused before content, and which lane (the phase) before what it says. An
MQTT payload is always whole, so there is no ``feed``: one payload, one reading.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec

from devices.codec import PositionReading, Reading
from devices.v1 import status, wire
from devices.v1.fixes import Refused, fix_columns, said_fixes
from devices.v1.parse import (
    PROTOCOL,
    TOPIC_LENGTH_MAX,
    Sender,
    check_length,
    fault,
    fix_of,
    micros,
    parse,
    press_id,
)
from dispatch.clock import MILLISECOND, Instant
from dispatch.errors import DeviceProtocolError
from dispatch.free_text import plain
from dispatch.ids import WORD, CommunityId, RadioId
from dispatch.outgoing import (
    CalledOffMessage,
    CancelMessage,
    ConfigMessage,
    OrderMessage,
    SeenMessage,
    StoredMessage,
    ToRadio,
)
from dispatch.readings import Fix, FixBatch, PressReading, ReportReading, TipReading
from dispatch.words import Kind

_NO_NUMBER: Final = re.compile(rb"([:\[,]\s*)-?(?:nan|inf(?:inity)?)(?=\s*[,}\]])", re.IGNORECASE)
"""What C prints for a place it does not know. It makes the whole no JSON, and no press lost."""

_T = TypeVar("_T")


class _Bare(msgspec.Struct):
    """A press of which every part but its name is looked at by itself."""

    press: wire.Press
    t: msgspec.Raw = msgspec.Raw(b"null")
    kind: msgspec.Raw = msgspec.Raw(b"null")
    covert: msgspec.Raw = msgspec.Raw(b"false")
    fix: msgspec.Raw = msgspec.Raw(b"null")
    drill: msgspec.Raw = msgspec.Raw(b"false")


_ALARM: Final = msgspec.json.Decoder(wire.AlarmWire)
_BARE: Final = msgspec.json.Decoder(_Bare)
_KIND: Final = msgspec.json.Decoder(Kind)
_MILLIS: Final[msgspec.json.Decoder[int]] = msgspec.json.Decoder(wire.Millis)
_COVERT: Final = msgspec.json.Decoder(bool)
_DRILL: Final[msgspec.json.Decoder[bool | None]] = msgspec.json.Decoder(bool | None)
_MAYBE_FIX: Final[msgspec.json.Decoder[wire.FixWire | None]] = msgspec.json.Decoder(
    wire.FixWire | None
)
_REPORT: Final = msgspec.json.Decoder(wire.ReportWire)
_ENCODER: Final = msgspec.json.Encoder()
_CANONICAL: Final = msgspec.json.Encoder(order="sorted")


class V1:
    """Wire v1 over MQTT. Keeps nothing between two payloads."""

    name = PROTOCOL
    alarm_filters: tuple[str, ...] = ("patrol/+/+/alarm",)
    status_filters: tuple[str, ...] = ("patrol/+/+/status", "patrol/+/+/report")
    position_filters: tuple[str, ...] = ("patrol/+/+/position",)

    def decode(self, topic: str, data: bytes, received_t: Instant) -> Reading:
        """The reading in one payload. Raises DeviceProtocolError and nothing else."""
        check_length(data)
        sender, lane = address(topic)
        return _LANES[lane](sender, data, received_t)

    def fixes(
        self, rows: Sequence[int], payloads: Sequence[bytes], received_t: Instant
    ) -> tuple[FixBatch, Refused]:
        """The fixes in many payloads of the position lane; see ``Codec.fixes``."""
        return fix_columns(rows, payloads, received_t)

    def sender(self, topic: str) -> Sender:
        """Who speaks by a topic. Raises DeviceProtocolError."""
        return address(topic)[0]

    def speaker(self, topic: str) -> RadioId | None:
        """Whose topic it is, for a log line about what was refused; None for nobody's."""
        try:
            (_, radio), _ = address(topic)
        except DeviceProtocolError:
            return None
        return radio

    def encode(self, to_radio: ToRadio) -> tuple[str, bytes]:
        """The topic and payload that say this to the radio."""
        topic = f"radio/{to_radio.community}/{to_radio.radio}/{to_radio.topic.value}"
        return topic, _ENCODER.encode(_outgoing(to_radio))


def address(topic: str) -> tuple[Sender, str]:
    """Who speaks, and in which lane. Raises DeviceProtocolError."""
    if len(topic) > TOPIC_LENGTH_MAX:
        raise fault("unknown_topic", f"a topic of {len(topic)} characters")
    levels = topic.split("/")
    if len(levels) != 4 or levels[0] != "patrol" or levels[3] not in _LANES:
        raise fault("unknown_topic", topic)
    _, community, radio, lane = levels
    if not WORD.fullmatch(community) or not WORD.fullmatch(radio):
        raise fault("bad_identity", topic)
    return (CommunityId(community), RadioId(radio)), lane


def digest(content: wire.AlarmWire | wire.ReportWire) -> str:
    """SHA-256 of what was said, whatever the order of members, spacing, or unknown members."""
    return hashlib.sha256(_CANONICAL.encode(content)).hexdigest()


def _alarm(sender: Sender, data: bytes, received_t: Instant) -> PressReading:
    """A press, whole; or as much of it as can be read, for nobody is left alone over a comma."""
    community, radio = sender
    try:
        said = parse(_ALARM, data)
        return PressReading(
            press=press_id(radio, said.press),
            community=community,
            device_t=micros(said.t),
            received_t=received_t,
            kind=said.kind,
            covert=said.covert,
            fix=fix_of(said.fix) if said.fix else None,
            digest=digest(said),
            drill=said.drill,
        )
    except DeviceProtocolError:
        return mended(sender, data, received_t)


def mended(sender: Sender, data: bytes, received_t: Instant) -> PressReading:
    """A press of which only the identity must be right. Raises DeviceProtocolError without one.

    An unknown kind is SOS; a time that cannot be is that of receipt; a fix that cannot
    be is none; whether it is covert is taken for yes, since a loud mistake can hurt, and
    whether it is a drill for no, since somebody may need help.
    """
    community, radio = sender
    said = parse(_BARE, _NO_NUMBER.sub(rb"\1null", data))
    faults: list[str] = []
    kind = _or_else(faults, lambda: parse(_KIND, bytes(said.kind)), Kind.SOS)
    device_t = _or_else(faults, lambda: micros(parse(_MILLIS, bytes(said.t))), received_t)
    covert = _or_else(faults, lambda: parse(_COVERT, bytes(said.covert)), True)
    fix = _or_else(faults, lambda: _maybe_fix(bytes(said.fix)), None)
    drill = _or_else(faults, lambda: parse(_DRILL, bytes(said.drill)), None)
    return PressReading(
        press=press_id(radio, said.press),
        community=community,
        device_t=device_t,
        received_t=received_t,
        kind=kind,
        covert=covert,
        fix=fix,
        digest=hashlib.sha256(data).hexdigest(),
        mended=tuple(faults),
        drill=bool(drill),
    )


def _maybe_fix(data: bytes) -> Fix | None:
    said = parse(_MAYBE_FIX, data)
    return fix_of(said) if said else None


def _or_else(faults: list[str], read: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return read()
    except DeviceProtocolError as exc:
        faults.append(exc.reason)
        return otherwise


def _position(sender: Sender, data: bytes, received_t: Instant) -> PositionReading:
    community, radio = sender
    return PositionReading(
        radio=radio,
        community=community,
        fixes=tuple(fix_of(fix) for fix in said_fixes(data)),
        received_t=received_t,
    )


def _report(sender: Sender, data: bytes, received_t: Instant) -> ReportReading | TipReading:
    community, radio = sender
    said = parse(_REPORT, data)
    if said.kind is wire.ReportKind.TIP:
        return TipReading(
            radio=radio,
            community=community,
            key=said.report,
            about=said.about,
            words=plain(said.words).strip(),
            anonymous=said.anonymous,
            fix=fix_of(said.fix) if said.fix else None,
            device_t=micros(said.t),
        )
    return ReportReading(
        radio=radio,
        community=community,
        key=said.report,
        kind=Kind(said.kind),
        words=plain(said.words),
        photo=said.photo or "",
        fix=fix_of(said.fix) if said.fix else None,
        device_t=micros(said.t),
        received_t=received_t,
        digest=digest(said),
    )


_LANES: Final[dict[str, Callable[[Sender, bytes, Instant], Reading]]] = {
    "alarm": _alarm,
    "position": _position,
    "status": status.decode,
    "report": _report,
}


def _outgoing(to_radio: ToRadio) -> wire.Wire:
    match to_radio.message:
        case StoredMessage(subject=subject, is_report=is_report, t=t, drill=drill, code=code):
            if is_report:
                return wire.StoredWire(report=subject, t=t // MILLISECOND, code=code)
            return wire.StoredWire(press=subject, t=t // MILLISECOND, drill=drill)
        case SeenMessage(press=press, by=by, t=t):
            return wire.SeenWire(press=press, by=by, t=t // MILLISECOND)
        case OrderMessage() as order:
            return _order(order)
        case CancelMessage(order=cancelled, reason=reason, t=t):
            return wire.CancelWire(order=cancelled, reason=reason, t=t // MILLISECOND)
        case CalledOffMessage(press=press, done=done, t=t, refused=refused):
            return wire.CalledOffWire(press=press, done=done, t=t // MILLISECOND, refused=refused)
        case ConfigMessage() as config:
            return wire.ConfigWire(
                duty="on" if config.duty else "off",
                t=config.t // MILLISECOND,
                interval_s=config.interval_s,
                clock_speed=config.clock_speed,
                drill=config.drill,
            )


def _order(order: OrderMessage) -> wire.OrderWire:
    return wire.OrderWire(
        order=order.order,
        incident=order.incident,
        kind=order.kind,
        priority=order.priority,
        state=order.state,
        t=order.t // MILLISECOND,
        grid=order.grid,
        near=order.near,
        bearing=order.bearing,
        sender=order.sender,
        covert=order.covert,
        lon=msgspec.UNSET if order.lon is None else order.lon,
        lat=msgspec.UNSET if order.lat is None else order.lat,
        near_m=msgspec.UNSET if order.near_m is None else order.near_m,
        drill=order.drill or msgspec.UNSET,
    )
