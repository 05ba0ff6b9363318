"""A backup made while radios press, put back elsewhere: every press is there, and it goes on."""

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.awaiting import NEWS_TIMEOUT_S, Bell
from tests.integration.conftest import skip_without_broker
from tests.ports import free_ports
from tests.postgres import postgres_server
from tests.radio_client import Radio
from tests.system import PAUSE_S, STOP_TIMEOUT_S, System, running_yihu

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PRESSERS = ("xizi-v01", "xizi-v02", "xizi-v03")
PRESSES_BEFORE = 6
PRESSES_MEANWHILE = 3


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def urls(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Addresses of two stores; empty for SQLite."""
    skip_without_broker()
    if request.param == "sqlite":
        yield ["", ""]
        return
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        yield [stack.enter_context(server.database()) for _ in range(2)]


def store_of(url: str) -> list[str]:
    return [f"--store-url={url}"] if url else []


def presses_in(system: System, url: str) -> set[str]:
    """Every alarm of a journal, by the journal itself."""
    query = "SELECT alarm FROM journal WHERE name = 'AlarmReceived'"
    if url:
        with psycopg.connect(url) as database:
            return {alarm for (alarm,) in database.execute(query)}
    with contextlib.closing(sqlite3.connect(system.data_dir / "journal.db")) as journal:
        return {alarm for (alarm,) in journal.execute(query)}


class Pressing:
    """Radios that press one alarm after the other; ``heard`` are those told as stored."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._bell = Bell()

    async def of(self, radio: Radio) -> None:
        while True:
            press = await radio.press()
            self.heard.append(f"{radio.name}/{press}".replace(":", "/"))
            self._bell.ring()

    async def come_to(self, count: int) -> None:
        await self._bell.until(lambda: len(self.heard) >= count, lambda: f"{count} presses")


async def test_every_press_told_as_stored_is_in_a_backup_made_meanwhile(
    tmp_path: Path, urls: list[str]
) -> None:
    """The office's PC dies in the night. What the new one begins with is what people were told."""
    first, second = urls
    to, new = tmp_path / "usb", tmp_path / "new"
    for folder in (tmp_path / "old", to, new):
        folder.mkdir()
    with running_yihu(tmp_path / "old", "--no-simulator", *store_of(first)) as system:
        pressing = Pressing()
        async with contextlib.AsyncExitStack() as stack:
            radios = [await stack.enter_async_context(Radio(system, name)) for name in PRESSERS]
            async with asyncio.TaskGroup() as tasks:
                going_on = [tasks.create_task(pressing.of(radio)) for radio in radios]
                await pressing.come_to(PRESSES_BEFORE)
                before = list(pressing.heard)

                where = (f"--data={system.data_dir}", *store_of(first))
                made = await asyncio.to_thread(system.command, "backup", str(to), *where)

                await pressing.come_to(len(before) + PRESSES_MEANWHILE)
                for task in going_on:
                    task.cancel()
        assert made.returncode == 0, made
    (backup,) = to.glob("yihu-*")
    whole = system.command("backup", str(backup), "--check")
    assert (whole.returncode, whole.stdout[:6]) == (0, "whole:"), whole

    where = (f"--data={new / 'data'}", *store_of(second))
    restored = system.command("restore", str(backup), *where)

    assert (restored.returncode, "unbroken" in restored.stdout) == (0, True), restored
    assert "revoke them again" in restored.stdout
    with running_yihu(new, "--no-simulator", *store_of(second)) as again:
        assert set(before) <= presses_in(again, second)
        async with Radio(again, PRESSERS[0]) as radio:
            press = await radio.press()
        assert f"{radio.name}/{press}".replace(":", "/") in presses_in(again, second)
        verified = again.command("verify", *where)
        assert (verified.returncode, "unbroken" in verified.stdout) == (0, True), verified
        ended = json.loads((backup / "manifest.json").read_text())["journal"]
        held = again.command("audit", "verify", f"--noted={ended['hash']}", *where)
        assert (held.returncode, "stands as it did" in held.stdout) == (0, True), held
        assert "missing here" in degraded(again.url)["restored"]
        assert again.get("/api/v1/snapshot")["status"]["restored_until"] == ended["last_t"] // 1000
        open_now = {each["id"] for each in again.get("/api/v1/snapshot")["incidents"]}
        assert open_now, "incidents that were open ring again"


def degraded(url: str) -> dict[str, str]:
    """What a hub says does not work, and why; nothing where it does not answer yet."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as exc:
        told = json.load(exc)
    except OSError:
        return {}
    return {each["what"]: each["why"] for each in told["degraded"]}


def test_a_hub_makes_one_by_itself_and_says_when_it_cannot(tmp_path: Path) -> None:
    """The stick is out; /health says so; somebody plugs it in, and the backup is made."""
    data_dir, to = tmp_path / "data", tmp_path / "usb"
    data_dir.mkdir()
    (data_dir / "yihu.toml").write_text(f'[backup]\nto = "{to}"\n')
    (port,) = free_ports(1)
    arguments = ["hub", f"--data={data_dir}", f"--http-port={port}", "--broker=mqtt://127.0.0.1:1"]
    program = (
        "import sys\n"
        "from dispatch.backup import daily\n"
        "from dispatch.__main__ import main\n"
        "daily.FIRST_AFTER_S = 0.2\n"
        "daily.AGAIN_AFTER_S = 1.0\n"
        "daily.LOOK_EVERY_S = 1.0\n"
        f"sys.exit(main({arguments!r}))\n"
    )
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "log").open("wb") as log:
        hub = subprocess.Popen([sys.executable, "-c", program], stdout=log, stderr=log)
    try:
        until(lambda: "is its disk mounted?" in degraded(url).get("backup", ""), tmp_path)

        to.mkdir()

        until(lambda: [each for each in to.glob("yihu-*") if each.suffix == ""], tmp_path)
        until(lambda: (told := degraded(url)) and "backup" not in told, tmp_path)
    finally:
        hub.terminate()
        hub.wait(STOP_TIMEOUT_S)
    assert hub.returncode == 0
    assert len(list(to.glob("yihu-*"))) == 1


def until(look: Callable[[], object], folder: Path) -> None:
    """Processes of their own tell nobody."""
    give_up = time.monotonic() + NEWS_TIMEOUT_S
    while not look():
        assert time.monotonic() < give_up, (folder / "log").read_text()[-4000:]
        time.sleep(PAUSE_S)
