"""``yihu history``: where a unit was, who was in an area, and erasing a unit's track.

    yihu history track UNIT --day 2026-11-22                              as CSV, or GeoJSON
    yihu history area WEST,SOUTH,EAST,NORTH --from T --to T               who was there, and when
    yihu history erase UNIT --from T --to T --by NAME --reason WORDS      for good

Places are degrees WGS-84. A time is ISO 8601, such as 2026-11-22T08:30; without an offset it
is this machine's local time. ``track`` and ``area`` may be asked while a hub runs. ``erase``
is for a hub at rest: it writes into the journal who wanted it and why, then erases. Off duty
nobody's place is kept, so nothing of that time is found.
"""

import argparse
import csv
import json
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any, Final

import numpy as np

from dispatch.clock import DAY, SECOND, Instant
from dispatch.errors import YihuError, quoted
from dispatch.events import Personal, Purpose, TrackErased
from dispatch.free_text import plain
from dispatch.ids import OperatorName, UnitId, radio_of
from dispatch.options import add_data
from dispatch.settings_file import store_of
from dispatch.store.history import HistoryReader
from dispatch.store.port import AreaFixes, Box, Track
from dispatch.store.sql import SqlStore, history_at, last_time_at
from dispatch.text_table import table

TRACK_FIXES_MAX: Final = 1_000_000
"""More than a fix a second for eight days: a track is never thinned."""
TRACK_MAX: Final = 7 * DAY
"""A longer one would touch more days than the history reads for one track."""
RECORD_TIMEOUT_S: Final = 30.0
WORDS_MAX: Final = 500
E7: Final = 1e7

FORMATS: Final = ("csv", "geojson")
TRACK_HEAD: Final = ("unit", "time", "lon", "lat", "acc_m")
AREA_HEAD: Final = (*TRACK_HEAD, "speed_mps", "course_deg", "battery_pct", "grid")
WHO_HEAD: Final = ("unit 单元", "first 最早", "last 最晚", "fixes 定位数")


class HistoryError(YihuError):
    """What was asked of the history cannot be answered; the sentence says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu history`` takes."""
    asked = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    track = asked.add_parser("track", help="where a unit was")
    track.add_argument("unit", metavar="UNIT", help="a radio's id, such as xizi-v01")
    track.add_argument("--format", choices=FORMATS, default=FORMATS[0])
    area = asked.add_parser("area", help="who was in an area, and when")
    area.add_argument(
        "box",
        type=_box,
        metavar="WEST,SOUTH,EAST,NORTH",
        help="degrees WGS-84; write -- before what begins with a minus",
    )
    area.add_argument("--format", choices=("who", *FORMATS), default="who")
    erase = asked.add_parser("erase", help="erase where a unit was, for good; the hub is stopped")
    erase.add_argument("unit", metavar="UNIT", help="a radio's id, such as xizi-v01")
    erase.add_argument("--by", required=True, type=_words, help="who decided it")
    erase.add_argument("--reason", required=True, type=_words, help="kept in the journal")
    for each in (track, area, erase):
        each.add_argument("--day", type=_day, help="a whole day, such as 2026-11-22")
        each.add_argument("--from", dest="from_t", type=_instant, metavar="TIME")
        each.add_argument("--to", dest="to_t", type=_instant, metavar="TIME", help="included")
        add_data(each)


def run(options: argparse.Namespace) -> int:
    """Answer on standard output. Raises HistoryError, SettingsError, StoreError."""
    span = _span(options)
    store = store_of(options)
    if options.what == "erase":
        return _erase(options, *store, *span)
    with history_at(*store) as past:
        lines = (
            _track(options, past, *span) if options.what == "track" else _area(options, past, *span)
        )
        for line in lines:
            print(line)
    return 0


def _track(
    options: argparse.Namespace, past: HistoryReader, from_t: Instant, to_t: Instant
) -> Iterator[str]:
    if to_t - from_t > TRACK_MAX:
        raise HistoryError("a track is of seven days at most; ask in parts")
    unit = UnitId(options.unit)
    found = past.track(unit, from_t=from_t, to_t=to_t, fixes_max=TRACK_FIXES_MAX)
    return _tracked(found, as_geojson=options.format == "geojson")


def _area(
    options: argparse.Namespace, past: HistoryReader, from_t: Instant, to_t: Instant
) -> Iterator[str]:
    return _found_in(past.area(options.box, from_t=from_t, to_t=to_t), how=options.format)


# --- erasing ---


def _erase(
    options: argparse.Namespace, url: str, data_dir: Path, from_t: Instant, to_t: Instant
) -> int:
    """The reason is on disk before anything goes: an erasure that nobody answers for cannot be."""
    last_t = last_time_at(url, data_dir)
    store = SqlStore.open(url, data_dir=data_dir, on_state=lambda _why: None)
    unit = UnitId(options.unit)
    try:
        known = store.radio_secret(radio_of(unit))
        if known is None:
            raise HistoryError(f"no radio {quoted(unit)} was ever enrolled")
        erased = TrackErased(
            t=max(last_t, int(time.time() * SECOND)),
            community=known.community,
            unit=unit,
            from_t=from_t,
            to_t=to_t,
            by=OperatorName(options.by),
            why=Personal(Purpose.WORDS, options.reason),
        )
        store.submit([erased]).result(RECORD_TIMEOUT_S)
        count = store.erase_fixes(unit, from_t=from_t, to_t=to_t)
    finally:
        store.close()
    print(f"{count} fixes of {unit} erased, from {_told(from_t)} to {_told(to_t)}")
    return 0


# --- answers ---


def _tracked(track: Track, *, as_geojson: bool) -> Iterator[str]:
    places = [(lon / E7, lat / E7) for _, lon, lat, _ in track.fixes]
    times = [_told(t) for t, *_ in track.fixes]
    if as_geojson:
        kind = "LineString" if len(places) > 1 else "MultiPoint"
        yield _geojson([_feature(track.unit, kind, places, times)] if places else [])
        return
    yield from _csv(
        TRACK_HEAD,
        (
            (track.unit, at, f"{lon:.7f}", f"{lat:.7f}", "" if acc is None else f"{acc / 10:g}")
            for at, (lon, lat), (*_, acc) in zip(times, places, track.fixes, strict=True)
        ),
    )


def _found_in(found: AreaFixes, *, how: str) -> Iterator[str]:
    """Of each unit when it was there first and last; or every fix."""
    if how == "who":
        rows = [
            (unit, _told(int(t[0])), _told(int(t[-1])), str(len(t)))
            for unit, t in ((name, found.t[which]) for name, which in _by_unit(found))
        ]
        yield from table([WHO_HEAD, *rows])
    elif how == "geojson":
        yield _geojson(
            [
                _feature(
                    unit,
                    "MultiPoint",
                    list(zip(found.lon[which].tolist(), found.lat[which].tolist(), strict=True)),
                    [_told(t) for t in found.t[which].tolist()],
                )
                for unit, which in _by_unit(found)
            ]
        )
    else:
        yield from _csv(AREA_HEAD, (_area_row(found, n) for n in range(len(found))))


def _by_unit(found: AreaFixes) -> Iterator[tuple[UnitId, slice]]:
    """Rows are by unit and time."""
    ends = np.searchsorted(found.unit, np.arange(len(found.units) + 1)).tolist()
    for unit, begin, end in zip(found.units, ends[:-1], ends[1:], strict=True):
        if end > begin:
            yield unit, slice(begin, end)


def _area_row(found: AreaFixes, n: int) -> Sequence[str]:
    measured = (found.acc_m[n], found.speed_mps[n], found.course_deg[n])
    battery = int(found.battery_pct[n])
    return (
        found.units[int(found.unit[n])],
        _told(int(found.t[n])),
        f"{found.lon[n]:.7f}",
        f"{found.lat[n]:.7f}",
        *("" if np.isnan(each) else f"{each:g}" for each in measured),
        "" if battery < 0 else str(battery),
        found.grids[int(found.grid[n])],
    )


def _csv(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    class Line:
        def write(self, text: str) -> str:
            return text.rstrip("\r\n")

    writer = csv.writer(Line())
    for row in (head, *rows):
        line: str = writer.writerow(row)  # what write() gave back
        yield line


def _geojson(features: Sequence[dict[str, Any]]) -> str:
    """RFC 7946: WGS-84, longitude first."""
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _feature(
    unit: UnitId, kind: str, places: Sequence[tuple[float, float]], times: Sequence[str]
) -> dict[str, Any]:
    """``times`` stand beside the coordinates, one each, as many readers of GeoJSON take them."""
    return {
        "type": "Feature",
        "properties": {"unit": unit, "coordTimes": list(times)},
        "geometry": {
            "type": kind,
            "coordinates": [[round(lon, 7), round(lat, 7)] for lon, lat in places],
        },
    }


# --- what was asked ---


def _span(options: argparse.Namespace) -> tuple[Instant, Instant]:
    """Both ends included. Raises HistoryError."""
    if options.day is not None:
        if options.from_t is not None or options.to_t is not None:
            raise HistoryError("say --day, or --from and --to; not both")
        begin = datetime.combine(options.day, time_of_day()).astimezone()
        end = datetime.combine(options.day + timedelta(days=1), time_of_day()).astimezone()
        return _microseconds(begin), _microseconds(end) - 1
    if options.from_t is None or options.to_t is None:
        raise HistoryError("say when: --day, or --from and --to")
    if options.from_t > options.to_t:
        raise HistoryError(f"{_told(options.from_t)} is after {_told(options.to_t)}")
    return options.from_t, options.to_t


def _instant(text: str) -> Instant:
    try:
        return _microseconds(datetime.fromisoformat(text).astimezone())
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is no time such as 2026-11-22T08:30"
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is no day such as 2026-11-22") from None


def _box(text: str) -> Box:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("an area is WEST,SOUTH,EAST,NORTH in degrees") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise argparse.ArgumentTypeError("an area's west is not east of its east, nor off earth")
    return west, south, east, north


def _words(text: str) -> str:
    words = plain(text).strip()
    if not 0 < len(words) <= WORDS_MAX:
        raise argparse.ArgumentTypeError(f"1 to {WORDS_MAX} characters are needed")
    return words


def _microseconds(at: datetime) -> Instant:
    return round(at.timestamp() * SECOND)


def _told(t: Instant) -> str:
    """This machine's local time with its offset."""
    return datetime.fromtimestamp(t / SECOND).astimezone().isoformat(timespec="milliseconds")
