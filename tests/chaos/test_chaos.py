"""Every fault once, in small: that each works and is survived. Times are for ``make chaos``."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from devices.broker.room import memory_folder
from tests.chaos.faults import FAULTS, Fault
from tests.integration.conftest import skip_without_broker
from tests.system import descendants

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TIMEOUT_S = 280.0
SEED = "5"

Told = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module", name="told")
def a_small_run() -> Told:
    """Of all faults, by name."""
    skip_without_broker()
    argv = [sys.executable, "-m", "tests.chaos", "--small", "--json", "--seed", SEED]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.stdout, done.stderr
    return {each["fault"]: each for each in json.loads(done.stdout.splitlines()[-1])["faults"]}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_it_is_survived(told: Told, fault: Fault) -> None:
    """No press lost or doubled, everybody back in the end, the chain unbroken."""
    outcome = told[fault.name]

    if outcome["verdict"] == "not run":
        pytest.skip(outcome["why"])
    assert outcome["broken"] == []
    assert outcome["presses"] == outcome["stored"] == outcome["heard_stored"] > 0


def test_who_is_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a fault: no process, no folder, no file in memory."""
    skip_without_broker()
    argv = [sys.executable, "-m", "tests.chaos", "stop_hub", "--small", "--rounds", "50"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, text=True) as chaos:
        assert chaos.stderr is not None
        begun = next((line for line in chaos.stderr if "stop_hub 2/50" in line), "")
        (data_dir,) = tmp_path.glob("*/*/data")
        started = set(descendants(chaos.pid)) - {chaos.pid}
        chaos.send_signal(signal.SIGINT)
        rest = chaos.stderr.read()

    assert begun
    assert (chaos.returncode, "interrupted" in rest) == (1, True), rest
    assert len(started) >= 3
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    assert list(tmp_path.iterdir()) == []
    assert not memory_folder(data_dir).exists()


def test_a_full_disk_is_refused_to_who_cannot_make_one(told: Told) -> None:
    """In a sentence that says what to do."""
    if os.geteuid() == 0:
        pytest.skip("root can")

    assert "needs root" in told["disk_full"]["why"]
