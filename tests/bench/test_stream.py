"""bench/stream.py: a tenth of it runs, and every aim has its figures."""

import json
import sys

import pytest

from bench import stream
from bench.stream import Pace, Scene, main


def test_a_small_run_prints_one_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads the table of all benchmarks finds these keys, and frames were counted."""
    monkeypatch.setattr(stream, "SMALL", Pace(seconds=1.0, rounds=1, settle_s=0.5))
    monkeypatch.setattr(stream, "SCENES", {"lane": Scene(500, 1.0, 2)})
    monkeypatch.setattr(sys, "argv", ["bench.stream", "--small", "--json"])

    main()

    told = json.loads(capsys.readouterr().out)
    assert {"cpu_us_per_frame", "floor_us", "to_floor"} <= told.keys()
    assert told["lane_frames_per_s"] > 0
    assert told["open_100_messages"] >= 1
    assert told["change_us"] > 0
