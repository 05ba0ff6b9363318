"""What a position costs the rivals, beside ours in the same run: taky, and a Node-RED flow.

    python -m bench.rivals [--json] [--small] [--rivals FOLDER] [--rounds N] [--seconds S]

Processor microseconds a position of each server's own process, by the scheduler's count, less
what it uses while nobody moves: paced at 1,000 a second, which all of them bear, then full.
Each has one client that is sent everything, and the positions are the same. Node-RED and the
hub hear the same messages of the same broker at the same time; taky takes them as CoT over TCP
from one sender, once for one unit and once for as many as the hub has. Each figure is the
median of the rounds. A rival that this machine has not is null. How each is installed,
configured and loaded, and what it does not do, is in bench/rivals.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.alarm import program
from bench.positions import heard
from bench.rig import cpu_s, report
from bench.rival_servers import (
    FOLDER_VARIABLE,
    NODE_RED,
    PAGE_PATH,
    TAKY,
    Server,
    running_node_red,
    running_taky,
    version_of,
)
from bench.spike import USER
from bench.town import build_town
from tests.system import BROKER, System, running_yihu

UNITS: Final = 5_000
"""At the full rate each says four a second: the hub holds back who says many more."""
PACED_PER_S: Final = 1_000
FULL_PER_S: Final = 20_000
"""To the hub and Node-RED: as in bench/positions.py. taky's sender just waits for taky."""
SECONDS: Final = 10.0
ROUNDS: Final = 3
SETTLE_S: Final = 2.0
QUIET_S: Final = 5.0
"""When nothing came for so long, what has not come is lost."""
PAUSE_S: Final = 0.2

SHED: Final = "yihu_positions_shed_at_door_total"
"""By reason; the hub's other count of them is these added up."""

Look = Callable[[], Mapping[str, float]]
"""What has been used and what has come so far, by name."""


class Window:
    """What was used and what came within some seconds."""

    def __init__(self, look: Look, seconds: float) -> None:
        begun_s, before = time.perf_counter(), look()
        time.sleep(seconds)
        after = look()
        self.seconds = time.perf_counter() - begun_s
        self._more = {name: after[name] - before[name] for name in before}

    def rate(self, of: str) -> float:
        """So many a second."""
        return round(self._more[of] / self.seconds, 1)

    def each_us(self, used: str, came: str, *, idle: "Window | None") -> float | None:
        """Processor microseconds a position; None where none came."""
        idle_s = 0.0 if idle is None else idle._more[used] / idle.seconds * self.seconds
        came_n = self._more[came]
        return round(1e6 * (self._more[used] - idle_s) / came_n, 2) if came_n else None


@contextmanager
def counter(*argv: str) -> Iterator[Callable[[], int]]:
    """A client that counts what it is sent; ask it how many."""
    with program("bench.rival_ends", *argv) as process:

        def ask() -> int:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield ask


def ended(load: "subprocess.Popen[str]") -> int:
    """Tell the sender to end; how many it sent."""
    assert load.stdin is not None
    assert load.stdout is not None
    load.stdin.close()
    return int(load.stdout.readline())


def arrived(sent: int, count: Callable[[], int]) -> int:
    """How many of them have come, once all have or no more do."""
    come, until_s = count(), time.monotonic() + QUIET_S
    while come < sent and time.monotonic() < until_s:
        time.sleep(PAUSE_S)
        if (more := count()) > come:
            come, until_s = more, time.monotonic() + QUIET_S
    return come


def taky_round(
    taky: Path, folder: Path, *, units: int, prefix: str, rate: int, seconds: float
) -> dict[str, float | None]:
    """A fresh taky, one sender who speaks for so many units, one client."""
    with ExitStack() as stack:
        server = stack.enter_context(running_taky(taky, folder))
        port = str(server.port)
        count = stack.enter_context(counter("hear-cot", port))

        def look() -> dict[str, float]:
            return {"cpu": cpu_s(server.pid), "came": count()}

        idle = Window(look, seconds / 3)
        argv = ("bench.rival_ends", "cot", port, str(units), str(rate))
        load = stack.enter_context(program(*argv))
        time.sleep(min(SETTLE_S, seconds))
        window = Window(look, seconds)
        sent = ended(load)
        come = arrived(sent, partial(_shown_and_stored, count, server))
        return {
            f"{prefix}_us": window.each_us("cpu", "came", idle=idle),
            f"{prefix}_rate_per_s": window.rate("came"),
            f"{prefix}_lost": sent - come,
        }


def hub_round(
    folder: Path, node_red: Path | None, *, units: int, rates: Mapping[str, int], seconds: float
) -> dict[str, float | None]:
    """The hub, and beside it Node-RED at the same broker."""
    town = build_town(folder / "town", called=1, walking=units)
    figures: dict[str, float | None] = {}
    with running_yihu(folder, *town.arguments) as system, ExitStack() as stack:
        kept = json.loads((system.data_dir / "broker-secrets.json").read_text())
        password: str = kept["hub_password"]
        page = f"ws://127.0.0.1:{system.http_port}/api/v1/stream"
        bench = json.dumps(system.person("bench"))
        stack.enter_context(counter("hear-websocket", page, bench))
        pids = {"ours": system.hub_pid(), "broker": system.pid_of(BROKER)}
        flow, count = None, None
        if node_red is not None:
            flow = stack.enter_context(
                running_node_red(
                    node_red,
                    folder / "node-red",
                    mqtt_port=system.mqtt_port,
                    user=USER,
                    password=password,
                )
            )
            url = f"ws://127.0.0.1:{flow.port}{PAGE_PATH}"
            count = stack.enter_context(counter("hear-websocket", url, "{}"))
            pids["nodered"] = flow.pid

        def look() -> dict[str, float]:
            seen = {who: cpu_s(pid) for who, pid in pids.items()}
            seen["ours_came"] = _taken(system)
            return seen if count is None else {**seen, "nodered_came": count()}

        kept_by: dict[str, Callable[[], int]] = {"ours": lambda: _heard(system) + _shed(system)}
        if flow is not None and count is not None:
            kept_by["nodered"] = partial(_shown_and_stored, count, flow)
        time.sleep(SETTLE_S)
        idle = Window(look, seconds / 3)
        for name, rate in rates.items():
            before = {who: kept() for who, kept in kept_by.items()}
            shed, refused = _shed(system), _heard(system) - _taken(system)
            argv = (str(system.mqtt_port), password, str(units), str(rate))
            with program("bench.flood", *argv) as load:
                system.counted("yihu_units_on_duty", units)
                time.sleep(min(SETTLE_S, seconds))
                window = Window(look, seconds)
                sent = ended(load)
            for who, kept_so_far in kept_by.items():
                due = before[who] + sent
                figures[f"{who}_{name}us"] = window.each_us(who, f"{who}_came", idle=idle)
                figures[f"{who}_{name}rate_per_s"] = window.rate(f"{who}_came")
                figures[f"{who}_{name}lost"] = due - arrived(due, kept_so_far)
            figures[f"ours_{name}shed"] = _shed(system) - shed
            figures[f"ours_{name}refused"] = _heard(system) - _taken(system) - refused
            figures[f"broker_{name}us"] = window.each_us("broker", "ours_came", idle=idle)
    return figures


def _heard(system: System) -> int:
    return heard(system).get("yihu_positions_heard_total", 0)  # not told before the first


def _taken(system: System) -> int:
    return heard(system).get("yihu_positions_taken_total", 0)


def _shed(system: System) -> int:
    """Given up by name: superseded by a newer one when there was too much to do."""
    return sum(number for name, number in heard(system).items() if name.startswith(SHED))


def _shown_and_stored(shown: Callable[[], int], server: Server) -> int:
    """Of a rival: what came to its client and lies in its files."""
    return min(shown(), server.stored())


def medians(rounds: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Each figure's median over the rounds that have it; what was lost is added up."""
    figures: dict[str, float | None] = {}
    for name in dict.fromkeys(name for each in rounds for name in each):
        values = [value for each in rounds if (value := each.get(name)) is not None]
        lost = name.endswith(("_lost", "_shed", "_refused"))
        figures[name] = None if not values else sum(values) if lost else round(median(values), 2)
    return figures


RIVAL_KEYS: Final = (
    *("us", "rate_per_s", "lost"),
    *("paced_us", "paced_rate_per_s", "paced_lost"),
    "to_ours",
)


def told(name: str, figures: Mapping[str, float | None]) -> dict[str, float | None]:
    """A rival's own figures and how they stand to ours; null for all that there is not."""
    ours, theirs = figures.get("ours_us"), figures.get(f"{name}_us")
    ratio = round(theirs / ours, 2) if ours and theirs else None
    own = {**figures, f"{name}_to_ours": ratio}
    return {f"{name}_{key}": own.get(f"{name}_{key}") for key in RIVAL_KEYS}


def run(
    folder: Path, rivals: Path | None, *, units: int, share: int, seconds: float, rounds: int
) -> dict[str, Any]:
    """All of them in turn, round after round; the figures."""
    taky, node_red = TAKY.found(rivals), NODE_RED.found(rivals)
    paced = PACED_PER_S // share
    rates = {"paced_": paced, "": FULL_PER_S // share}
    measured: list[dict[str, float | None]] = []
    for number in range(rounds):
        at = folder / str(number)
        one: dict[str, float | None] = {}
        if taky is not None:
            for prefix, of in (("taky", 1), ("taky_many", units)):
                for key, rate in ((f"{prefix}_paced", paced), (prefix, 0)):
                    one |= taky_round(
                        taky, at / key, units=of, prefix=key, rate=rate, seconds=seconds
                    )
        measured.append(one | hub_round(at, node_red, units=units, rates=rates, seconds=seconds))
    middle = medians(measured)
    figures: dict[str, Any] = {"units": units, "rounds": rounds}
    figures |= {
        name: value for name, value in middle.items() if name.startswith(("ours", "broker"))
    }
    for name in ("nodered", "taky", "taky_many"):
        figures |= told(name, middle)
    for name, rival, at_ in (("taky", TAKY, taky), ("nodered", NODE_RED, node_red)):
        figures[f"{name}_version"] = None if at_ is None else version_of(at_)
        figures[f"{name}_told"] = rival.missing if at_ is None else "run beside ours"
    return figures


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description="a position's cost to rivals and to us")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a small run, to see that it works")
    named = os.environ.get(FOLDER_VARIABLE)
    parser.add_argument(
        "--rivals",
        type=Path,
        default=Path(named) if named else None,
        help=f"folder that holds bin/taky and node_modules/.bin/node-red (or ${FOLDER_VARIABLE})",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    share = 10 if options.small else 1
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = run(
            Path(folder),
            options.rivals,
            units=UNITS // share,
            share=share,
            seconds=options.seconds / share,
            rounds=1 if options.small else options.rounds,
        )
    for line in (figures["taky_told"], figures["nodered_told"]):
        print(line, file=sys.stderr)
    report("a position, in processor microseconds of each", figures, as_json=options.json)


if __name__ == "__main__":
    main()
