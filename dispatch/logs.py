"""How the log is written: an event name with keys, a line each. INFO reads as the day's story.

Personal values never reach the log; a fact's line carries its ids and numbers.
"""

import dataclasses
import logging
import re
import sys
from enum import Enum
from typing import Any, Final

import structlog

from dispatch.events import Event, Personal

HIDDEN: Final = frozenset({"t", "digest", "command", "boot", "counter", "text"})
"""Fields that say nothing to a reader of the day's story, or everything: a whole plan book."""


def configure_logs(*, level: str = "info", as_json: bool = False) -> None:
    """Send lines to stderr: for people, or one JSON object a line for machines."""
    # Plain tracebacks: the rich ones print local variables, and some hold passwords.
    ending: list[Any] = (
        [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


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
