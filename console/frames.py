"""Binary position frames: many units in one message, written and read as columns.

The layout is drawn in console/wire.py; ``RECORD`` below is the same as a NumPy
type, so that 10,000 units are a copy and not a loop.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from console.wire import FRAME_HEAD, FRAME_RECORD_SIZE
from geo.columns import LiveColumns

FRAME_VERSION: Final = 1
HOLDS_EVERY_UNIT: Final = 1
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

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


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
            west=self.west - x, south=self.south - y, east=self.east + x, north=self.north + y
        )

    def holds(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Mask:
        """Which places are inside; an unknown place is not."""
        inside: Mask = (
            (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)
        )
        return inside


class FrameError(ValueError):
    """Bytes that are no position frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A position frame that was read; ``records`` has the fields of RECORD."""

    whole: bool
    now_ms: int
    records: npt.NDArray[np.void]


def has_place(columns: LiveColumns) -> Mask:
    """Which rows may appear in a frame: a unit that is there and has a fix."""
    shown: Mask = columns.live & (columns.fix_t > 0)
    return shown


def encode_frame(columns: LiveColumns, rows: Rows, *, now_ms: int, whole: bool) -> bytes:
    """One frame of these rows, all of which have a place."""
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
    flags = HOLDS_EVERY_UNIT if whole else 0
    return FRAME_HEAD.pack(FRAME_VERSION, flags, 0, len(rows), now_ms) + records.tobytes()


def decode_frame(data: bytes) -> Frame:
    """Read a frame; raises FrameError where the bytes are none."""
    if len(data) < FRAME_HEAD.size:
        raise FrameError(f"{len(data)} bytes are shorter than a frame's head")
    version, flags, _, count, now_ms = FRAME_HEAD.unpack_from(data)
    if version != FRAME_VERSION:
        raise FrameError(f"frame version {version}, this reads {FRAME_VERSION}")
    if count > UNITS_MAX or len(data) != FRAME_HEAD.size + count * FRAME_RECORD_SIZE:
        raise FrameError(f"{len(data)} bytes do not hold {count} units")
    if not np.isfinite(now_ms):
        raise FrameError("the frame's time is no number")
    return Frame(
        whole=bool(flags & HOLDS_EVERY_UNIT),
        now_ms=int(now_ms),
        records=np.frombuffer(data, dtype=RECORD, offset=FRAME_HEAD.size),
    )


def _tenths(values: npt.NDArray[np.float32], per_unit: float) -> npt.NDArray[np.float64]:
    """Scaled to whole numbers; what is too large stops at the largest that is known."""
    scaled = np.rint(np.clip(values.astype(np.float64) * per_unit, 0, UNKNOWN - 1))
    known: npt.NDArray[np.float64] = np.where(np.isnan(scaled), UNKNOWN, scaled)
    return known
