"""Authorities and certificates, as a real TLS library judges them."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dispatch.tls import make
from dispatch.tls.folder import Pair, TlsFolder
from dispatch.tls.make import (
    AUTHORITY_DAYS,
    as_der,
    covers,
    make_authority,
    make_server,
    read_told,
)
from dispatch.tls.names import HERE, read_name
from dispatch.tls.showing import server_context
from tests.dispatch.tls.certificates import Shown, now, shown

NAME = "yihu.example.cn"


@asynccontextmanager
async def listening(files: Shown) -> AsyncIterator[int]:
    """A server that shows the certificate; its port."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(
        answer, "127.0.0.1", 0, ssl=server_context("http", *files.pair)
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


async def shake_hands(port: int, trust: ssl.SSLContext, name: str) -> None:
    """As a client who calls the server so. Raises SSLError."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname=name)
    writer.close()
    await writer.wait_closed()


def trusting(files: Shown) -> ssl.SSLContext:
    """A phone that installed the authority."""
    return ssl.create_default_context(cafile=files.authority)


@pytest.mark.parametrize("name", [NAME, "127.0.0.1", "localhost"])
async def test_whoever_has_the_authority_knows_the_server_by_each_of_its_names(
    tmp_path: Path, name: str
) -> None:
    """By name and by address."""
    files = shown(tmp_path, names=(NAME, *HERE))

    async with listening(files) as port:
        await shake_hands(port, trusting(files), name)


async def test_without_the_authority_and_by_another_name_nobody_comes_in(tmp_path: Path) -> None:
    """What a browser warns of."""
    files = shown(tmp_path, names=(NAME, *HERE))
    other = shown(tmp_path / "other", names=(NAME, *HERE))

    async with listening(files) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
            await shake_hands(port, ssl.create_default_context(), NAME)
        with pytest.raises(ssl.SSLCertVerificationError):
            await shake_hands(port, trusting(other), NAME)
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            await shake_hands(port, trusting(files), "other.example.cn")


async def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    """And the sentence says why."""
    files = shown(tmp_path, days_ago=40, days=30)

    async with listening(files) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await shake_hands(port, trusting(files), "localhost")


async def test_renewed_under_the_same_authority_no_phone_notices(tmp_path: Path) -> None:
    """Another key, another certificate, the same trust."""
    files = shown(tmp_path, names=(NAME, *HERE))
    tls = TlsFolder.of(tmp_path)
    trust, before = trusting(files), files.certificate.read_bytes()

    tls.keep_server(make_server(tls.authority_pair(), (NAME, *HERE), now()))

    assert files.certificate.read_bytes() != before
    async with listening(files) as port:
        await shake_hands(port, trust, NAME)


async def test_a_stolen_authority_stands_in_for_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever signs a bank's name with it is refused by the phones that trust it."""
    names = (NAME, *HERE)
    authority = make_authority("Yihu test", names, now())
    with pytest.raises(ValueError, match="may not sign"):
        make_server(authority, ("bank.example.com",), now())

    forged = _signed_all_the_same(authority, tmp_path, monkeypatch)

    async with listening(forged) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            await shake_hands(port, trusting(forged), "bank.example.com")


def _signed_all_the_same(authority: Pair, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """By a thief, who does not ask whether it may."""
    monkeypatch.setattr(make, "covers", lambda *_: True)
    server = make_server(authority, ("bank.example.com",), now())
    tls = TlsFolder.of(folder)
    tls.keep_authority(authority)
    tls.keep_server(server)
    return Shown(tls.authority_file, tls.server_file, tls.server_key_file)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        (NAME, True),
        (f"app.{NAME}", True),
        (f"not{NAME}", False),
        ("localhost", True),
        ("192.168.7.9", True),
        ("10.1.2.3", True),
        ("203.0.113.9", True),
        ("203.0.113.10", False),
        ("fd12::9", True),
        ("2001:db8::1", False),
    ],
)
def test_an_authority_covers_its_names_and_addresses_within_the_house(
    name: str, allowed: bool
) -> None:
    """A new address from the router needs no walk to every phone."""
    authority = make_authority("Yihu", (NAME, read_name("203.0.113.9")), now())

    assert covers(authority.certificate, read_name(name)) is allowed


def test_what_a_certificate_says_is_read_back() -> None:
    """For the doctor and the page."""
    began = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
    authority = make_authority("Yihu", (NAME,), began)
    server = make_server(authority, (NAME, *HERE), began, days=100)

    told = read_told(server.certificate)

    assert told.names == (NAME, "localhost", *HERE[1:])
    assert told.ends == began + datetime.timedelta(days=99)
    assert len(told.fingerprint.split(":")) == 32
    assert read_told(authority.certificate).ends == began + datetime.timedelta(
        days=AUTHORITY_DAYS - 1
    )
    assert as_der(authority.certificate)[:1] == b"\x30"
    assert "KEY" not in repr(server)


def test_a_key_of_another_authority_signs_nothing() -> None:
    """Two folders that were mixed up."""
    one, other = (make_authority("Yihu", HERE, now()) for _ in range(2))

    with pytest.raises(ValueError, match="not that of its certificate"):
        make_server(Pair(certificate=one.certificate, key=other.key), HERE, now())
