"""What comes of faults, as it is shown."""

import json

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.table import BEGIN, END, figures, markdown, not_run, rewritten, row, text
from tests.chaos.test_judge import a_round, evidence


def test_names_are_unique_and_every_fault_says_what_it_is() -> None:
    """They are chosen by name, and explained in the page by what they say."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.says for fault in FAULTS)


def test_what_was_not_run_is_not_kept() -> None:
    """A machine without PostgreSQL has proved nothing about it."""
    told = not_run(FAULTS[0], "no PostgreSQL here")

    assert told["verdict"] == "not run"
    assert "not run: no PostgreSQL here" in text([told])


def test_what_never_came_back_is_said_in_words_and_is_json() -> None:
    """JSON has no number for never."""
    round_ = a_round()
    round_.back_s = round_.settled_s = None
    told = figures(evidence(rounds=[round_]), timed=True)

    assert json.loads(json.dumps(told, allow_nan=False))["back_max_s"] is None
    assert "never" in row(told)
    assert "BROKEN: it did not come back" in text([told])


def test_the_page_keeps_what_others_wrote() -> None:
    """Only what stands between the marks is written anew."""
    page = f"# Before\n{BEGIN}\nold\n{END}\nafter\n"
    told = figures(evidence(), timed=True)

    said = markdown([told], {"kill_hub": "kill -9 of the hub"}, "Two cores.")
    written = rewritten(page, said)

    assert written.startswith("# Before\n")
    assert written.endswith("\nafter\n")
    assert "| `kill_hub` kill -9 of the hub | 1 |" in written
    assert "old" not in written
    with pytest.raises(ValueError, match="has no"):
        rewritten("# A page without marks", said)
