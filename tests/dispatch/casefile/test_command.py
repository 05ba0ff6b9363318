"""``yihu verify FILE`` says in sentences what it found, and opens no store unless it is told to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from dispatch.__main__ import main
from dispatch.casefile import make_case_file
from dispatch.events import IncidentExported
from dispatch.ids import CommandId, OperatorName
from dispatch.store.sql import SqlStore
from tests.dispatch.casefile.case import Shelf, changed, evening, filed, roster, sealed_anew
from tests.dispatch.store.facts import COMMUNITY, INCIDENT, NOON


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A centre's data folder with the evening in its journal."""
    folder = tmp_path / "data"
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    store.submit(evening()).result(20)
    store.close()
    return folder


def seal_and_note(data_dir: Path) -> bytes:
    """The file as the centre hands it out, with the fact of it."""
    store = SqlStore.open("", data_dir=data_dir, on_state=lambda _why: None)
    file = make_case_file(store, roster(), INCIDENT, personal=True, near_m=300)
    fact = IncidentExported(
        t=NOON,
        community=COMMUNITY,
        incident=INCIDENT,
        by=OperatorName("王芳"),
        seal=file.seal,
        personal=True,
        command=CommandId("c9"),
    )
    store.submit([fact]).result(20)
    store.close()
    return file.data


def written(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "file.json"
    path.write_bytes(data)
    return str(path)


def test_a_whole_file_is_told_with_its_seal_and_what_it_cannot_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no data folder anywhere near: the court has none."""
    assert main(["verify", written(tmp_path, filed().data)]) == 0

    said = capsys.readouterr().out
    assert f"incident {INCIDENT}: 12 facts" in said
    assert f"seal {filed().seal}" in said
    assert "whole: nothing in it was changed" in said
    assert "what a file alone cannot show" in said


def test_a_changed_file_is_told_by_its_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(document: dict[str, Any]) -> None:
        document["sections"][4]["content"][0]["fixes"] = []

    assert main(["verify", written(tmp_path, changed(filed(), change))]) == 1

    said = capsys.readouterr().out
    assert "WRONG: section tracks was changed" in said
    assert "whole" not in said


def test_erased_and_left_out_values_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = filed(Shelf(erased=frozenset({"words"})), personal=False)

    assert main(["verify", written(tmp_path, file.data)]) == 0

    said = capsys.readouterr().out
    assert "fact 12: a personal value was erased on 2026-09-21" in said
    assert "3 personal values were left out" in said


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"%PDF-1.7", "not whole JSON"), (filed().data[:-40], "not whole JSON")],
)
def test_what_is_no_file_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, why: str
) -> None:
    assert main(["verify", written(tmp_path, data)]) == 1

    said = capsys.readouterr()
    assert "this is no incident file" in said.err
    assert why in said.err
    assert said.out == ""


def test_a_file_that_is_not_there_is_said_to_be_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path / "none.json")]) == 1

    assert "No such file" in capsys.readouterr().err


def test_beside_its_journal_a_file_is_borne_out(
    tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fact by fact, with who handed it out."""
    path = written(tmp_path, seal_and_note(data_dir))

    assert main(["verify", path, f"--data={data_dir}"]) == 0

    said = capsys.readouterr().out
    assert "the journal has every fact of the file, and no other" in said
    assert "handed out by 王芳" in said
    assert "came later: 1" in said


def test_a_file_of_another_journal_is_found_beside_this_one(
    tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole by itself, and never of this centre."""

    def change(sections: dict[str, Any]) -> None:
        sections["facts"] = sections["facts"][:1]

    path = written(tmp_path, sealed_anew(filed(), change))

    assert main(["verify", path, f"--data={data_dir}"]) == 1

    assert "WRONG beside the journal: fact 2 is not what the journal has" in capsys.readouterr().out


def test_without_a_file_the_journal_is_walked_as_ever(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", f"--data={data_dir}"]) == 0

    assert "15 facts, unbroken" in capsys.readouterr().out
