"""Turns JSON bytes into one of the shapes, or into the one error that leaves a codec. No meaning.

Length is refused before content. msgspec does the work; how it says no is
translated here into reasons that can be counted.
"""

import re
from typing import Final, NoReturn, TypeVar

import msgspec

from devices.v1.wire import PAYLOAD_BYTES_MAX, FixWire
from dispatch.clock import MILLISECOND, Instant
from dispatch.errors import DeviceProtocolError, quoted
from dispatch.ids import PRESS_COUNTER_MAX, CommunityId, RadioId
from dispatch.readings import Fix, PressId
from geo.datum import Datum, from_wgs84, to_wgs84

PROTOCOL: Final = "v1"
TOPIC_LENGTH_MAX: Final = 100
"""patrol, two words of at most 40 and a lane come to 98."""

TIME_MS_MIN: Final = 946_684_800_000
"""2000-01-01: a clock before it was never set (1970, or the 1980 of a cold GPS receiver)."""
TIME_MS_MAX: Final = 4_102_444_800_000
"""2100-01-01. Between the two a clock may be off by years: device time is only a claim."""

Sender = tuple[CommunityId, RadioId]
"""Who speaks, as the topic says."""

_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_Shape = TypeVar("_Shape")


def fault(reason: str, detail: str, offset: int = -1) -> DeviceProtocolError:
    """The one error that leaves this codec."""
    return DeviceProtocolError(
        protocol=PROTOCOL, reason=reason, detail=quoted(detail), offset=offset
    )


def check_length(data: bytes) -> None:
    """Refuse what no message of ours is, before anything in it is read."""
    if len(data) > PAYLOAD_BYTES_MAX:
        raise fault("too_long", f"{len(data)} bytes, at most {PAYLOAD_BYTES_MAX}")


def parse(decoder: msgspec.json.Decoder[_Shape], data: bytes) -> _Shape:
    """The shape in these bytes. Raises DeviceProtocolError."""
    try:
        return decoder.decode(data)
    except (ValueError, RecursionError) as exc:
        _refuse(exc)


def micros(ms: int) -> Instant:
    """A time of the wire as an instant. Raises DeviceProtocolError for an impossible one."""
    if not TIME_MS_MIN <= ms < TIME_MS_MAX:
        shown = f"{ms} ms" if abs(ms) < 10**18 else "a number of more than 18 digits"
        raise fault("bad_time", f"{shown} is before 2000 or after 2100")
    return ms * MILLISECOND


def claimed(ms: int, received_t: Instant) -> Instant:
    """The time of a status; when it was received, where the radio has no clock yet.

    Signing on is how a radio without a clock gets one, so that it cannot be
    refused for having none; and nothing is decided by the time of a status.
    """
    return ms * MILLISECOND if TIME_MS_MIN <= ms < TIME_MS_MAX else received_t


def press_id(radio: RadioId, text: str) -> PressId:
    """The identity that ``boot:counter`` names, of this radio. Raises DeviceProtocolError."""
    boot, _, counter = text.partition(":")
    if int(counter) > PRESS_COUNTER_MAX:
        raise fault("bad_identity", f"press counter {counter} is above {PRESS_COUNTER_MAX}")
    return PressId(radio=radio, boot=boot, counter=int(counter))


def fix_of(wire: FixWire) -> Fix:
    """The fix in WGS-84, with the datum it came in. Raises DeviceProtocolError."""
    lon, lat = wire.lon, wire.lat
    if wire.datum != "wgs84":
        lon, lat = to_wgs84(lon, lat, Datum(wire.datum))
    return Fix(
        t=micros(wire.t),
        lon=lon,
        lat=lat,
        acc_m=wire.acc,
        speed_mps=wire.spd,
        course_deg=wire.crs,
        battery_pct=wire.bat,
        datum=wire.datum,
    )


def fix_to_wire(fix: Fix) -> FixWire:
    """The fix as a radio that measures in ``fix.datum`` would send it."""
    datum = Datum(fix.datum)
    lon, lat = from_wgs84(fix.lon, fix.lat, datum)
    return FixWire(
        t=fix.t // MILLISECOND,
        lon=lon,
        lat=lat,
        acc=fix.acc_m,
        spd=fix.speed_mps,
        crs=fix.course_deg,
        bat=fix.battery_pct,
        datum=datum.value,
    )


def _refuse(exc: ValueError | RecursionError) -> NoReturn:
    text = str(exc)
    match exc:
        case RecursionError():
            raise fault("too_deep", "nested deeper than any message of ours") from exc
        case UnicodeDecodeError():
            raise fault("not_utf8", exc.reason) from exc
        case msgspec.ValidationError():
            raise fault(_shape_reason(text), text) from exc
        case _:
            place = _BYTE.search(text)
            raise fault("not_json", text, int(place[1]) if place else -1) from exc


def _shape_reason(text: str) -> str:
    """The code for what msgspec says of a value; its words are pinned by a test."""
    if "`array` of length" in text:
        return "too_many_fixes" if "<=" in text else "no_fixes"
    if "of length" in text:
        return "text_too_long"
    if "matching regex" in text:
        return "bad_identity"
    if ">=" in text or "<=" in text or "out of range" in text:
        return "out_of_range"
    if "missing required field" in text:
        return "missing_member"
    return "wrong_type"
