"""The routes that the radios' side gives to the server: the wire's page, and the demo's buttons."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from devices.routes import routes
from devices.simulator.control import Control
from devices.simulator.fleet import Fleet, Pressed, RadioClient
from dispatch.readings import PressReading
from dispatch.words import Kind
from tests.devices.simulator.bodies import radio

Client = TestClient[web.Request, web.Application]


class PlayedRadio:
    """Stands for a client of the fleet: presses are stored, or not, at once."""

    def __init__(self, *, stores: bool = True) -> None:
        self.radio = radio()
        self.linked = True
        self.presses: list[PressReading] = []
        self._stores = stores

    async def press(self, *, kind: Kind, covert: bool, drill: bool, wait_s: float) -> Pressed:
        """Keep it."""
        reading = self.radio.press(0, kind=kind, covert=covert, drill=drill)
        self.presses.append(reading)
        await asyncio.sleep(0)
        return Pressed(reading=reading, stored=self._stores, waited_s=0.01)

    def status(self) -> dict[str, Any]:
        """Which one it is."""
        return {"unit": self.radio.radio}


def table(folder: Path, *, demo: bool = True) -> list[web.RouteDef]:
    """The routes; those of the office of radios are tried in test_radio_office.py."""
    guarded = routes(folder, demo=demo, radios=())
    return [web.route(each.method, each.path, each.handle) for each in guarded]


@asynccontextmanager
async def served(folder: Path, *played: PlayedRadio, demo: bool = True) -> AsyncIterator[Client]:
    """A server with nothing but these routes, and a simulator beside it."""
    app = web.Application(client_max_size=4096)
    app.add_routes(table(folder, demo=demo))
    clients: list[Any] = list(played)
    fleet = Fleet([client for client in clients if isinstance(client, RadioClient)])
    fleet.clients = {client.radio.radio: client for client in clients}
    async with Control(folder / "simulator.sock", fleet), TestClient(TestServer(app)) as client:
        yield client


async def test_the_demo_panel_presses_a_button(tmp_path: Path) -> None:
    """A click in the page is a press like any other, and is told when it is stored."""
    played = PlayedRadio()
    async with served(tmp_path, played) as client:
        answer = await client.post(
            "/demo/press",
            json={"unit": "r-1", "kind": "fire", "covert": True, "drill": True},
        )
        said = await answer.json()
        shown = await (await client.get("/demo/radios")).json()

    assert answer.status == 200
    assert said == {"subject": played.presses[0].press.wire, "version": 0}
    pressed = played.presses[0]
    assert (pressed.kind, pressed.covert, pressed.drill) == (Kind.FIRE, True, True)
    assert [each["unit"] for each in shown["radios"]] == ["r-1"]


async def test_a_page_that_asks_again_does_not_press_again(tmp_path: Path) -> None:
    """The same key is the same press: its answer was lost, not the press."""
    played = PlayedRadio()
    headers = {"Idempotency-Key": "k1"}
    async with served(tmp_path, played) as client:
        answers = [
            await (await client.post("/demo/press", json={"unit": "r-1"}, headers=headers)).json()
            for _ in range(3)
        ]
        await client.post("/demo/press", json={"unit": "r-1"}, headers={"Idempotency-Key": "k2"})

    assert len(played.presses) == 2
    assert answers[0] == answers[1] == answers[2]


async def test_what_cannot_be_pressed_is_refused_with_a_code(tmp_path: Path) -> None:
    """The page says why, in its own language."""
    async with served(tmp_path, PlayedRadio(stores=False)) as client:
        tries = [
            await client.post("/demo/press", json={"unit": "r-9"}),
            await client.post("/demo/press", json={"unit": 7}),
            await client.post("/demo/press", data=b"unit=r-1"),
            await client.post("/demo/press", json={"unit": "r-1"}),
        ]
        codes = [(each.status, (await each.json())["code"]) for each in tries]

    assert codes == [
        (404, "unknown_unit"),
        (422, "wrong_body"),
        (415, "not_json"),
        (503, "not_stored"),
    ]


async def test_without_a_simulator_it_says_so(tmp_path: Path) -> None:
    """The demo's radios may be starting again."""
    app = web.Application()
    app.add_routes(table(tmp_path))
    async with TestClient(TestServer(app)) as client:
        pressed = await client.post("/demo/press", json={"unit": "r-1"})
        shown = await client.get("/demo/radios")

        assert (pressed.status, shown.status) == (503, 503)
        assert (await shown.json())["code"] == "no_simulator"


async def test_real_work_has_no_demo_buttons(tmp_path: Path) -> None:
    """Nobody raises an alarm from a page there; the wire's page is there always."""
    async with served(tmp_path, PlayedRadio(), demo=False) as client:
        assert (await client.post("/demo/press", json={"unit": "r-1"})).status == 404
        assert (await client.get("/demo/radios")).status == 404
        page = await client.get("/api/v1/asyncapi.json")
        assert (await page.json())["asyncapi"] == "3.0.0"
