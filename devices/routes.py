"""The radios' side of HTTP as a table that the wiring mounts. Serves nothing by itself.

    GET  /api/v1/asyncapi.json      the wire to the radios
    /api/v1/radios, /join           who manages radios, and radios that come in: radio_office.py
    GET  /ca, /ca.crt               the centre's own authority, for phones: ca_page.py
    POST /demo/press                {"unit", "kind"?, "covert"?, "drill"?}: push a radio's button
    GET  /demo/radios               what the simulated radios are doing

The last two are there in the demo only. Answers look as the console's do, so that its
page reads them: ``{"subject", "version"}``, or ``{"code", "detail", "facts"}``.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import web

from devices.asyncapi import asyncapi
from devices.ca_page import ca_routes
from devices.simulator.control import SOCKET_FILE, NoSimulatorError, ask
from dispatch.access.needs import Guarded, Need, Open, Where
from dispatch.access.words import Right
from dispatch.errors import quoted
from dispatch.words import Kind

WAIT_S: Final = 6.0
"""For ``stored``: below the 8 s that the page waits for an answer."""
PRESSES_REMEMBERED_MAX: Final = 256
"""By their idempotency key, so that a page that asks again does not press again."""


class PressBody(msgspec.Struct):
    """Whose button, and how."""

    unit: str
    kind: Kind = Kind.SOS
    covert: bool = False
    drill: bool = False


def routes(data_dir: Path, *, demo: bool, radios: Iterable[Guarded]) -> Sequence[Guarded]:
    """The table. ``data_dir`` is where the simulator's socket stands; ``radios`` the office's."""
    table = [
        Guarded(method="GET", path="/api/v1/asyncapi.json", handle=_asyncapi, need=Open.PERSON),
        *radios,
        *ca_routes(data_dir),
    ]
    if demo:
        panel = DemoPanel(data_dir / SOCKET_FILE)
        table += [
            Guarded(
                method="POST",
                path="/demo/press",
                handle=panel.press,
                need=Need(Right.USE_DEMO, Where.BODY_UNIT),
            ),
            Guarded(
                method="GET",
                path="/demo/radios",
                handle=panel.radios,
                need=Need(Right.USE_DEMO, Where.EVERYWHERE),
            ),
        ]
    return table


class DemoPanel:
    """Hands what the demo's panel asks to the simulator."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._pressed: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def press(self, request: web.Request) -> web.Response:
        """Push a button; answers when the press is stored."""
        if request.content_type != "application/json":
            return _refused(415, "not_json", "the body must be application/json")
        data = await request.read()  # as long as the server that mounts this allows
        try:
            body = msgspec.json.decode(data, type=PressBody)
        except (ValueError, RecursionError) as exc:
            return _refused(422, "wrong_body", quoted(str(exc)))
        try:
            answer = await asyncio.shield(self._once(request, body))
        except NoSimulatorError as exc:
            return _refused(503, "no_simulator", str(exc))
        if "error" in answer:
            return _refused(404, "unknown_unit", answer["error"])
        if not answer["stored"]:
            return _refused(503, "not_stored", f"not stored in {WAIT_S} s; it is being repeated")
        return _json(200, {"subject": answer["press"], "version": 0})

    async def radios(self, request: web.Request) -> web.Response:
        """What the simulated radios are doing."""
        del request
        try:
            return _json(200, await ask(self._socket, {"radios": True}))
        except NoSimulatorError as exc:
            return _refused(503, "no_simulator", str(exc))

    def _once(self, request: web.Request, body: PressBody) -> "asyncio.Task[dict[str, Any]]":
        key = request.headers.get("Idempotency-Key", "")
        known = self._pressed.get(key) if key else None
        if known is not None:
            return known
        question = {
            "press": body.unit,
            "kind": body.kind.value,
            "covert": body.covert,
            "drill": body.drill,
            "wait_s": WAIT_S,
        }
        task = asyncio.create_task(ask(self._socket, question), name="demo press")
        task.add_done_callback(_looked_at)
        if key:
            while len(self._pressed) >= PRESSES_REMEMBERED_MAX:
                del self._pressed[next(iter(self._pressed))]
            self._pressed[key] = task
        return task


async def _asyncapi(request: web.Request) -> web.Response:
    del request
    return web.Response(body=asyncapi(), content_type="application/json")


def _looked_at(task: "asyncio.Task[dict[str, Any]]") -> None:
    """The page may be gone before its answer; its failure is then nobody's."""
    if not task.cancelled():
        task.exception()


def _json(status: int, document: object) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(document), content_type="application/json"
    )


def _refused(status: int, code: str, detail: str) -> web.Response:
    return _json(status, {"code": code, "detail": detail, "facts": {}, "incident": None})
