"""Reading blocks of fixes: all of their rows, or the runs that are asked for. The bytes: block.py.

What was cut out of many blocks is put together all at once: NumPy takes longer
to be called than for the few rows of one block.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from dispatch.store.history.block import (
    AS_THEY_CAME,
    BODY_AT,
    COURSES,
    IN_ORDER,
    RAW_DEFLATE,
    REACH,
    RUN_LINES,
    SCALES,
    VALUES,
    Bytes,
    Head,
    Longs,
    TornBlockError,
    opened,
)
from dispatch.store.history.columns import COLUMNS, DTYPES, PLACES, Fixes, WholeBox, joined

PLACES_END: Final = 1 + len(PLACES)
"""The runs stand before the columns, and those of places before the others."""
FIRSTS_AT: Final = 2
"""Where the first values of a run begin in the table of runs."""
LON_AT: Final = FIRSTS_AT + VALUES.index("lon")
LAT_AT: Final = FIRSTS_AT + VALUES.index("lat")


def unpack(data: bytes) -> Fixes:
    """The fixes of a block. Raises TornBlockError."""
    cut = Cut()
    cut.add(data)
    return cut.fixes()


class Cut:
    """Rows out of many blocks: of one unit, near a box, or all."""

    def __init__(
        self, *, unit: int | None = None, box: WholeBox | None = None, places_only: bool = False
    ) -> None:
        """``box``: whole runs that come near it, for whoever asks to look at each row.

        ``places_only`` leaves speed, course, battery and grid unread: they are unknown then.
        """
        self.rows = 0
        """Taken so far."""
        self._unit = unit
        self._box = box
        self._places_only = places_only
        self._spans: dict[int, list[_Span]] = {}
        self._others: list[Fixes] = []

    def add(self, data: bytes) -> None:
        """Take what is asked for out of a block. Raises TornBlockError."""
        head = opened(data)
        try:
            if head.kind in RUN_LINES:
                self._add_in_order(data, head)
            else:
                self._add_as_they_came(data, head)
        except zlib.error as exc:
            raise TornBlockError(str(exc)) from exc

    def fixes(self) -> Fixes:
        """In no order; what is no place is unknown where only places are asked for."""
        parts = [self._put_together(kind, spans) for kind, spans in self._spans.items()]
        return joined([*parts, *self._others])

    def _add_as_they_came(self, data: bytes, head: Head) -> None:
        body = data[BODY_AT:] if head.kind == AS_THEY_CAME else _inflated(data)
        fixes = _as_they_came(body, head.rows)
        if self._unit is not None:
            fixes = fixes.at(fixes.unit == self._unit)
        self._others.append(fixes)
        self.rows += len(fixes)

    def _add_in_order(self, data: bytes, head: Head) -> None:
        planes = _planes_of(data, head, places_only=self._places_only)
        table = _table_of_runs(planes[0], head)
        lengths = table[1]
        if int(lengths.min()) <= 0 or int(lengths.sum()) != head.rows:
            raise TornBlockError("its runs have other rows")
        chosen = self._chosen(table, head)
        if chosen is None:
            cut = planes[1:]
        else:
            rows = np.flatnonzero(chosen.repeat(lengths))
            if not len(rows):
                return
            table = table[:, chosen]
            which = _as_slice(rows)
            cut = [[plane[which] for plane in column] for column in planes[1:]]
        span = _Span(int(table[1].sum()), SCALES[head.scale], table, cut)
        self._spans.setdefault(head.kind, []).append(span)
        self.rows += span.rows

    def _chosen(self, table: Longs, head: Head) -> npt.NDArray[np.bool_] | None:
        """Which runs are asked for; None: all."""
        if self._unit is not None:
            mine: npt.NDArray[np.bool_] = table[0] == self._unit
            return mine
        if self._box is None or head.kind != IN_ORDER:
            return None
        west, south, east, north = self._box
        lon, lat = table[LON_AT], table[LAT_AT]
        to_west, to_east, to_south, to_north = table[REACH : REACH + 4]
        near: npt.NDArray[np.bool_] = (lon - to_west <= east) & (lon + to_east >= west)
        near &= (lat - to_south <= north) & (lat + to_north >= south)
        return near

    def _put_together(self, kind: int, spans: Sequence["_Span"]) -> Fixes:
        table = np.concatenate([span.table for span in spans], axis=1)
        lengths = table[1]
        starts = lengths.cumsum() - lengths
        total = int(lengths.sum())
        columns: dict[str, npt.NDArray[Any]] = {
            "unit": table[0].repeat(lengths).astype(DTYPES["unit"])
        }
        for i, name in enumerate(VALUES):
            if self._places_only and name not in PLACES:
                columns[name] = np.full(total, -1, DTYPES[name])
                continue
            room = _room(total, [(span.rows, span.planes[i]) for span in spans])
            plain = name == "t" and kind == IN_ORDER
            sums = (_unsigned(room) if plain else _signed(room)).cumsum(dtype=np.int64)
            if name == "t":
                _scale(sums, spans)
            sums += (table[FIRSTS_AT + i] - sums[starts]).repeat(lengths)
            if name == "course":
                sums = (sums + 1) % COURSES - 1
            columns[name] = sums.astype(DTYPES[name], copy=False)
        return Fixes(**columns)


class _Span(NamedTuple):
    """Rows of one block."""

    rows: int
    scale: int
    table: Longs
    """Of their runs."""
    planes: list[list[Bytes]]
    """Of each column, lowest first."""


def _as_slice(rows: Longs) -> Longs | slice:
    """Neighbouring rows need not be copied."""
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == len(rows) else rows


def _scale(sums: Longs, spans: Sequence[_Span]) -> None:
    """Times as microseconds; those of one block have one scale."""
    scales = {span.scale for span in spans}
    if len(scales) == 1:
        sums *= scales.pop()
        return
    begin = 0
    step = np.diff(sums, prepend=0)
    for span in spans:
        step[begin : begin + span.rows] *= span.scale
        begin += span.rows
    step.cumsum(out=sums)


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


# --- in order ---


def _planes_of(data: bytes, head: Head, *, places_only: bool) -> list[list[Bytes]]:
    """The planes of the runs and of each column, lowest first; those of a track only, or all."""
    plain_at = BODY_AT
    deflated_at = BODY_AT + head.plain_bytes
    of_block = np.frombuffer(data, np.uint8)
    found: list[list[Bytes]] = []
    parts = (slice(PLACES_END), slice(PLACES_END, None))[: 1 if places_only else 2]
    for part, length in zip(parts, head.lengths, strict=False):
        of_part = list(zip(head.widths[part], head.plains[part], head.counts[part], strict=True))
        size = sum([(width - plain) * count for width, plain, count in of_part])
        deflated = memoryview(data)[deflated_at : deflated_at + length]
        others = np.frombuffer(
            zlib.decompress(deflated, wbits=RAW_DEFLATE, bufsize=size + 1), np.uint8
        )
        if len(others) != size:
            raise TornBlockError("its columns are of another length")
        deflated_at += length
        at = 0
        for width, plain, count in of_part:
            planes: list[Bytes] = []
            for _ in range(plain):
                planes.append(of_block[plain_at : plain_at + count])
                plain_at += count
            for _ in range(width - plain):
                planes.append(others[at : at + count])
                at += count
            found.append(planes)
    return found


def _table_of_runs(planes: list[Bytes], head: Head) -> Longs:
    """Unit, length, first values and, of kind 4, reach: a line each."""
    count = head.counts[0]
    table = _signed(_room(count, [(count, planes)])).reshape(RUN_LINES[head.kind], -1)
    return table.cumsum(axis=1, dtype=np.int64)


def _room(count: int, parts: Sequence[tuple[int, list[Bytes]]]) -> Bytes:
    """The bytes of so many numbers, a line each, no wider than need be."""
    most = max([len(planes) for _, planes in parts])
    room = np.zeros((count, next(size for size in (1, 2, 4, 8) if size >= most)), np.uint8)
    begin = 0
    for rows, planes in parts:
        for weight, plane in enumerate(planes):
            room[begin : begin + rows, weight] = plane
        begin += rows
    return room


def _unsigned(room: Bytes) -> npt.NDArray[Any]:
    return room.view(f"<u{room.shape[1]}").reshape(-1)


def _signed(room: Bytes) -> npt.NDArray[Any]:
    """Zigzag numbers undone."""
    wide, signed = _unsigned(room), f"<i{room.shape[1]}"
    found: npt.NDArray[Any] = (wide >> 1).view(signed) ^ -(wide & 1).view(signed)
    return found
