"""The bytes of a block of fixes, and writing them; reading is cut.py's. No database, no names.

Every block, little endian:

    kind      u8    1 as they came, 2 the same deflated, 4 in order (3: in order, of old)
    scale     u8    in order: times are multiples of so many microseconds: 0 of 1, 1 of 1 000
    widths    9 u8  in order: bytes a row of the runs and of each column but ``unit``, 0 where
                    it never changes; times 16, how many of them, from the lowest, are plain
    rows      u32
    runs      u32   in order
    lengths   2 u32 in order: of what is deflated, places and the rest
    checksum  u32   CRC-32 of all that is before and after it

Kinds 1 and 2 then hold the columns one after the other, each in the numbers of
``columns.DTYPES``. Kind 4 is for the long run: rows in the order of unit and
time, a unit's stretch being a *run*. For each run stand apart its unit, its
number of rows, the first value of each column, and how far west, east, south
and north of its first place it goes, all as differences from run to run. The
columns hold the difference to the row before, 0 at the start of a run.
Differences are 8-byte zigzag numbers, those of times plain ones (they never
fall), of which only the bytes in use are kept, bytes of one weight together as
a *plane*: all lowest bytes, then all second ones. The lower ones are mostly
noise, which deflating makes slow and hardly smaller: such planes stand plain,
column by column, and runs are cut out of them. The others follow, deflated:
first those of the runs and the places, then those of speed, course, battery
and grid, which a track need not inflate.

Kind 3, which an older version wrote and which is read for as long as there are
such days: nothing of how far a run goes, and times are zigzag numbers, too.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from dispatch.clock import DAY, HOUR, MILLISECOND
from dispatch.store.history.columns import COLUMNS, DTYPES, PLACES, REST, Fixes

AS_THEY_CAME: Final = 1
DEFLATED: Final = 2
IN_ORDER_OF_OLD: Final = 3
IN_ORDER: Final = 4

HEADER: Final = struct.Struct("<BB9B4I")
CHECKSUM: Final = struct.Struct("<I")
BODY_AT: Final = HEADER.size + CHECKSUM.size
SCALES: Final = (1, MILLISECOND)

SAMPLE_EVERY: Final = 4
NOISE: Final = 1 / 12
"""A plane, of which every fourth byte is looked at, is noise where two bytes are alike less
often: of bytes that are all as likely 1 in 256 are. Deflate would spare up to a quarter of it,
0.6 bytes a fix in all, and have a track inflate ten units' planes for the one it needs."""
BLOCK_ROWS: Final = 2_048
"""A unit's hour is 140 to 360 rows, so some ten units: a day's track inflates 24 such blocks.
Smaller ones pack worse, larger ones make a track wait. A block has up to twice as many."""
ROWS_MAX: Final = 1 << 20
"""No block of ours is larger: what says it is, is not read."""
DEFLATE_LEVEL: Final = 1
"""Level 6 takes twice the time for 3 % (docs/decisions/0006-history-in-columns.md)."""

RAW_DEFLATE: Final = -15
"""zlib's word for a stream without header and sum: the block has its own."""

VALUES: Final = (*PLACES, *REST)
RUN_LINES: Final = {IN_ORDER_OF_OLD: 2 + len(VALUES), IN_ORDER: 6 + len(VALUES)}
"""Numbers that stand for each run."""
REACH: Final = 2 + len(VALUES)
"""Where how far a run goes begins among them: west, east, south, north."""
COURSES: Final = 361
"""-1 to 359: differences go round, or north would cost two bytes."""

Longs = npt.NDArray[np.int64]
Wide = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]


class TornBlockError(Exception):
    """The bytes are not what was written."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"a block of fixes cannot be read: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A block with what the index says of it."""

    data: bytes
    hour: int
    """Of the day; see ``pack_in_order``."""
    rows: int
    unit_lo: int
    unit_hi: int
    t_lo: int
    t_hi: int
    lon_lo: int
    lon_hi: int
    lat_lo: int
    lat_hi: int


def pack_as_they_came(fixes: Fixes, *, hour: int, deflated: bool = False) -> Packed:
    """One block, whatever the order. Cheap: it lives until it is put in order."""
    assert 0 < len(fixes) <= ROWS_MAX
    body = b"".join(
        np.ascontiguousarray(getattr(fixes, name), DTYPES[name]).tobytes() for name in COLUMNS
    )
    kind = AS_THEY_CAME
    if deflated:
        kind, body = DEFLATED, zlib.compress(body, DEFLATE_LEVEL)
    head = HEADER.pack(kind, 0, *[0] * 9, len(fixes), 0, 0, 0)
    bounds = {
        f"{name}_{end}": int(getattr(getattr(fixes, name), how)())
        for name in ("unit", "t", "lon", "lat")
        for end, how in (("lo", "min"), ("hi", "max"))
    }
    return Packed(data=_sealed(head, body), hour=hour, rows=len(fixes), **bounds)


def pack_in_order(fixes: Fixes) -> Iterator[Packed]:
    """Blocks of one hour each. ``fixes`` must be as ``columns.once`` leaves them."""
    if not len(fixes):
        return
    hours = fixes.t % DAY // HOUR
    runs = _runs(fixes.unit, hours)
    starts = _block_starts(hours, runs)
    scale = int(not (fixes.t % MILLISECOND).any())
    wide = [_differences(getattr(fixes, name), name, runs, SCALES[scale]) for name in VALUES]
    tops = [np.maximum.reduceat(column, starts) for column in wide]
    ends = np.append(starts[1:], len(fixes))
    first_runs = np.searchsorted(runs, starts)
    last_runs = np.searchsorted(runs, ends)
    bounds = {
        f"{name}_{end}": how.reduceat(getattr(fixes, name), starts).tolist()
        for name in ("unit", "t", "lon", "lat")
        for end, how in (("lo", np.minimum), ("hi", np.maximum))
    }
    for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        table = _table_of_runs(fixes, runs[first_runs[i] : last_runs[i]], end)
        head_column = _packed_column(table.reshape(-1), _width(int(table.max())))
        packed = [
            _packed_column(column[start:end], _width(int(top[i])))
            for column, top in zip(wide, tops, strict=True)
        ]
        of_all = (head_column, *packed)
        deflated = [_deflated(of_all[: 1 + len(PLACES)]), _deflated(of_all[1 + len(PLACES) :])]
        head = HEADER.pack(
            IN_ORDER,
            scale,
            *(column.width | len(column.plain) << 4 for column in of_all),
            end - start,
            table.shape[1],
            *map(len, deflated),
        )
        plain = [plane for column in of_all for plane in column.plain]
        yield Packed(
            data=_sealed(head, b"".join((*plain, *deflated))),
            hour=int(hours[start]),
            rows=end - start,
            **{name: values[i] for name, values in bounds.items()},
        )


def _sealed(head: bytes, body: bytes) -> bytes:
    return b"".join((head, CHECKSUM.pack(zlib.crc32(body, zlib.crc32(head))), body))


class Head(NamedTuple):
    """What a block says of itself. A tuple: a track looks at 24, an area at some hundred."""

    kind: int
    scale: int
    widths: Sequence[int]
    """Of the runs, then of each of VALUES."""
    plains: Sequence[int]
    rows: int
    runs: int
    lengths: Sequence[int]
    counts: Sequence[int]
    """How many numbers the runs and each column have."""
    plain_bytes: int


def opened(data: bytes) -> Head:
    """A block's head, its sum being right. Raises TornBlockError."""
    if len(data) < BODY_AT:
        raise TornBlockError(f"{len(data)} bytes are no block")
    view = memoryview(data)
    told = CHECKSUM.unpack_from(data, HEADER.size)[0]
    if zlib.crc32(view[BODY_AT:], zlib.crc32(view[: HEADER.size])) != told:
        raise TornBlockError("its checksum is another")
    kind, scale, *bytes_of, rows, runs, places, rest = HEADER.unpack_from(data)
    widths, plains = [b & 15 for b in bytes_of], [b >> 4 for b in bytes_of]
    counts = [RUN_LINES.get(kind, 0) * runs, *[rows] * len(VALUES)]
    plain_bytes = sum([plain * count for plain, count in zip(plains, counts, strict=True)])
    head = Head(kind, scale, widths, plains, rows, runs, (places, rest), counts, plain_bytes)
    if kind not in (AS_THEY_CAME, DEFLATED, *RUN_LINES) or not 0 < rows <= ROWS_MAX:
        raise TornBlockError(f"kind {kind} with {rows} rows is none of ours")
    if kind in RUN_LINES and (
        scale >= len(SCALES)
        or not 0 < runs <= rows
        or max(widths) > 8
        or any(plain > width for plain, width in zip(plains, widths, strict=True))
        or head.plain_bytes + places + rest != len(data) - BODY_AT
    ):
        raise TornBlockError("its sections do not fit")
    return head


# --- in order: writing ---


def _runs(unit: npt.NDArray[np.int32], hours: Longs) -> Longs:
    """Where a unit's stretch of an hour begins; a long one is cut, so that a block stays small."""
    new = np.insert((unit[1:] != unit[:-1]) | (hours[1:] != hours[:-1]), 0, True)
    begins = np.flatnonzero(new)
    place = np.arange(len(unit)) - np.repeat(begins, np.diff(np.append(begins, len(unit))))
    return np.flatnonzero(place % BLOCK_ROWS == 0)


def _block_starts(hours: Longs, runs: Longs) -> Longs:
    """Whole runs of one hour, the next block beginning once there are enough."""
    of_run = hours[runs]
    hour_at = np.searchsorted(hours, of_run)
    part = (runs - hour_at) // BLOCK_ROWS
    new = np.insert((of_run[1:] != of_run[:-1]) | (part[1:] != part[:-1]), 0, True)
    starts: Longs = runs[new]
    return starts


def _differences(values: npt.NDArray[Any], name: str, runs: Longs, scale: int) -> Wide:
    longs = values.astype(np.int64)
    if name == "t" and scale > 1:
        longs //= scale
    found = np.empty_like(longs)
    found[0] = 0
    np.subtract(longs[1:], longs[:-1], out=found[1:])
    if name == "course":
        found = (found + COURSES // 2) % COURSES - COURSES // 2
    found[runs] = 0
    return found.view(np.uint64) if name == "t" else _zigzag(found)


def _zigzag(numbers: Longs) -> Wide:
    """Small ones of either sign become small ones: 0, -1, 1, -2 are 0, 1, 2, 3."""
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)


def _width(top: int) -> int:
    return (top.bit_length() + 7) // 8


@dataclass(frozen=True, slots=True)
class _Column:
    width: int
    plain: list[bytes]
    others: list[bytes]


def _packed_column(column: Wide, width: int) -> _Column:
    planes = _planes(column, width)
    plain = 0
    while plain < width and _is_noise(planes[plain]):
        plain += 1
    as_bytes = [plane.tobytes() for plane in planes]
    return _Column(width, as_bytes[:plain], as_bytes[plain:])


def _deflated(columns: Sequence[_Column]) -> bytes:
    """One stream, but each plane with a code of its own: they are too different to share one."""
    stream = zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, RAW_DEFLATE)
    parts: list[bytes] = []
    for column in columns:
        for plane in column.others:
            parts += [stream.compress(plane), stream.flush(zlib.Z_PARTIAL_FLUSH)]
    return b"".join((*parts, stream.flush()))


def _planes(column: Wide, width: int) -> Bytes:
    bytes_of: Bytes = column.astype("<u8", copy=False).view(np.uint8)
    return np.ascontiguousarray(bytes_of.reshape(-1, 8)[:, :width].T)


def _is_noise(plane: Bytes) -> bool:
    counts = np.bincount(plane[::SAMPLE_EVERY], minlength=256)
    looked_at = -(-len(plane) // SAMPLE_EVERY)
    return int(counts @ counts) - looked_at < NOISE * looked_at * (looked_at - 1)


def _table_of_runs(fixes: Fixes, runs: Longs, end: int) -> Wide:
    """Unit, length, first values and reach, a line each, as differences from run to run."""
    lines = [fixes.unit[runs], np.diff(np.append(runs, end))]
    lines += [getattr(fixes, name)[runs] for name in VALUES]
    for places in (fixes.lon[:end], fixes.lat[:end]):
        first = places[runs].astype(np.int64)
        lines += [
            first - np.minimum.reduceat(places, runs),
            np.maximum.reduceat(places, runs) - first,
        ]
    table = np.stack([line.astype(np.int64) for line in lines])
    table[:, 1:] -= table[:, :-1].copy()
    return _zigzag(table)
