"""``yihu replay-decision`` reads a journal beside its hub, and says what would be different."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from dispatch.__main__ import main
from dispatch.events import Event, ResponseDecided
from dispatch.ids import IncidentId
from dispatch.replay_command import VERDICT_ZH
from dispatch.store.sql import SqlStore
from dispatch.words import Verdict
from tests.builders import NOON, at, guard, shell, volunteer

OTHER_BOOK = """
[book]
name = "stricter"
version = 1
begins = "2026-01-01"

[[plans]]
plan = "guards-first"
kinds = ["sos"]
target_s = 300
[[plans.steps]]
step = "near"
tier = "grid"
needs = [{ count = 1, role = "guard" }]
rings = 0
"""


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


def an_evening() -> list[Event]:
    """A red button in g1: two volunteers near, a guard two grids on, one off duty."""
    desk = shell(*map(volunteer, ("v1", "v2", "v3", "off")), guard("guard"))
    desk.sign_on("v2", at(260))
    desk.sign_on("v3", at(300))
    desk.sign_on("guard", at(1_300))
    desk.close(desk.open_by_press("v1", where=at(250)))
    return desk.facts


def journal(folder: Path, facts: Sequence[Event]) -> str:
    """A data folder with these facts; as the option that names it."""
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    store.submit(facts).result(20)
    store.close()
    return f"--data={folder}"


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A centre's data folder with the evening in its journal."""
    return journal(tmp_path / "data", an_evening())


def replay(*arguments: str) -> int:
    """Run the command."""
    return main(["replay-decision", *arguments])


def test_a_decision_made_again_by_its_own_plan_is_told_as_the_same(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everybody stands there with why, in both languages, and nothing is marked."""
    assert replay("town-20260529-001/w1", data) == 0

    said = capsys.readouterr().out
    assert ["预案", "plan", *["default-1/sos"] * 2] in [each.split() for each in said.splitlines()]
    assert "呼叫 called" in said
    assert "未上岗 off_duty" in said
    assert "the same people are called, for the same reasons" in said
    assert not any(line.startswith("  *") for line in said.splitlines())


def test_under_another_book_differences_are_marked(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the new plan would have done that evening, before it is put to use."""
    book = tmp_path / "stricter.toml"
    book.write_text(OTHER_BOOK)

    assert replay("town-20260529-001/w1", f"--plan={book}", data) == 0

    said = capsys.readouterr().out
    marked = [line.split() for line in said.splitlines() if line.startswith("  *")]
    assert {line[1] for line in marked} == {"v2", "v3", "guard", "off"}
    assert "stricter-1/guards-first" in said
    assert "太远 too_far" in said
    assert "0 are called now and were not, 3 no more" in said


def test_programs_get_one_object(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Codes and facts, then and now."""
    book = tmp_path / "stricter.toml"
    book.write_text(OTHER_BOOK)

    assert replay("town-20260529-001/w1", f"--plan={book}", "--json", data) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["plan"] == {"then": "default-1/sos", "now": "stricter-1/guards-first"}
    assert (told["same"], told["not_kept"]) == (False, 0)
    assert sorted(told["called"]["then"]) == ["guard", "v2", "v3"]
    assert told["called"]["now"] == []
    assert told["short"]["now"] == {"guard": 1}
    by_unit = {each["unit"]: each for each in told["candidates"]}
    assert by_unit["v2"]["then"]["verdict"] == "called"
    assert by_unit["v2"]["now"]["verdict"] == "wrong_role"
    assert by_unit["off"]["differs"] is True
    assert by_unit["v1"]["differs"] is False


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        ("town-20260529-001/w9", "has no decision w9; it has w1 to w1"),
        ("town-20990101-001/w1", "the journal knows no incident town-20990101-001"),
        ("town-20260529-001", "is no decision: write INCIDENT/wN"),
        ("", "is no decision"),
    ],
)
def test_what_is_no_decision_is_refused(
    data: str, capsys: pytest.CaptureFixture[str], decision: str, why: str
) -> None:
    """With what would be one."""
    assert replay(decision, data) == 1

    assert why in capsys.readouterr().err


def test_an_erased_decision_cannot_be_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person's right goes before our curiosity."""
    folder = tmp_path / "data"
    data = journal(folder, an_evening())
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    store.erase(incident=IncidentId("town-20260529-001"), t=NOON)
    store.close()

    assert replay("town-20260529-001/w1", data) == 1

    assert "was erased" in capsys.readouterr().err


def test_a_decision_of_an_older_yihu_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It kept too little to decide from."""
    facts = [
        replace(each, inputs=replace(each.inputs, value={"v": 1, "candidates": []}))
        if isinstance(each, ResponseDecided)
        else each
        for each in an_evening()
    ]
    data = journal(tmp_path / "data", facts)

    assert replay("town-20260529-001/w1", data) == 1

    assert "only those of version 2, 3, 4 hold all that is needed" in capsys.readouterr().err


def test_the_way_on_foot_is_told_in_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who decided by streets must be able to see them; metres say nothing of a river."""
    facts = an_evening()
    [decided] = [each for each in facts if isinstance(each, ResponseDecided)]
    told = decided.inputs.value["candidates"]
    told["walk_s"] = [150.0 if unit == "v2" else None for unit in told["unit"]]
    data = journal(tmp_path / "data", facts)

    assert replay("town-20260529-001/w1", data) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    by_unit = {line[0]: line for line in lines if line and line[0] in ("v2", "v3")}
    assert by_unit["v2"][4] == "2.5"
    assert by_unit["v3"][4] == "-"


def test_a_book_that_cannot_work_is_refused_like_any_setting(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is decided by it."""
    book = tmp_path / "broken.toml"
    book.write_text(OTHER_BOOK.replace("target_s = 300", "target_s = 1"))

    assert replay("town-20260529-001/w1", f"--plan={book}", data) == 2

    assert "target_s" in capsys.readouterr().err


def test_every_verdict_has_words() -> None:
    """A new rule brings its own."""
    assert set(VERDICT_ZH) == set(Verdict)
