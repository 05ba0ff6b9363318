"""bench/stream.py: a tenth of it runs, and every aim has its figures."""

import json
import sys

import pytest

from bench import stream
from bench.stream import Scene, main


def test_a_small_run_prints_one_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads the table of all benchmarks finds these keys, and frames were counted."""
    monkeypatch.setattr(stream, "ROUNDS", 1)
    monkeypatch.setattr(stream, "SETTLE_S", 0.5)
    monkeypatch.setattr(stream, "SCENES", {"lane": Scene(500, 1.0, 2)})
    monkeypatch.setattr(sys, "argv", ["bench.stream", "--small", "--json"])

    main()

    told = json.loads(capsys.readouterr().out)
    assert told["cpu_us_per_frame"] > 0
    assert told["floor_us"] > 0
    assert told["lane_frames_per_s"] > 0
    assert told["open_100_messages"] >= 1
    assert told["change_us"] > 0
