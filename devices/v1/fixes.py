"""Many payloads of wire v1's position lane become columns at once. Touches no socket.

It says what ``V1.decode`` says of each payload, and nothing else; a test holds the two
together. Here nothing but the decoder's own structs is made per fix.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import astuple

from devices.v1 import wire
from devices.v1.parse import TIME_MS_MAX, TIME_MS_MIN, check_length, micros, parse
from dispatch.clock import MILLISECOND, Instant
from dispatch.errors import DeviceProtocolError
from dispatch.readings import FixBatch
from geo.datum import Datum, to_wgs84_arrays

_FIX: Final = msgspec.json.Decoder(wire.FixWire)
_BACKLOG: Final = msgspec.json.Decoder(wire.BacklogWire)
_FIELDS: Final = ("t", "lon", "lat", "acc", "spd", "crs", "bat", "datum")
assert wire.FixWire.__struct_fields__ == _FIELDS, "columns are taken by their place"

Refused = list[tuple[int, DeviceProtocolError]]
"""Index of a payload, and why it could not be read."""


def said_fixes(data: bytes) -> list[wire.FixWire]:
    """The fixes in one payload, their times possible. Raises DeviceProtocolError."""
    check_length(data)
    try:
        said = [parse(_FIX, data)]
    except DeviceProtocolError:
        # The rare shape second; an escape in the name ("fi\u0078es") is nobody's backlog.
        if b'"fixes"' not in data:
            raise
        said = parse(_BACKLOG, data).fixes
    for fix in said:
        micros(fix.t)
    return said


def fix_columns(
    rows: Sequence[int], payloads: Sequence[bytes], received_t: Instant
) -> tuple[FixBatch, Refused]:
    """The fixes in many payloads; see ``Codec.fixes``."""
    try:
        said = list(map(_FIX.decode, payloads))
    except (ValueError, RecursionError):
        return _one_by_one(rows, payloads, received_t)
    batch = _batch(said, rows, received_t)
    if batch is None or max(map(len, payloads), default=0) > wire.PAYLOAD_BYTES_MAX:
        return _one_by_one(rows, payloads, received_t)
    return batch, []


def _one_by_one(
    rows: Sequence[int], payloads: Sequence[bytes], received_t: Instant
) -> tuple[FixBatch, Refused]:
    """Where something among them is a backlog, or cannot be read."""
    said: list[wire.FixWire] = []
    whose: list[int] = []
    refused: Refused = []
    for index, data in enumerate(payloads):
        try:
            found = said_fixes(data)
        except DeviceProtocolError as error:
            refused.append((index, error))
        else:
            said += found
            whose += [rows[index]] * len(found)
    batch = _batch(said, whose, received_t)
    assert batch is not None, "all times are possible"
    return batch, refused


def _batch(said: list[wire.FixWire], whose: Sequence[int], received_t: Instant) -> FixBatch | None:
    """Columns; None where a time among them is impossible."""
    t, lon, lat, acc, spd, crs, bat, datum = (
        zip(*map(astuple, said), strict=True) if said else ((),) * len(_FIELDS)
    )
    if said and not (min(t) >= TIME_MS_MIN and max(t) < TIME_MS_MAX):
        return None
    lons, lats = np.array(lon, np.float64), np.array(lat, np.float64)
    for name in set(datum) - {Datum.WGS84.value}:
        which = np.array([each == name for each in datum])
        lons[which], lats[which] = to_wgs84_arrays(lons[which], lats[which], Datum(name))
    return FixBatch(
        rows=np.array(whose, np.int64),
        t=np.array(t, np.int64) * MILLISECOND,
        lon=lons,
        lat=lats,
        acc_m=_known(acc),
        speed_mps=_known(spd),
        course_deg=_known(crs),
        battery_pct=np.array([-1 if pct is None else pct for pct in bat], np.int8),
        received_t=received_t,
    )


def _known(values: tuple[float | None, ...]) -> npt.NDArray[np.float32]:
    """NaN where it was not said, which is what NumPy makes of None."""
    return np.array(values, np.float32)
