"""The main job once on PostgreSQL, with a kill in the middle: the same promises, another store."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from dispatch.demo import demo_community_path
from tests.communities import posts
from tests.console_client import Console
from tests.integration.conftest import skip_without_broker
from tests.postgres import postgres_server
from tests.radio_client import Radio
from tests.system import System, running_yihu

pytestmark = [pytest.mark.broker, pytest.mark.postgresql, pytest.mark.slow]

SENDER, UNIT = "xizi-v01", "xizi-v02"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPostgres:
    """A Yihu and the address of its database."""

    system: System
    url: str


@pytest.fixture(name="on_postgres")
def yihu_on_postgres(tmp_path: Path) -> Iterator[OnPostgres]:
    """``yihu run --store-url postgresql://...`` with the demo community."""
    skip_without_broker()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        url = stack.enter_context(server.database())
        system = stack.enter_context(running_yihu(tmp_path, f"--store-url={url}", "--no-simulator"))
        yield OnPostgres(system=system, url=url)


async def test_the_main_job_survives_a_kill_on_postgresql(on_postgres: OnPostgres) -> None:
    """Press, order, answer, kill -9, the next press, close; then the chain is walked."""
    system, places = on_postgres.system, posts(demo_community_path())
    async with (
        Console(system, "一号台") as console,
        Radio(system, SENDER) as sender,
        Radio(system, UNIT) as unit,
    ):
        await unit.sign_on(*places[UNIT])
        row = console.units[UNIT]["row"]
        await console.sees(lambda: row in console.positions, "the unit's place")
        first = await sender.press(fix=sender.fix(*places[SENDER]))
        order = str((await unit.hears("order"))["order"])
        await unit.answer(order, "accepted")
        before = await console.sees_incident(lambda each: each["phase"] == "accepted")
        snapshots = console.snapshots

        killed = system.kill_hub()
        second = sender.push()
        await asyncio.to_thread(system.wait_hub_after, killed)
        await sender.hears("stored", press=second)
        await console.sees(lambda: console.snapshots > snapshots, "the page back")
        await unit.answer(order, "on_scene")
        await console.do(f"incidents/{before['id']}/take")
        shown = await console.sees_of(before["id"], lambda each: each["phase"] == "on_scene")
        await console.do(f"incidents/{before['id']}/close", {"disposition": "resolved"})
        await unit.hears("cancel", order=order)
        await console.agrees_with_a_fresh_snapshot()

    alarms = {f"{SENDER}/{press}".replace(":", "/") for press in (first, second)}
    assert {alarm["id"] for alarm in shown["alarms"]} == alarms
    with psycopg.connect(on_postgres.url) as conn:
        received = conn.execute("SELECT alarm FROM journal WHERE name = 'AlarmReceived'")
        assert sorted(alarm for (alarm,) in received) == sorted(alarms)
    where = (f"--data={system.data_dir}", f"--store-url={on_postgres.url}")
    verified = await asyncio.to_thread(system.command, "verify", *where)
    assert (verified.returncode, "unbroken" in verified.stdout) == (0, True), verified
