"""Moves bytes between a WebSocket and a session, nothing more: what is said is session.py's.

A reader that takes nothing for a while is cut off; the others never wait for it.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from console.asking import RequestRefusedError, operator
from console.desk import DESK
from console.feed import TICK_S, Feed
from console.gathering import GATHER_S
from console.session import MESSAGE_BYTES_MAX, Session, StreamRefusedError

log = structlog.get_logger("yihu.console")

FLUSHES_A_TICK: Final = round(TICK_S / GATHER_S)
"""The tick is the last of them."""
STREAMS_MAX: Final = 200
"""Open at once: a centre has a dozen; a page that reconnects in a loop must find an end."""
SEND_TIMEOUT_S: Final = 20.0
"""A reader that took nothing for so long is gone, whatever its socket says."""
GOODBYE_S: Final = 2.0
"""For a page to answer our goodbye."""
PING_S: Final = 10.0
"""Twice missed, the stream is closed: its operator is not there."""

STREAMS: Final = web.AppKey("streams", set[web.WebSocketResponse])


async def stream(request: web.Request) -> web.StreamResponse:
    """The live stream; ``?operator=NAME`` says who sits there, nobody for a watcher."""
    feed, sockets = request.app[DESK].feed, request.app[STREAMS]
    name = operator(request.query.get("operator", ""))
    if len(sockets) >= STREAMS_MAX:
        raise RequestRefusedError(503, "busy", f"{STREAMS_MAX} streams are open already")
    socket = web.WebSocketResponse(
        heartbeat=PING_S, compress=False, max_msg_size=MESSAGE_BYTES_MAX, timeout=GOODBYE_S
    )
    await socket.prepare(request)
    sockets.add(socket)
    wake = asyncio.Event()
    wake.set()
    session = feed.join(name, wake.set)
    log.info("stream_opened", operator=name, streams=feed.streams)
    code, reason = WSCloseCode.OK, ""
    try:
        await _until_one_ends(_read(socket, session, wake), _write(socket, session, wake))
    except StreamRefusedError as exc:
        log.warning("stream_refused", operator=name, reason=exc.reason)
        code, reason = WSCloseCode(exc.code), exc.reason
    except TimeoutError:
        log.warning("stream_too_slow", operator=name)
        _hang_up(request)  # a goodbye would wait for the same reader
    except ConnectionError:
        pass  # the page is gone
    except Exception:
        log.exception("stream_failed", operator=name)
        code, reason = WSCloseCode.INTERNAL_ERROR, "our own error"
    finally:
        feed.leave(session)
        sockets.discard(socket)
        log.info("stream_closed", operator=name, streams=feed.streams)
    await socket.close(code=code, message=reason.encode())
    return socket


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Reading and writing end together; raises what the first one failed with."""
    tasks = [asyncio.create_task(work, name="console stream") for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def ticking(feed: Feed) -> None:
    """Flush and tick for as long as the server runs, never faster to make up for time lost."""
    with feed.flushing():
        for number in itertools.count(1):
            await asyncio.sleep(GATHER_S)
            try:
                feed.flush() if number % FLUSHES_A_TICK else feed.tick()
            except Exception:  # what cannot be drawn must not cost all pages their sign of life
                log.exception("tick_failed")


async def streaming(app: web.Application) -> AsyncIterator[None]:
    """The ticking task, and the end of every stream when the server stops."""
    task = asyncio.create_task(ticking(app[DESK].feed), name="console ticks")
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def close_streams(app: web.Application) -> None:
    """Say goodbye, so that pages know it at once and come back by themselves."""

    async def close(socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")

    sockets = app[STREAMS]
    await asyncio.gather(*map(close, tuple(sockets)))


async def _read(socket: web.WebSocketResponse, session: Session, wake: asyncio.Event) -> None:
    """Let the session hear the page, until it closes the stream. Raises StreamRefusedError."""
    loop = asyncio.get_running_loop()
    async for message in socket:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        session.hear(message.data, loop.time())
        wake.set()


async def _write(socket: web.WebSocketResponse, session: Session, wake: asyncio.Event) -> None:
    """Send what the session has, as fast as the reader takes it. Raises TimeoutError."""
    while True:
        piece = session.take()
        if piece is None:
            await wake.wait()
            wake.clear()
            continue
        kind = WSMsgType.BINARY if piece.binary else WSMsgType.TEXT
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await socket.send_frame(piece.data, kind)
