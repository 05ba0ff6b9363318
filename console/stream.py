"""Moves bytes between a WebSocket and a session, nothing more: what is said is session.py's.

A reader that takes nothing for a while is cut off; the others never wait for it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from console.asking import RequestRefusedError, operator
from console.desk import DESK
from console.feed import TICK_S, Feed
from console.session import MESSAGE_BYTES_MAX, Session, StreamRefusedError

log = structlog.get_logger("yihu.console")

STREAMS_MAX: Final = 200
"""Open at once: a centre has a dozen; a page that reconnects in a loop must find an end."""
SEND_TIMEOUT_S: Final = 20.0
"""A reader that took nothing for so long is gone, whatever its socket says."""
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
        heartbeat=PING_S, compress=False, max_msg_size=MESSAGE_BYTES_MAX, timeout=2.0
    )
    await socket.prepare(request)
    sockets.add(socket)
    wake = asyncio.Event()
    wake.set()
    session = feed.join(name, wake.set)
    log.info("stream_opened", operator=name, streams=feed.streams)
    writing = asyncio.create_task(_write(socket, session, wake), name=f"stream of {name}")
    try:
        await _read(socket, session, wake)
    finally:
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await writing
        feed.leave(session)
        sockets.discard(socket)
        log.info("stream_closed", operator=name, streams=feed.streams, code=socket.close_code)
    return socket


async def ticking(feed: Feed) -> None:
    """Tick for as long as the server runs, never faster to make up for time lost."""
    while True:
        await asyncio.sleep(TICK_S)
        feed.tick()


async def streaming(app: web.Application) -> AsyncIterator[None]:
    """The ticking task, and the end of every stream when the server stops."""
    task = asyncio.create_task(ticking(app[DESK].feed), name="console ticks")
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def close_streams(app: web.Application) -> None:
    """Say goodbye, so that pages know it at once and come back by themselves."""
    sockets = app[STREAMS]
    for socket in tuple(sockets):
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")


async def _read(socket: web.WebSocketResponse, session: Session, wake: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    async for message in socket:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        try:
            session.hear(message.data, loop.time())
            wake.set()
        except StreamRefusedError as exc:
            log.warning("stream_refused", operator=session.operator, reason=exc.reason)
            await socket.close(code=exc.code, message=exc.reason.encode())
            return


async def _write(socket: web.WebSocketResponse, session: Session, wake: asyncio.Event) -> None:
    """Send what the session has, as fast as the reader takes it."""
    while True:
        piece = session.take()
        if piece is None:
            await wake.wait()
            wake.clear()
            continue
        kind = WSMsgType.BINARY if piece.binary else WSMsgType.TEXT
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await socket.send_frame(piece.data, kind)
        except TimeoutError:
            log.warning("stream_too_slow", operator=session.operator)
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"nothing was read")
            return
        except ConnectionError:
            return  # the reading side sees the end as well, and ends the stream
