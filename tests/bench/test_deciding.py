"""The cost of a wave is measured on waves that call somebody."""

import json
import sys

import pytest

from bench.deciding import SIZES, main


def test_a_small_run_prints_one_object(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads the figures relies on the keys; what nobody is called for costs nothing."""
    monkeypatch.setattr(sys, "argv", ["bench.deciding", "--small", "--json"])

    assert main() == 0

    told = json.loads(capsys.readouterr().out)
    for size in SIZES:
        for key in ("wave_us", "nearby_us", "choose_us", "write_us", "bytes", "kept"):
            assert told[f"{key}_{size}"] > 0, (key, size)
    assert told["called_20000"] > 0
    assert told["kept_20000"] < 2_000
