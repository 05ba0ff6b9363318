"""PostgreSQL's own programs: found or named, and never shown a password."""

import itertools
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.errors import SettingsError, StoreError
from dispatch.store import dumping
from dispatch.store.copying import NoRoomError
from dispatch.store.dumping import dump, held_database, is_empty, put_back
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import alarm
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url(postgres: PostgresServer, stocked: str, tmp_path: Path) -> Iterator[str]:
    """A database with one fact."""
    with postgres.database(template=stocked) as found:
        home = Home(url=found, data_dir=tmp_path / "data")
        store = home.open()
        store.submit([alarm()]).result(20)
        store.close()
        yield found


def programs(folder: Path, name: str, script: str) -> list[Path]:
    """A folder with a program that says it is of PostgreSQL 99, and then does this."""
    file = folder / name
    file.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "x (PostgreSQL) 99.1" && exit\n{script}'
    )
    file.chmod(0o700)
    return [folder]


def test_what_is_dumped_is_put_back(url: str, postgres: PostgresServer, tmp_path: Path) -> None:
    head = dump(url, tmp_path / "dump")

    with postgres.database() as other, held_database(other) as conn:
        assert is_empty(conn)
        put_back(other, tmp_path / "dump", conn)
        assert not is_empty(conn)
        there = Home(url=other, data_dir=tmp_path / "new")
        assert there.rows("SELECT seq, hash FROM journal") == [(head.seq, head.hash)]
    assert (tmp_path / "dump").stat().st_mode & 0o777 == 0o600


def test_a_program_that_is_missing_is_named_with_the_remedy(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        dump(url, tmp_path / "dump", tools=[tmp_path])

    assert re.fullmatch(
        r"there is no pg_dump of PostgreSQL (\d+) or later on this machine; install it"
        r" \(Debian: apt install postgresql-client-\1\), or put it on PATH",
        str(caught.value),
    )


def test_a_program_that_is_too_old_is_not_taken(url: str, tmp_path: Path) -> None:
    """It would refuse the server in words of its own, after a while."""
    [folder] = programs(tmp_path, "pg_dump", "exit 0")
    (folder / "pg_dump").write_text('#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6"')

    with pytest.raises(SettingsError, match="there is no pg_dump"):
        dump(url, tmp_path / "dump", tools=[folder])


def test_a_password_goes_by_the_environment(url: str, tmp_path: Path) -> None:
    """Whoever is on the machine can read a command line."""
    tools = programs(
        tmp_path, "pg_dump", f'echo "$@" >{tmp_path}/argv; echo "$PGPASSWORD" >&2; exit 1'
    )
    with_password = url.replace("yihu@", "yihu:hush@")

    with pytest.raises(StoreError, match="pg_dump ended with 1: hush"):
        dump(with_password, tmp_path / "dump", tools=tools)

    assert "hush" not in (tmp_path / "argv").read_text()
    assert "--format=custom" in (tmp_path / "argv").read_text()


def test_a_key_s_password_that_cannot_be_hidden_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="sslpassword"):
        dumping._reach("postgresql://yihu@127.0.0.1/x?sslpassword=hush")


def test_what_it_says_is_told(url: str, tmp_path: Path) -> None:
    tools = programs(tmp_path, "pg_dump", 'echo "pg_dump: error: the sky fell" >&2; exit 3')

    with pytest.raises(StoreError, match="pg_dump ended with 3: the sky fell"):
        dump(url, tmp_path / "dump", tools=tools)


def test_a_full_disk_is_known_by_its_words(url: str, tmp_path: Path) -> None:
    tools = programs(
        tmp_path,
        "pg_dump",
        'echo "pg_dump: error: could not write to file: No space left on device" >&2; exit 1',
    )

    with pytest.raises(NoRoomError):
        dump(url, tmp_path / "dump", tools=tools)


def test_a_day_dropped_while_tables_are_listed_is_tried_again(url: str, tmp_path: Path) -> None:
    """The hub drops a day of positions whenever it is over."""
    marker = tmp_path / "tried"
    tools = programs(
        tmp_path,
        "pg_dump",
        f"[ -e {marker} ] && exit 0; touch {marker}\n"
        'echo "pg_dump: error: relation \\"history_blocks_1\\" does not exist" >&2; exit 1',
    )

    assert dump(url, tmp_path / "dump", tools=tools).seq == 1


def test_it_is_of_the_moment_of_its_journals_end(
    url: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Facts go on being written while it is at work."""
    store = Home(url=url, data_dir=tmp_path / "data").open()
    stop = threading.Event()

    def write() -> None:
        for counter in itertools.count(2):
            if stop.is_set():
                return
            store.submit([alarm(counter)]).result(20)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        head = dump(url, tmp_path / "dump")
    finally:
        stop.set()
        writing.join()
        store.close()

    with postgres.database() as other, held_database(other) as conn:
        put_back(other, tmp_path / "dump", conn)
        there = Home(url=other, data_dir=tmp_path / "new")
        last = there.rows("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
        assert last == [(head.seq, head.hash)]
