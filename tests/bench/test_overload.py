"""bench/overload.py in small: bad input and overload played against a whole hub.

Times are figures for the page; what is lost and who is let go is a matter of right and wrong.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from bench.overload import SLOW_CONSOLES, SMALL
from bench.page import AIMS
from tests.integration.conftest import skip_without_broker

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TIMEOUT_S = 280.0

Figures = Mapping[str, Any]


@pytest.fixture(scope="module", name="told")
def a_small_run() -> Figures:
    skip_without_broker()
    argv = [sys.executable, "-m", "bench.overload", "--small", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def test_every_case_has_its_figures(told: Figures) -> None:
    """Whoever reads the table of all benchmarks finds them."""
    assert {aim.key for aim in AIMS if aim.script == "overload"} <= told.keys()


def test_a_stalled_history_loses_nothing(told: Figures) -> None:
    """What waited is on disk afterwards, and it was told that it had to wait."""
    assert (told["stalled_lost"], told["stalled_shed"]) == (0, 0)
    assert told["stalled_waiting_max"] > 0
    assert told["stalls_told"] == 1


def test_a_flooding_radio_is_thinned_and_its_neighbours_are_not(told: Figures) -> None:
    """A thousand at once are a backlog; beyond it four a second are taken."""
    assert told["flood_neighbours_lost"] == 0
    assert 0 < told["flood_taken"] < told["flood_sent"]
    assert told["bad_times_refused"] > 0


def test_consoles_that_read_a_kilobyte_a_second_are_let_go(told: Figures) -> None:
    """They cannot be told an alarm in time: better they show that the line is gone."""
    assert told["slow_consoles_let_go"] == SLOW_CONSOLES


def test_all_radios_that_come_at_once_are_let_in(told: Figures) -> None:
    """Each by a connection of its own, and on duty."""
    assert (told["joined"], told["joined_on_duty"]) == (SMALL.joining, SMALL.joining)


def test_the_newest_of_every_radio_survives(told: Figures) -> None:
    """And every position that was sent was handled or counted as given up."""
    assert (told["overload_lost_newest"], told["overload_unaccounted"]) == (0, 0)
