"""Gives many their turn a few at a time, so that whatever else the loop has to do comes between."""

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import Final

AT_ONCE: Final = 8
"""Frames of 5,000 units are written to so many consoles in about a millisecond."""

Turn = Callable[[], None]


class Turns:
    """Who asked for a turn, in that order, each once."""

    def __init__(self) -> None:
        self._asked: dict[Turn, None] = {}

    def ask(self, turn: Turn) -> None:
        """Call this soon, behind those that wait already. It sees to its own errors."""
        if not self._asked:
            asyncio.get_running_loop().call_soon(self._give_some)
        self._asked[turn] = None

    def _give_some(self) -> None:
        some = tuple(islice(self._asked, AT_ONCE))
        for turn in some:
            del self._asked[turn]
        if self._asked:
            asyncio.get_running_loop().call_soon(self._give_some)
        for turn in some:
            turn()
