"""How Python runs beside alarms: when it looks for garbage, how long a thread keeps others waiting.

Set once, when the hub's state stands.

Measured: docs/decisions/0012-alarm-lane.md.
"""

import ctypes
import gc
import sys
from typing import Final

YOUNG_MAX: Final = 20_000
"""Objects made before the young ones are looked at: one decision among a thousand units
makes some thousands, and is then done without a look in the middle of it."""
MIDDLE_EVERY: Final = 20
OLD_EVERY: Final = 50
"""The old are looked at after so many looks at the middle, and only once they have grown by a
quarter (CPython's own rule): what stood at the start is frozen and no longer among them."""

SWITCH_INTERVAL_S: Final = 0.0005
"""Python's own 5 ms would have the journal's writer wait so long for its turn, at each of its
statements, whenever the loop is at work: a commit then took twice as long."""


def hold_back() -> None:
    """Look for none until ``settle``: reading a district's state makes millions of objects that
    stay, and going through them again and again was half of the time it took."""
    gc.disable()


def settle() -> None:
    """Leave out of every later look what is there now: it stays as long as the hub does. What
    little of it is garbage stays, too: to look for that takes seconds in a district."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG_MAX, MIDDLE_EVERY, OLD_EVERY)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    _give_back()


def _give_back() -> None:
    """Memory that only the start needed goes back to the system: 5 MB in a district, in as many
    milliseconds. Only the GNU C library has to be told."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
