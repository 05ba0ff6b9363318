"""What a check found: a code with its facts. What is said of it stands in words.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How it stands."""

    OK = "ok"
    SKIPPED = "skipped"
    """There was nothing to look at, or no way to."""
    WARNING = "warning"
    """It works, but not as well as it should."""
    FAILED = "failed"
    """Yihu does not work like this, or will not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check. ``code`` is ``CHECK.WHAT``; ``facts`` fill its sentence."""

    code: str
    level: Level
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


def ok(code: str, **facts: str | int | float) -> Finding:
    """As it should be."""
    return Finding(code=code, level=Level.OK, facts=facts)


def skipped(code: str, **facts: str | int | float) -> Finding:
    """Not looked at."""
    return Finding(code=code, level=Level.SKIPPED, facts=facts)


def warning(code: str, **facts: str | int | float) -> Finding:
    """Should be better."""
    return Finding(code=code, level=Level.WARNING, facts=facts)


def failed(code: str, **facts: str | int | float) -> Finding:
    """Must be mended."""
    return Finding(code=code, level=Level.FAILED, facts=facts)
