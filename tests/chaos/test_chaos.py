"""Every fault once, in small: that each works and is survived. Times are for ``make chaos``."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tests.chaos.faults import FAULTS, Fault
from tests.integration.conftest import skip_without_broker

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


def test_a_full_disk_is_refused_to_who_cannot_make_one(told: Told) -> None:
    """In a sentence that says what to do."""
    if os.geteuid() == 0:
        pytest.skip("root can")

    assert "needs root" in told["disk_full"]["why"]
