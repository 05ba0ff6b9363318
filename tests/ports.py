"""Free loopback ports for servers that tests start."""

import random
import socket
from typing import Final

LOWEST: Final = 15_000
HIGHEST: Final = 32_000
"""Below the range from which the kernel takes the near ends of outgoing connections: a port
from there may be somebody's for a moment just when our server wants it."""
TRIES_MAX: Final = 1_000

_chance = random.SystemRandom()


def free_port() -> int:
    """A TCP port on loopback that nobody had a moment ago."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Several different ones."""
    held: list[socket.socket] = []
    try:
        for _ in range(TRIES_MAX):
            if len(held) == count:
                break
            try:
                held.append(socket.create_server(("127.0.0.1", _chance.randint(LOWEST, HIGHEST))))
            except OSError:
                continue  # somebody's
        assert len(held) == count, "no free ports"
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()
