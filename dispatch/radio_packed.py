"""What a file of ours holds of all radios (roster_kept.py): a few texts, and PINs. No code, and
nothing loaded for it: the supervisor reads the file, too.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What a bearer types to call an alarm off; both empty where none was agreed."""

    calm: str = field(default="", repr=False)
    duress: str = field(default="", repr=False)
    """Typed under threat: looks the same, and tells us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRadios:
    """A whole table as a few texts, for a file of ours: read in a moment, whatever its size."""

    ids: str
    """One a line, in order."""
    names: bytes
    rows: bytes
    shares: list[tuple[str, tuple[str, ...], str]]
