"""What it costs to hear a position and decode it, by the client that reads: paho, gmqtt, ours.

    python -m bench.readers [--json] [--small]

Nothing is done with what was decoded. All hear the same messages of one embedded broker at
the same time, paced and nearly flat out; processor microseconds a message by the scheduler's
count. gmqtt is measured where it is installed (it is no dependency of ours). This decided
docs/decisions/0011-own-reader-of-positions.md.
"""

import asyncio
import json
import random
import sys
import tempfile
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.alarm import program
from bench.rig import arguments, cpu_s, report
from bench.town import build_town
from devices.mqtt import BrokerAddress, Login
from devices.positions.packets import Heard
from devices.positions.reader import PositionReader
from tests.system import running_yihu

FILTER: Final = "patrol/+/+/position"
USER: Final = "yihu_alarms"
RATES: Final = {"paced_": 5_000, "": 20_000}
UNITS: Final = 1_000
SECONDS: Final = 10.0


async def ours(port: int, password: str) -> None:
    """Our reader, until the input ends."""
    decode = msgspec.json.Decoder().decode

    def hear(messages: list[Heard]) -> None:
        for _, payload in messages:
            decode(payload)

    login = Login(client_id="bench-ours", username=USER, password=password, filters=((FILTER, 0),))
    reader = PositionReader(
        BrokerAddress(host="127.0.0.1", port=port),
        login,
        on_heard=hear,
        on_link=lambda why: print(why or "ready", flush=True),
        chance=random.Random(),
    )
    task = asyncio.create_task(reader.run())
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    task.cancel()


async def gmqtt(port: int, password: str) -> None:
    """gmqtt, until the input ends."""
    library = import_module("gmqtt")
    decode = msgspec.json.Decoder().decode

    async def on_message(_client: Any, _topic: str, payload: bytes, *_: Any) -> int:
        decode(payload)
        return 0

    client = library.Client("bench-gmqtt")
    client.on_message = on_message
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.set_auth_credentials(USER, password)
    await client.connect("127.0.0.1", port, version=4)
    client.subscribe(FILTER, qos=0)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def run(folder: Path, *, units: int, seconds: float, share: int) -> dict[str, Any]:
    """Each rate in turn, all readers beside one another; the figures."""
    town = build_town(folder / "town", called=1, walking=units)
    figures: dict[str, Any] = {"units": units}
    with running_yihu(folder, *town.arguments) as system, ExitStack() as stack:
        kept = json.loads((system.data_dir / "broker-secrets.json").read_text())
        port, password = str(system.mqtt_port), kept["hub_password"]
        readers = {"paho": stack.enter_context(program("bench.floors", "decode", port, password))}
        for name in ("ours", "gmqtt"):
            if name == "ours" or find_spec(name) is not None:
                argv = ("bench.readers", name, port, password)
                readers[name] = stack.enter_context(program(*argv))
        for prefix, rate in RATES.items():
            with program("bench.flood", port, password, str(units), str(rate // share)):
                await asyncio.sleep(2)
                before = {name: cpu_s(each.pid) for name, each in readers.items()}
                heard = system.metrics()["yihu_positions_heard_total"]
                await asyncio.sleep(seconds)
                used = {name: cpu_s(each.pid) - before[name] for name, each in readers.items()}
                heard = system.metrics()["yihu_positions_heard_total"] - heard
            figures[f"{prefix}rate_per_s"] = round(heard / seconds, 1)
            for name in ("ours", "paho", "gmqtt"):
                each_us = 1e6 * used[name] / max(1, heard) if name in used else None
                figures[f"{prefix}{name}_us"] = None if each_us is None else round(each_us, 2)
    return figures


def main() -> None:
    """Print what was measured."""
    options = arguments("processor microseconds to hear and decode a position")
    share = 10 if options.small else 1
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = asyncio.run(
            run(Path(folder), units=UNITS // share, seconds=SECONDS / share, share=share)
        )
    report("to hear a position, in processor microseconds", figures, as_json=options.json)


if __name__ == "__main__":
    if sys.argv[1:2] == ["ours"]:
        asyncio.run(ours(int(sys.argv[2]), sys.argv[3]))
    elif sys.argv[1:2] == ["gmqtt"]:
        asyncio.run(gmqtt(int(sys.argv[2]), sys.argv[3]))
    else:
        main()
