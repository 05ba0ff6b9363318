"""What a position costs the hub: from the broker to the live table, the history and a console.

    python -m bench.positions [--json] [--small]

Processor microseconds a position, by the scheduler's count of the hub's own process,
less what it uses while nobody moves. The floor runs beside it on the same broker
and the same messages: paho-mqtt that decodes each position and drops it.
"""

import asyncio
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from websockets.asyncio.client import connect as connect_console

from bench.alarm import program
from bench.rig import arguments, cpu_s, report
from bench.town import build_town
from tests.system import System, running_yihu

WALKERS: Final = 600
POSITIONS_PER_S: Final = 2_000
SECONDS: Final = 30.0
SETTLE_S: Final = 3.0
SHED: Final = ("yihu_positions_shed_total", "yihu_positions_shed_at_door_total")
"""Given up by the shell, and at the door by reason."""


def heard(system: System) -> dict[str, int]:
    """The hub's own counts of positions, by name."""
    counts = {}
    for line in system.text("/metrics").splitlines():
        if line.startswith("yihu_positions_"):
            name, _, value = line.rpartition(" ")
            counts[name] = int(float(value))
    return counts


async def run(folder: Path, *, walkers: int, rate: int, seconds: float) -> dict[str, float]:
    """Quiet first, then walking; the figures."""
    town = build_town(folder / "town", called=1, walking=walkers)
    with running_yihu(folder, *town.arguments) as system:
        kept = json.loads((system.data_dir / "broker-secrets.json").read_text())
        port = str(system.mqtt_port)
        watching = asyncio.create_task(_watch(system))
        with program("bench.floors", "decode", port, kept["hub_password"]) as floor:
            hub = system.hub_pid()
            await asyncio.sleep(SETTLE_S)
            quiet_hub = await _spent(hub, seconds / 3) * 3
            quiet_floor = await _spent(floor.pid, 1.0) * seconds
            with program("bench.load", port, str(walkers), str(rate)) as load:
                await asyncio.sleep(SETTLE_S)
                figures = await _walk(system, hub, floor, seconds)
                assert load.stdin is not None
                assert load.stdout is not None
                load.stdin.close()
                sent = int(load.stdout.readline())
                await asyncio.sleep(1)
                total = heard(system)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    taken = figures["taken"]
    return {
        "positions": taken,
        "rate_per_s": round(taken / figures["seconds"], 1),
        "cpu_us": round(1e6 * (figures["hub_s"] - quiet_hub) / taken, 2),
        "floor_us": round(1e6 * (figures["floor_s"] - quiet_floor) / taken, 2),
        "to_floor": round(
            (figures["hub_s"] - quiet_hub) / max(1e-9, figures["floor_s"] - quiet_floor), 2
        ),
        "sent": sent,
        "lost": sent - total["yihu_positions_heard_total"],
        "shed": sum(count for name, count in total.items() if name.startswith(SHED)),
    }


async def _walk(
    system: System, hub: int, floor: "subprocess.Popen[str]", seconds: float
) -> dict[str, float]:
    before = heard(system)["yihu_positions_taken_total"]
    begun_s, hub_s, floor_s = time.perf_counter(), cpu_s(hub), cpu_s(floor.pid)
    await asyncio.sleep(seconds)
    return {
        "hub_s": cpu_s(hub) - hub_s,
        "floor_s": cpu_s(floor.pid) - floor_s,
        "seconds": time.perf_counter() - begun_s,
        "taken": heard(system)["yihu_positions_taken_total"] - before,
    }


async def _spent(pid: int, seconds: float) -> float:
    before = cpu_s(pid)
    await asyncio.sleep(seconds)
    return cpu_s(pid) - before


async def _watch(system: System) -> None:
    """One console that is sent every position, as a real one is."""
    url = f"ws://127.0.0.1:{system.http_port}/api/v1/stream?operator=bench"
    async with connect_console(url, max_size=None) as socket:
        async for _ in socket:
            pass


def main() -> None:
    """Print what was measured."""
    options = arguments("processor microseconds a position, broker to live table")
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = asyncio.run(
            run(
                Path(folder),
                walkers=WALKERS // 10 if options.small else WALKERS,
                rate=POSITIONS_PER_S // 10 if options.small else POSITIONS_PER_S,
                seconds=SECONDS / 10 if options.small else SECONDS,
            )
        )
    report("a position, in processor microseconds", figures, as_json=options.json)


if __name__ == "__main__":
    main()
