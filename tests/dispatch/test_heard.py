"""How far a radio's clock seems off."""

import random

import numpy as np

from dispatch.clock import DAY, HOUR, MINUTE, SECOND
from dispatch.heard import OFF_LEAST, SKEW_KEPT, SKEW_KNOWN, Heard, suspect_words
from tests.builders import NOON


def heard() -> Heard:
    """Room for two radios."""
    columns = Heard()
    columns.make_room(1)
    return columns


def test_the_smallest_difference_is_the_nearest_to_the_truth() -> None:
    """Delays and backlogs only add."""
    columns = heard()
    rows = np.array([0, 0, 1])
    sent = np.array([NOON - 9 * MINUTE, NOON - 2 * SECOND, NOON + MINUTE])

    columns.hear_times(rows, sent, NOON)
    columns.hear_time(0, device_t=NOON, received_t=NOON + MINUTE)

    assert columns.skew_us(0, NOON + MINUTE) == 2 * SECOND
    assert columns.skew_us(1, NOON) == -MINUTE


def test_a_skew_is_forgotten_and_replaced() -> None:
    """Clocks are also set right."""
    columns = heard()
    columns.hear_time(0, device_t=NOON + MINUTE, received_t=NOON)
    columns.hear_time(0, device_t=NOON + SKEW_KEPT, received_t=NOON + SKEW_KEPT)

    assert columns.skew_us(0, NOON + SKEW_KEPT) == 0
    assert columns.skew_us(0, NOON + SKEW_KEPT + SKEW_KNOWN) is None
    assert columns.skew_us(1, NOON) is None


def test_the_last_difference_counts_where_it_is_the_larger() -> None:
    """A clock just set wrong shows it in one message, long before the smallest is forgotten."""
    columns = heard()
    columns.hear_time(0, device_t=NOON, received_t=NOON)
    columns.hear_time(1, device_t=NOON + DAY, received_t=NOON)
    assert columns.behind_at_most_us(1, NOON) == 0

    columns.hear_time(0, device_t=NOON - HOUR, received_t=NOON + MINUTE)

    assert columns.skew_us(0, NOON + MINUTE) == 0
    assert columns.behind_at_most_us(0, NOON + MINUTE) == HOUR + MINUTE
    assert columns.behind_at_most_us(0, NOON + MINUTE + SKEW_KNOWN) is None


def told(columns: Heard, *differences_s: float, every_s: float = 10, row: int = 0) -> int:
    """The correction, in seconds, after messages that were so old by their radio's clock."""
    received_t = max(NOON, int(columns.heard_t.max()))
    for old_s in differences_s:
        received_t += round(every_s * SECOND)
        columns.hear_time(row, device_t=received_t - round(old_s * SECOND), received_t=received_t)
    return int(columns.correction[row]) // SECOND


def test_a_clock_that_goes_late_is_allowed_for_once_two_messages_show_it() -> None:
    """A radio three minutes slow reports every few seconds: it is no less there than the others."""
    columns = heard()

    assert told(columns, 180) == 0
    assert told(columns, 180.6) == 180
    assert told(columns, 179.8, 181, 180) == 180


def test_a_backlog_is_no_slow_clock() -> None:
    """A radio that comes out of a cellar sends what it kept, faster than it was made: those fixes
    are old, and nobody is called to where somebody was a quarter of an hour ago."""
    columns = heard()

    assert told(columns, *range(900, 0, -10), every_s=0.1) == 0
    assert told(columns, 0, 0, 0) == 0
    assert told(columns, 900, 895, 890, every_s=0.1) == 0


def test_a_clock_that_goes_early_shows_it_in_one_message() -> None:
    """Nothing is sent before it was made."""
    columns = heard()

    assert told(columns, -3600) == -3600
    assert told(columns, -3500) == -3600  # an old one
    assert told(columns, -3700) == -3700


def test_a_clock_set_right_is_taken_at_its_word() -> None:
    """The first message that says it is of now ends the correction, either way."""
    columns = heard()

    assert told(columns, 180, 180) == 180
    assert told(columns, 0.2) == 0
    assert told(columns, -3600) == -3600
    assert told(columns, OFF_LEAST / SECOND) == 0


def test_the_way_of_a_message_is_none_of_the_clocks() -> None:
    """What a slow network costs changes no time, and a repeated fix is known as repeated."""
    assert told(heard(), 0.1, 4, 0.3, 4.9, 4.9) == 0


def test_what_is_held_back_for_seconds_is_no_slow_clock() -> None:
    """A busy machine or network makes every message six seconds late for a while: fixes keep
    their times, or two of one radio would change places."""
    columns = heard()

    assert told(columns, 0.1, *[6.2, 5.8, 6.1] * 3, 0.2) == 0
    assert told(columns, *[20] * 6) == 0
    assert told(columns, 0.3, 180, 180, *[189] * 6) == 180


def test_a_clock_some_seconds_slow_is_allowed_for_in_the_end() -> None:
    """Nothing holds messages back so evenly for so long."""
    assert told(heard(), *[20] * 8) == 20


def test_where_most_clocks_are_off_alike_ours_is_suspect() -> None:
    """A hub ten minutes ahead believed itself and called nobody."""
    columns = heard()
    columns.make_room(3)
    for row in range(4):
        assert told(columns, 0, row=row) == 0
    now = int(columns.heard_t.max())
    assert suspect_words(columns.off_alike(now)) == ""

    for row in range(3):
        told(columns, 600, 600, row=row)
    told(columns, -90, row=3)

    now = int(columns.heard_t.max())
    assert columns.off_alike(now) == (4, 3, 600 * SECOND)
    assert suspect_words(columns.off_alike(now)) == (
        "3 of 4 radios have clocks about 600 s behind the hub's: the hub's own is likely the wrong"
        " one. They are called all the same; see that this machine's clock is right"
    )
    assert "120 s ahead of" in suspect_words((3, 3, -120 * SECOND))
    assert suspect_words((2, 2, 600 * SECOND)) == suspect_words((7, 3, 600 * SECOND)) == ""
    assert columns.off_alike(now + SKEW_KEPT) == (0, 0, 0)


def test_a_step_of_our_clock_is_no_silence_and_no_skew() -> None:
    """All that was told by the old time is told by the new one; what never was stays never."""
    columns = heard()
    told(columns, -600)
    before = int(columns.heard_t[0])

    columns.shift(600 * SECOND)

    assert int(columns.heard_t[0]) == before + 600 * SECOND
    assert told(columns, 0) == columns.skew_us(0, before + 610 * SECOND) == 0
    assert (int(columns.heard_t[1]), int(columns.correction[1])) == (0, 0)


def test_one_message_counts_as_a_batch_of_one() -> None:
    """A press is told by a shorter way, which must not come to another end."""
    chance = random.Random(11)
    alone, batched = heard(), heard()
    received_t = NOON
    for _ in range(3_000):
        row = chance.randrange(2)
        received_t += chance.choice((0, SECOND, 30 * SECOND, 5 * MINUTE, SKEW_KEPT))
        off = chance.choice((0, SECOND, 4 * SECOND, OFF_LEAST, -MINUTE, HOUR, HOUR + SECOND))
        device_t = received_t - off - chance.randrange(2) * SECOND // 2

        alone.hear_time(row, device_t=device_t, received_t=received_t)
        batched.hear_times(np.array([row]), np.array([device_t]), received_t)

        for name, column in vars(alone).items():
            assert (column == getattr(batched, name)).all(), name
