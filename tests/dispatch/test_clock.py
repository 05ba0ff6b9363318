"""The hub's clock: what ages, waves and timers stand on."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dispatch.clock import (
    DAY,
    HOUR,
    MINUTE,
    OFF_TOLD,
    SECOND,
    SLEW_PART,
    HubClock,
    ManualClock,
    off_words,
    since_boot_ns,
)

NOON = 1_780_000_000 * SECOND


class SteppingTime:
    """A machine's two clocks, wound by hand; the wall clock may be set either way."""

    def __init__(self) -> None:
        self.wall_ns = NOON * 1000
        self.steady_ns = 5

    def wall(self) -> int:
        return self.wall_ns

    def steady(self) -> int:
        return self.steady_ns

    def pass_s(self, seconds: float) -> None:
        self.wall_ns += int(seconds * 1e9)
        self.steady_ns += int(seconds * 1e9)

    def set_s(self, seconds: float) -> None:
        self.wall_ns += int(seconds * 1e9)

    def clock(self, **options: int) -> HubClock:
        return HubClock(wall=self.wall, steady=self.steady, **options)


def test_a_machine_clock_set_back_neither_takes_the_hub_back_nor_stops_it() -> None:
    """A timer that fired must not be due again, and one that is awaited must still fire."""
    machine = SteppingTime()
    clock = machine.clock()
    machine.pass_s(10)
    before = clock.now()

    machine.set_s(-3600)
    machine.pass_s(20)

    assert clock.now() == before + 19 * SECOND  # a twentieth slow, until they agree
    machine.pass_s(20 * 3600)
    assert clock.off_us == 0


def test_a_machine_clock_set_ahead_cuts_no_wait_short() -> None:
    """A PC that found its time server let every wave of an open incident run out at once."""
    machine = SteppingTime()
    clock = machine.clock()

    machine.set_s(600)
    machine.pass_s(20)

    assert clock.now() == NOON + 21 * SECOND
    assert clock.off_us == -599 * SECOND


def test_where_nothing_waits_the_clock_catches_up_at_once() -> None:
    """A PC that booted in 2020 and then found its time must not stay there."""
    machine = SteppingTime()
    clock = machine.clock()
    machine.set_s(600)

    by_us = clock.catch_up()

    assert (by_us, clock.now(), clock.off_us) == (10 * MINUTE, NOON + 10 * MINUTE, 0)
    machine.set_s(-3)
    assert clock.catch_up() == 0


def test_ahead_and_back_again_does_not_stop_the_clock() -> None:
    """After the clock had been ahead once, a step back froze it, and with it every timer."""
    machine = SteppingTime()
    clock = machine.clock()
    machine.set_s(600)
    clock.catch_up()
    machine.set_s(-590)

    told = []
    for _ in range(3):
        machine.pass_s(10)
        told.append(clock.now())

    assert [later - sooner for sooner, later in pairwise(told)] == [9_500_000, 9_500_000]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("set"), st.integers(-10 * 365 * 86400, 10 * 365 * 86400)),
            st.tuples(st.just("pass"), st.integers(0, 90_000)),
            st.tuples(st.just("look"), st.integers(1, 50)),
        ),
        max_size=30,
    )
)
def test_whatever_is_done_to_the_machine_the_hub_goes_on_at_its_pace(
    doings: list[tuple[str, int]],
) -> None:
    """Never back, never still, and a wait of N s ends after N s, a twentieth sooner or later."""
    machine = SteppingTime()
    clock = machine.clock()
    told, steady_ns = clock.now(), machine.steady_ns

    for doing, amount in doings:
        if doing == "set":
            machine.set_s(amount)
        else:
            machine.pass_s(amount if doing == "pass" else amount / 1e6)
        passed_us = (machine.steady_ns - steady_ns) / 1000
        now = clock.now()

        assert now >= told
        assert abs(now - told - passed_us) <= passed_us / SLEW_PART + 1
        told, steady_ns = now, machine.steady_ns


def test_a_clock_that_is_looked_at_all_the_time_draws_near_all_the_same() -> None:
    """A busy hub asks every few microseconds: rounding must not eat what it gains."""
    machine = SteppingTime()
    clock = machine.clock()
    machine.set_s(0.000_1)

    for _ in range(1_000):
        machine.pass_s(0.000_003)
        clock.now()

    assert clock.off_us == 0


def test_a_restarted_hub_goes_on_after_its_last_fact() -> None:
    """The journal's times must not run backwards where the clock was set back in between."""
    machine = SteppingTime()

    clock = machine.clock(not_before=NOON + MINUTE)

    assert clock.now() == NOON + MINUTE
    machine.pass_s(20)
    assert clock.now() == NOON + MINUTE + 19 * SECOND


def test_a_hub_started_again_does_not_cut_a_wait_short_either() -> None:
    """What its predecessor made up for slowly, it must not make up for at once."""
    machine = SteppingTime()
    before = machine.clock()
    machine.set_s(600)
    machine.pass_s(20)

    again = machine.clock(offset_us=before.offset_us, not_before=NOON)

    assert again.now() == before.now() == NOON + 21 * SECOND


def test_a_hub_off_its_machine_says_by_how_much_and_what_helps() -> None:
    """After a drill at another speed every time on the screens is wrong by as much, and a hub that
    was a day ahead once must not be it for ever without a word."""
    assert off_words(DAY) == (
        "the hub's clock is 86400 s ahead of this machine's, and so is every time on the screens;"
        " it runs a twentieth slow until they agree, in 480 h. If this machine's clock is wrong,"
        " set it right; a hub with a new data folder begins at its time"
    )
    assert off_words(-HOUR).startswith("the hub's clock is 3600 s behind this machine's")
    assert off_words(OFF_TOLD) == off_words(-OFF_TOLD) == ""


def test_twenty_times_as_fast_keeps_the_meaning_of_a_minute() -> None:
    """Replays run at 20x; three seconds of waiting are then a minute."""
    machine = SteppingTime()
    clock = HubClock(speed=20, wall=machine.wall, steady=machine.steady)

    machine.pass_s(3)
    machine.set_s(3600)

    assert clock.now() == NOON + MINUTE


def test_the_steady_clock_goes_on() -> None:
    """It is what everything else is measured by."""
    first = since_boot_ns()

    assert 0 < first <= since_boot_ns()


def test_a_manual_clock_stands_still_until_wound() -> None:
    """Tests never sleep."""
    clock = ManualClock(NOON)
    assert clock.now() == NOON

    clock.advance(MINUTE)

    assert clock.now() == NOON + MINUTE
