"""A messaging service on loopback: takes what it is sent, answers well, badly, late or never.

As a proxy it also stands in for services whose address Apprise has fixed: it answers CONNECT
itself, in TLS with a certificate of its own, so that nothing leaves this machine.
"""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WAIT_S = 20.0
DRIP_S = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came."""

    host: str
    """Where it believed to go: this service, or the one it stands in for."""
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Service:
    """Listens from the start; ``close`` it."""

    def __init__(
        self, *, status: int = 200, body: bytes = b"{}", tls: ssl.SSLContext | None = None
    ) -> None:
        self.status = status
        self.body = body
        self.mood: Callable[[BaseHTTPRequestHandler], None] = self.answer
        self.asked: list[Asked] = []
        self.released = threading.Event()
        self._came = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _handler(self, tls))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def until_asked(self, times: int = 1) -> None:
        """Wait until so many requests have come."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.asked) >= times, WAIT_S)

    def heard(self, asked: Asked) -> None:
        with self._came:
            self.asked.append(asked)
            self._came.notify_all()

    # Moods: what it does once it has read a request.

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """As a service should, or with the status and body it was given."""
        request.send_response(self.status)
        request.send_header("Content-Length", str(len(self.body)))
        request.end_headers()
        request.wfile.write(self.body)

    def hang(self, request: BaseHTTPRequestHandler) -> None:
        """Never, as long as the test runs."""
        self.released.wait(WAIT_S)
        request.close_connection = True

    def drip(self, request: BaseHTTPRequestHandler) -> None:
        """A byte now and then, so that no wait for bytes ever ends."""
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        while not self.released.wait(DRIP_S):
            request.wfile.write(b" ")
        request.close_connection = True

    def pour(self, request: BaseHTTPRequestHandler) -> None:
        """Without end."""
        request.send_response(200)
        request.end_headers()
        request.close_connection = True
        while not self.released.is_set():
            request.wfile.write(b"x" * 65536)  # until the other side hangs up: an OSError

    def break_off(self, request: BaseHTTPRequestHandler) -> None:
        """In the middle of its answer."""
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"{")
        request.close_connection = True

    def redirect(self, request: BaseHTTPRequestHandler) -> None:
        """To another path of its own."""
        request.send_response(307)
        request.send_header("Location", "/elsewhere")
        request.send_header("Content-Length", "0")
        request.end_headers()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that hung up is what some tests are about."""


def _handler(service: Service, tls: ssl.SSLContext | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- its name there
            """Silent."""

        def do_CONNECT(self) -> None:
            assert tls is not None
            self.host = self.path
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            self.connection = tls.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", 0)
            self.close_connection = False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            host = self.host or self.headers.get("Host", "")
            service.heard(Asked(host, self.command, self.path, dict(self.headers), body))
            service.mood(self)

        def finish(self) -> None:
            super().finish()
            self.connection.close()

    return Handler


def certificate(folder: Path, *hosts: str) -> Path | None:
    """A certificate for these hosts with its key, in one file; None without the openssl program."""
    if shutil.which("openssl") is None:
        return None
    key, pem = folder / "key.pem", folder / "certificate.pem"
    names = ",".join(f"DNS:{host}" for host in hosts)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=stand-in", "-addext", f"subjectAltName={names}",
         "-keyout", str(key), "-out", str(pem)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    pem.write_text(pem.read_text() + key.read_text())
    return pem
