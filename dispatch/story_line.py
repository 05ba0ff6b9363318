"""A fact as a line of the log. Personal values never reach the log; a fact's line carries its ids
and numbers.
"""

import dataclasses
import re
from enum import Enum
from typing import Any, Final

from dispatch.events import Event, Personal

HIDDEN: Final = frozenset({"t", "digest", "command", "boot", "counter", "text"})
"""Fields that say nothing to a reader of the day's story, or everything: a whole plan book."""


def story_line(log: Any, fact: Event) -> None:
    """One fact as a line: ``unit_assigned incident=… unit=… distance_m=…``."""
    keys = {
        f.name: _plain(value)
        for f in dataclasses.fields(fact)
        if f.name not in HIDDEN
        and not isinstance(value := getattr(fact, f.name), Personal)
        and value is not None
    }
    log.info(snake(type(fact).__name__), **keys)


def _plain(value: Any) -> Any:
    """Words of our vocabularies as their values, tables of them on one short line."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return " ".join(f"{_plain(key)}:{_plain(each)}" for key, each in value.items())
    if isinstance(value, tuple):
        return " ".join(str(_plain(each)) for each in value)
    return value


def snake(name: str) -> str:
    """``UnitAssigned`` as ``unit_assigned``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
