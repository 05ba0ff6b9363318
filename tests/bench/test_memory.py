"""A unit's bytes are told part by part, and the parts are all of them."""

import json
import sys

import pytest

from bench.memory import PARTS, REST, main


def test_a_small_run_prints_one_object(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure that misses its aim is worth nothing where nobody can see what it is made of."""
    monkeypatch.setattr(sys, "argv", ["bench.memory", "--small", "--json"])

    assert main() == 0

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    names = {*dict(PARTS), REST}
    for when in ("known", "heard"):
        parts = [told[f"{name}_{when}"] for name in names]
        assert told[f"bytes_{when}"] == pytest.approx(sum(parts), abs=0.1 * len(parts))
    assert told["bytes_known"] < told["bytes_heard"]
    assert 0 < told["ids_known"] < 60
