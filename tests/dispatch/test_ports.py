"""A port that is taken is said to be taken, by number and with a way out."""

import asyncio
import socket

import pytest

from dispatch.errors import SettingsError
from dispatch.ports import Port, answers, check_port_free


def test_a_free_port_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

    check_port_free("127.0.0.1", port, setting="--mqtt-port")


def test_a_taken_port_is_named_with_what_to_do() -> None:
    """The commonest first failure: another broker or a second yihu on the same machine."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

        with pytest.raises(SettingsError) as caught:
            check_port_free("127.0.0.1", port, setting="--mqtt-port")

    assert str(port) in str(caught.value)
    assert "another program has it" in str(caught.value)
    assert "--mqtt-port" in str(caught.value)


def test_an_address_that_is_not_ours_is_named() -> None:
    """192.0.2.1 is kept for documentation (RFC 5737): nobody has it."""
    with pytest.raises(SettingsError, match="--listen"):
        check_port_free("192.0.2.1", 0, setting="--listen")


async def test_a_listener_answers_and_nobody_does_not() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = Port(port=server.sockets[0].getsockname()[1])

    assert await answers(port)

    server.close()
    await server.wait_closed()
    assert not await answers(port)
