"""Binary position frames: many units in one message, written and read as columns.

The layout is drawn in console/wire.py; ``RECORD`` below is the same as a NumPy
type, so that 10,000 units are a copy and not a loop.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from console.wire import FRAME_HEAD, FRAME_RECORD_SIZE
from geo.columns import LiveColumns

FRAME_VERSION: Final = 2
FIRST_OF_LOOK: Final = 1
LAST_OF_LOOK: Final = 2
UNITS_MAX: Final = 1_000_000
"""As many rows as live columns may have; a frame that claims more is not ours."""

ON_DUTY: Final = 1
ONLINE: Final = 2
BUSY: Final = 4

UNKNOWN: Final = 65_535
"""Stands for an unknown accuracy, speed or course; known values stop one short of it."""

RECORD: Final = np.dtype(
    [
        ("row", "<u4"),
        ("grid", "<i2"),
        ("battery_pct", "i1"),
        ("state", "u1"),
        ("lon_e7", "<i4"),
        ("lat_e7", "<i4"),
        ("t_ms", "<f8"),
        ("acc_dm", "<u2"),
        ("speed_cmps", "<u2"),
        ("course_ddeg", "<u2"),
        ("zero", "<u2"),
    ]
)
assert RECORD.itemsize == FRAME_RECORD_SIZE

SIDES: Final = struct.Struct("<iiii")
"""West, south, east, north in ten-millionths of a degree, behind the last frame of a look."""

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Records = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A piece of the map in degrees; never crosses 180 degrees of longitude."""

    west: float
    south: float
    east: float
    north: float

    def widened(self, share: float) -> "Box":
        """The same box with a margin of ``share`` of its size on every side."""
        x, y = (self.east - self.west) * share, (self.north - self.south) * share
        return Box(
            west=max(-180.0, self.west - x),
            south=max(-90.0, self.south - y),
            east=min(180.0, self.east + x),
            north=min(90.0, self.north + y),
        )

    def covers(self, other: "Box") -> bool:
        """Whether nothing of the other lies outside."""
        return (
            self.west <= other.west
            and self.south <= other.south
            and self.east >= other.east
            and self.north >= other.north
        )

    def sides_e7(self) -> tuple[int, int, int, int]:
        """West, south, east, north in the steps that places travel in."""
        west, south, east, north = (
            round(1e7 * side) for side in (self.west, self.south, self.east, self.north)
        )
        return west, south, east, north

    def holds(self, lon_e7: npt.NDArray[np.int32], lat_e7: npt.NDArray[np.int32]) -> Mask:
        """Which places are inside; whole numbers, so that hub and page never disagree."""
        west, south, east, north = self.sides_e7()
        inside: Mask = (lon_e7 >= west) & (lon_e7 <= east) & (lat_e7 >= south) & (lat_e7 <= north)
        return inside


WORLD: Final = Box(west=-180.0, south=-90.0, east=180.0, north=90.0)


class FrameError(ValueError):
    """Bytes that are no position frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A position frame that was read; ``records`` has the fields of RECORD."""

    first: bool
    """A look begins with it."""
    looked_e7: tuple[int, int, int, int] | None
    """A look ends with it: what lies within these sides and was not told by it is not there."""
    now_ms: int
    records: Records

    @property
    def whole(self) -> bool:
        """It is a look by itself, at everything."""
        return self.first and self.looked_e7 == WORLD.sides_e7()


def pack_records(columns: LiveColumns, rows: Rows) -> Records:
    """One record for each of these rows, all of which have a place."""
    records = np.zeros(len(rows), dtype=RECORD)
    records["row"] = rows
    records["grid"] = columns.grid[rows]
    records["battery_pct"] = columns.battery[rows]
    records["state"] = (
        columns.on_duty[rows] * np.uint8(ON_DUTY)
        + columns.online[rows] * np.uint8(ONLINE)
        + columns.busy[rows] * np.uint8(BUSY)
    )
    records["lon_e7"] = np.rint(columns.lon[rows] * 1e7)
    records["lat_e7"] = np.rint(columns.lat[rows] * 1e7)
    records["t_ms"] = columns.fix_t[rows] // 1000
    records["acc_dm"] = _tenths(columns.acc_m[rows], 10.0)
    records["speed_cmps"] = _tenths(columns.speed[rows], 100.0)
    records["course_ddeg"] = _tenths(columns.course[rows], 10.0)
    return records


def encode_frame(
    records: bytes, *, now_ms: int, first: bool = False, looked: Box | None = None
) -> bytes:
    """One frame of packed records; ``looked`` where a look at this box ends with it."""
    count = len(records) // FRAME_RECORD_SIZE
    flags = FIRST_OF_LOOK * first + LAST_OF_LOOK * (looked is not None)
    head = FRAME_HEAD.pack(FRAME_VERSION, flags, 0, count, now_ms)
    tail = b"" if looked is None else SIDES.pack(*looked.sides_e7())
    return b"".join((head, records, tail))


def decode_frame(data: bytes) -> Frame:
    """Read a frame; raises FrameError where the bytes are none."""
    if len(data) < FRAME_HEAD.size:
        raise FrameError(f"{len(data)} bytes are shorter than a frame's head")
    version, flags, _, count, now_ms = FRAME_HEAD.unpack_from(data)
    if version != FRAME_VERSION:
        raise FrameError(f"frame version {version}, this reads {FRAME_VERSION}")
    last = bool(flags & LAST_OF_LOOK)
    end = FRAME_HEAD.size + count * FRAME_RECORD_SIZE
    if count > UNITS_MAX or len(data) != end + SIDES.size * last:
        raise FrameError(f"{len(data)} bytes do not hold {count} units")
    if not np.isfinite(now_ms):
        raise FrameError("the frame's time is no number")
    return Frame(
        first=bool(flags & FIRST_OF_LOOK),
        looked_e7=SIDES.unpack_from(data, end) if last else None,
        now_ms=int(now_ms),
        records=np.frombuffer(data, dtype=RECORD, offset=FRAME_HEAD.size, count=count),
    )


def _tenths(values: npt.NDArray[np.float32], per_unit: float) -> npt.NDArray[np.float64]:
    """Scaled to whole numbers; what is too large stops at the largest that is known."""
    scaled = np.rint(np.clip(values.astype(np.float64) * per_unit, 0, UNKNOWN - 1))
    known: npt.NDArray[np.float64] = np.where(np.isnan(scaled), UNKNOWN, scaled)
    return known
