"""Waiting for what others bring about: woken by each piece of news, never by a clock alone."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

NEWS_TIMEOUT_S: Final = 45.0
"""Above a killed hub's way back (10 s by promise) on a busy machine; never waited for in vain."""

T = TypeVar("T")


class Bell:
    """Rung at each piece of news; whoever waits looks again."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def ring(self) -> None:
        """Something may look different now."""
        self._news.set()
        self._news = asyncio.Event()

    async def until(
        self,
        look: Callable[[], T | None],
        what: Callable[[], str],
        timeout_s: float = NEWS_TIMEOUT_S,
    ) -> T:
        """The first thing but None and False that ``look`` finds; AssertionError when none comes.

        ``what`` says what was waited for, and what was there instead.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := look()):
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {timeout_s} s: {what()}") from None
        return found
