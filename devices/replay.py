"""``yihu replay``: feeds recorded traces as radios, or prepares a roster for them.

yihu replay --prepare DIR --traces FILE --grids FILE [--seed S]
yihu run --community DIR/community.toml --credentials DIR/credentials.json --clock-speed N
yihu replay FILE --credentials DIR/credentials.json --speed N [--presses M --log FILE]
"""

import argparse
import asyncio
import random
import secrets
import time
from pathlib import Path

from devices.credentials import CREDENTIALS_FILE, load_credentials
from devices.simulator.command import LOCAL_BROKER, broker_of
from devices.simulator.fleet import PassingTime
from devices.traces.play import Player, plan_presses, save_presses
from devices.traces.read import read_traces
from devices.traces.roster import prepare, read_grids
from dispatch.clock import MINUTE
from dispatch.errors import SettingsError
from dispatch.settings import DATA_DIR


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu replay`` takes."""
    parser.add_argument("file", type=Path, nargs="?", help="traces: trace_id, time, lon, lat")
    parser.add_argument("--traces", type=Path, help="the same, for --prepare")
    parser.add_argument("--grids", type=Path, help="GeoJSON of the grids they pass through")
    parser.add_argument("--prepare", type=Path, metavar="DIR", help="write a roster and end")
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="the data folder")
    parser.add_argument("--credentials", type=Path, help=f"default: {CREDENTIALS_FILE} in --data")
    parser.add_argument("--broker", default="", help=f"default: of the credentials, {LOCAL_BROKER}")
    parser.add_argument("--speed", type=float, default=1.0, help="until the centre says how fast")
    parser.add_argument("--minutes", type=float, help="of the recording; default: all of it")
    parser.add_argument("--presses", type=int, default=0, help="buttons pushed along the way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="JSON of what was pressed when and where")


def run(options: argparse.Namespace) -> int:
    """Prepare, or play to the end; 1 where a press was not stored. Raises SettingsError."""
    file = options.file or options.traces
    if file is None:
        raise SettingsError("no traces were named", "write yihu replay FILE")
    if options.speed <= 0:
        raise SettingsError(f"--speed is {options.speed}", "set it above 0")
    traces = read_traces(file)
    if options.prepare is not None:
        if options.grids is None:
            raise SettingsError("--prepare has no grids", "name them with --grids")
        prepare(
            options.prepare, traces, options.grids, seed=options.seed, token=secrets.token_bytes
        )
        print(f"{len(traces)} radios prepared in {options.prepare}")
        return 0
    grids = None if options.grids is None else read_grids(options.grids)[0]
    credentials = load_credentials(options.credentials or options.data / CREDENTIALS_FILE)
    longest = max(trace.duration for trace in traces)
    until = longest if options.minutes is None else min(longest, int(options.minutes * MINUTE))
    chance = random.Random(options.seed)
    plans = plan_presses(traces, options.presses, until=until, chance=chance)
    player = Player(
        traces,
        credentials,
        address=broker_of(options.broker, credentials),
        time=PassingTime(time.monotonic_ns, options.speed),
        wall_t=time.time_ns() // 1000,
        chance=chance,
    )

    try:
        asyncio.run(player.run(plans, until=until))
    finally:
        if options.log is not None:
            save_presses(options.log, player.pressed, grids)
    lost = sum(not row["stored"] for row in player.pressed)
    print(f"{len(traces)} traces played, {len(player.pressed)} presses, {lost} not stored")
    return 1 if lost else 0
