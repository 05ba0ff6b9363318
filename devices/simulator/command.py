"""``yihu simulate``: plays a community's radios until it is stopped. Decides nothing.

yihu simulate                                   the demo's, beside ``yihu run --no-simulator``
yihu simulate --prepare DIR --count 500         or as many as one likes: write them first,
yihu run --community DIR/community.toml --credentials DIR/credentials.json
yihu simulate --community DIR/community.toml --credentials DIR/credentials.json
"""

import argparse
import asyncio
import random
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from devices.credentials import CREDENTIALS_FILE, Credentials, load_credentials
from devices.mqtt import BrokerAddress, parse_broker_url
from devices.simulator.control import SOCKET_FILE, Control
from devices.simulator.fleet import Fleet, PassingTime, RadioClient
from devices.simulator.ground import AlongStreets, Ground, InsideGrid, Streets, read_streets
from devices.simulator.radio import SimulatedRadio
from devices.simulator.roster import prepare
from devices.simulator.temper import Temper
from devices.simulator.walk import Walker
from dispatch.clock import Instant
from dispatch.config import load_community
from dispatch.demo import demo_community_path
from dispatch.errors import SettingsError
from dispatch.roster import Community, RadioRecord
from dispatch.settings import DATA_DIR

COUNT_PREPARED: Final = 100
LOCAL_BROKER: Final = "mqtt://127.0.0.1:1883"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One moment's time and chance, and where the broker is, for building a fleet."""

    address: BrokerAddress
    time: PassingTime
    seed: int
    wall_t: Instant
    """The centre's time as believed before it has been heard: this machine's."""

    def offset(self) -> Instant:
        """What to add to passing time for that."""
        return self.wall_t - self.time.now()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu simulate`` takes."""
    parser.add_argument("--community", type=Path, help="TOML file (default: the demo community)")
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="data folder")
    parser.add_argument("--credentials", type=Path, help=f"default: {CREDENTIALS_FILE} in --data")
    parser.add_argument("--broker", default="", help=f"default: of the credentials, {LOCAL_BROKER}")
    parser.add_argument("--count", type=int, help="at most so many radios")
    parser.add_argument(
        "--prepare", type=Path, metavar="DIR", help="write a community of --count radios and end"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed walks the same way")
    parser.add_argument("--speed", type=float, default=1.0, help="until the centre says how fast")


def run(options: argparse.Namespace) -> int:
    """Play radios until SIGINT or SIGTERM, or prepare some. Raises SettingsError."""
    if options.prepare is not None:
        ground = options.community or demo_community_path()
        count = options.count if options.count is not None else COUNT_PREPARED
        prepare(options.prepare, ground, count=count, seed=options.seed, token=secrets.token_bytes)
        print(f"{count} radios prepared in {options.prepare}")
        return 0
    community, records = load_community(options.community or demo_community_path())
    credentials = load_credentials(options.credentials or options.data / CREDENTIALS_FILE)
    world = World(
        address=broker_of(options.broker, credentials),
        time=PassingTime(time.monotonic_ns, options.speed),
        seed=options.seed,
        wall_t=time.time_ns() // 1000,
    )
    asyncio.run(
        play(
            lambda: walking(community, records[: options.count], credentials, world),
            options.data / SOCKET_FILE,
        )
    )
    return 0


def broker_of(url: str, credentials: Credentials) -> BrokerAddress:
    """The broker that was named, else that of the credentials, else this machine's."""
    return parse_broker_url(url or credentials.broker_url or LOCAL_BROKER)


def walking(
    community: Community,
    records: Sequence[RadioRecord],
    credentials: Credentials,
    world: World,
) -> list[RadioClient]:
    """A client for each radio whose secret is known. Raises SettingsError where none is."""
    streets = read_streets(community.streets)
    clients = [
        _walker(community, streets, record, credentials, world)
        for record in records
        if record.radio in credentials.radios
    ]
    if not clients:
        raise SettingsError(
            f"the credentials know no radio of {community.community}",
            "name the file of the same community with --credentials",
        )
    log.info("radios_played", community=community.community, radios=len(clients))
    return clients


def _walker(
    community: Community,
    streets: Streets,
    record: RadioRecord,
    credentials: Credentials,
    world: World,
) -> RadioClient:
    chance = random.Random(f"{world.seed}/{record.radio}")
    body = Walker(_ground(community, streets, record, chance), chance=chance, now=world.time.now())
    radio = SimulatedRadio(
        record.radio,
        record.community,
        body=body,
        temper=Temper.of(record.role),
        chance=chance,
        boots=random.SystemRandom(),  # whatever the seed: a radio's next start is another one
        offset=world.offset(),
    )
    return RadioClient(
        radio,
        secret=credentials.radios[record.radio].secret,
        address=world.address,
        time=world.time,
        chance=chance,
    )


def _ground(
    community: Community, streets: Streets, record: RadioRecord, chance: random.Random
) -> Ground:
    grids = community.grids
    grid = grids.by_id[record.post] if record.post else chance.choice(grids.grids)
    return AlongStreets(streets, grid.polygon) if streets else InsideGrid(grid.polygon)


async def play(make: Callable[[], list[RadioClient]], socket: Path) -> None:
    """Run a fleet and its control socket until SIGINT or SIGTERM."""
    fleet = Fleet(make())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Control(socket, fleet):
        playing = asyncio.create_task(fleet.run(), name="fleet")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        playing.cancel()
        ended, _ = await asyncio.gather(playing, stopping, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended
