"""The radio's end of wire v1: readings into payloads, payloads into messages. No socket, no clock.

For simulated radios, ``yihu press`` and tests: the other half of the same wire, so
that both directions are read back. What the hub gives a reading (when it was
received, its digest) is not on the wire and not looked at here.
"""

from typing import Final

import msgspec

from devices.codec import PositionReading, Reading
from devices.v1 import wire
from devices.v1.parse import TOPIC_LENGTH_MAX, check_length, fault, fix_to_wire, micros, parse
from dispatch.clock import MILLISECOND
from dispatch.ids import WORD, AssignmentId, CommunityId, IncidentId, RadioId
from dispatch.outgoing import (
    CalledOffMessage,
    CancelMessage,
    ConfigMessage,
    OrderMessage,
    RadioMessage,
    RadioTopic,
    SeenMessage,
    StoredMessage,
    ToRadio,
)
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    Fix,
    Heard,
    HeardReading,
    LinkReading,
    OfferReading,
    PressReading,
    ReportReading,
    TipReading,
)

_WORDS: Final = frozenset(topic.value for topic in RadioTopic)
_ENCODER: Final = msgspec.json.Encoder()
_STORED: Final = msgspec.json.Decoder(wire.StoredWire)
_SEEN: Final = msgspec.json.Decoder(wire.SeenWire)
_ORDER: Final = msgspec.json.Decoder(wire.OrderWire)
_CANCEL: Final = msgspec.json.Decoder(wire.CancelWire)
_CALLED_OFF: Final = msgspec.json.Decoder(wire.CalledOffWire)
_CONFIG: Final = msgspec.json.Decoder(wire.ConfigWire)


def own_filter(community: CommunityId, radio: RadioId) -> str:
    """The one filter a radio subscribes to."""
    return f"radio/{community}/{radio}/+"


def will(community: CommunityId, radio: RadioId) -> tuple[str, bytes]:
    """The last will that the broker speaks when the radio is lost."""
    return f"patrol/{community}/{radio}/status", _ENCODER.encode(wire.LinkWire(link="offline"))


def encode_reading(reading: Reading) -> tuple[str, bytes]:
    """The topic and payload by which a radio says this."""
    lane, said = _said(reading)
    radio = reading.press.radio if isinstance(reading, PressReading) else reading.radio
    return f"patrol/{reading.community}/{radio}/{lane}", _ENCODER.encode(said)


def decode_to_radio(topic: str, data: bytes) -> ToRadio:
    """What the centre says to a radio. Raises DeviceProtocolError and nothing else."""
    check_length(data)
    community, radio, word = _address(topic)
    return ToRadio(community=community, radio=radio, topic=word, message=_heard(word, data))


def _said(reading: Reading) -> tuple[str, wire.Wire]:
    match reading:
        case PositionReading(fixes=(only,)):
            return "position", fix_to_wire(only)
        case PositionReading(fixes=fixes):
            return "position", wire.BacklogWire(fixes=[fix_to_wire(fix) for fix in fixes])
        case PressReading() as press:
            return "alarm", wire.AlarmWire(
                press=press.press.wire,
                t=press.device_t // MILLISECOND,
                kind=press.kind,
                covert=press.covert,
                fix=_maybe(press.fix),
                drill=press.drill,
            )
        case ReportReading() as report:
            return "report", wire.ReportWire(
                report=report.key,
                t=report.device_t // MILLISECOND,
                kind=wire.ReportKind(report.kind),
                words=report.words,
                photo=report.photo or None,
                fix=_maybe(report.fix),
            )
        case TipReading() as tip:
            return "report", wire.ReportWire(
                report=tip.key,
                t=tip.device_t // MILLISECOND,
                kind=wire.ReportKind.TIP,
                words=tip.words,
                fix=_maybe(tip.fix),
                about=tip.about,
                anonymous=tip.anonymous,
            )
        case _:
            return "status", _status(reading)


def _status(
    reading: DutyReading
    | LinkReading
    | AnswerReading
    | HeardReading
    | CallOffReading
    | OfferReading,
) -> wire.Wire:
    match reading:
        case DutyReading(on=on, device_t=t):
            return wire.DutyWire(t=t // MILLISECOND, duty="on" if on else "off")
        case LinkReading(online=online):
            return wire.LinkWire(link="online" if online else "offline")
        case AnswerReading() as answer:
            return _answer(answer)
        case HeardReading(what=what, subject=subject, received_t=t):
            return _confirmed(what, subject, t // MILLISECOND)
        case CallOffReading(alarm=alarm, pin=pin, device_t=t):
            return wire.CallOffWire(t=t // MILLISECOND, call_off=_press(alarm), pin=pin or None)
        case OfferReading(incident=incident, device_t=t):
            return wire.OfferWire(t=t // MILLISECOND, offer=incident or wire.NEAREST)


def _confirmed(what: Heard, subject: str, t_ms: int) -> wire.Wire:
    match what:
        case Heard.SEEN:
            return wire.SeenHeardWire(t=t_ms, seen=_press(subject))
        case Heard.CANCEL:
            return wire.CancelHeardWire(t=t_ms, cancel=subject)
        case Heard.SHOWN:
            return wire.ShownWire(t=t_ms, shown=subject)
        case Heard.CALLED_OFF:
            return wire.CalledOffHeardWire(t=t_ms, called_off=_press(subject))
        case Heard.REFUSED:
            return wire.RefusedHeardWire(t=t_ms, refused=_press(subject))


def _press(alarm: str) -> str:
    """The press as the radio wrote it, of the alarm that it raised."""
    _, boot, counter = alarm.split("/")
    return f"{boot}:{counter}"


def _answer(answer: AnswerReading) -> wire.AnswerWire:
    said = msgspec.convert(answer.state.value, wire.AnswerState)
    return wire.AnswerWire(
        t=answer.device_t // MILLISECOND,
        order=answer.assignment,
        state=said,
        reason=answer.reason or None,
    )


def _maybe(fix: Fix | None) -> wire.FixWire | None:
    return None if fix is None else fix_to_wire(fix)


def _address(topic: str) -> tuple[CommunityId, RadioId, RadioTopic]:
    levels = topic.split("/") if len(topic) <= TOPIC_LENGTH_MAX else []
    if len(levels) != 4 or levels[0] != "radio" or levels[3] not in _WORDS:
        raise fault("unknown_topic", topic)
    if not WORD.fullmatch(levels[1]) or not WORD.fullmatch(levels[2]):
        raise fault("bad_identity", topic)
    return CommunityId(levels[1]), RadioId(levels[2]), RadioTopic(levels[3])


def _heard(word: RadioTopic, data: bytes) -> RadioMessage:
    match word:
        case RadioTopic.STORED:
            return _stored(parse(_STORED, data))
        case RadioTopic.SEEN:
            seen = parse(_SEEN, data)
            return SeenMessage(press=seen.press, by=seen.by, t=micros(seen.t))
        case RadioTopic.ORDER:
            return _order(parse(_ORDER, data))
        case RadioTopic.CANCEL:
            cancel = parse(_CANCEL, data)
            return CancelMessage(
                order=AssignmentId(cancel.order), reason=cancel.reason, t=micros(cancel.t)
            )
        case RadioTopic.CALLED_OFF:
            off = parse(_CALLED_OFF, data)
            return CalledOffMessage(
                press=off.press, done=off.done, t=micros(off.t), refused=off.refused
            )
        case RadioTopic.CONFIG:
            config = parse(_CONFIG, data)
            return ConfigMessage(
                duty=config.duty == "on",
                t=micros(config.t),
                interval_s=config.interval_s,
                clock_speed=config.clock_speed,
                drill=config.drill,
            )
        case RadioTopic.PAGE | RadioTopic.ASK:
            raise fault("unknown_topic", f"{word.value} is kept for later versions")


def _stored(said: wire.StoredWire) -> StoredMessage:
    if (said.press is None) == (said.report is None):
        raise fault("wrong_shape", "stored names one press or one report")
    subject = said.press if said.report is None else said.report
    assert subject is not None
    return StoredMessage(
        subject=subject,
        is_report=said.press is None,
        t=micros(said.t),
        drill=said.drill,
        code=said.code,
    )


def _order(said: wire.OrderWire) -> OrderMessage:
    return OrderMessage(
        order=AssignmentId(said.order),
        incident=IncidentId(said.incident),
        kind=said.kind,
        priority=said.priority,
        state=said.state,
        t=micros(said.t),
        lon=None if said.lon is msgspec.UNSET else said.lon,
        lat=None if said.lat is msgspec.UNSET else said.lat,
        grid=said.grid,
        near=said.near,
        near_m=None if said.near_m is msgspec.UNSET else said.near_m,
        bearing=said.bearing,
        sender=said.sender,
        covert=said.covert,
        drill=said.drill is True,
    )
