"""Opens a stream, hears its page and ends it: what is said is session.py's, writing pump.py's.

A reader that takes nothing for a while is cut off; the others never wait for it. What all
are told at the same moment is written to a few at a time (turns.py), so that an alarm that
comes meanwhile never waits for two hundred sends.
"""

import asyncio
import contextlib
import itertools
import socket as sockets_of
import struct
from asyncio import Future
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from console.asking import RequestRefusedError
from console.desk import DESK
from console.feed import TICK_S, Feed
from console.feeds import Feeds
from console.gathering import GATHER_S
from console.login.who import who_asks
from console.pump import Pump, Wrapper
from console.session import MESSAGE_BYTES_MAX, Session, StreamRefusedError
from console.turns import Turns
from dispatch.access.words import Right
from dispatch.ids import OperatorName

log = structlog.get_logger("yihu.console")

FLUSHES_A_TICK: Final = round(TICK_S / GATHER_S)
"""The tick is the last of them."""
STREAMS_MAX: Final = 200
"""Open at once: a centre has a dozen; a page that reconnects in a loop must find an end."""
LOGGED_OUT: Final = 4401
"""A close code of ours (RFC 6455, 7.4.2): coming back is of no use without logging in."""
GOODBYE_S: Final = 2.0
"""For a page to answer our goodbye."""
PING_S: Final = 10.0
"""Not answered within half of that, the stream is closed: its operator is not there, or so far
behind that it might as well not be."""
UNSENT_BYTES_MAX: Final = 128 * 1024
"""What the kernel keeps for one reader that was not sent yet; else it takes megabytes, and an
alarm would stand behind them."""

TOOK_NOTHING: Final = "took_nothing"
NO_PONG: Final = "no_pong"
"""Why a stream was cut off, for its count."""

STOCK_A_TURN: Final = 50
"""Incidents that a start brought, looked at between two turns of everybody else: a few
milliseconds; in a district they take a second in all."""

STREAMS: Final = web.AppKey("streams", set[web.WebSocketResponse])
TURNS: Final = web.AppKey("turns", Turns)
WRAPPER: Final = web.AppKey("wrapper", Wrapper)


async def stream(request: web.Request) -> web.StreamResponse:
    """The live stream of what whoever asks may see; a person who may handle is there by it."""
    app, who = request.app, who_asks(request)
    desk, sockets = app[DESK], app[STREAMS]
    scope = who.where(Right.SEE_SITUATION)
    name = who.name if who.present else OperatorName("")
    if len(sockets) >= STREAMS_MAX:
        raise RequestRefusedError(503, "busy", f"{STREAMS_MAX} streams are open already")
    socket = web.WebSocketResponse(
        heartbeat=PING_S, compress=False, max_msg_size=MESSAGE_BYTES_MAX, timeout=GOODBYE_S
    )
    await socket.prepare(request)
    transport = request.transport
    if transport is None:
        return socket  # gone before we began
    _keep_little(transport)
    sockets.add(socket)
    pump = Pump(socket=socket, transport=transport, turns=app[TURNS], wrapper=app[WRAPPER])
    desk.gate.looked_live(who, scope)
    feed = desk.feeds.of(scope)
    await _stocked(feed)
    session = feed.join(name, pump.wake)
    pump.start(session)
    log.info("stream_opened", operator=who.name, streams=feed.streams)

    def look_again() -> None:
        """The login may have ended, or the account may see other things now."""
        now = desk.gate.identify(request)
        if not pump.ended.done() and (now is None or now.where(Right.SEE_SITUATION) != scope):
            code = LOGGED_OUT if now is None else WSCloseCode.SERVICE_RESTART
            pump.ended.set_exception(StreamRefusedError(code, "log in again"))

    desk.gate.listeners.add(look_again)
    if who.session is not None:
        who.session.streams += 1
    code, reason = int(WSCloseCode.OK), ""
    try:
        await _until_one_ends(_read(socket, session, pump.wake), pump.ended)
        if isinstance(socket.exception(), TimeoutError):
            _cut_off(feed, transport, name, NO_PONG)
    except StreamRefusedError as exc:
        log.warning("stream_refused", operator=name, reason=exc.reason)
        code, reason = exc.code, exc.reason
    except TimeoutError:
        _cut_off(feed, transport, name, TOOK_NOTHING)
    except ConnectionError:
        pass  # the page is gone
    except Exception:
        log.exception("stream_failed", operator=name)
        code, reason = int(WSCloseCode.INTERNAL_ERROR), "our own error"
    finally:
        pump.stop()
        desk.gate.listeners.discard(look_again)
        if who.session is not None:
            who.session.streams -= 1
            who.session.seen_t = max(who.session.seen_t, desk.gate.now())
        feed.leave(session)
        sockets.discard(socket)
        log.info("stream_closed", operator=name, streams=feed.streams)
    await socket.close(code=code, message=reason.encode())
    return socket


async def _stocked(feed: Feed) -> None:
    """What a start left to be looked at is, before the first page: others have their turns."""
    while feed.stock(STOCK_A_TURN):  # noqa: ASYNC110 -- the work is done here, nobody tells us
        await asyncio.sleep(0)


def _keep_little(transport: asyncio.Transport) -> None:
    """Where the system knows how to (Linux, macOS)."""
    sock = transport.get_extra_info("socket")
    if sock is not None and hasattr(sockets_of, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(sockets_of.IPPROTO_TCP, sockets_of.TCP_NOTSENT_LOWAT, UNSENT_BYTES_MAX)


def _cut_off(feed: Feed, transport: asyncio.Transport, name: str, reason: str) -> None:
    """A goodbye would wait for the same reader, and so would what the kernel still holds."""
    feed.cut_off[reason] += 1
    log.warning(
        "stream_too_slow", operator=name, reason=reason, left=transport.get_write_buffer_size()
    )
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):  # it may be closed already
            at_once = struct.pack("ii", 1, 0)
            sock.setsockopt(sockets_of.SOL_SOCKET, sockets_of.SO_LINGER, at_once)
    transport.abort()


async def _until_one_ends(reading: Coroutine[Any, Any, None], written: Future[None]) -> None:
    """Reading and writing end together; raises what the first one failed with."""
    task = asyncio.create_task(reading, name="console stream")
    try:
        done, _ = await asyncio.wait([task, written], return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ticking(feed: Feeds | Feed) -> None:
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
    task = asyncio.create_task(ticking(app[DESK].feeds), name="console ticks")
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


async def _read(socket: web.WebSocketResponse, session: Session, wake: Callable[[], None]) -> None:
    """Let the session hear the page, until it closes the stream. Raises StreamRefusedError."""
    loop = asyncio.get_running_loop()
    async for message in socket:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        session.hear(message.data, loop.time())
        wake()
