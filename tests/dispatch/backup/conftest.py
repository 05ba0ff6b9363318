"""A centre that has something to lose, on each database in turn, and its backups."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dispatch.backup.make import Made, make
from dispatch.backup.restore import Restored, restore
from dispatch.clock import DAY
from dispatch.settings import Settings
from dispatch.settings_file import load_settings
from dispatch.store.sql import SqlStore
from tests.dispatch.store.conftest import Home, home, postgres, stocked
from tests.dispatch.store.facts import NOON, alarm, alarm_id, note, opened
from tests.dispatch.store.past import fixes
from tests.postgres import PostgresServer

__all__ = ["home", "postgres", "stocked"]

NOW_NS = 4_000_000_000_000_000_000
"""Later than any file of a test is written, and so settled."""
DAYS = ("2026-09-20", "2026-09-21")


@dataclass
class Centre:
    """A centre at rest, and the place of its backups."""

    home: Home
    to: Path
    said: list[str] = field(default_factory=list)
    now_ns: int = NOW_NS

    @property
    def data_dir(self) -> Path:
        return self.home.data_dir

    def settings(self) -> Settings:
        """As its file has them."""
        return load_settings(data_dir=self.data_dir, overrides={"store_url": self.home.url})

    def backup(self, on_pause: Callable[[float], None] = lambda _s: None) -> Made:
        """Another one, a minute later than the last."""
        self.now_ns += 60_000_000_000
        return make(
            self.settings(),
            self.to,
            tell=self.said.append,
            pause=on_pause,
            clock_ns=lambda: self.now_ns,
        )


@pytest.fixture
def centre(home: Home, tmp_path: Path) -> Centre:
    """With an open incident, two days of positions, and files that a person put there."""
    home.data_dir.mkdir()
    (home.data_dir / "yihu.toml").write_text('community_files = ["town/community.toml"]\n')
    (home.data_dir / "town").mkdir()
    (home.data_dir / "town" / "community.toml").write_text('[community]\ngrids = "g.geojson"\n')
    (home.data_dir / "town" / "g.geojson").write_text("{}")
    (home.data_dir / "credentials.json").write_text("{}")
    (home.data_dir / "local-token").write_text("yihu-local-x")
    (home.data_dir / "cache").mkdir()
    (home.data_dir / "cache" / "roster").write_text("x")
    store = home.open()
    fill(store)
    store.close()
    (tmp_path / "usb").mkdir()
    return Centre(home=home, to=tmp_path / "usb")


def fill(store: SqlStore) -> None:
    """What a quiet evening leaves."""
    store.submit([alarm(), opened(alarm=alarm_id()), note("一")]).result(20)
    for start in (NOON - DAY, NOON):
        store.submit_fixes(fixes(start=start, count=3), [])
    store.flush_history()


@dataclass
class Elsewhere:
    """A new machine: an empty place for a store of the same kind."""

    data_dir: Path
    url: str

    def put_back(self, backup: Path) -> Restored:
        return restore(backup, self.data_dir, url=self.url)

    def open(self) -> SqlStore:
        """As a hub would."""
        return SqlStore.open(self.url, data_dir=self.data_dir, on_state=lambda _why: None)


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, home: Home, tmp_path: Path) -> Iterator[Elsewhere]:
    data_dir = tmp_path / "new" / "data"
    if not home.url:
        yield Elsewhere(data_dir=data_dir, url="")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield Elsewhere(data_dir=data_dir, url=url)
