"""Where connections stand until they have asked something, so that who says nothing takes no room.

The server behind has room for so many connections, and keeps one for as long as it lives. A
stranger who opens thousands and says nothing, or half a line, would fill it, and no page could be
opened any more. Here each waits until the head of its first request is whole, for a few seconds at
most, in a room of its own in which the oldest gives way to the newest: whoever comes to ask asks
at once.

What it hands on is the connection itself; the bytes that came already go first.
"""

import asyncio
from collections.abc import Callable
from typing import Final

HEAD_END: Final = b"\r\n\r\n"
HEAD_BYTES_MAX: Final = 64 * 1024
"""Handed on unfinished, for the server to refuse: it takes heads of 8 KiB a line."""
FIRST_WORD_S: Final = 10.0
"""As long as for TLS; browsers open connections ahead of need, and others when these are gone."""
STANDING_MAX: Final = 500
"""At once; as many as there is room for inside."""


class Doorstep:
    """All that stand there."""

    def __init__(self, let_in: Callable[[], asyncio.Protocol | None]) -> None:
        """``let_in`` makes who serves a connection, or gives None where there is no room."""
        self._let_in = let_in
        self._standing: dict[_Standing, None] = {}
        self.cut = 0
        """Connections cut: nothing was asked in time, too many stood there, or no room inside."""

    def __len__(self) -> int:
        return len(self._standing)

    def newcomer(self) -> asyncio.Protocol:
        """For each new connection."""
        return _Standing(self)

    def close(self) -> None:
        """Nobody stands there any more."""
        for each in tuple(self._standing):
            each.hang_up()

    def came(self, who: "_Standing") -> None:
        """Take a place; the oldest gives way where there is none."""
        self._standing[who] = None
        if len(self._standing) > STANDING_MAX:
            next(iter(self._standing)).cut()

    def left(self, who: "_Standing") -> None:
        """Its place is free."""
        self._standing.pop(who, None)

    def goes_in(self) -> asyncio.Protocol | None:
        """Who serves it; None where there is no room."""
        return self._let_in()


class _Standing(asyncio.Protocol):
    """One connection that has not asked anything yet."""

    def __init__(self, doorstep: Doorstep) -> None:
        self._doorstep = doorstep
        self._said = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first word, for a while."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._timer = asyncio.get_running_loop().call_later(FIRST_WORD_S, self.cut)
        self._doorstep.came(self)

    def data_received(self, data: bytes) -> None:
        """Go in once the head is whole."""
        start = max(0, len(self._said) - len(HEAD_END))
        self._said += data
        if self._said.find(HEAD_END, start) >= 0 or len(self._said) > HEAD_BYTES_MAX:
            self._go_in()

    def connection_lost(self, _exc: Exception | None) -> None:
        """It went by itself, or was cut."""
        self._leave()

    def cut(self) -> None:
        """Hang up: others need the place."""
        self._doorstep.cut += 1
        self.hang_up()

    def hang_up(self) -> None:
        """Say nothing: whoever says nothing would not read it."""
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def _go_in(self) -> None:
        assert self._transport is not None
        self._leave()
        server = self._doorstep.goes_in()
        if server is None:
            self._doorstep.cut += 1
            self._transport.close()
            return
        self._transport.set_protocol(server)
        server.connection_made(self._transport)
        server.data_received(bytes(self._said))

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._doorstep.left(self)
