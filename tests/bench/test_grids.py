"""The contest of the grids runs, and both answer alike."""

import json
import sys

import pytest

from bench.grids import main


def test_a_small_contest_prints_one_object_with_equal_answers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holes, common borders and their corners are among the points."""
    monkeypatch.setattr(sys, "argv", ["bench.grids", "--small", "--json"])

    assert main() == 0

    told = json.loads(capsys.readouterr().out)
    assert told["exact"] is True
    assert 0 < told["us_per_point_of_10000"] < told["us_per_point_of_1"]
    assert told["us_per_point"] > 0
    assert told["strtree_us"] > 0
