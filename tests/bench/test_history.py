"""The measuring of the history works, and what it draws is no easier than what was recorded."""

from pathlib import Path

import numpy as np
import pytest

from bench import history
from bench.history import Walkers, ask, build, start, traces_packed

KEYS = {"store_per_s", "bytes_per_fix", "unit_day_ms", "area_hour_ms", "drop_day_s"}


def walkers() -> Walkers:
    return Walkers(np.random.default_rng(1), 10)


def test_a_tiny_district_is_stored_whole_and_asked(tmp_path: Path) -> None:
    """Two days of ten units: every key is there, every fix is stored and found."""
    drawn = walkers()

    figures = build(tmp_path, drawn, 2) | ask(tmp_path, drawn, 2)

    assert figures.keys() >= KEYS
    assert figures["lost"] == 0
    assert figures["fixes"] == 2 * 10 * figures["unit_day_fixes"]


def test_walkers_go_as_people_do() -> None:
    """Fixes 10 to 42 s apart, in the order of time, nobody faster than a bicycle."""
    [day] = walkers().batches(0, rows=1_000_000)

    assert (np.diff(day.t) >= 0).all()
    mine = day.rows == day.rows[0]
    apart_s = np.diff(day.t[mine]) / 1e6
    assert 9.9 < np.quantile(apart_s, 0.01) < np.quantile(apart_s, 0.99) < 42.1
    metres = np.hypot(np.diff(day.lon[mine]) * 0.77, np.diff(day.lat[mine])) * history.M_PER_DEG
    assert np.quantile(metres / apart_s, 0.99) < 10


def test_a_start_finds_every_last_fix(tmp_path: Path) -> None:
    assert start(tmp_path, 500)["last_fixes_units"] == 500


def test_without_recordings_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIHU_TEST_DATA", str(tmp_path))

    assert "is not there" in traces_packed(tmp_path / "data")["traces_skipped"]
