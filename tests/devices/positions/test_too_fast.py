"""Radios that flood are known by name, for as long as they do."""

from devices.positions.too_fast import LATELY, NAMED_MAX, RADIOS_MAX, TooFast
from dispatch.clock import SECOND
from dispatch.ids import RadioId

NOON = 1_760_000_000 * SECOND


def test_who_floods_is_named_until_it_has_stopped_for_a_minute() -> None:
    """Whoever looks after the radios has to find it, and to see that it is mended."""
    too_fast = TooFast()
    assert too_fast.words(NOON) == ""

    told = [too_fast.note(RadioId("r-1"), 45, NOON + n * SECOND) for n in range(3)]

    assert told == [45, 90, 135]
    assert "r-1 (135 not taken)" in too_fast.words(NOON + LATELY)
    assert too_fast.count(NOON + LATELY) == 1
    assert too_fast.words(NOON + 2 * SECOND + LATELY) == ""
    assert too_fast.note(RadioId("r-1"), 1, NOON + 2 * LATELY) == 1


def test_many_that_flood_are_bounded_and_the_sentence_stays_short() -> None:
    """The latest are named, the others counted."""
    too_fast = TooFast()

    for number in range(RADIOS_MAX + 10):
        too_fast.note(RadioId(f"r-{number}"), 1, NOON)

    words = too_fast.words(NOON)
    assert too_fast.count(NOON) == RADIOS_MAX
    assert words.count("not taken)") == NAMED_MAX
    assert f"r-{RADIOS_MAX + 9} (1 not taken)" in words
    assert f"{RADIOS_MAX - NAMED_MAX} more" in words
