"""``yihu history`` answers beside a running hub, and erases only what somebody answers for."""

import csv
import io
import json
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import structlog

from dispatch.__main__ import BAD_SETTINGS, main
from dispatch.clock import MINUTE
from dispatch.ids import CommunityId, RadioId, UnitId
from dispatch.radio_record import RadioRecord
from dispatch.store.port import FixRows, Names
from dispatch.store.sql import SqlStore, verify_at
from dispatch.words import Role
from tests.builders import NOON

FROM = "2026-05-29T04:00:00+00:00"
"""NOON, a Beijing noon."""
TO = "2026-05-29T05:00:00+00:00"
HOUR = ("--from", FROM, "--to", TO)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


def open_store(folder: Path) -> SqlStore:
    return SqlStore.open("", data_dir=folder, on_state=lambda _why: None)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two units walk side by side for ten minutes, a fix a minute."""
    folder = tmp_path / "data"
    store = open_store(folder)
    record = RadioRecord(
        radio=RadioId("r1"),
        community=CommunityId("xizi"),
        call_sign="巡一",
        role=Role.VOLUNTEER,
        skills=(),
        post=None,
    )
    store.enroll(record, secret_hash="x", t=NOON).result(20)
    minutes = np.tile(np.arange(10), 2)
    rows = np.repeat([0, 1], 10)
    store.submit_fixes(
        FixRows(
            names=Names(units=[UnitId("r1"), UnitId("r2")], grids=["", "g1"]),
            rows=rows,
            t=NOON + minutes * MINUTE,
            lon=116.30 + minutes / 1_000 + rows,
            lat=np.full(20, 39.9),
            acc_m=np.where(minutes % 2, 5.5, np.nan).astype(np.float32),
            speed_mps=np.full(20, 1.25, np.float32),
            course_deg=np.full(20, 90, np.float32),
            battery_pct=np.full(20, -1, np.int8),
            grid=np.ones(20, np.int32),
        ),
        [],
    )
    store.close()
    return folder


def history(data: Path, *arguments: str) -> int:
    """Run the command."""
    return main(["history", arguments[0], f"--data={data}", *arguments[1:]])


def test_a_units_track_is_a_line_for_each_fix(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a spreadsheet; what a radio did not say is empty."""
    assert history(data, "track", "r1", *HOUR) == 0

    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 10
    assert [row["unit"] for row in rows] == ["r1"] * 10
    assert (rows[1]["lon"], rows[1]["lat"], rows[1]["acc_m"]) == (
        "116.3010000",
        "39.9000000",
        "5.5",
    )
    assert rows[0]["acc_m"] == ""


def test_a_track_is_a_line_on_any_map(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """GeoJSON: longitude first, WGS-84, each place with its time."""
    history(data, "track", "r2", "--format=geojson", *HOUR)

    [feature] = json.loads(capsys.readouterr().out)["features"]
    assert feature["geometry"]["type"] == "LineString"
    assert feature["geometry"]["coordinates"][0] == [117.3, 39.9]
    assert len(feature["properties"]["coordTimes"]) == 10
    assert feature["properties"]["unit"] == "r2"


def test_who_was_near_there_in_that_hour(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each, with the first and the last time; nobody else, and nothing of elsewhere."""
    assert history(data, "area", "116.302,39.8,116.305,40.0", *HOUR) == 0

    head, *lines = capsys.readouterr().out.splitlines()
    assert "unit" in head
    assert "单元" in head
    [line] = lines
    assert line.split()[0] == "r1"
    assert line.split()[-1] == "4"


@pytest.mark.parametrize("how", ["csv", "geojson"])
def test_every_fix_of_an_area_can_be_had(
    data: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    history(data, "area", "116,39,118,40", f"--format={how}", *HOUR)

    told = capsys.readouterr().out
    if how == "csv":
        rows = list(csv.DictReader(io.StringIO(told)))
        assert len(rows) == 20
        assert rows[0]["grid"] == "g1"
        assert (rows[0]["speed_mps"], rows[0]["battery_pct"]) == ("1.25", "")
    else:
        features = json.loads(told)["features"]
        assert [each["properties"]["unit"] for each in features] == ["r1", "r2"]
        assert [len(each["geometry"]["coordinates"]) for each in features] == [10, 10]


def test_what_the_handbook_says_can_be_typed(tmp_path: Path) -> None:
    """docs/history.md is what administrators read; each of its commands is understood."""
    handbook = Path(__file__).resolve().parents[2] / "docs" / "history.md"
    lines = [line for line in handbook.read_text().splitlines() if line.startswith("yihu ")]
    assert {line.split()[2] for line in lines} == {"track", "area", "erase"}

    for line in lines:
        said = line.replace("DATA", str(tmp_path / "nowhere")).partition(" > ")[0]
        assert main(shlex.split(said)[1:]) == BAD_SETTINGS, "understood, but there is no store"


def test_nobody_there_is_an_answer(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert history(data, "area", "1,1,2,2", *HOUR) == 0
    assert history(data, "track", "nobody", "--format=geojson", *HOUR) == 0

    assert json.loads(capsys.readouterr().out.splitlines()[-1])["features"] == []


@pytest.mark.parametrize(("zone", "lines"), [("Asia/Shanghai", 10), ("Pacific/Honolulu", 0)])
def test_a_whole_day_is_the_machines_own(
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    lines: int,
) -> None:
    """From midnight to midnight as people there count it: in Honolulu it is the day before."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        history(data, "track", "r1", "--day=2026-05-29")
    finally:
        monkeypatch.undo()
        time.tzset()

    assert len(capsys.readouterr().out.splitlines()) == 1 + lines


def test_an_erasure_is_in_the_journal_with_its_reason(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is gone is gone; that it went, who wanted it and why, is kept in the chain."""
    answered_for = ("--by", "王芳", "--reason", "本人要求")
    until = ("--from", FROM, "--to", "2026-05-29T04:04:59+00:00")

    assert history(data, "erase", "r1", *until, *answered_for) == 0

    assert capsys.readouterr().out.startswith("5 fixes of r1 erased")
    history(data, "track", "r1", *HOUR)
    assert len(capsys.readouterr().out.splitlines()) == 1 + 5
    history(data, "track", "r2", *HOUR)
    assert len(capsys.readouterr().out.splitlines()) == 1 + 10
    report = verify_at("", data)
    assert (report.facts, report.broken_at_seq) == (2, None)
    journal = (data / "journal.db").read_bytes() + b"".join(
        path.read_bytes() for path in data.glob("journal.db-wal")
    )
    assert b"TrackErased" in journal


def test_nothing_is_erased_beside_a_running_hub(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its writer would put back what it holds in memory."""
    hub = open_store(data)
    try:
        answered_for = ("--by=x", "--reason=y")
        assert history(data, "erase", "r1", *HOUR, *answered_for) == BAD_SETTINGS
        assert "another hub" in capsys.readouterr().err

        assert history(data, "track", "r1", *HOUR) == 0
        assert len(capsys.readouterr().out.splitlines()) == 1 + 10
    finally:
        hub.close()


def test_whoever_was_never_enrolled_is_not_erased(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the finger must not stand in the journal as an erasure."""
    assert history(data, "erase", "r9", *HOUR, "--by=x", "--reason=y") == 1

    assert "was ever enrolled" in capsys.readouterr().err
    assert verify_at("", data).facts == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["track", "r1"], "say when"),
        (["track", "r1", "--day=2026-05-29", "--from", FROM], "not both"),
        (["track", "r1", "--from", TO, "--to", FROM], "is after"),
        (["track", "r1", "--from=2026-05-01", "--to=2026-05-29"], "seven days"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_why(
    data: Path, capsys: pytest.CaptureFixture[str], asked: list[str], told: str
) -> None:
    assert history(data, *asked) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        ["area", "117,39,116,40", *HOUR],
        ["area", "116,39,nan,40", *HOUR],
        ["area", "116,39", *HOUR],
        ["track", "r1", "--day=yesterday"],
        ["track", "r1", "--from=9999-99-99", "--to", TO],
        ["erase", "r1", *HOUR, "--by=x"],
        ["erase", "r1", *HOUR, "--by=x", "--reason= "],
        ["erase", "r1", *HOUR, "--by=x", "--reason=" + "y" * 501],
    ],
)
def test_what_makes_no_sense_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str], asked: list[str]
) -> None:
    """Before any store is opened, with the command's own words."""
    with pytest.raises(SystemExit) as refused:
        history(data, *asked)

    assert refused.value.code == 2
    assert "yihu history" in capsys.readouterr().err
