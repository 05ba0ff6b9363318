"""console/serve.py: the port is ours or we say whose fault it is, and it has room for so many."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from console import doorstep, serve
from console.serve import Door, tls_of
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from tests.console.login.test_tls import certificate

TIMEOUT_S = 5.0
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

    assert b"400 Bad Request" in await heard(reader)
    writer.close()


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
