"""The bytes of a block of fixes, and reading them again. No database and no names here.

Every block, little endian:

    kind      u8    1 as they came, 2 the same deflated, 3 in order
    scale     u8    kind 3: times are multiples of so many microseconds: 0 of 1, 1 of 1 000
    widths    9 u8  kind 3: bytes a row of the runs and of each column but ``unit``, 0 where it
                    never changes; times 16, how many of them, from the lowest, are plain
    rows      u32
    runs      u32   kind 3
    lengths   2 u32 kind 3: of what is deflated, places and the rest
    checksum  u32   CRC-32 of all that is before and after it

Kinds 1 and 2 then hold the columns one after the other, each in the numbers of
``columns.DTYPES``. Kind 3 is for the long run: rows in the order of unit and
time, a unit's stretch being a *run*. For each run stand apart its unit, its
number of rows and the first value of each column, as differences from run to
run. The columns hold the difference to the row before, 0 at the start of a run.
All differences are 8-byte zigzag numbers of which only the bytes in use are
kept, bytes of one weight together as a *plane*: all lowest bytes, then all
second ones. The lowest are mostly noise, which deflating makes slow and hardly
smaller: such planes stand plain, column by column, and a unit's run is cut out
of them. The others follow, deflated: first those of the runs and the places,
then those of speed, course, battery and grid, which a track need not inflate.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dispatch.clock import DAY, HOUR, MILLISECOND
from dispatch.store.history.columns import COLUMNS, DTYPES, PLACES, REST, Fixes, joined

AS_THEY_CAME: Final = 1
DEFLATED: Final = 2
IN_ORDER: Final = 3

HEADER: Final = struct.Struct("<BB9B4I")
CHECKSUM: Final = struct.Struct("<I")
BODY_AT: Final = HEADER.size + CHECKSUM.size
SCALES: Final = (1, MILLISECOND)

SAMPLE_EVERY: Final = 4
NOISE: Final = 1 / 120
"""A plane, of which every fourth byte is looked at, is noise where two bytes are alike less
often: of bytes that are all as likely 1 in 256 are. Deflate would spare a tenth of it."""
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
RUN_LINES: Final = 2 + len(VALUES)
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


class UnitPlaces:
    """One unit's times and places out of many blocks, the numbers put together all at once.

    What ``unpack`` does for each block costs more than the few rows in it.
    """

    def __init__(self, unit: int) -> None:
        self._unit = unit
        self._runs: list[_Run] = []
        self._others: list[Fixes] = []

    def add(self, data: bytes) -> None:
        """Take the unit's rows out of a block. Raises TornBlockError."""
        head = _opened(data)
        if head.kind != IN_ORDER:
            self._others.append(unpack(data, unit=self._unit))
            return
        try:
            planes = _planes_of(data, head, places_only=True)
        except zlib.error as exc:
            raise TornBlockError(str(exc)) from exc
        table, starts = _runs_of(planes[0], head)
        for run in np.flatnonzero(table[0] == self._unit).tolist():
            first, length = int(starts[run]), int(table[1, run])
            cut = [[plane[first : first + length] for plane in column] for column in planes[1:]]
            firsts = table[2 : 2 + len(PLACES), run].tolist()
            self._runs.append(_Run(length, SCALES[head.scale], firsts, cut))

    def fixes(self) -> Fixes:
        """In no order; what is no place is unknown."""
        return joined([self._put_together(), *self._others])

    def _put_together(self) -> Fixes:
        lengths = np.array([run.length for run in self._runs], np.int64)
        starts = lengths.cumsum() - lengths
        total = int(lengths.sum())
        columns: dict[str, npt.NDArray[Any]] = {
            name: np.full(total, -1, DTYPES[name]) for name in REST
        }
        columns["unit"] = np.full(total, self._unit, DTYPES["unit"])
        for i, name in enumerate(PLACES):
            room = np.zeros((total, 8), np.uint8)
            for start, run in zip(starts.tolist(), self._runs, strict=True):
                for weight, plane in enumerate(run.planes[i]):
                    room[start : start + run.length, weight] = plane
            sums = _signed(room).cumsum(dtype=np.int64)
            begin = sums[starts].repeat(lengths)
            sums -= begin
            if name == "t":
                sums *= np.array([run.scale for run in self._runs], np.int64).repeat(lengths)
            sums += np.array([run.firsts[i] for run in self._runs], np.int64).repeat(lengths)
            columns[name] = sums.astype(DTYPES[name])
        return Fixes(**columns)


@dataclass(frozen=True, slots=True)
class _Run:
    length: int
    scale: int
    firsts: list[int]
    planes: list[list[Bytes]]


def unpack(data: bytes, *, unit: int | None = None, places_only: bool = False) -> Fixes:
    """The fixes of a block, or those of one unit in it. Raises TornBlockError.

    ``places_only`` leaves speed, course, battery and grid unread where that saves work: they
    are unknown then.
    """
    head = _opened(data)
    try:
        if head.kind == IN_ORDER:
            return _in_order(data, head, unit, places_only)
        body = data[BODY_AT:] if head.kind == AS_THEY_CAME else _inflated(data)
        fixes = _as_they_came(body, head.rows)
    except zlib.error as exc:
        raise TornBlockError(str(exc)) from exc
    return fixes if unit is None else fixes.at(fixes.unit == unit)


def _sealed(head: bytes, body: bytes) -> bytes:
    return b"".join((head, CHECKSUM.pack(zlib.crc32(body, zlib.crc32(head))), body))


@dataclass(frozen=True, slots=True)
class _Head:
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

    def deflated_bytes(self, part: slice) -> int:
        """What these columns are when inflated."""
        of_each = zip(self.widths[part], self.plains[part], self.counts[part], strict=True)
        return sum([(width - plain) * count for width, plain, count in of_each])


def _opened(data: bytes) -> _Head:
    if len(data) < BODY_AT:
        raise TornBlockError(f"{len(data)} bytes are no block")
    view = memoryview(data)
    told = CHECKSUM.unpack_from(data, HEADER.size)[0]
    if zlib.crc32(view[BODY_AT:], zlib.crc32(view[: HEADER.size])) != told:
        raise TornBlockError("its checksum is another")
    kind, scale, *bytes_of, rows, runs, places, rest = HEADER.unpack_from(data)
    widths, plains = [b & 15 for b in bytes_of], [b >> 4 for b in bytes_of]
    counts = [RUN_LINES * runs, *[rows] * len(VALUES)]
    plain_bytes = sum([plain * count for plain, count in zip(plains, counts, strict=True)])
    head = _Head(kind, scale, widths, plains, rows, runs, (places, rest), counts, plain_bytes)
    if kind not in (AS_THEY_CAME, DEFLATED, IN_ORDER) or not 0 < rows <= ROWS_MAX:
        raise TornBlockError(f"kind {kind} with {rows} rows is none of ours")
    if kind == IN_ORDER and (
        scale >= len(SCALES)
        or not 0 < runs <= rows
        or max(widths) > 8
        or any(plain > width for plain, width in zip(plains, widths, strict=True))
        or head.plain_bytes + places + rest != len(data) - BODY_AT
    ):
        raise TornBlockError("its sections do not fit")
    return head


# --- as they came ---


def _inflated(data: bytes) -> bytes:
    inflated: bytes = zlib.decompress(memoryview(data)[BODY_AT:])
    return inflated


def _as_they_came(body: bytes, rows: int) -> Fixes:
    if len(body) != rows * sum(kind.itemsize for kind in DTYPES.values()):
        raise TornBlockError("its columns are of another length")
    columns: dict[str, npt.NDArray[Any]] = {}
    at = 0
    for name in COLUMNS:
        columns[name] = np.frombuffer(body, DTYPES[name], rows, at)
        at += rows * DTYPES[name].itemsize
    return Fixes(**columns)


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
    return _zigzag(found)


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
    """Unit, length and first values, a line each, as differences from run to run."""
    lines = [fixes.unit[runs], np.diff(np.append(runs, end))]
    lines += [getattr(fixes, name)[runs] for name in VALUES]
    table = np.stack([line.astype(np.int64) for line in lines])
    table[:, 1:] -= table[:, :-1].copy()
    return _zigzag(table)


# --- in order: reading ---


def _in_order(data: bytes, head: _Head, unit: int | None, places_only: bool) -> Fixes:
    planes = _planes_of(data, head, places_only)
    table, starts = _runs_of(planes[0], head)
    lengths = table[1]
    first, last = 0, head.rows
    if unit is not None:
        mine = table[0] == unit
        table, lengths, starts = table[:, mine], lengths[mine], starts[mine]
        first, last = (int(starts[0]), int(starts[-1] + lengths[-1])) if len(starts) else (0, 0)
    columns: dict[str, npt.NDArray[Any]] = {"unit": table[0].repeat(lengths).astype(DTYPES["unit"])}
    for i, name in enumerate(VALUES):
        kind = DTYPES[name]
        if 1 + i >= len(planes):
            columns[name] = np.full(last - first, -1, kind)
            continue
        sums = _numbers(planes[1 + i], first, last).cumsum(dtype=np.int64)
        if name == "t" and head.scale:
            sums *= SCALES[head.scale]
        if len(lengths) == 1:
            sums += table[i + 2, 0] - sums[0]
        else:
            sums += (table[i + 2] - sums[starts - first]).repeat(lengths)
        if name == "course":
            sums = (sums + 1) % COURSES - 1
        columns[name] = sums.astype(kind)
    return Fixes(**columns)


def _runs_of(planes: Sequence[Bytes], head: _Head) -> tuple[Longs, Longs]:
    """The table of runs, and where each begins."""
    table = _numbers(planes, 0, RUN_LINES * head.runs).reshape(RUN_LINES, -1)
    table = table.cumsum(axis=1, dtype=np.int64)
    lengths = table[1]
    starts = lengths.cumsum() - lengths
    if int(lengths.min()) <= 0 or int(starts[-1] + lengths[-1]) != head.rows:
        raise TornBlockError("its runs have other rows")
    return table, starts


def _planes_of(data: bytes, head: _Head, places_only: bool) -> list[list[Bytes]]:
    """The planes of the runs and of each column, lowest first; those of a track only, or all."""
    middle = 1 + len(PLACES)
    plain_at = BODY_AT
    deflated_at = BODY_AT + head.plain_bytes
    found: list[list[Bytes]] = []
    for part, length in ((slice(middle), head.lengths[0]), (slice(middle, None), head.lengths[1])):
        if part.start and places_only:
            break
        size = head.deflated_bytes(part)
        deflated = memoryview(data)[deflated_at : deflated_at + length]
        others = zlib.decompress(deflated, wbits=RAW_DEFLATE, bufsize=size + 1)
        if len(others) != size:
            raise TornBlockError("its columns are of another length")
        deflated_at += length
        at = 0
        for width, plain, count in zip(
            head.widths[part], head.plains[part], head.counts[part], strict=True
        ):
            planes = [
                np.frombuffer(data, np.uint8, count, plain_at + n * count) for n in range(plain)
            ]
            plain_at += plain * count
            planes += [
                np.frombuffer(others, np.uint8, count, at + n * count) for n in range(width - plain)
            ]
            at += (width - plain) * count
            found.append(planes)
    return found


def _numbers(planes: Sequence[Bytes], first: int, last: int) -> npt.NDArray[Any]:
    """Numbers ``first`` to ``last``, put together from their bytes, no wider than need be."""
    if not planes:
        return np.zeros(last - first, np.int8)
    size = next(size for size in (1, 2, 4, 8) if size >= len(planes))
    room = np.zeros((last - first, size), np.uint8)
    for weight, plane in enumerate(planes):
        room[:, weight] = plane[first:last]
    return _signed(room)


def _signed(room: Bytes) -> npt.NDArray[Any]:
    """Zigzag numbers undone; each line of ``room`` has the bytes of one."""
    size = room.shape[1]
    wide = room.view(f"<u{size}").reshape(-1)
    signed = f"<i{size}"
    found: npt.NDArray[Any] = (wide >> 1).view(signed) ^ -(wide & 1).view(signed)
    return found
