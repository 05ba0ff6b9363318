"""dispatch/seldom.py: how often the log and the journal tell of one thing."""

from dispatch.seldom import EVERY_S, NOTED_BURST, NOTED_PER_S, Allowance, Seldom, Thinned


def test_one_thing_is_told_once_a_minute() -> None:
    """The first line comes at once, or nobody would know what is wrong."""
    seldom = Seldom()

    told = [seldom.worth_telling("r-1 not_json", now_s) for now_s in (0.0, 1.0, EVERY_S - 1)]

    assert told == [True, False, False]
    assert seldom.worth_telling("r-1 not_json", EVERY_S)


def test_different_things_do_not_hide_one_another() -> None:
    """A second radio that fails has its own line."""
    seldom = Seldom()

    assert seldom.worth_telling("r-1 not_json", 0.0)
    assert seldom.worth_telling("r-2 not_json", 0.0)


def test_what_it_remembers_is_bounded() -> None:
    """Names made up by a hostile sender fill no memory; an old one is told once more."""
    seldom = Seldom(about_max=2)

    for name in ("r-1", "r-2", "r-3"):
        assert seldom.worth_telling(name, 0.0)

    assert seldom.worth_telling("r-1", 1.0)


def test_an_allowance_fills_up_again_and_never_beyond_its_burst() -> None:
    """A page that was silent for an hour may still say only so much at once."""
    allowance = Allowance(burst=2, per_s=1.0)
    assert [allowance.take(0.0) for _ in range(3)] == [True, True, False]

    later = [allowance.take(3600.0) for _ in range(3)]

    assert later == [True, True, False]


def test_an_allowance_survives_a_clock_that_steps_back() -> None:
    """It gives nothing for time that did not pass."""
    allowance = Allowance(burst=1, per_s=1.0)
    assert allowance.take(10.0)

    assert not allowance.take(5.0)


def test_what_is_not_told_is_counted_into_the_next_line() -> None:
    """Somebody who guesses all night is one line a minute, and no guess is lost."""
    thinned = Thinned()

    told = [thinned.times("10.0.0.7", now_s) for now_s in (0.0, 1.0, 2.0, EVERY_S)]

    assert told == [1, 0, 0, 3]


def test_ten_thousand_addresses_write_no_more_than_so_many_lines() -> None:
    """Of each the first would be worth a line."""
    thinned = Thinned()

    told = [thinned.times(f"10.0.{n // 250}.{n % 250}", 0.0) for n in range(NOTED_BURST + 40)]

    assert sum(told) == NOTED_BURST
    assert thinned.times("10.9.9.9", 1 / NOTED_PER_S) == 1


def test_counts_between_two_lines_are_bounded() -> None:
    """Beyond that they begin anew."""
    thinned = Thinned(about_max=2)
    for name in ("a", "b"):
        assert thinned.times(name, 0.0) == 1
        assert thinned.times(name, 1.0) == 0

    thinned.times("c", 1.0)

    assert thinned.times("a", EVERY_S) == 1
