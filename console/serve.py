"""Opens the operators' port and closes it again. What is served there is api.py's."""

import asyncio
import ssl
from typing import Any, Final

from aiohttp import web

from console.doorstep import Doorstep
from console.unreadable import Reader, Unreadable
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from dispatch.tls.showing import server_context

CONNECTIONS_MAX: Final = 500
"""Open at once: 200 streams, and six connections of each of 50 pages; beyond that they are cut.
Who has not asked anything yet is not among them (doorstep.py)."""
KEEPALIVE_S: Final = 30.0
SHUTDOWN_S: Final = 3.0
"""For requests under way when the server stops; streams are told goodbye before."""
BACKLOG: Final = 128
READING: Final[dict[str, Any]] = {
    "access_log": None,
    "keepalive_timeout": KEEPALIVE_S,
    "auto_decompress": False,  # a packed body is refused by the guard, in a sentence
}
"""How requests are read."""
HANDSHAKE_S: Final = 10.0
"""For TLS; who takes longer holds a connection back on purpose."""


class Door:
    """A listening port with an application behind it."""

    def __init__(self, app: web.Application) -> None:
        self._unreadable = Unreadable()
        app.on_response_prepare.append(unsigned)
        self._runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_S, **READING)
        self._listener: asyncio.Server | None = None
        self._doorstep = Doorstep(self._let_in)

    @property
    def refused(self) -> int:
        """Connections cut: too many were open, or one said nothing."""
        return self._doorstep.cut

    @property
    def unreadable(self) -> int:
        """Requests that were none, or whose head is too long."""
        return self._unreadable.count

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; gives back the port, which was ours to choose where 0 was asked for.

        With ``tls`` only over it.

        Raises SettingsError where nobody can listen there.
        """
        await self._runner.setup()
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                self._doorstep.newcomer,
                host,
                port,
                backlog=BACKLOG,
                ssl=tls,
                ssl_handshake_timeout=None if tls is None else HANDSHAKE_S,
            )
        except OSError as exc:
            await self._runner.cleanup()
            raise SettingsError(
                f"port {port} on {host} cannot be used ({exc.strerror})",
                "stop what uses it or choose another with http_port",
            ) from exc
        chosen: int = self._listener.sockets[0].getsockname()[1]
        return chosen

    async def close(self) -> None:
        """Take no more connections, end those that are open."""
        if self._listener is not None:
            self._listener.close()
        self._doorstep.close()
        await self._runner.cleanup()

    def _let_in(self) -> asyncio.Protocol | None:
        server = self._runner.server
        assert server is not None, "the runner was set up"
        if len(server.connections) >= CONNECTIONS_MAX:
            return None
        return Reader(server, self._unreadable, **READING)


async def unsigned(_: web.Request, response: web.StreamResponse) -> None:
    """No answer says which program of which version gave it: that helps who looks for holes."""
    response.headers.popall("Server", None)


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """What the certificate is shown by; None where there is none. Raises SettingsError."""
    if settings.http_cert is None or settings.http_key is None:
        return None
    return server_context("http", settings.http_cert, settings.http_key)
