"""The simulator's own little door: a Unix socket by which buttons are pushed. JSON, a line each.

    {"press": "xizi-v01", "kind": "sos", "covert": false, "drill": false, "wait_s": 10}
        -> {"stored": true, "press": "boot:7", "waited_s": 0.012, "drill": null}
                                          drill: whether the centre takes it for one, if it said
    {"radio": "xizi-v01", "call_off": "boot:7", "pin": "1234", "wait_s": 10}
        -> {"call_off": "heard"}          asked, and what came of it: wishes.py has the words
    {"radio": "xizi-v01", "called_off": "boot:7", "wait_s": 10}
        -> {"call_off": "done"}           only waited for
    {"radio": "xizi-v01", "offer": "nearest"}
        -> {"offered": "nearest"}
    {"radio": "xizi-v01"} or {"radios": true}
        -> {"radios": [{"unit", "linked", "on_duty", "orders", "seen_by", ...}, ...]}
    anything else
        -> {"error": "..."}

It stands in the data folder with mode 0600: who may read the secrets may press.
"""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import structlog

from devices.simulator.fleet import STORED_TIMEOUT_S, Fleet, RadioClient
from devices.simulator.wishes import CallOff
from devices.v1 import wire
from dispatch.errors import SettingsError, YihuError, quoted
from dispatch.ids import IncidentId, RadioId
from dispatch.words import Kind

SOCKET_FILE: Final = "simulator.sock"
LINE_BYTES_MAX: Final = 4096
ANSWER_BYTES_MAX: Final = 16 * 2**20
ANSWER_TIMEOUT_S: Final = STORED_TIMEOUT_S + 5.0
SOCKET_PATH_MAX: Final = 107
"""Bytes that Linux keeps of a Unix socket's path (sockaddr_un, less the closing zero)."""

log = structlog.get_logger(__name__)


class NoSimulatorError(YihuError):
    """Nobody plays radios from this data folder now."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"no simulated radios run here ({why})")


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    press: str | None = None
    kind: Kind = Kind.SOS
    covert: bool = False
    drill: bool = False
    radio: str | None = None
    call_off: wire.Press | None = None
    pin: wire.Pin = ""
    called_off: wire.Press | None = None
    offer: wire.Offered | None = None
    wait_s: Annotated[float, msgspec.Meta(ge=0.0, le=STORED_TIMEOUT_S)] = STORED_TIMEOUT_S
    radios: bool = False


class Control:
    """Listens on the socket, from ``async with`` to its end."""

    def __init__(self, path: Path, fleet: Fleet) -> None:
        self._path = path
        self._fleet = fleet
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Control":
        """Raises SettingsError where the socket cannot be made."""
        if len(str(self._path).encode()) > SOCKET_PATH_MAX:
            raise SettingsError(
                f"the path {self._path} is too long for a socket", "choose a shorter data folder"
            )
        try:
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(
                self._talk, self._path, limit=LINE_BYTES_MAX
            )
            self._path.chmod(0o600)
        except OSError as exc:
            raise SettingsError(
                f"{self._path} cannot be made ({exc.strerror})",
                "give the data folder to the user that runs the simulator",
            ) from exc
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            while line := await reader.readline():
                answer = await self._answer(line)
                writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError) as exc:  # ValueError: a line over the limit
            log.warning("control_talk_ended", why=str(exc))
        finally:
            self._talks.discard(talk)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = msgspec.json.decode(line, type=_Request)
        except (ValueError, RecursionError) as exc:
            return {"error": f"not understood: {quoted(str(exc))}"}
        if request.radios:
            return {"radios": self._fleet.status()}
        name = request.press or request.radio or ""
        client = self._fleet.clients.get(RadioId(name))
        if client is None:
            return {"error": f"no simulated radio {quoted(name)!r}"}
        return await _asked(client, request)


async def _asked(client: RadioClient, request: _Request) -> dict[str, Any]:
    """The first thing that is asked of this radio; how it is, where nothing is."""
    if request.press is not None:
        pressed = await client.press(
            kind=request.kind, covert=request.covert, drill=request.drill, wait_s=request.wait_s
        )
        return {
            "stored": pressed.stored,
            "press": pressed.reading.press.wire,
            "waited_s": round(pressed.waited_s, 3),
            "drill": client.radio.button.taken_for_drill(pressed.reading.press.wire),
        }
    if request.call_off is not None:
        client.call_off(request.call_off, pin=request.pin)
        stage = await client.call_off_reaches(
            request.call_off, CallOff.HEARD, wait_s=request.wait_s
        )
        return {"call_off": stage}
    if request.called_off is not None:
        stage = await client.call_off_reaches(
            request.called_off, CallOff.DONE, wait_s=request.wait_s
        )
        return {"call_off": stage}
    if request.offer is not None:
        client.offer(None if request.offer == wire.NEAREST else IncidentId(request.offer))
        return {"offered": request.offer}
    return {"radios": [client.status()]}


async def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """One question to a running simulator, and its answer. Raises NoSimulatorError."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            reader, writer = await asyncio.open_unix_connection(path, limit=ANSWER_BYTES_MAX)
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                answer: dict[str, Any] = json.loads(await reader.readline())
            finally:
                writer.close()
                await writer.wait_closed()
    except (OSError, TimeoutError, ValueError) as exc:
        raise NoSimulatorError(str(exc) or type(exc).__name__) from exc
    return answer
