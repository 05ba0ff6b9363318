"""The page of the life cycles is what the tables give."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.diagrams import page
from dispatch.lifecycle import PHASES, STATES
from dispatch.plan_files import default_book
from dispatch.words import AssignmentState, Disposition, Phase, Rung

PAGE = Path(__file__).parents[2] / "docs" / "lifecycles.md"


def test_the_page_in_the_docs_is_what_the_tables_give() -> None:
    """Whoever changes a table writes it anew: python -m dispatch.diagrams > docs/lifecycles.md"""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_page_does_not_hang_on_chance(seed: str) -> None:
    """Sets have no order of their own; two writings are the same."""
    said = subprocess.run(
        [sys.executable, "-m", "dispatch.diagrams"],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert said.stdout.decode() == page()


def test_everything_that_the_tables_know_is_on_the_page() -> None:
    """A row that is left out would be believed not to be there."""
    told = page()
    rows = [
        *(f"| {a} | {fact.__name__} | {b} |" for (a, fact), b in PHASES.items()),
        *(f"| {a} | {fact.__name__} | {b} | " for (a, fact), b in STATES.items()),
    ]

    assert [row for row in rows if row not in told] == []
    for word in (*Phase, *AssignmentState, *Disposition, *(r.replace("_", " ") for r in Rung)):
        assert word in told
    for plan in default_book().plans:
        name = plan.plan.partition("/")[2]
        assert all(f"| {name} | " in told and f"| {each.step} | " in told for each in plan.steps)


def test_no_cell_breaks_its_table() -> None:
    """A bar or a missing cell would shift everything after it."""
    for line in page().splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
    tables = [block for block in page().split("\n\n") if block.startswith("|")]
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1, table
