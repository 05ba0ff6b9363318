"""The replay of the real week runs, and its figures mean what they say."""

import json

import pytest

from bench.dispatch import RATES, SURES, main
from bench.replay import Release
from tests.data import data_folder


@pytest.mark.slow
def test_a_small_replay_prints_one_plausible_object(capsys: pytest.CaptureFixture[str]) -> None:
    """Who reads the figures relies on the keys, and on the two extremes being extremes."""
    data_folder()

    assert main(["--small", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    for key in ("arrival_vs_all", "redundant_vs_all", "waves", "candidates"):
        assert isinstance(told[key], float), key
    assert told["waves"] >= 1.0
    assert 20 <= told["candidates"] <= told["units"]
    assert 0 < told["calls_compared"] <= told["calls"]
    assert set(told["releases"]) == set(told["releases_error_drawn"]) == set(Release)
    assert {len(told["trade_off"][calls]) for calls in ("crowd", "few")} == {len(SURES)}
    assert len(told["all_calls"]) == len(RATES)
    for ways in told["all_calls"].values():
        assert len({way["came"] for way in ways.values()}) == 1, "the same calls are compared"
        assert all(way["vs_hindsight"] >= 1.0 for way in ways.values())
        assert ways["one_at_a_time"]["redundant"] == 0.0
        assert ways["one_at_a_time"]["asked"] <= ways["ours"]["asked"] <= ways["everybody"]["asked"]


def test_without_the_data_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make bench` goes on where nobody has the calls."""
    monkeypatch.setenv("YIHU_TEST_DATA", "/nowhere")

    assert main(["--json"]) == 0

    assert "YIHU_TEST_DATA" in json.loads(capsys.readouterr().out)["skipped"]
