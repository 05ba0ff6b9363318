"""Remembers that a data folder was restored, and from which backup: what came since is missing.

    DATA/restored.json    {"backup": name, "until_t": ..., "restored_t": ...}

Written by ``yihu restore`` when everything is in its place. A hub says so for a while: whoever
revoked a radio or closed an account meanwhile has to know that this is undone.
"""

import time
from pathlib import Path
from typing import Final

import msgspec
import structlog

from dispatch.backup.files import make_private
from dispatch.clock import DAY, SECOND, Instant
from dispatch.errors import quoted
from dispatch.store.folder import PRIVATE_FILE

RESTORED_FILE: Final = "restored.json"
TOLD_FOR: Final = 7 * DAY
"""On /health and the office page; a week of shifts."""
SHOWN_FOR: Final = DAY
"""On every operator's page."""
BYTES_MAX: Final = 4_096

log = structlog.get_logger("yihu.backup")


class RestoredFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder was restored from."""

    backup: str
    """Its name."""
    until_t: Instant
    """The time of the last fact in it: what came later is missing."""
    restored_t: Instant

    @property
    def words(self) -> str:
        """For who runs it."""
        return (
            f"restored on {_day(self.restored_t)} from the backup {quoted(self.backup)}:"
            f" what was done after {_moment(self.until_t)} is missing here"
        )


def note_restored(data_dir: Path, told: RestoredFrom) -> None:
    """Raises OSError."""
    make_private(data_dir)
    fresh = data_dir / f"{RESTORED_FILE}.new"
    fresh.write_bytes(msgspec.json.encode(told))
    fresh.chmod(PRIVATE_FILE)
    fresh.replace(data_dir / RESTORED_FILE)


def restored_from(data_dir: Path) -> RestoredFrom | None:
    """None where it was not, or the file holds another thing: no hub stays down for that."""
    file = data_dir / RESTORED_FILE
    try:
        with file.open("rb") as data:
            return msgspec.json.decode(data.read(BYTES_MAX), type=RestoredFrom)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:  # msgspec's errors are the second
        log.warning("restored_unreadable", file=str(file), why=str(exc))
        return None


def lately(told: RestoredFrom | None, now: Instant, *, within: Instant) -> RestoredFrom | None:
    """The same while it is worth telling; ``now`` by the machine's clock."""
    return told if told is not None and now - told.restored_t <= within else None


def _day(t: Instant) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(t / SECOND))


def _moment(t: Instant) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(t / SECOND))
