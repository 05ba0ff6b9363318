"""Thins what the embedded broker says of bad connections: of each kind a line a minute, counted.

A stranger's port scan, or a thousand radios with a wrong secret that try every few seconds, have
it write a line each, by its version 2.15::

    [8808] [ERR] 127.0.0.1:47493 - mid:30 - "r-1" - authentication error - User "r-1"
    [8808] [ERR] 127.0.0.1:47494 - mid:31 - TLS handshake error: EOF

They would fill the log's disk, and hide the one line that matters. A kind is the first words behind
the connection, which are the broker's own: what a stranger chose itself stands in quotes, or behind
them. What is about no connection is handed on as it is.
"""

import re
from typing import Final

EVERY_S: Final = 60.0
"""The rest is counted, and told with the next that is."""
KINDS_MAX: Final = 100
"""The broker has some thirty; beyond that they are one."""
OTHERS: Final = "(others)"

_OF_A_CONNECTION: Final = re.compile(
    r"\[\d+\] \[(?:ERR|WRN)\] \S+ - (?:mid|mid_ws|cid|wid|lid|rid|gid):\d+ - "
    r'(?:"(?:[^"\\]|\\.)*" - )?(?P<what>.*)'
)
_WORDS: Final = re.compile(r"[A-Za-z]+(?:[ -][A-Za-z]+){0,3}")


def kind_of(line: str) -> str | None:
    """The kind of a line about a connection; None for every other line."""
    match = _OF_A_CONNECTION.match(line)
    if match is None:
        return None
    words = _WORDS.match(match["what"])
    return OTHERS if words is None else words[0]


class BrokerNoise:
    """Which lines are told, and how many of their kind there were."""

    def __init__(self) -> None:
        self._told_s: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def take(self, line: str, now_s: float) -> str | None:
        """The line as it is to be told; None where it is only counted. ``now_s`` is monotonic."""
        kind = kind_of(line)
        if kind is None:
            return line
        if kind not in self._told_s and len(self._told_s) >= KINDS_MAX:
            kind = OTHERS
        last_s = self._told_s.get(kind)
        if last_s is not None and now_s - last_s < EVERY_S:
            self._untold[kind] = self._untold.get(kind, 0) + 1
            return None
        self._told_s[kind] = now_s
        untold = self._untold.pop(kind, 0)
        return f"{line} ({untold} more like it since the last)" if untold else line
