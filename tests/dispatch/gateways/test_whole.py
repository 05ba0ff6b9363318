"""Client, worker and Apprise together, against services on loopback."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.errors import SettingsError
from dispatch.gateways.book import load_book
from dispatch.gateways.checking import check_file, worker_argv
from dispatch.gateways.client import ClientTiming, GatewayClient
from dispatch.gateways.door import Door
from dispatch.gateways.messages import encode
from dispatch.gateways.worker import ENDED, Worker
from dispatch.supervisor import BAD_SETTINGS, Timing
from tests.dispatch.gateways.builders import PHONE, message
from tests.dispatch.gateways.service import Service
from tests.dispatch.gateways.test_client import Heard
from tests.dispatch.gateways.test_worker import Told, lines_of

WAIT_S = 30.0
SECRET = "s3cr3tOfTheService"


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


def gateway_file(folder: Path, port: int, schema: str = "json") -> Path:
    file = folder / "gateways.toml"
    file.write_text(
        textwrap.dedent(f"""
            callback = "010-00000000"
            [[gateways]]
            name = "sms"
            kind = "sms"
            url = "{schema}://user:{SECRET}@127.0.0.1:{port}/send?:to={{phone}}&:message=text"
            after_s = 10
            [contacts."xizi-v01"]
            phone = "{PHONE}"
        """)
    )
    file.chmod(0o600)
    return file


def client(file: Path, heard: Heard) -> GatewayClient:
    timing = ClientTiming(restart=Timing(first_wait_s=0.01))
    return GatewayClient(book=load_book(file), on_result=heard, timing=timing)


async def test_a_message_reaches_the_service_and_its_result_the_hub(
    tmp_path: Path, service: Service, capfd: pytest.CaptureFixture[str]
) -> None:
    """The whole way; and on the way out nothing personal is printed or logged."""
    heard = Heard()
    gateways = client(gateway_file(tmp_path, service.port), heard)

    gateways.submit(message("a", "sms"))

    assert (await heard.until(1))[0].ok
    body = service.asked[0].body.decode()
    assert PHONE in body
    service.status = 500
    gateways.submit(message("b", "sms"))
    assert (await heard.until(2))[1].why == "http_500"
    await gateways.close()
    printed = "".join(capfd.readouterr())
    assert PHONE not in printed
    assert SECRET not in printed


async def test_a_service_that_drips_is_given_up_at_the_deadline(
    tmp_path: Path, service: Service
) -> None:
    """A byte now and then keeps every read alive; the deadline for the whole does not care."""
    service.mood = service.drip
    told, door = Told(), Door(timeout_s=5.0)
    lines = lines_of(message("a", "sms"), ended=False)
    worker = Worker(
        book=load_book(gateway_file(tmp_path, service.port)),
        send=door.send,
        answer=told,
        deadline_s=0.2,
    )
    running = asyncio.create_task(worker.run(lines))

    assert [each.why for each in await told.until(1)] == ["timeout"]

    service.released.set()
    lines.feed_eof()
    assert await running == ENDED


async def test_a_worker_killed_in_the_middle_is_replaced(tmp_path: Path, service: Service) -> None:
    """What it had fails with a reason; the next goes out."""
    service.mood = service.hang
    heard = Heard()
    gateways = client(gateway_file(tmp_path, service.port), heard)
    gateways.submit(message("a", "sms"))
    await asyncio.to_thread(service.until_asked)
    service.mood = service.answer

    os.kill(children_of(os.getpid(), "dispatch.gateways"), signal.SIGKILL)

    assert [each.why for each in await heard.until(1)] == ["worker_died"]
    gateways.submit(message("b", "sms"))
    assert (await heard.until(2))[1].ok
    await gateways.close()


def test_a_worker_goes_when_its_hub_is_killed(tmp_path: Path, service: Service) -> None:
    """The kernel closes the pipe: no worker is left behind with secrets and an open door."""
    file = gateway_file(tmp_path, service.port)
    hub = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(f"""
            import subprocess, sys
            worker = subprocess.Popen({worker_argv(file)!r}, stdin=subprocess.PIPE)
            worker.stdin.write({encode(message("a", "sms"))!r})
            worker.stdin.flush()
            worker.wait()
        """)],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert hub.stdout is not None
    service.until_asked()

    hub.kill()

    with hub.stdout:
        hub.stdout.read()  # ends when the last that holds it has ended: the worker
    hub.wait(WAIT_S)


def test_the_worker_ends_when_its_input_ends(tmp_path: Path, service: Service) -> None:
    """After it has told of what it was given."""
    lines = b"".join(encode(each) for each in (message("a", "sms"), message("b", "pigeon")))

    ended = subprocess.run(
        worker_argv(gateway_file(tmp_path, service.port)),
        input=lines,
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )

    assert ended.returncode == 0
    assert b'"id":"a","ok":true' in ended.stdout
    assert b'"id":"b","ok":false,"why":"unknown_gateway"' in ended.stdout
    assert ended.stderr == b""


def test_a_file_is_checked_before_anything_runs(tmp_path: Path) -> None:
    """In a process of its own, so that the hub need not load Apprise."""
    check_file(gateway_file(tmp_path, 9))

    with pytest.raises(SettingsError, match=r"gateway sms: Apprise has no service pigeon://") as no:
        check_file(gateway_file(tmp_path, 9, schema="pigeon"))
    assert SECRET not in str(no.value)


def test_the_hub_s_side_does_not_load_apprise() -> None:
    """45 MB and a quarter of a second that a hub without gateways would pay for nothing."""
    code = """
        import sys
        import dispatch.gateways.checking, dispatch.gateways.client, dispatch.gateways.ladder
        sys.exit("apprise" in sys.modules or "requests" in sys.modules)
    """

    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)]).returncode == 0


def test_a_worker_with_a_broken_file_says_that_starting_again_is_no_use(tmp_path: Path) -> None:
    """So that its parent gives up, and says so on every message."""
    file = gateway_file(tmp_path, 9, schema="pigeon")

    ended = subprocess.run(worker_argv(file), input=b"", capture_output=True, check=False)

    assert ended.returncode == BAD_SETTINGS
    assert ended.stderr.decode().startswith(str(file))
    assert ended.stderr.count(b"\n") == 1


def children_of(pid: int, word: str) -> int:
    """The one child of this process with this word on its command line."""
    found = [
        child
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if word.encode() in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    assert len(found) == 1
    return int(found[0])
