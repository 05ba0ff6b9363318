"""The command's exit status: what a supervisor tries again, and what it does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dispatch.__main__ import BAD_SETTINGS, main
from dispatch.events import PlanBookAdopted
from dispatch.ids import CommunityId
from dispatch.plan_files import load_book
from dispatch.store.sql import SqlStore
from tests.builders import NOON
from tests.dispatch.test_config import write_community
from tests.dispatch.test_plan_files import HEAD, PLAN, write_book

NOBODY = "postgresql://yihu:hunter2@127.0.0.1:1/yihu"
"""No server listens on this port."""


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize(("more", "status"), [(["--supervised"], 1), ([], BAD_SETTINGS)])
def test_only_a_supervised_hub_is_started_again_for_a_database_out_of_reach(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], status: int
) -> None:
    """After a power cut the database may be the slower one; by hand the sentence is enough."""
    assert main(["hub", f"--data={tmp_path}", f"--store-url={NOBODY}", *more]) == status

    said = capsys.readouterr().err
    assert "cannot be opened" in said
    assert "hunter2" not in said


def test_a_supervised_hub_with_an_address_that_is_none_is_not_started_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No waiting makes it one."""
    url = "postgresql://h:port/x"

    assert main(["hub", f"--data={tmp_path}", f"--store-url={url}", "--supervised"]) == 2

    assert "no address of a database" in capsys.readouterr().err


def test_a_hub_does_not_start_with_a_book_that_served_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused before anybody is enrolled or called, in one sentence that says what to change."""
    file = write_community(tmp_path, more='plans = ["plans.toml"]')
    book = load_book(write_book(tmp_path))
    served = PlanBookAdopted(
        t=NOON, community=CommunityId("lane"), book="lane", version=1, text=book.text
    )
    store = SqlStore.open("", data_dir=tmp_path / "data", on_state=lambda _why: None)
    store.submit([served]).result(20)
    store.close()
    write_book(tmp_path, HEAD + PLAN)

    assert main(["hub", f"--data={tmp_path / 'data'}", f"--community={file}"]) == BAD_SETTINGS

    said = capsys.readouterr().err
    assert "plan book lane-1 differs from the one that has served as lane-1" in said
    assert "give it a version of its own, above 1" in said
