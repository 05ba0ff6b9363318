"""Argon2id in a thread of its own: a flood of logins holds up neither the loop nor an alarm.

argon2-cffi's one door. Nobody learns from the time it takes whether a name is known: where
there is no hash, one that fits nothing is compared with.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from dispatch.access.passwords import normal
from dispatch.access.refusals import TooBusyError

MEMORY_KIB: Final = 46 * 1024
PASSES: Final = 1
LANES: Final = 1
"""OWASP's first recommendation for Argon2id: about 40 ms of one core of a small PC."""
WAITING_MAX: Final = 16
"""Then the seventeenth waits less than a second; one more is told to come again."""

T = TypeVar("T")


class Hasher:
    """One at a time, so that it takes one core at most and 46 MiB."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB) -> None:
        self._argon2 = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")
        self._waiting = 0
        self._fits_nothing = ""

    async def hash(self, password: str) -> str:
        """The text to keep. Raises TooBusyError."""
        return await self._run(partial(self._hash, password))

    async def fits(self, kept: str, password: str) -> bool:
        """Whether this is the password; takes as long where nothing is kept.

        Raises TooBusyError.
        """
        return await self._run(partial(self._fits, kept, password))

    def is_weak(self, kept: str) -> bool:
        """Whether it was made with other numbers than ours are now."""
        return self._argon2.check_needs_rehash(kept)

    def close(self) -> None:
        """Take no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise TooBusyError
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._argon2.hash(normal(password))

    def _fits(self, kept: str, password: str) -> bool:
        if not self._fits_nothing:
            self._fits_nothing = self._argon2.hash("fits nothing")
        try:
            self._argon2.verify(kept or self._fits_nothing, normal(password))
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError):  # damaged in the table: nobody gets in
            return False
        return bool(kept)
