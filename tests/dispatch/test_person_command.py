"""``yihu person``: nothing goes before it is confirmed; then nothing of it is left on the disk."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dispatch.__main__ import main
from dispatch.access.accounts import Access
from dispatch.access.facts import OfficeGiven, PasswordChanged
from dispatch.access.words import EVERYWHERE, NO_COMMUNITY, Office
from dispatch.clock import DAY
from dispatch.store.sql import SqlStore, verify_at
from tests.dispatch.store.facts import NOON
from tests.dispatch.store.past import times
from tests.dispatch.store.test_persons import CANARY, CANARY_LON, OTHERS, WANG, account, fill


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


def open_store(folder: Path) -> SqlStore:
    return SqlStore.open("", data_dir=folder, on_state=lambda _why: None)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with an evening of two people in it."""
    folder = tmp_path / "data"
    store = open_store(folder)
    fill(store)
    store.settle_history()
    store.load()  # what is kept for a quick start has places, too
    while store.note_standing():
        pass
    store.close()
    return folder


def erase(data: Path, *more: str) -> int:
    return main(
        ["person", "erase", "王芳", "--by", "李雷", "--why", "本人要求", "--data", str(data), *more]
    )


def code_told(capsys: pytest.CaptureFixture[str]) -> str:
    found = re.search(r"--confirm ([0-9a-f]{8})", capsys.readouterr().out)
    assert found is not None
    return found[1]


def files_with(data: Path, *texts: str) -> list[str]:
    """Files of the data folder in whose bytes one of these is, whatever kind of file it is."""
    wanted = [form for text in texts for form in (text.encode(), json.dumps(text)[1:-1].encode())]
    return sorted(
        str(file.relative_to(data))
        for file in data.rglob("*")
        if file.is_file() and any(each in file.read_bytes() for each in wanted)
    )


def test_a_dry_run_changes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever only wants to know erases nobody; whoever mistypes the code, neither."""
    facts = verify_at("", data).facts

    assert erase(data) == 0
    told = capsys.readouterr().out
    assert erase(data, "--confirm", "00000000") == 1

    assert "20 positions" in told
    assert "What stays, and why" in told
    assert "Nothing was erased" in told
    assert "not the code" in capsys.readouterr().err
    assert verify_at("", data).facts == facts
    assert files_with(data, CANARY) == ["journal.db"]


def test_the_code_is_of_what_was_found(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What came since was not seen by whoever decided."""
    erase(data)
    code = code_told(capsys)
    store = open_store(data)
    fill_more = account(WANG, "r2", NOON + 1)[1:]
    store.keep_access(fill_more, []).result(20)
    store.close()

    assert erase(data, "--confirm", code) == 1
    assert files_with(data, CANARY) == ["journal.db"]


def test_nothing_of_theirs_is_left_on_the_disk(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in a free page, not in the log, not in a file beside it. Others' is all there."""
    assert files_with(data, CANARY, str(CANARY_LON)) == ["journal.db"]
    erase(data)

    assert erase(data, "--confirm", code_told(capsys)) == 0

    assert "erased for good" in capsys.readouterr().out
    assert files_with(data, CANARY, str(CANARY_LON)) == []
    assert files_with(data, OTHERS) == ["journal.db"]
    store = open_store(data)
    assert times(store, "r1") == [NOON - 2 * DAY + n * 1_000_000 for n in range(5)]
    assert len(times(store, "r2")) == 20
    facts, beside = store.accounts()
    left = Access(facts).find("王芳")
    store.close()
    assert left is not None
    assert left.closed
    assert left.unit is None
    assert [each.account for each in beside.secrets] == ["李雷"]

    assert main(["audit", "verify", "--data", str(data)]) == 0
    told = capsys.readouterr().out
    assert "erased on" in told
    assert "no fact tells" not in told
    assert "unbroken" in told


def test_positions_that_wait_to_be_put_in_order_go_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Blocks as they came are packed otherwise than those of an hour that is over."""
    folder = tmp_path / "data"
    store = open_store(folder)
    fill(store)
    store.close()
    erase(folder)

    assert erase(folder, "--confirm", code_told(capsys)) == 0

    store = open_store(folder)
    assert len(times(store, "r1")) == 5
    store.close()


def test_the_last_administrator_is_not_erased(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody could let anybody in any more."""
    store = open_store(data)
    given = OfficeGiven(
        t=NOON,
        community=NO_COMMUNITY,
        account=WANG,
        office=Office.ADMINISTRATOR,
        where=EVERYWHERE,
        by=WANG,
    )
    known = PasswordChanged(t=NOON, community=NO_COMMUNITY, account=WANG, by_link=True)
    store.keep_access([given, known], []).result(20)
    store.close()

    assert erase(data) == 1
    assert "administrator" in capsys.readouterr().err


def test_everything_is_handed_out_once_and_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file for its owner's eyes; the journal has its digest, so that it can be known again."""
    out = tmp_path / "wang.json"
    asked = ["person", "export", "王芳", "--by", "李雷", "--out", str(out), "--data", str(data)]

    assert main(asked) == 0

    document = json.loads(out.read_text("utf-8"))
    assert document["format"] == "yihu-person/1"
    assert document["account"] == "王芳"
    assert len(document["tracks"][0]["fixes"]) == 20
    assert OTHERS not in out.read_text("utf-8")
    assert out.stat().st_mode & 0o777 == 0o600
    digest = re.search(r"SHA-256 ([0-9a-f]{64})", capsys.readouterr().out)
    assert digest is not None
    assert files_with(data, digest[1]) == ["journal.db"]
    assert main(asked) == 1, "never over a file that is there"
    assert "cannot be written" in capsys.readouterr().err


def test_nobody_is_found_by_a_name_that_nobody_has(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["person", "erase", "X", "--by", "a", "--why", "b", "--data", str(data)]) == 1
    assert "no account, radio or call sign is called" in capsys.readouterr().err
