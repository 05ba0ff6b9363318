"""Answers requests that cannot be read as HTTP: one sentence out, one counted line in the log.

They never come to the routes, so the guard sees none of them. Left to the server, each would be
answered in plain text and leave a traceback: a stranger's port scan fills the log with them, and a
browser with too many cookies is told nothing that its page could show.
"""

import asyncio
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from console.guard import HEADERS, refusal
from dispatch.errors import quoted
from dispatch.seldom import Seldom

HEAD_LINE_BYTES_MAX: Final = 8190
"""What the server reads of one line of a head (aiohttp's max_field_size)."""

log = structlog.get_logger("yihu.console")


class Unreadable:
    """How many there were; a line a minute of them."""

    def __init__(self) -> None:
        self.count = 0
        self._seldom = Seldom()

    def note(self, code: str, remote: str, now_s: float) -> None:
        """One more; ``now_s`` is monotonic."""
        self.count += 1
        if self._seldom.worth_telling(code, now_s):
            log.warning("request_unreadable", why=code, remote=remote, so_far=self.count)


class Reader(web.RequestHandler):
    """One connection of the server, with our answer to what it cannot read."""

    __slots__ = ("_unreadable",)

    def __init__(self, server: web.Server, unreadable: Unreadable, **how: Any) -> None:
        self._unreadable = unreadable
        super().__init__(server, loop=asyncio.get_running_loop(), **how)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What the reader of HTTP refuses; anything else is the server's own to log."""
        if isinstance(exc, HttpProcessingError):
            status, code, sentence = _told(exc)
            now_s = asyncio.get_running_loop().time()
            self._unreadable.note(code, quoted(request.remote or ""), now_s)
        else:
            super().handle_error(request, status, exc, message)
            code, sentence = "internal", "our own error; it is in the log"
        answer = Unsigned(refusal(status, code, sentence, {}))
        answer.headers.update(HEADERS)
        answer.force_close()
        return answer


class Unsigned(web.Response):
    """The same answer, without the name and version of the server. What never comes to the
    application does not pass its signals either (serve.py), so it is taken off here."""

    def __init__(self, said: web.Response) -> None:
        super().__init__(status=said.status, headers=said.headers, body=said.body)

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


def _told(exc: HttpProcessingError) -> tuple[int, str, str]:
    """Status (RFC 9110, RFC 6585), code and sentence. What was sent is not said back."""
    if isinstance(exc, LineTooLong):
        sentence = f"a line of a request's head has at most {HEAD_LINE_BYTES_MAX} bytes"
        return 431, "head_too_long", sentence
    return 400, "unreadable", "this is no request that can be read (HTTP/1.1)"
