"""console/login/hashing.py: slow for whoever guesses, and for nobody else."""

import asyncio

import pytest

from console.login.hashing import WAITING_MAX, Hasher
from dispatch.access.refusals import TooBusyError


async def test_a_password_fits_its_own_hash_alone() -> None:
    """However a keyboard composed it."""
    hasher = Hasher(memory_kib=64)
    kept = await hasher.hash("caf\u00e9 beside the lake")

    assert kept.startswith("$argon2id$")
    assert await hasher.fits(kept, "cafe\u0301 beside the lake")
    assert not await hasher.fits(kept, "cafe beside the lake")
    hasher.close()


@pytest.mark.parametrize("kept", ["", "x", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA"])
async def test_nothing_fits_where_nothing_good_is_kept(kept: str) -> None:
    """An account without a password, or a row that was damaged."""
    hasher = Hasher(memory_kib=64)

    assert not await hasher.fits(kept, "fits nothing")
    hasher.close()


async def test_the_line_has_an_end() -> None:
    """One more is told to come again, at once; those in it are served."""
    hasher = Hasher(memory_kib=64)

    told = await asyncio.gather(
        *(hasher.hash("one of many people") for _ in range(WAITING_MAX + 3)),
        return_exceptions=True,
    )

    busy = [each for each in told if isinstance(each, TooBusyError)]
    assert len(busy) == 3
    assert await hasher.hash("afterwards there is room")
    hasher.close()
