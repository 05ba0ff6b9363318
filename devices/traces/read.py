"""Reads recorded traces from CSV, plain or gzipped; refuses what it does not understand.

    trace_id,user,time,lon,lat,...          further columns are passed over
    000-2008,000,2008-10-24T02:09:59Z,116.319876,40.008304

Rows of one trace may stand anywhere in the file; each trace is put in order of time.
Of two fixes in the same instant the first is kept.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.errors import SettingsError, quoted

FILE_BYTES_MAX: Final = 256 * 2**20
"""Unpacked; some three million rows."""
TRACES_MAX: Final = 20_000
"""Each becomes a radio with a connection of its own."""
ID_CHARS_MAX: Final = 100
COLUMNS: Final = ("trace_id", "time", "lon", "lat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One recorded journey; the columns are of one length, in order of time."""

    name: str
    t: tuple[Instant, ...]
    """Since the trace's first fix."""
    lon: tuple[float, ...]
    lat: tuple[float, ...]

    @property
    def duration(self) -> Instant:
        """From the first fix to the last."""
        return self.t[-1]


def read_traces(file: Path) -> list[Trace]:
    """Every trace, by name. Raises SettingsError with the line that was not understood."""
    rows: dict[str, dict[Instant, tuple[float, float]]] = {}
    for line, row in _rows(file):
        name, t, place = _row(file, line, row)
        trace = rows.setdefault(name, {})
        trace.setdefault(t, place)
        if len(rows) > TRACES_MAX:
            raise SettingsError(f"{file} has over {TRACES_MAX} traces", "cut the file")
    if not rows:
        raise SettingsError(f"{file} has no traces", "name a file with some")
    return [_trace(name, rows[name]) for name in sorted(rows)]


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    remedy = f"name a CSV file (or .csv.gz) with the columns {', '.join(COLUMNS)}"
    try:
        with file.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            data = (gzip.GzipFile(fileobj=stream) if packed else stream).read(FILE_BYTES_MAX + 1)
    except (OSError, EOFError) as exc:
        raise SettingsError(f"the traces {file} cannot be read ({exc})", remedy) from exc
    if len(data) > FILE_BYTES_MAX:
        raise SettingsError(f"the traces {file} are over {FILE_BYTES_MAX} bytes", "cut the file")
    reader = csv.DictReader(io.TextIOWrapper(io.BytesIO(data), "utf-8", "replace", newline=""))
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise SettingsError(f"{file} has not the columns of traces", remedy)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as exc:
        raise SettingsError(f"{file}, line {reader.line_num}: {exc}", remedy) from exc


def _row(file: Path, line: int, row: dict[str, str]) -> tuple[str, Instant, tuple[float, float]]:
    try:
        name = row["trace_id"].strip()
        moment = datetime.fromisoformat(row["time"].strip())
        lon, lat = float(row["lon"]), float(row["lat"])
        good = 0 < len(name) <= ID_CHARS_MAX and moment.tzinfo is not None
        if not (good and -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            raise ValueError("a name, a time with its zone and a place on the Earth are wanted")
    except (ValueError, TypeError, AttributeError) as exc:
        raise SettingsError(
            f"{file}, line {line}: {quoted(str(exc))}", "mend that line, or leave it out"
        ) from exc
    return name, round(moment.timestamp() * SECOND), (lon, lat)


def _trace(name: str, fixes: dict[Instant, tuple[float, float]]) -> Trace:
    times = sorted(fixes)
    return Trace(
        name=name,
        t=tuple(t - times[0] for t in times),
        lon=tuple(fixes[t][0] for t in times),
        lat=tuple(fixes[t][1] for t in times),
    )
