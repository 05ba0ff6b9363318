"""One store a test, on each database in turn."""

import datetime
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from dispatch.store.schema import PROJECTIONS
from dispatch.store.sql import SqlStore
from tests.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def stocked(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with our tables in it, to be copied: a test then starts sooner."""
    data_dir = tmp_path_factory.mktemp("stocked")
    with postgres.database() as url:
        SqlStore.open(url, data_dir=data_dir, on_state=lambda _why: None).close()
        yield url.rsplit("/", 1)[1]


@dataclass
class Home:
    """Where a store lives, and what it said of itself."""

    url: str
    data_dir: Path
    states: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    on_pause: Callable[[], None] = lambda: None
    _open: ExitStack = field(default_factory=ExitStack)

    def open(self, **options: Any) -> SqlStore:
        """Start a hub's store there; closed at the end of the test if not before."""
        store = SqlStore.open(
            self.url,
            data_dir=self.data_dir,
            on_state=self.states.append,
            pause=self.pause,
            gather_s=0.0,
            **options,
        )
        self._open.callback(store.close)
        return store

    def tamper(self, *statements: str) -> None:
        """Change rows behind the store's back, as somebody with the database's keys would."""
        self._run(self.engine(), statements)

    def tamper_history(self, *statements: str) -> None:
        """The same to the history of positions."""
        self._run(self.history_engine(), statements)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What stands in the tables."""
        return self._rows(self.engine(), query)

    def history_rows(self, query: str) -> list[tuple[Any, ...]]:
        """What stands in the history of positions."""
        return self._rows(self.history_engine(), query)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything in the tables for looking things up."""
        return {
            table.name: sorted(self.rows(f"SELECT * FROM {table.name}"), key=str)
            for table in PROJECTIONS
        }

    def engine(self) -> Engine:
        """A connection of one's own to the journal's database."""
        return self._engine("journal.db")

    def history_engine(self) -> Engine:
        """A connection of one's own to the history's database."""
        return self._engine("history.db")

    def tamper_day(self, day: datetime.date, *statements: str) -> None:
        """The same to a day of positions."""
        self._run(self.day_engine(day), statements)

    def day_engine(self, day: datetime.date) -> Engine:
        """A connection of one's own to a day of positions."""
        return self._engine(f"history/{day}.db")

    def _engine(self, file: str) -> Engine:
        if self.url:
            return create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"))
        return create_engine(f"sqlite:///{self.data_dir / file}")

    def _run(self, engine: Engine, statements: tuple[str, ...]) -> None:
        with engine.begin() as conn:
            for statement in statements:
                conn.execute(text(statement))
        engine.dispose()

    def _rows(self, engine: Engine, query: str) -> list[tuple[Any, ...]]:
        with engine.connect() as conn:
            found = [tuple(row) for row in conn.execute(text(query))]
        engine.dispose()
        return found

    def close(self) -> None:
        self._open.close()

    def pause(self, _closing: threading.Event, pause_s: float) -> None:
        """Instead of waiting: note it, and let the test repair what is broken."""
        self.pauses.append(pause_s)
        self.on_pause()


def after(count: int, repair: Callable[[], None]) -> Callable[[], None]:
    """Repairs once the writer has paused so many times."""
    paused = 0

    def on_pause() -> None:
        nonlocal paused
        paused += 1
        if paused == count:
            repair()

    return on_pause


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            url = stack.enter_context(server.database(template=request.getfixturevalue("stocked")))
        made = Home(url=url, data_dir=tmp_path / "data")
        stack.callback(made.close)
        yield made


@pytest.fixture
def store(home: Home) -> SqlStore:
    return home.open()
