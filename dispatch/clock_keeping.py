"""Keeps the hub's clock by the machine's: steps it forward where nothing waits, and remembers it.

A machine's clock that is set forward (a PC with a flat battery that finds its time server)
must not make every wait of an open incident run out at once. The hub's clock therefore
stays behind while anything is open, and steps when nothing is. By how much it is ahead of the
machine's steady clock is kept in a file, so that a hub started again goes on alike:

    {"boot": "the machine's name of its last start", "offset_us": 1780000000000000}
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog

from dispatch.clock import DAY, SECOND, STEP_LEAST, HubClock

CLOCK_FILE: Final = "clock.json"
BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")

LOOK_EVERY: Final = 5 * SECOND
STEP_AFTER: Final = 30 * SECOND
"""The machine's clock must have been ahead for so long: one that is set wrong and right again at
once leaves no trace."""

KEEP_FROM: Final = SECOND
"""A change below this is not worth a write; a restarted hub is then off by no more."""

OFFSET_MAX: Final = 200 * 365 * DAY
FILE_BYTES_MAX: Final = 1_000
PRIVATE_FILE: Final = 0o600

Pause = Callable[[float], Awaitable[None]]
"""Waits so many real seconds."""

log = structlog.get_logger("yihu.clock")


class KeptOffset:
    """The file. What cannot be read or written is done without: the clock is only less kind."""

    def __init__(self, data_dir: Path, *, boot_file: Path = BOOT_ID_FILE) -> None:
        self._path = data_dir / CLOCK_FILE
        self._boot = ""
        with contextlib.suppress(OSError):
            self._boot = boot_file.read_text(encoding="ascii").strip()
        self._kept: int | None = None

    def read(self) -> int | None:
        """By how much the last hub was ahead of the steady clock; None where it told nothing, or
        the machine has been started since."""
        try:
            with self._path.open("rb") as file:
                told = json.loads(file.read(FILE_BYTES_MAX))
            boot, offset_us = told["boot"], told["offset_us"]
        except (OSError, ValueError, TypeError, KeyError):
            return None
        if not self._boot or boot != self._boot or type(offset_us) is not int:
            return None
        return offset_us if abs(offset_us) < OFFSET_MAX else None

    def keep(self, offset_us: int) -> None:
        """Write it down where it differs from what stands there."""
        if not self._boot or (self._kept is not None and abs(offset_us - self._kept) < KEEP_FROM):
            return
        self._kept = offset_us
        half = self._path.with_suffix(".half")
        said = json.dumps({"boot": self._boot, "offset_us": offset_us}).encode()
        try:
            with os.fdopen(
                os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "wb"
            ) as file:
                file.write(said)
            half.replace(self._path)
        except OSError as exc:
            log.warning("clock_not_kept", why=str(exc))


async def keep_clock(
    clock: HubClock,
    kept: KeptOffset,
    *,
    quiet: Callable[[], bool],
    stepped: Callable[[int], None],
    pause: Pause = asyncio.sleep,
) -> None:
    """Look after the clock until cancelled. ``quiet``: nothing is open or undecided; ``stepped``
    is told by how many microseconds the hub's time has just been set forward."""
    behind_for = 0
    while clock.speed == 1.0:
        behind_for = behind_for + LOOK_EVERY if clock.off_us < -STEP_LEAST else 0
        if behind_for > STEP_AFTER and quiet():
            by_us = clock.catch_up()
            log.warning("clock_stepped", by_s=by_us / SECOND)
            stepped(by_us)
            behind_for = 0
        kept.keep(clock.offset_us)
        await pause(LOOK_EVERY / SECOND)
