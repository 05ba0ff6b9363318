"""Where faults happen: a whole Yihu in one of its layouts, with all that may be broken in it.

``open_house`` starts the processes and ends them; which of them is killed, and when, is for
faults.py to say. Nothing here waits for the radios.
"""

import asyncio
import contextlib
import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import psycopg
import pytest

from bench.town import Town, build_town
from dispatch.gateways.book import PER_MINUTE_MAX
from tests.chaos.servers import Kept, configure, kept_mosquitto, kept_postgresql
from tests.integration.test_gateways import GATEWAYS, sms_service
from tests.ports import free_port
from tests.system import BROKER, System, running_yihu

DISK_MB: Final = 48
"""Of the tmpfs that is filled up: a journal of some thousand presses takes a fifth of it."""
TOLD_OF: Final = 4
"""Every so many-th radio's bearer has a telephone."""
STRANGERS: Final = 2
"""Radios of the other community, that flood."""


class Layout(StrEnum):
    """What stands beside the hub."""

    EMBEDDED = "embedded broker, SQLite"
    MOSQUITTO = "Mosquitto, SQLite"
    POSTGRESQL = "embedded broker, PostgreSQL"
    SMALL_DISK = "embedded broker, SQLite on a tmpfs"
    GATEWAYS = "embedded broker, SQLite, an SMS service"


class NotHereError(Exception):
    """A layout that this machine, or this user, cannot have; its text says why."""


@dataclass(slots=True, kw_only=True)
class House:
    """A running Yihu and the servers beside it."""

    layout: Layout
    folder: Path
    town: Town
    system: System
    chance: random.Random
    mosquitto: Kept | None = None
    postgresql: Kept | None = None
    store_url: str = ""
    logs: Path
    """Where the radios keep theirs."""

    @property
    def mqtt_port(self) -> int:
        """Where radios connect."""
        return self.mosquitto.port if self.mosquitto is not None else self.system.mqtt_port

    def broker_pid(self) -> int:
        """The broker's process, whichever it is."""
        if self.mosquitto is not None:
            return self.mosquitto.pids()[0]
        return self.system.pid_of(BROKER)

    def alarms_on_disk(self) -> Counter[str]:
        """How often each alarm stands in the journal, read from the disk without the hub."""
        if self.store_url:
            with psycopg.connect(self.store_url) as conn:
                rows = conn.execute("SELECT alarm FROM journal WHERE name = 'AlarmReceived'")
                return Counter(alarm for (alarm,) in rows)
        return Counter(each["alarm"] for each in self.system.facts("AlarmReceived"))

    def chain_fault(self) -> str:
        """What ``yihu verify`` finds wrong with the journal; empty where nothing is."""
        where = [f"--data={self.system.data_dir}"]
        if self.store_url:
            where.append(f"--store-url={self.store_url}")
        done = self.system.command("verify", *where)
        whole = done.returncode == 0 and "unbroken" in done.stdout
        return "" if whole else (done.stdout + done.stderr).strip()[-300:]


@contextmanager
def open_house(layout: Layout, folder: Path, *, radios: int, seed: str) -> Iterator[House]:
    """Everything of this layout, answering; ended and swept away when the block ends.

    Raises NotHereError where this machine lacks what it takes.
    """
    folder.mkdir(parents=True)
    logs = folder / "radios"
    logs.mkdir()
    town = build_town(folder / "town", called=radios, walking=STRANGERS)
    arguments = [*town.arguments, "--log-level=info"]
    chance = random.Random(seed)
    try:
        with ExitStack() as stack:
            mosquitto, postgresql, url = None, None, ""
            if layout is Layout.POSTGRESQL:
                postgresql, url = stack.enter_context(kept_postgresql())
                arguments.append(f"--store-url={url}")
            if layout is Layout.MOSQUITTO:
                mosquitto = stack.enter_context(kept_mosquitto(folder / "mosquitto", free_port()))
                arguments.append(f"--broker=mqtt://127.0.0.1:{mosquitto.port}")
            if layout is Layout.SMALL_DISK:
                stack.enter_context(_small_disk(folder / "data"))
            if layout is Layout.GATEWAYS:
                port, _ = stack.enter_context(sms_service())
                arguments.append(f"--settings={_gateways(folder, town, port)}")
            system = stack.enter_context(running_yihu(folder, *arguments, wait=False))
            if mosquitto is not None:
                _begin_mosquitto(system, mosquitto, folder)
            system.wait_ready()
            yield House(
                layout=layout, folder=folder, town=town, system=system, chance=chance,
                mosquitto=mosquitto, postgresql=postgresql, store_url=url, logs=logs,
            )  # fmt: skip
    except pytest.skip.Exception as exc:
        raise NotHereError(str(exc)) from exc


def _begin_mosquitto(system: System, mosquitto: Kept, folder: Path) -> None:
    """In the order of an administrator: Yihu enrols, ``yihu acl`` writes, Mosquitto starts."""
    system.until(lambda: "broker_link" in system.log(), "the hub looking for its broker")
    files = (f"--data={system.data_dir}", f"--out={folder / 'acl'}", f"--port={mosquitto.port}")
    wrote = system.command("acl", *files)
    assert wrote.returncode == 0, wrote
    (conf,) = [Path(line) for line in wrote.stdout.splitlines() if line.endswith(".conf")]
    configure(mosquitto, conf)
    asyncio.run(mosquitto.start())


def _gateways(folder: Path, town: Town, port: int) -> Path:
    """Settings by which some who are called and have not answered get a message, too: not all,
    or the service's limit a minute would leave the worker nothing to do."""
    contacts = [
        f'\n[contacts."{radio}"]\nphone = "+86100{n:08d}"\n'
        for n, radio in enumerate(town.called)
        if n % TOLD_OF == 0
    ]
    file = folder / "gateways.toml"
    text = GATEWAYS.replace("per_minute = 100", f"per_minute = {PER_MINUTE_MAX}")
    file.write_text(text.format(port=port) + "".join(contacts))
    file.chmod(0o600)
    settings = folder / "yihu.toml"
    settings.write_text('gateways_file = "gateways.toml"\n')
    return settings


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A file system that can be filled up without hurting anybody. Raises NotHereError."""
    if os.geteuid() != 0:
        raise NotHereError(
            "mounting a small tmpfs needs root:"
            " sudo .venv/bin/python -m tests.chaos disk_full (and nothing else as root)"
        )
    folder.mkdir()
    size = f"size={DISK_MB}m"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "yihu-chaos", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise NotHereError(f"a tmpfs could not be mounted: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def quiet_end(house: House) -> None:
    """End Yihu, so that the journal is all that is left of it."""
    with contextlib.suppress(ProcessLookupError):
        house.system.stop()
