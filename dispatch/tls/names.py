"""What a certificate is for: names and addresses, as given or as this machine has them."""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Final

from dispatch.errors import SettingsError, quoted

Name = str | ipaddress.IPv4Address | ipaddress.IPv6Address
"""A name in small letters, or an address."""

NAMES_MAX: Final = 50
HERE: Final[tuple[Name, ...]] = (
    "localhost",
    ipaddress.ip_address("127.0.0.1"),
    ipaddress.ip_address("::1"),
)
"""Always in a certificate: the commands on the server ask it so."""

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_ELSEWHERE: Final = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses of documentation (RFC 5737, RFC 3849): nothing is ever sent there."""


def read_names(said: Iterable[str]) -> tuple[Name, ...]:
    """Each checked, none twice. Raises SettingsError."""
    names = tuple(dict.fromkeys(map(read_name, said)))
    if len(names) > NAMES_MAX:
        raise SettingsError(f"{len(names)} names are too many", f"name at most {NAMES_MAX}")
    return names


def read_name(said: str) -> Name:
    """A name or an address. Raises SettingsError."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(said)
    name = said.lower().rstrip(".")
    if not _DOMAIN.fullmatch(name) or name.rpartition(".")[2].isdigit():
        raise SettingsError(
            f"{quoted(said)!r} is no name and no address",
            "write what phones and browsers will call this server, such as yihu.example.cn or"
            " 192.168.1.10 (names in other letters in their xn-- form)",
        )
    return name


def found_names() -> tuple[Name, ...]:
    """What this machine calls itself, and the addresses it would speak from."""
    names: list[Name] = []
    with contextlib.suppress(SettingsError):
        names.append(read_name(socket.gethostname()))
    for elsewhere, family in _ELSEWHERE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))  # of UDP: a route is chosen, nothing is sent
            address = ipaddress.ip_address(probe.getsockname()[0])
            if not address.is_loopback and not address.is_link_local:
                names.append(address)
    return tuple(dict.fromkeys(names))
