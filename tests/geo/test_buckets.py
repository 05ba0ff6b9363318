"""Buckets: a dict of sets, however rows are moved about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import buckets as limits
from geo.buckets import NO_KEY, Buckets

KEYS = 6
moves = st.lists(
    st.dictionaries(st.integers(0, 30), st.integers(NO_KEY, KEYS - 1), max_size=20), max_size=12
)
"""Batches of row -> key."""


def members(buckets: Buckets, *keys: int) -> list[int]:
    wanted = np.array(keys, np.intp)
    found: list[int] = buckets.rows(wanted, buckets.crowds(wanted)).tolist()
    return sorted(found)


@given(moves, st.sampled_from([0, limits.BULK_PART]))
def test_rows_are_under_the_key_they_were_moved_to_last(
    batches: list[dict[int, int]], bulk_part: int
) -> None:
    """Nobody is found where they were, nor twice, nor lost: laid out anew or moved one by one."""
    buckets = Buckets()
    buckets.has_keys(KEYS)
    expected: dict[int, int] = {}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BULK_PART", bulk_part)
        for batch in batches:
            rows, keys = np.array(list(batch), np.int64), np.array(list(batch.values()), np.int32)
            buckets.move(rows, keys)
            expected |= batch

            for key in range(KEYS):
                mine = sorted(row for row, each in expected.items() if each == key)
                assert members(buckets, key) == mine
    kept = sorted(row for row, key in expected.items() if key in (0, 2, 5))
    assert members(buckets, 0, 2, 5) == kept
    assert members(buckets) == []


def test_rows_that_wander_for_long_take_no_more_memory() -> None:
    """A day of walking from cell to cell leaves holes, and they are used again."""
    chance = np.random.default_rng(2)
    buckets = Buckets()
    buckets.has_keys(100)
    rows = np.arange(3000)
    buckets.move(rows, chance.integers(0, 100, 3000).astype(np.int32))
    for _ in range(50):
        buckets.move(rows[::10], chance.integers(0, 100, 300).astype(np.int32))
    early = buckets.nbytes

    for _ in range(500):
        buckets.move(rows[::7], chance.integers(0, 100, len(rows[::7])).astype(np.int32))

    assert buckets.nbytes <= 1.5 * early
    assert sum(len(members(buckets, key)) for key in range(100)) == 3000
