"""Gives many their turn, some at a time, so that whatever else the loop has to do comes between."""

import asyncio
from collections.abc import Callable
from typing import Final

AT_ONCE_S: Final = 0.002
"""Fifty consoles are written an alarm in so long, before anything else; eight of them positions of
5,000 units in half of it."""

Turn = Callable[[], None]


class Turns:
    """Who asked for a turn, in that order, each once."""

    def __init__(self, *, at_once_s: float = AT_ONCE_S) -> None:
        self._at_once_s = at_once_s
        self._asked: dict[Turn, None] = {}
        self._gives = False

    def ask(self, turn: Turn) -> None:
        """Call this soon, behind those that wait already. It sees to its own errors."""
        self._asked[turn] = None
        self._give_soon()

    def _give_soon(self) -> None:
        if self._asked and not self._gives:
            self._gives = True
            asyncio.get_running_loop().call_soon(self._give_some)

    def _give_some(self) -> None:
        """One at least."""
        self._gives = False
        now = asyncio.get_running_loop().time
        until_s = now() + self._at_once_s
        for turn in tuple(self._asked):
            del self._asked[turn]
            turn()
            if now() >= until_s:
                break
        self._give_soon()
