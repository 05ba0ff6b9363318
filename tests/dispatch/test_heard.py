"""How far a radio's clock seems off."""

import numpy as np

from dispatch.clock import DAY, HOUR, MINUTE, SECOND
from dispatch.heard import SKEW_KEPT, SKEW_KNOWN, Heard
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
