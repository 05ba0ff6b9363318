"""A certificate that was renewed is shown without a restart; one that cannot be shown is not."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from dispatch.settings import Settings
from dispatch.tls.renewing import Renewal, keep_renewed, renewals_of
from dispatch.tls.showing import server_context
from tests.dispatch.tls.certificates import Shown, first_of, shown


class Echo(asyncio.Protocol):
    """Says back what it is told."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


class Taken:
    """How often somebody was told to take them up."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def renewed(folder: Path, files: Shown) -> None:
    """Another pair in the same place, as a renewer leaves it."""
    other = shown(folder / "renewed")
    other.key.replace(files.key)
    other.certificate.replace(files.certificate)


@pytest.fixture
def files(tmp_path: Path) -> Shown:
    return shown(tmp_path)


def test_what_stays_as_it_is_is_never_taken_up_again(files: Shown) -> None:
    """A look every ten seconds must cost nothing."""
    taken = Taken()
    renewal = Renewal("http", *files.pair, taken)

    assert [renewal.look() for _ in range(3)] == [False] * 3
    assert (taken.times, renewal.words) == (0, "")


def test_a_new_pair_is_taken_up_once(files: Shown, tmp_path: Path) -> None:
    taken = Taken()
    renewal = Renewal("http", *files.pair, taken)

    renewed(tmp_path, files)

    assert [renewal.look(), renewal.look()] == [True, False]
    assert taken.times == 1


def test_half_of_a_pair_leaves_the_old_one_and_is_said_once(files: Shown, tmp_path: Path) -> None:
    """The certificate is copied first, and its key a minute later, or never."""
    taken = Taken()
    renewal = Renewal("http", *files.pair, taken)
    other = shown(tmp_path / "renewed")

    with capture_logs() as logged:
        other.certificate.replace(files.certificate)
        assert [renewal.look(), renewal.look()] == [False, False]

    assert taken.times == 0
    assert renewal.words.startswith("the renewed http_cert")
    assert "the old one is shown" in renewal.words
    assert [line["event"] for line in logged] == ["certificate_not_renewed"]

    other.key.replace(files.key)
    assert renewal.look()
    assert renewal.words == ""


def test_files_that_are_away_for_a_moment_are_waited_for(files: Shown, tmp_path: Path) -> None:
    """Some renewers remove before they write."""
    taken = Taken()
    renewal = Renewal("mqtt", *files.pair, taken)
    aside = tmp_path / "aside.pem"
    files.key.rename(aside)

    assert not renewal.look()
    assert "cannot be used" in renewal.words
    aside.rename(files.key)
    assert not renewal.look()
    assert renewal.words == ""


async def test_it_is_looked_for_by_itself(files: Shown, tmp_path: Path) -> None:
    """Nobody is there at night who would ask."""
    taken = asyncio.Event()
    looking = asyncio.create_task(
        keep_renewed([Renewal("http", *files.pair, taken.set)], every_s=0.01)
    )

    renewed(tmp_path, files)

    async with asyncio.timeout(20):
        await taken.wait()
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking


async def test_a_browser_that_comes_after_it_sees_the_new_one(files: Shown, tmp_path: Path) -> None:
    """By a real socket; whoever is connected goes on."""
    tls = server_context("http", *files.pair)
    settings = Settings(data_dir=tmp_path, http_cert=files.certificate, http_key=files.key)
    renewals = renewals_of(settings, tls)

    async def come() -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
        trust = ssl.create_default_context(cafile=files.certificate)
        trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
        return reader, writer, writer.get_extra_info("ssl_object").getpeercert(binary_form=True)

    async with await asyncio.get_running_loop().create_server(
        Echo, "127.0.0.1", 0, ssl=tls
    ) as server:
        port = server.sockets[0].getsockname()[1]
        first, to_first, old = await come()
        renewed(tmp_path, files)
        assert [each.look() for each in renewals] == [True]
        _, to_second, new = await come()
        to_first.write(b"still there\n")
        assert await first.readline() == b"still there\n"
        for each in (to_first, to_second):
            each.close()
            await each.wait_closed()

    assert new != old
    assert new == ssl.PEM_cert_to_DER_cert(first_of(files.certificate))
