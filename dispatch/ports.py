"""TCP ports of this machine: whether one is answered, whether one is free."""

import asyncio
import contextlib
import errno
import socket
from dataclasses import dataclass
from typing import Final

from dispatch.errors import SettingsError

PROBE_TIMEOUT_S: Final = 0.5
"""On this machine a listener accepts at once or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Where a program listens."""

    host: str = "127.0.0.1"
    port: int


async def answers(port: Port) -> bool:
    """Whether something accepts a connection there now."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            _, writer = await asyncio.open_connection(port.host, port.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def check_port_free(host: str, port: int, *, setting: str) -> None:
    """Raises SettingsError, naming the setting to change, when we could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise SettingsError(
                f"port {port} on {host} cannot be used ({_why(exc)})",
                f"stop what uses it or choose another with {setting}",
            ) from exc


def _why(exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return "another program has it"
    return exc.strerror or type(exc).__name__
