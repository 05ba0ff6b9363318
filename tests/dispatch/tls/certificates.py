"""Certificates for tests that speak TLS on loopback: an authority and a server, in files."""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.tls.folder import TlsFolder
from dispatch.tls.make import make_authority, make_server
from dispatch.tls.names import HERE, Name

HOST: Name = ipaddress.ip_address("127.0.0.1")


def now() -> datetime.datetime:
    """A server's and a client's library look at the real clock, so tests of TLS do, too."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the files are."""

    authority: Path
    certificate: Path
    key: Path

    @property
    def pair(self) -> tuple[Path, Path]:
        """As a listener wants them."""
        return self.certificate, self.key


def shown(
    folder: Path, *, names: Sequence[Name] = HERE, days_ago: int = 0, days: int = 30
) -> Shown:
    """A certificate made so many days ago for these names."""
    tls = TlsFolder.of(folder)
    began = now() - datetime.timedelta(days=days_ago)
    authority = make_authority("Yihu test", names, began)
    tls.keep_authority(authority)
    tls.keep_server(make_server(authority, names, began, days=days))
    return Shown(tls.authority_file, tls.server_file, tls.server_key_file)


def first_of(file: Path) -> str:
    """The server's own of a chain."""
    text = file.read_text()
    end = "-----END CERTIFICATE-----"
    return text[: text.index(end) + len(end)] + "\n"
