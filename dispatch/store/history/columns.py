"""Fixes of one day as columns of whole numbers, what blocks are made of. No bytes, no names.

    unit     its code in the day's dictionary     t          microseconds UTC
    lon lat  degrees times 10 000 000 (1.1 cm)    acc        tenths of a metre
    speed    centimetres a second                 course     0..359
    battery  0..100                               grid       its code; 0 is in none

Unknown is -1. This is the resolution to which the history keeps a fix.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dispatch.clock import DAY, HOUR
from dispatch.store.port import FixRows

E7: Final = 1e7
ACC_M_MAX: Final = 1e6
SPEED_MPS_MAX: Final = 1e4
"""Beyond these a number is nonsense; it is cut to fit its column."""
UNITS_MAX: Final = 1 << 26
"""Codes of units in one day, so that hour, unit and time fit into one sortable number."""
PLACES: Final = ("t", "lon", "lat", "acc")
"""Enough for a track. They come first, for ``once`` to choose the same fix with the rest unread."""
REST: Final = ("speed", "course", "battery", "grid")

WholeBox = tuple[int, int, int, int]
"""West, south, east, north in degrees times 10 000 000."""
Which = npt.NDArray[np.int64] | npt.NDArray[np.bool_] | slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """Columns of one length."""

    unit: npt.NDArray[np.int32]
    t: npt.NDArray[np.int64]
    lon: npt.NDArray[np.int32]
    lat: npt.NDArray[np.int32]
    acc: npt.NDArray[np.int32]
    speed: npt.NDArray[np.int32]
    course: npt.NDArray[np.int16]
    battery: npt.NDArray[np.int8]
    grid: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.t)

    def at(self, which: Which) -> "Fixes":
        """Those of these places."""
        return Fixes(**{name: getattr(self, name)[which] for name in COLUMNS})

    def within(self, from_t: int, to_t: int) -> "Fixes":
        """Those of a span, both ends included."""
        if not len(self) or (from_t <= self.t.min() and self.t.max() <= to_t):
            return self
        return self.at((self.t >= from_t) & (self.t <= to_t))


COLUMNS: Final = tuple(field.name for field in fields(Fixes))
DTYPES: Final[dict[str, np.dtype[Any]]] = {
    name: np.dtype(kind)
    for name, kind in zip(
        COLUMNS, ("<i4", "<i8", "<i4", "<i4", "<i4", "<i4", "<i2", "i1", "<i4"), strict=True
    )
}
ROW_BYTES: Final = sum(kind.itemsize for kind in DTYPES.values())


def joined(parts: Sequence[Fixes]) -> Fixes:
    """One after the other."""
    if len(parts) == 1:
        return parts[0]
    return Fixes(
        **{
            name: np.concatenate(
                [np.empty(0, DTYPES[name]), *(getattr(part, name) for part in parts)]
            )
            for name in COLUMNS
        }
    )


def whole_numbers(rows: FixRows) -> Fixes:
    """A batch in the history's numbers; ``unit`` and ``grid`` are still the batch's own.

    A fix that is nowhere on earth, or before 1970, is left out.
    """
    sane = (np.abs(rows.lon) <= 180) & (np.abs(rows.lat) <= 90) & (rows.t >= 0)
    found = Fixes(
        unit=rows.rows.astype(np.int32),
        t=rows.t,
        lon=_whole(np.where(sane, rows.lon, 0), E7, np.int32),
        lat=_whole(np.where(sane, rows.lat, 0), E7, np.int32),
        acc=_known(rows.acc_m, 10, ACC_M_MAX),
        speed=_known(rows.speed_mps, 100, SPEED_MPS_MAX),
        course=_around(rows.course_deg),
        battery=np.where(rows.battery_pct < 0, -1, np.minimum(rows.battery_pct, 100)).astype(
            np.int8
        ),
        grid=rows.grid.astype(np.int32),
    )
    return found if sane.all() else found.at(sane)


def once(fixes: Fixes) -> Fixes:
    """In the order of hour, unit and time; of one unit and time a single fix is kept.

    Of several the one with the smallest numbers, column by column: which was written first
    is not known any more once blocks were merged, and so it does not matter either.
    All must be of one day.
    """
    if not len(fixes):
        return fixes
    key = _key(fixes)
    if not (key[1:] > key[:-1]).all():
        order = np.argsort(key, kind="stable")
        fixes, key = fixes.at(order), key[order]
    same = key[1:] == key[:-1]
    if not same.any():
        return fixes
    return fixes.at(_smallest(fixes, key, same))


def latest(fixes: Fixes) -> Fixes:
    """The last fix of each unit, by unit."""
    fixes = once(fixes)
    by_unit = np.lexsort((fixes.t, fixes.unit))
    unit = fixes.unit[by_unit]
    last = np.append(unit[1:] != unit[:-1], True) if len(unit) else np.zeros(0, np.bool_)
    return fixes.at(by_unit[last])


def ends_of_runs(fixes: Fixes) -> Fixes:
    """The last fix of each unit's stretch of an hour, of fixes as ``once`` leaves them."""
    if not len(fixes):
        return fixes
    hour = fixes.t // HOUR
    changes = (fixes.unit[1:] != fixes.unit[:-1]) | (hour[1:] != hour[:-1])
    return fixes.at(np.append(changes, True))


def _key(fixes: Fixes) -> npt.NDArray[np.int64]:
    """Hour of the day, unit and microsecond of the hour in 5, 26 and 32 bits."""
    of_day = fixes.t % DAY
    hour = of_day // HOUR
    return (hour << 58) | (fixes.unit.astype(np.int64) << 32) | (of_day - hour * HOUR)


def _smallest(
    fixes: Fixes, key: npt.NDArray[np.int64], same: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Places of those kept. Only the few that share their key are compared."""
    shares = np.append(same, False) | np.insert(same, 0, False)
    alike = np.flatnonzero(shares)
    columns = [getattr(fixes, name)[alike] for name in (*REST[::-1], *PLACES[:0:-1])]
    ordered = alike[np.lexsort((*columns, key[alike]))]
    first = np.insert(key[ordered][1:] != key[ordered][:-1], 0, True)
    return np.sort(np.concatenate([np.flatnonzero(~shares), ordered[first]]))


def _whole(numbers: npt.NDArray[Any], scale: float, kind: type) -> npt.NDArray[Any]:
    return np.rint(numbers * scale).astype(kind)


def _known(numbers: npt.NDArray[np.float32], scale: int, limit: float) -> npt.NDArray[np.int32]:
    """Cut to the limit and scaled; unknown (NaN) is -1."""
    scaled = np.rint(np.clip(numbers, 0, limit) * np.float32(scale))
    return np.where(np.isnan(scaled), np.float32(-1), scaled).astype(np.int32)


def _around(course_deg: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    """Whole degrees 0..359; unknown is -1."""
    known = np.isfinite(course_deg)
    turned = np.rint(np.where(known, course_deg, 0) % 360) % 360
    return np.where(known, turned, np.float32(-1)).astype(np.int16)
