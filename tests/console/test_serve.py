"""console/serve.py: the port is ours or we say whose fault it is, and it has room for so many."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web

from console import serve
from console.serve import Door
from dispatch.errors import SettingsError


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
    """Those who are in stay in; the next one is hung up on at once."""
    monkeypatch.setattr(serve, "CONNECTIONS_MAX", 2)
    port = await door.open("127.0.0.1", 0)
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]

    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    assert await asyncio.wait_for(reader.read(), timeout=5.0) == b""
    assert door.refused == 1
    held[0][1].write(b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await held[0][0].readline()).startswith(b"HTTP/1.1 404")
    for each in (writer, *(writer for _, writer in held)):
        each.close()


async def test_a_closed_door_lets_nobody_in(door: Door) -> None:
    """Once a stop was asked for, a page must go and look for the next server."""
    port = await door.open("127.0.0.1", 0)

    await door.close()

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
