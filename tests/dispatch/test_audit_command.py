"""``yihu audit verify``: whole or not, what was erased and when, and by whose leave."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dispatch.__main__ import main
from dispatch.clock import DAY
from dispatch.store.sql import verify_at
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import INCIDENT, NOON, closed, note, opened, words


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A centre that had one incident, in SQLite."""
    home = Home(url="", data_dir=tmp_path / "data")
    store = home.open()
    store.submit([opened(words=words()), note("一"), note("二"), closed()]).result(20)
    store.close()
    return home


def verify(home: Home, *more: str) -> int:
    return main(["audit", "verify", "--data", str(home.data_dir), *more])


def test_a_whole_journal_says_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(home) == 0
    assert capsys.readouterr().out.startswith("4 facts, unbroken; the last hash is ")


def test_what_expired_is_told_with_its_day(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """An auditor sees that it went by rule, and what for it had been kept."""
    store = home.open()
    store.erase_expired(NOON + 100 * DAY)
    store.close()

    assert verify(home, "--facts") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fact 1: erased on 2026-12-30"
    assert lines[1] == "erased on 2026-12-30: 1 value kept for place"
    assert lines[2].startswith("5 facts, unbroken")


def test_what_no_fact_tells_of_is_named(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody with the database's keys made a value look erased: the chain is whole, and yet."""
    home.tamper(f"UPDATE personal SET value = NULL, salt = NULL, erased_t = {NOON} WHERE seq = 2")

    assert verify(home) == 0

    told = capsys.readouterr().out.splitlines()[0]
    assert told == "erased on 2026-09-21: 1 value kept for words; no fact tells of it"


def test_a_value_that_was_taken_out_breaks_it(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.tamper("UPDATE personal SET value = NULL, salt = NULL WHERE seq = 2")

    assert verify(home) == 1
    assert "broken at fact 2" in capsys.readouterr().out


def test_a_noted_hash_shows_whether_the_end_was_cut_off(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one thing that a chain does not show by itself."""
    noted = verify_at("", home.data_dir).head
    store = home.open()
    store.submit(
        [
            note(
                "三",
            )
        ]
    ).result(20)
    store.close()
    assert verify(home, "--noted", noted) == 0
    assert "the noted hash is fact 4's" in capsys.readouterr().out

    home.tamper("DELETE FROM personal WHERE seq > 2", "DELETE FROM journal WHERE seq > 2")

    assert verify(home) == 0, "by itself it looks whole"
    assert verify(home, "--noted", noted) == 1
    assert "cut off" in capsys.readouterr().out


def test_a_hash_is_a_hash(home: Home) -> None:
    with pytest.raises(SystemExit):
        verify(home, "--noted", INCIDENT)
