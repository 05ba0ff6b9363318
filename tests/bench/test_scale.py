"""The points of the drawing are there, and it is a drawing."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import scale
from bench.scale import main


def test_a_small_run_gives_points_and_a_drawing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By units and by rate, each with every figure that a curve is drawn of."""
    path = tmp_path / "scale.svg"
    monkeypatch.setattr(sys, "argv", ["bench.scale", "--small", "--json", "--plot", str(path)])
    monkeypatch.setattr(scale, "SIZES", (10_000, 100_000))
    monkeypatch.setattr(scale, "MEASURED", 5)
    monkeypatch.setattr(scale, "QUERIES", 5)

    assert main() == 0

    told = json.loads(capsys.readouterr().out)
    assert [point["units"] for point in told["by_units"]] == [1_000, 10_000]
    assert [point["rate_per_s"] for point in told["by_rate"]] == list(scale.RATES)
    for point in (*told["by_units"], *told["by_rate"]):
        assert 0 < point["locate_us"] < point["fix_us"]
        assert point["nearest_us"] > 0
    curves = ElementTree.parse(path).getroot().iter("{http://www.w3.org/2000/svg}polyline")
    assert len(list(curves)) == 12
