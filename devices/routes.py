"""The radios' side of HTTP as a table that the wiring mounts. Serves nothing by itself.

    GET  /api/v1/asyncapi.json      the wire to the radios
    POST /api/v1/radios/{radio}/enroll  a new secret for a radio of the roster, told once
    POST /demo/press                {"unit", "kind"?, "covert"?, "drill"?}: push a radio's button
    GET  /demo/radios               what the simulated radios are doing

The last two are there in the demo only. Answers look as the console's do, so that its
page reads them: ``{"subject", "version"}``, or ``{"code", "detail", "facts"}``.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from aiohttp import web

from devices.asyncapi import asyncapi
from devices.secrets import SALT_BYTES, hash_secret, new_secret
from devices.simulator.control import SOCKET_FILE, NoSimulatorError, ask
from dispatch.access.asker import ASKER
from dispatch.access.needs import Guarded, Need, Open, Where
from dispatch.access.words import Right
from dispatch.errors import StoreError, UnknownUnitError, quoted
from dispatch.ids import WORD, OperatorName, RadioId
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


class Enroll(Protocol):
    """Lets a radio of the roster in. Raises UnknownUnitError, StoreDownError."""

    async def __call__(
        self, radio: RadioId, *, secret_hash: str, by: OperatorName | None = None
    ) -> None: ...


def routes(
    data_dir: Path, *, demo: bool, enroll: Enroll, token: Callable[[int], bytes]
) -> Sequence[Guarded]:
    """The table. ``data_dir`` is where the simulator's socket stands."""
    desk = EnrolmentDesk(enroll, token)
    table = [
        Guarded(method="GET", path="/api/v1/asyncapi.json", handle=_asyncapi, need=Open.PERSON),
        Guarded(
            method="POST",
            path="/api/v1/radios/{radio}/enroll",
            handle=desk.enroll,
            need=Need(Right.MANAGE_RADIOS, Where.RADIO),
        ),
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


class EnrolmentDesk:
    """Gives out secrets. A radio that was revoked by mistake comes back this way."""

    def __init__(self, enroll: Enroll, token: Callable[[int], bytes]) -> None:
        self._enroll = enroll
        self._token = token

    async def enroll(self, request: web.Request) -> web.Response:
        """A new secret; the old one is void. It is told once and kept as a hash only."""
        if request.content_type != "application/json":
            return _refused(415, "not_json", "the body must be application/json")
        radio = RadioId(request.match_info["radio"])
        if not WORD.fullmatch(radio):
            return _refused(404, "unknown_unit", f"no radio {quoted(radio)}")
        secret = new_secret(self._token)
        try:
            hashed = hash_secret(secret, self._token(SALT_BYTES))
            await self._enroll(radio, secret_hash=hashed, by=ASKER.get())
        except UnknownUnitError as exc:
            return _refused(404, exc.code, str(exc))
        except StoreError as exc:
            return _refused(503, "store_down", str(exc))
        return _json(200, {"radio": radio, "secret": secret})


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
