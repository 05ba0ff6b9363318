"""How the log is written: an event name with keys, a line each. INFO reads as the day's story.

What a fact says there: story_line.py.
"""

import logging
import sys
from typing import Any

import structlog


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
