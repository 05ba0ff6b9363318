"""``yihu run`` with a gateway file: a call that its radio has not answered goes on by SMS.

The service is an HTTP server of the test's own on loopback; worker and Apprise are real.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import skip_without_broker
from tests.system import System, running_yihu

pytestmark = [pytest.mark.broker, pytest.mark.slow]

GATEWAYS = """
[[gateways]]
name = "sms"
kind = "sms"
url = "json://127.0.0.1:{port}/sms/{{phone}}"
after_s = 1
until = "answered"
per_minute = 100

[people.supervisor]
phone = "+8610000000000"
"""


@contextmanager
def sms_service() -> Iterator[tuple[int, list[tuple[str, Any]]]]:
    """A server that takes every message; its port, and what it was given."""
    heard: list[tuple[str, Any]] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heard.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def settings_file(folder: Path, port: int) -> Path:
    """Settings that name a gateway file with every volunteer's number, made up."""
    contacts = "".join(
        f'\n[contacts."xizi-v{n:02d}"]\nphone = "+86100000000{n:02d}"\n' for n in range(1, 31)
    )
    gateways = folder / "gateways.toml"
    gateways.write_text(GATEWAYS.format(port=port) + contacts)
    gateways.chmod(0o600)
    settings = folder / "yihu.toml"
    settings.write_text('gateways_file = "gateways.toml"\n')
    return settings


def test_a_call_goes_on_by_sms_and_the_supervisor_is_told(tmp_path: Path) -> None:
    """From the red button to the services, and back onto the operator's page."""
    skip_without_broker()
    with sms_service() as (port, heard):
        settings = settings_file(tmp_path, port)
        with running_yihu(tmp_path, f"--settings={settings}") as system:
            system.counted("yihu_units_on_duty", 36)
            pressed = system.command("press", "西子一间", f"--data={system.data_dir}")
            assert pressed.returncode == 0, pressed.stderr

            system.until(lambda: told(heard, "西子"), "an SMS to a volunteer")
            system.until(lambda: told(heard, "", "10000000000"), "an SMS to the supervisor")
            system.until(lambda: bool(tries_of(system)), "the result on the page")

    assert not any(path == "/sms/+8610000000001" for path, _ in heard), "the sender was called"


def told(heard: list[tuple[str, Any]], words: str, number: str = "100000000") -> bool:
    """Whether a message with these words went to such a number."""
    return any(number in path and words in str(body) for path, body in heard)


def tries_of(system: System) -> list[Any]:
    """What the page shows of gateways, for units that were called."""
    (incident,) = system.get("/api/v1/snapshot")["incidents"]
    return [each["gateways"] for each in incident["assignments"] if each.get("gateways")]
