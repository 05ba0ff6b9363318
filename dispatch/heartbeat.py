"""Signs of life of a child to its supervisor: a byte a second through a pipe, and when they stop.

A process whose loop stands still (a deadlock, a disk that never answers a call made in the
loop) lives on and serves nobody; only somebody outside can end it.
"""

import asyncio
import contextlib
import os
from typing import Final

DESCRIPTOR: Final = "YIHU_HEARTBEAT"
"""The environment variable that names the pipe's end to write to."""

BEAT_S: Final = 1.0


class Pulse:
    """The supervisor's side: counts its own seconds without a beat.

    Seconds of its own, so that a machine that slept, or a supervisor that was stopped itself,
    has not seen anybody die. Nothing is counted before the first beat: a start takes its time.
    """

    def __init__(self) -> None:
        self._read, self.write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self.write, False)
        self._given_away = False
        self._beats = False
        self._silent = 0

    def __enter__(self) -> "Pulse":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._read)
        self.give_away()

    def silent_s(self) -> float:
        """Called once in ``BEAT_S``: how long nothing was heard of one that had begun to beat."""
        with contextlib.suppress(BlockingIOError):
            if os.read(self._read, 65_536):
                self._beats, self._silent = True, 0
                return 0.0
        self._silent += self._beats
        return self._silent * BEAT_S

    def give_away(self) -> None:
        """The child has its end to write to; ours is closed."""
        if not self._given_away:
            self._given_away = True
            os.close(self.write)


async def beat() -> None:
    """Beat as long as the loop turns, for a supervisor that wants it; returns where none does."""
    told = os.environ.get(DESCRIPTOR, "")
    if not told.isdigit():
        return
    pipe = int(told)
    with contextlib.suppress(BrokenPipeError):
        while True:
            with contextlib.suppress(BlockingIOError):  # stopped for hours, it reads later
                os.write(pipe, b".")
            await asyncio.sleep(BEAT_S)
