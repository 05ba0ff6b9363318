"""``yihu watch``: tells the day's story in a terminal. What a line says is telling.py's.

It only listens; nobody counts as present because of it.
"""

import argparse
import asyncio
import os
import ssl
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from console.frames import FrameError, decode_frame
from console.telling import Teller
from console.wire import Change, Resync, ServerMessage, Snapshot
from console.words import LANGUAGES, Tongue, language_of
from dispatch import local_token
from dispatch.errors import SettingsError, quoted

STREAM_PATH: Final = "/api/v1/stream"
MESSAGE_BYTES_MAX: Final = 64 * 2**20
"""A snapshot of 100,000 units is 25 MB."""
SILENCE_S: Final = 10.0
"""Ten beats missed: the server is gone, whatever its socket says."""
BACKOFF_FIRST_S: Final = 0.5
BACKOFF_MAX_S: Final = 10.0

AWAY: Final = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, msgspec.DecodeError)
"""The server is gone, or is no server of ours yet."""

Tell = Callable[[str], None]

_DECODER: Final = msgspec.json.Decoder(ServerMessage)
_RESYNC: Final = msgspec.json.encode(Resync()).decode()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow ``yihu watch``."""
    local_token.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="the stream itself, a line a message")
    parser.add_argument("--lang", choices=LANGUAGES, help="zh or en (default: by LANG)")


def run(options: argparse.Namespace) -> int:
    """Tell until interrupted. Raises SettingsError for an address that is none."""
    console = local_token.url_shown(options)
    url, trust = stream_url(console), local_token.trust(options)
    tongue = Tongue(options.lang or language_of(_locale()))

    def tell(line: str) -> None:
        print(line, flush=True)

    def lost() -> None:
        print(tongue("say", "lost", url=console), file=sys.stderr, flush=True)

    hear = json_lines if options.json else story_lines(Teller(tongue))
    try:
        asyncio.run(
            watch(
                url, hear, tell, lost, token=partial(local_token.token_shown, options), trust=trust
            )
        )
    except BrokenPipeError:
        # Whoever read us has enough; keep Python from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def stream_url(url: str) -> str:
    """The stream's address from the console's. Raises SettingsError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    schemes = {"http": "ws", "ws": "ws", "https": "wss", "wss": "wss"}
    if not host or parts.scheme not in schemes:
        raise SettingsError(f"{quoted(url)} is no address of a console", f"write {local_token.URL}")
    name = f"[{host}]" if ":" in host else host
    return f"{schemes[parts.scheme]}://{name}{f':{port}' if port else ''}{STREAM_PATH}"


async def watch(
    url: str,
    hear: "Callable[[str | bytes], list[str]]",
    tell: Tell,
    lost: Callable[[], None],
    *,
    token: Callable[[], str],
    trust: ssl.SSLContext | None = None,
) -> None:
    """Listen for ever; when the server goes, say so once and come back when it does.

    ``token`` is read anew each time: a server that begins afresh has another. Raises
    SettingsError where there is none, or the server lets nobody in by it.
    """
    known_by: dict[str, Any] = {"ssl": trust} if trust and url.startswith("wss:") else {}
    backoff_s = BACKOFF_FIRST_S
    while True:
        try:
            # No proxy: the console is on this machine or behind a tunnel to it.
            headers = {"Authorization": f"Bearer {token()}"}
            async with connect(
                url,
                additional_headers=headers,
                max_size=MESSAGE_BYTES_MAX,
                proxy=None,
                **known_by,
            ) as socket:
                backoff_s = BACKOFF_FIRST_S
                await listen(socket, hear, tell)
        except BrokenPipeError:
            raise
        except AWAY as exc:
            _check_let_in(exc)
            if backoff_s == BACKOFF_FIRST_S:
                lost()
        await asyncio.sleep(backoff_s)
        backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)


def _check_let_in(exc: Exception) -> None:
    """Trying again would not help. Raises SettingsError."""
    if isinstance(exc, InvalidStatus) and exc.response.status_code in (401, 403):
        raise SettingsError(
            f"the server answers {exc.response.status_code} to this token",
            "name the data folder of that server, or a token that may see_situation",
        ) from exc


async def listen(
    socket: ClientConnection, hear: "Callable[[str | bytes], list[str]]", tell: Tell
) -> None:
    """Tell one connection's messages; a gap in their numbers asks for a snapshot."""
    seq = -1
    while True:
        async with asyncio.timeout(SILENCE_S):
            data = await socket.recv()
        if isinstance(data, str):
            message = _DECODER.decode(data)
            match message:
                case Snapshot():
                    seq = message.seq
                case Change() if message.seq == seq + 1:
                    seq = message.seq
                case Change():
                    await socket.send(_RESYNC)
                    continue
        for line in hear(data):
            tell(line)


def story_lines(teller: Teller) -> "Callable[[str | bytes], list[str]]":
    """The story; positions are no part of it."""

    def hear(data: str | bytes) -> list[str]:
        return [] if isinstance(data, bytes) else teller.hear(_DECODER.decode(data))

    return hear


def json_lines(data: str | bytes) -> list[str]:
    """Every message as JSON, positions too."""
    if isinstance(data, str):
        return [data]
    try:
        frame = decode_frame(data)
    except FrameError:
        return []
    told: dict[str, Any] = {
        "type": "positions",
        "whole": frame.whole,
        "now": frame.now_ms,
        "units": [
            {
                "row": int(each["row"]),
                "lon": int(each["lon_e7"]) / 1e7,
                "lat": int(each["lat_e7"]) / 1e7,
                "t": int(each["t_ms"]),
                "grid": int(each["grid"]),
                "state": int(each["state"]),
            }
            for each in frame.records
        ],
    }
    return [msgspec.json.encode(told).decode()]


def _locale() -> str:
    """What the terminal speaks, by the usual three variables in their order."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name]
    return ""
