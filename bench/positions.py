"""What a position costs the hub: from the broker to the live table, the history and 20 consoles.

    python -m bench.positions [--json] [--small] [--units N] [--seconds S] [--rate R]

Processor microseconds a position, by the scheduler's count of the hub's own process, less
what it uses while nobody moves; paced at 5,000 a second, then at a rate near the most that
comes through. Two floors beside it hear the same messages of the same broker: a spike of
60 lines (bench/spike.py), and paho-mqtt that decodes each position and drops it.
"""

import argparse
import asyncio
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from websockets.asyncio.client import connect as connect_console

from bench.alarm import program
from bench.rig import cpu_s, memory_mb, report
from bench.town import build_town
from tests.system import System, running_yihu

UNITS: Final = 5_000
CONSOLES: Final = 20
PACED_PER_S: Final = 5_000
FULL_PER_S: Final = 22_000
"""Offered; somewhat above what is to be borne, for a generator is never quite punctual."""
SECONDS: Final = 20.0
SETTLE_S: Final = 3.0
QUIET_S_MAX: Final = 20.0
SIGNED_ON_S: Final = 60.0
MEASURED: Final = {"hub": "cpu", "spike": "floor", "paho": "paho"}
"""Whose processor time is told under which name."""
SHED: Final = "yihu_positions_shed_at_door_total"
"""Given up, by reason."""


def heard(system: System) -> dict[str, int]:
    """The hub's own counts of positions and of the history, by name."""
    return {
        name: int(number)
        for name, number in system.metrics().items()
        if name.startswith(("yihu_positions_", "yihu_history_"))
    }


async def run(
    folder: Path,
    *,
    units: int,
    rates: Mapping[str, int],
    seconds: float,
    consoles: int,
    alone: bool = False,
) -> dict[str, float]:
    """Quiet first, then each rate; the figures. ``alone``: no floors beside the hub."""
    town = build_town(folder / "town", called=1, walking=units)
    figures: dict[str, float] = {"units": units, "consoles": consoles}
    with running_yihu(folder, *town.arguments) as system, ExitStack() as stack:
        kept = json.loads((system.data_dir / "broker-secrets.json").read_text())
        port, password = str(system.mqtt_port), kept["hub_password"]
        watching = [asyncio.create_task(_watch(system)) for _ in range(consoles)]
        measured = {"hub": system.hub_pid()}
        if not alone:
            spike = stack.enter_context(program("bench.spike", port, password, str(folder)))
            paho = stack.enter_context(program("bench.floors", "decode", port, password))
            measured |= {"spike": spike.pid, "paho": paho.pid}
        await asyncio.sleep(SETTLE_S)
        broker = system.pid_of("nats-server")
        figures["start_mb"] = round(memory_mb(system.hub_pid()), 1)
        quiet = await _spent(measured, min(seconds / 3, QUIET_S_MAX))
        sent = 0.0
        for name, rate in rates.items():
            with program("bench.flood", port, password, str(units), str(rate)) as load:
                await _signed_on(system, units)
                await asyncio.sleep(SETTLE_S)
                measured["broker"] = broker
                told = await _walk(system, measured, seconds)
                told["sent"] = await asyncio.to_thread(_stop, load)
                await asyncio.sleep(1)
            taken = told["taken"]
            figures[f"{name}rate_per_s"] = round(taken / told["seconds"], 1)
            for who, prefix in MEASURED.items():
                if who not in measured:
                    continue
                used_s = told[who] - quiet[who] * told["seconds"]
                figures[f"{name}{prefix}_us"] = round(1e6 * used_s / max(1, taken), 2)
            figures[f"{name}broker_us"] = round(1e6 * told["broker"] / max(1, taken), 2)
            if not alone:
                figures[f"{name}to_floor"] = round(
                    figures[f"{name}cpu_us"] / max(0.01, figures[f"{name}floor_us"]), 2
                )
            sent += told["sent"]
        total = heard(system)
        for each in watching:
            each.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        figures["peak_mb"] = round(memory_mb(system.hub_pid(), "VmHWM"), 1)
        figures["lost"] = sent - total["yihu_positions_heard_total"]
        figures["shed"] = sum(n for name, n in total.items() if name.startswith(SHED))
        figures["history_shed"] = sum(n for name, n in total.items() if "history_shed" in name)
    return figures


def _stop(load: "subprocess.Popen[str]") -> int:
    assert load.stdin is not None
    assert load.stdout is not None
    load.stdin.close()
    return int(load.stdout.readline())


async def _signed_on(system: System, units: int) -> None:
    """Wait until the hub has everybody on duty."""
    until_s = time.perf_counter() + SIGNED_ON_S
    while time.perf_counter() < until_s:
        if system.metrics().get("yihu_units_on_duty", 0) >= units:
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(f"{units} units did not sign on within {SIGNED_ON_S:.0f} s")


async def _walk(system: System, pids: Mapping[str, int], seconds: float) -> dict[str, float]:
    before = heard(system)["yihu_positions_taken_total"]
    begun_s, used = time.perf_counter(), {who: cpu_s(pid) for who, pid in pids.items()}
    await asyncio.sleep(seconds)
    told = {who: cpu_s(pid) - used[who] for who, pid in pids.items()}
    told["seconds"] = time.perf_counter() - begun_s
    told["taken"] = heard(system)["yihu_positions_taken_total"] - before
    return told


async def _spent(pids: Mapping[str, int], seconds: float) -> dict[str, float]:
    """Processor seconds a second of each."""
    before = {who: cpu_s(pid) for who, pid in pids.items()}
    await asyncio.sleep(seconds)
    return {who: (cpu_s(pid) - before[who]) / seconds for who, pid in pids.items()}


async def _watch(system: System) -> None:
    """A console that is sent every position, as a real one is."""
    url = f"ws://127.0.0.1:{system.http_port}/api/v1/stream"
    async with connect_console(
        url, additional_headers=system.person("bench"), max_size=None
    ) as socket:
        async for _ in socket:
            pass


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description="processor microseconds a position")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a small run, to see that it works")
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rate", type=int, default=FULL_PER_S, help="of the second, fuller run")
    options = parser.parse_args()
    small = 10 if options.small else 1
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = asyncio.run(
            run(
                Path(folder),
                units=options.units // small,
                rates={"paced_": PACED_PER_S // small, "": options.rate // small},
                seconds=options.seconds / small,
                consoles=max(1, CONSOLES // small),
            )
        )
    report("a position, in processor microseconds", figures, as_json=options.json)


if __name__ == "__main__":
    main()
