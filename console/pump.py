"""Writes what a session has to say to its socket, no faster than the reader takes it.

What many readers are sent is one WebSocket message, with its head and all, made once and
written to each transport in one call; a task and a timer for each message would cost as much
again as the kernel's send does. Close, ping and what the page says stay aiohttp's.
"""

import asyncio
import struct
from typing import Final, Protocol

from console.session import Piece, Session
from console.turns import Turns

BUFFER_BYTES_MAX: Final = 64 * 1024
"""Waiting in our process for one reader before we make it anything more."""
SEND_TIMEOUT_S: Final = 20.0
"""A reader that left more than that waiting for so long is gone, whatever its socket says."""
LOOK_FIRST_S: Final = 0.005
LOOK_MAX_S: Final = 0.2
"""How often we look whether a slow reader took something: ever more seldom."""

TEXT: Final = 0x81
BINARY: Final = 0x82
"""First byte of a message in one piece (RFC 6455, 5.2). A server masks nothing."""
SHORT_MAX: Final = 125
MIDDLE_MAX: Final = 0xFFFF


class Socket(Protocol):
    """What is asked of the WebSocket itself."""

    @property
    def closed(self) -> bool:
        """A goodbye was said: nothing may be sent behind it."""
        ...


class Wrapper:
    """Puts heads before messages; the last one is kept, since the next reader is sent the same."""

    def __init__(self) -> None:
        self._piece = Piece(b"", binary=False)
        self._message = message(b"", binary=False)

    def wrap(self, piece: Piece) -> bytes:
        """The WebSocket message of a piece."""
        if piece.data is not self._piece.data or piece.binary is not self._piece.binary:
            self._piece, self._message = piece, message(piece.data, binary=piece.binary)
        return self._message


class Pump:
    """Of one stream. Its owner awaits ``ended``, and calls ``stop`` in the end."""

    def __init__(
        self, *, socket: Socket, transport: asyncio.Transport, turns: Turns, wrapper: Wrapper
    ) -> None:
        self._session: Session | None = None
        self._socket = socket
        self._transport = transport
        self._turns = turns
        self._wrapper = wrapper
        self._loop = asyncio.get_running_loop()
        self._turn = self._take_turn  # one object, by which ``Turns`` knows it
        self._slow_since: float | None = None
        self._look: asyncio.TimerHandle | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()
        """Never done by itself but with an error: TimeoutError for a reader that took nothing."""

    def start(self, session: Session) -> None:
        """Write what this has to say, from now on."""
        self._session = session
        self.wake()

    def wake(self) -> None:
        """The session may have something."""
        if self._slow_since is None:
            self._turns.ask(self._turn)

    def stop(self) -> None:
        """Write nothing more."""
        if self._look is not None:
            self._look.cancel()
        self.ended.cancel()

    def _take_turn(self) -> None:
        if self.ended.done():
            return
        try:
            self._write()
        except Exception as exc:  # its owner is told; the others' turns go on
            self.ended.set_exception(exc)

    def _write(self) -> None:
        assert self._session is not None
        while not (self._transport.is_closing() or self._socket.closed):
            if self._transport.get_write_buffer_size() > BUFFER_BYTES_MAX:
                self._slow_since = self._loop.time()
                self._look_again(LOOK_FIRST_S)
                return
            piece = self._session.take()
            if piece is None:
                return
            self._transport.write(self._wrapper.wrap(piece))
            if piece.more:
                self.wake()
                return

    def _look_again(self, in_s: float) -> None:
        self._look = self._loop.call_later(in_s, self._look_at_reader, in_s)

    def _look_at_reader(self, waited_s: float) -> None:
        assert self._slow_since is not None
        if self._transport.get_write_buffer_size() <= BUFFER_BYTES_MAX:
            self._slow_since = None
            self.wake()
        elif self._loop.time() - self._slow_since > SEND_TIMEOUT_S:
            self.ended.set_exception(TimeoutError())
        else:
            self._look_again(min(2 * waited_s, LOOK_MAX_S))


def message(data: bytes, *, binary: bool) -> bytes:
    """One whole WebSocket message, unmasked and uncompressed."""
    first, size = (BINARY if binary else TEXT), len(data)
    if size <= SHORT_MAX:
        head = struct.pack(">BB", first, size)
    elif size <= MIDDLE_MAX:
        head = struct.pack(">BBH", first, SHORT_MAX + 1, size)
    else:
        head = struct.pack(">BBQ", first, SHORT_MAX + 2, size)
    return head + data
