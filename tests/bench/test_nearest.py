"""The contest of the nearest runs, and all who answer agree."""

import json
import sys

import pytest

from bench import nearest
from bench.nearest import main


def test_a_small_contest_prints_one_object_with_equal_answers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads the figures relies on the keys; figures of wrong answers are worth nothing."""
    monkeypatch.setattr(sys, "argv", ["bench.nearest", "--small", "--json"])
    monkeypatch.setattr(nearest, "ROUNDS", 2)
    monkeypatch.setattr(nearest, "SIZES", {"100k": 20_000, "1m": 100_000})

    assert main() == 0

    told = json.loads(capsys.readouterr().out)
    assert told["exact"] is True
    for key in ("us_100k", "us_1m", "update_us", "per_role_us_1m", "dict_us_1m", "brute_us_1m"):
        assert told[key] > 0, key
    assert (told["redis_us"] is None) == ("redis_skipped" in told)
