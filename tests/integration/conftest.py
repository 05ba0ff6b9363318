"""One running Yihu a module, with communities enough that no test meets another's people."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices.broker.binary import BrokerMissingError, find_nats_server
from tests.communities import copies_of_demo, posts
from tests.console_client import Console
from tests.radio_client import Radio
from tests.system import System, running_yihu

COMMUNITIES = tuple(f"c{number}" for number in range(1, 13))
SETTINGS = """\
[waits]
unattended_s = 3600  # consoles come and go here with the tests
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """One community of the running system: its name, and where its radios' posts are."""

    system: System
    name: str
    places: dict[str, tuple[float, float]]

    def radio(self, short: str, *, clock_off_s: float = 0.0) -> Radio:
        """The radio ``v01``, ``g1`` or ``p1`` of this community, not yet connected."""
        return Radio(self.system, f"{self.name}-{short}", clock_off_s=clock_off_s)

    def place(self, short: str) -> tuple[float, float]:
        """Where this radio's post is (lon, lat)."""
        return self.places[f"{self.name}-{short}"]

    @asynccontextmanager
    async def patrol(self, console: Console, *shorts: str) -> AsyncIterator[list[Radio]]:
        """These radios on duty at their posts, in reach and seen on the map."""
        async with AsyncExitStack() as stack:
            radios = [await stack.enter_async_context(self.radio(each)) for each in shorts]
            for radio in radios:
                await radio.sign_on(*self.places[radio.name])
            for radio in radios:
                row = console.units[radio.name]["row"]
                await console.sees(lambda row=row: row in console.positions, f"{radio.name}'s fix")  # type: ignore[misc]  # mypy has no type for a default
            yield radios


@pytest.fixture(scope="module", name="settings")
def text_of_settings() -> str:
    """``yihu.toml`` of the running system; a module may have its own."""
    return SETTINGS


@pytest.fixture(scope="module", name="book")
def text_of_plan_book() -> str:
    """A plan book of every community; none, unless a module has one."""
    return ""


@pytest.fixture(scope="module", name="pins")
def pins_by_radio() -> dict[str, str]:
    """Lines of the community file by a radio's short name; none, unless a module has some."""
    return {}


@pytest.fixture(scope="module", name="system")
def running_system(
    tmp_path_factory: pytest.TempPathFactory, settings: str, book: str, pins: dict[str, str]
) -> Iterator[System]:
    """``yihu run`` with twelve communities, each as big as the demo."""
    skip_without_broker()
    folder = tmp_path_factory.mktemp("yihu")
    write_settings(folder, settings)
    files = copies_of_demo(folder / "communities", *COMMUNITIES, book=book, pins=pins)
    with running_yihu(folder, *(f"--community={file}" for file in files)) as system:
        yield system


@pytest.fixture(scope="module", name="communities")
def unused_communities(system: System) -> Iterator[Community]:
    """Each is given out once."""
    folder = system.data_dir.parent / "communities"
    return iter(
        [
            Community(system=system, name=name, places=posts(folder / f"{name}.toml"))
            for name in COMMUNITIES
        ]
    )


@pytest.fixture
def community(communities: Iterator[Community]) -> Community:
    """A community that no other test has touched."""
    return next(communities)


def write_settings(folder: Path, text: str) -> None:
    """Settings for ``running_yihu(folder)`` to find."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "yihu.toml").write_text(text)


def skip_without_broker() -> None:
    """Skip, saying why, where there is no broker for this platform."""
    try:
        find_nats_server()
    except BrokerMissingError as exc:
        pytest.skip(str(exc))
