"""Says when a log line is worth repeating, so that a faulty radio cannot fill the disk. Pure."""

import math
from typing import Final

EVERY_S: Final = 60.0
"""A radio with wrong settings fails with each message; the log has one line a minute of it."""

ABOUT_MAX: Final = 10_000
"""Things remembered; beyond it all are forgotten, which costs a line too many each."""


class Seldom:
    """Lets one line a minute through about each thing; what is counted is counted elsewhere."""

    def __init__(self, every_s: float = EVERY_S, *, about_max: int = ABOUT_MAX) -> None:
        self._every_s = every_s
        self._about_max = about_max
        self._told_s: dict[str, float] = {}

    def worth_telling(self, about: str, now_s: float) -> bool:
        """Whether to tell of it now; ``now_s`` is monotonic."""
        if now_s < self._told_s.get(about, -math.inf) + self._every_s:
            return False
        if len(self._told_s) >= self._about_max:
            self._told_s.clear()
        self._told_s[about] = now_s
        return True
