"""Deadlines by key."""

import hypothesis.strategies as st
from hypothesis import given

from dispatch.timers import HEAP_SLACK, Due, Key, Timers

WAVE, RUNG = Key(Due.WAVE, "a"), Key(Due.RUNG, "a")


def test_a_moved_deadline_is_due_once_at_its_new_time() -> None:
    """The old entry must not wake anybody."""
    timers = Timers()
    timers.set(WAVE, 10)
    timers.set(WAVE, 20)

    assert (timers.next(), timers.pop_due(19)) == (20, [])
    assert timers.pop_due(20) == [WAVE]
    assert (timers.next(), len(timers)) == (None, 0)


def test_what_an_owner_no_longer_wants_is_cancelled() -> None:
    """Closing cancels every timer by wanting none."""
    timers = Timers()
    timers.replace("a", {WAVE: 10, RUNG: 20})
    timers.set(Key(Due.SCAN), 30)

    timers.replace("a", {RUNG: 25})
    assert timers.awaited() == {RUNG, Key(Due.SCAN)}
    timers.replace("a", {})

    assert timers.pop_due(99) == [Key(Due.SCAN)]


def test_moving_one_deadline_for_ever_does_not_fill_memory() -> None:
    """A radio that repeats its press all night."""
    timers = Timers()

    for t in range(10_000):
        timers.set(WAVE, t)

    assert len(timers._heap) <= 2 + HEAP_SLACK + 1


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 20) | st.none())))
def test_it_behaves_as_a_plain_table_would(steps: list[tuple[str, int | None]]) -> None:
    """Whatever is set, moved and cancelled."""
    timers, plain = Timers(), dict[Key, int]()
    for name, at in steps:
        key = Key(Due.WAVE, name)
        if at is None:
            timers.cancel(key)
            plain.pop(key, None)
        else:
            timers.set(key, at)
            plain[key] = at

    assert timers.next() == min(plain.values(), default=None)
    due = sorted((at, key) for key, at in plain.items() if at <= 10)
    assert timers.pop_due(10) == [key for _, key in due]


def test_of_very_much_that_is_due_a_part_is_given() -> None:
    """All that is due about one thing goes together, an order's with its incident's."""
    timers = Timers()
    timers.set(Key(Due.RUNG, "a"), 1)
    timers.set(Key(Due.WAVE, "b"), 2)
    timers.set(Key(Due.ANSWER, "a/1"), 3)
    timers.set(Key(Due.WAVE, "c"), 4)
    about: set[str] = set()

    first = timers.pop_due(9, about=about, subjects_max=2)

    assert first == [Key(Due.RUNG, "a"), Key(Due.WAVE, "b"), Key(Due.ANSWER, "a/1")]
    assert about == {"a", "b"}
    assert timers.next() == 4
    assert timers.pop_due(9) == [Key(Due.WAVE, "c")]
