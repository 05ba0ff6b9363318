"""One radio's flood stands before nobody's alarm, and costs no honest radio a press."""

from devices.measure import MESSAGES_BURST, MESSAGES_PER_S, TOPICS_MAX, MessageMeasure
from dispatch.clock import SECOND, Instant

NOON: Instant = 1_760_000_000 * SECOND
ALARMS = "patrol/demo/r-1/alarm"


def passed(measure: MessageMeasure, count: int, now: Instant, topic: str = ALARMS) -> int:
    """How many of so many messages pass."""
    return sum(measure.allows(topic, now) for _ in range(count))


def test_a_burst_passes_and_then_some_a_second() -> None:
    """What a broker kept for a radio comes at once; five thousand a second do not."""
    measure = MessageMeasure()

    assert passed(measure, 5_000, NOON) == MESSAGES_BURST
    assert passed(measure, 5_000, NOON + SECOND) == MESSAGES_PER_S
    assert passed(measure, 5_000, NOON + 3 * SECOND) == 2 * MESSAGES_PER_S


def test_a_radio_that_has_been_quiet_has_its_burst_again() -> None:
    """And not more, however long it was quiet."""
    measure = MessageMeasure()
    passed(measure, 5_000, NOON)

    assert passed(measure, 5_000, NOON + 3_600 * SECOND) == MESSAGES_BURST


def test_a_press_a_second_always_passes() -> None:
    """As radios repeat them, for as long as it takes."""
    measure = MessageMeasure()

    assert all(measure.allows(ALARMS, NOON + n * SECOND) for n in range(3_600))


def test_a_flood_takes_nothing_from_neighbours_nor_from_its_other_lanes() -> None:
    """Each topic has a measure of its own."""
    measure = MessageMeasure()
    passed(measure, 5_000, NOON)

    assert measure.allows("patrol/demo/r-2/alarm", NOON)
    assert measure.allows("patrol/demo/r-1/status", NOON)


def test_a_clock_that_steps_back_takes_nothing() -> None:
    """The hub's does not; a measure that went negative would silence a radio."""
    measure = MessageMeasure()
    measure.allows(ALARMS, NOON)

    assert passed(measure, 10, NOON - 60 * SECOND) == 10


def test_topics_are_bounded_and_who_floods_is_not_forgotten() -> None:
    """Else a flood of one and a crowd of others would empty the measure again and again."""
    measure = MessageMeasure()
    passed(measure, 5_000, NOON)

    for number in range(TOPICS_MAX + 10):
        measure.allows(f"patrol/demo/r-{number}/report", NOON)
        if number % 1_000 == 0:
            assert not measure.allows(ALARMS, NOON)

    assert len(measure._topics) == TOPICS_MAX
