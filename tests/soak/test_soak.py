"""The soak in small: that it runs, counts and leaves nothing behind. Flatness is for an hour."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import skip_without_broker
from tests.soak.samples import HEAD

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TIMEOUT_S = 120.0


def test_some_seconds_of_it_are_played_counted_and_drawn(tmp_path: Path) -> None:
    """Presses stored, shifts changed, a table and a drawing; no process and no folder is left."""
    skip_without_broker()
    out, rooms = tmp_path / "out", tmp_path / "tmp"
    rooms.mkdir()
    argv = [sys.executable, "-m", "tests.soak", "--small", "--json", f"--out={out}"]
    environment = {**os.environ, "TMPDIR": str(rooms)}

    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, env=environment
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    found = {each["what"]: each for each in told["findings"]}
    assert found["presses"]["kept"]
    assert found["the journal's chain"]["kept"]
    assert "too short" in told["verdict"]
    head, *lines = csv.reader((out / "soak.csv").read_text().splitlines())
    assert (tuple(head), len(lines)) == (HEAD, 10)
    assert float(lines[-1][HEAD.index("hub_mb")]) > 30
    assert "</svg>" in (out / "soak.svg").read_text()
    assert list(rooms.iterdir()) == []
