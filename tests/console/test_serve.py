"""console/serve.py: the port is ours or we say whose fault it is, and it has room for so many."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from structlog.testing import capture_logs

from console import doorstep, serve
from console.serve import Door, tls_of
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from tests.console.login.test_tls import certificate

TIMEOUT_S = 5.0
UPGRADE = b"GET /stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade"
KEY = b"\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
REQUEST = b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    """A door with an empty application behind it, closed at the end."""
    made = Door(web.Application())
    yield made
    await made.close()


async def test_a_taken_port_is_one_sentence(door: Door) -> None:
    """Which port, why, and what to do; not forty lines of Python."""
    port = await door.open("127.0.0.1", 0)

    with pytest.raises(SettingsError, match=rf"port {port} .* choose another with http_port"):
        await Door(web.Application()).open("127.0.0.1", port)


async def test_more_connections_than_there_is_room_for_are_cut(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who are in stay in; the next one is hung up on as soon as it asks."""
    monkeypatch.setattr(serve, "CONNECTIONS_MAX", 2)
    port = await door.open("127.0.0.1", 0)
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    for each in held:
        assert (await asked(*each)).startswith(b"HTTP/1.1 404")

    last = await asyncio.open_connection("127.0.0.1", port)

    assert await asked(*last) == b""
    assert door.refused == 1
    for _, writer in (last, *held):
        writer.close()


async def test_whoever_says_nothing_keeps_nobody_out(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of idle connections, or half a request on each, are no closed door."""
    monkeypatch.setattr(serve, "CONNECTIONS_MAX", 2)
    monkeypatch.setattr(doorstep, "STANDING_MAX", 3)
    port = await door.open("127.0.0.1", 0)
    strangers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(10)]
    for _, writer in strangers:
        writer.write(b"GET /x HTTP/1.1\r\nHost: loc")

    page = await asyncio.open_connection("127.0.0.1", port)

    assert (await asked(*page)).startswith(b"HTTP/1.1 404")
    assert await heard(strangers[0][0]) == b""  # the oldest gave way
    for _, writer in (page, *strangers):
        writer.close()


async def test_who_asks_nothing_for_a_while_is_cut(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place is for somebody who comes to ask."""
    monkeypatch.setattr(doorstep, "FIRST_WORD_S", 0.01)
    port = await door.open("127.0.0.1", 0)

    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    assert await heard(reader) == b""
    assert door.refused == 1
    writer.close()


async def test_a_request_may_come_in_pieces_and_be_followed_by_another(door: Door) -> None:
    """TCP cuts where it likes, and what was read at the door is not lost."""
    port = await door.open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    for piece in (REQUEST[:5], REQUEST[5:-2], REQUEST[-2:] + REQUEST):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)

    answers = b""
    while answers.count(b"HTTP/1.1 404") < 2:
        more = await asyncio.wait_for(reader.read(4096), TIMEOUT_S)
        assert more, answers
        answers += more
    writer.close()


async def test_a_head_without_an_end_is_the_servers_to_refuse(door: Door) -> None:
    """It knows how long one may be, and says so."""
    port = await door.open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(b"GET /" + b"x" * (doorstep.HEAD_BYTES_MAX + 1))

    assert b"431 Request Header Fields Too Large" in await heard(reader)
    writer.close()


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (b"GET /x HTTP/1.1\r\nHost: x\r\nCookie: " + b"a" * 9000, 431, "head_too_long"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x", 431, "head_too_long"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400, "unreadable"),
        (b"SSH-2.0-OpenSSH_9.6", 400, "unreadable"),
        (b"GET /x HTTP/1.1\r\nHo st\x00: x", 400, "unreadable"),
    ],
    ids=["a cookie", "an address", "TLS", "SSH", "a header"],
)
async def test_what_cannot_be_read_is_answered_in_a_sentence_and_counted(
    door: Door, said: bytes, status: int, code: str
) -> None:
    """A port scan must not fill the log with tracebacks, nor a page be answered in plain text."""
    port = await door.open("127.0.0.1", 0)

    with capture_logs() as logged:
        answers = [await answered(port, said + b"\r\n\r\n") for _ in range(3)]

    for head, body in answers:
        assert head.split()[1] == str(status).encode()
        assert b"content-type: application/json" in head.lower()
        assert b"x-content-type-options: nosniff" in head.lower()
        told = json.loads(body)
        assert (told["code"], told["facts"]) == (code, {})
        assert told["detail"]
    assert door.unreadable == 3
    assert [line["event"] for line in logged] == ["request_unreadable"]


async def test_a_fault_of_ours_is_still_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Only what others send is thinned."""

    async def fails(_request: web.Request) -> web.Response:
        raise KeyError("ours")

    app = web.Application()
    app.router.add_get("/x", fails)
    door = Door(app)
    port = await door.open("127.0.0.1", 0)

    head, _ = await answered(port, REQUEST)
    await door.close()

    assert head.startswith(b"HTTP/1.1 500 ")
    assert "KeyError" in caplog.text
    assert door.unreadable == 0


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET /fine HTTP/1.1\r\nHost: x", 200),
        (b"HEAD /fine HTTP/1.1\r\nHost: x", 200),
        (b"GET /nothing HTTP/1.1\r\nHost: x", 404),
        (b"DELETE /fine HTTP/1.1\r\nHost: x", 405),
        (b"GET /fine HTTP/1.1\r\nHost: x\r\nExpect: cake", 417),
        (b"GET /fails HTTP/1.1\r\nHost: x", 500),
        (b"GET /stream HTTP/1.1\r\nHost: x", 400),
        (UPGRADE, 400),
        (UPGRADE + KEY, 101),
        (b"SSH-2.0-OpenSSH_9.6", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x", 431),
    ],
)
async def test_no_answer_says_what_gives_it(said: bytes, status: int) -> None:
    """Name and version of a program are the first thing that who looks for holes looks up."""

    async def fine(_: web.Request) -> web.Response:
        return web.Response(text="fine")

    async def fails(_: web.Request) -> web.Response:
        raise KeyError("ours")

    async def stream(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket

    app = web.Application()
    for path, handle in (("/fine", fine), ("/fails", fails), ("/stream", stream)):
        app.router.add_get(path, handle)
    door = Door(app)
    port = await door.open("127.0.0.1", 0)

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said + b"\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), TIMEOUT_S)
    writer.close()
    await door.close()

    assert head.split()[1] == str(status).encode()
    assert b"\r\nserver:" not in head.lower()
    assert b"aiohttp" not in head.lower()


async def test_over_tls_a_connection_is_handed_on_as_well(door: Door, tmp_path: Path) -> None:
    """What stands at the door then is the inner line, after the handshake."""
    cert, key = certificate(tmp_path)
    tls = tls_of(Settings(data_dir=tmp_path, http_cert=cert, http_key=key))
    port = await door.open("127.0.0.1", 0, tls)

    trust = ssl.create_default_context(cafile=cert)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)

    assert (await asked(reader, writer)).startswith(b"HTTP/1.1 404")
    writer.close()


async def test_a_closed_door_lets_nobody_in(door: Door) -> None:
    """Once a stop was asked for, a page must go and look for the next server."""
    port = await door.open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    await door.close()

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    assert await heard(reader) == b""
    writer.close()


async def answered(port: int, said: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to this, to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), TIMEOUT_S)
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]  # it says
    body = await asyncio.wait_for(reader.readexactly(length), TIMEOUT_S)
    writer.close()
    return head, body


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The first line of the answer; nothing where the line was hung up."""
    writer.write(REQUEST)
    return await heard(reader)


async def heard(reader: asyncio.StreamReader) -> bytes:
    """The next line, or nothing at the end."""
    try:
        return await asyncio.wait_for(reader.readline(), TIMEOUT_S)
    except ConnectionResetError:
        return b""
