"""Ends the logins whose time is up, about once a minute, for as long as the server runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import structlog
from aiohttp import web

from console.login.office import LOGIN

log = structlog.get_logger("yihu.access")

SWEEP_S: Final = 60.0


async def sweeping(app: web.Application) -> AsyncIterator[None]:
    """The task, and its end."""
    desk = app[LOGIN]

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                desk.books.sweep()
            except Exception:  # one fault must not keep every login open for ever
                log.exception("sweep_failed")

    task = asyncio.create_task(sweep(), name="access sweep")
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    desk.entry.hasher.close()
