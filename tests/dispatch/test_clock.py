"""The hub's clock: what ages, waves and timers stand on."""

from dispatch.clock import AHEAD_TOLD, HOUR, MINUTE, SECOND, HubClock, ManualClock, ahead_words

NOON = 1_780_000_000 * SECOND


class SteppingTime:
    """A machine's two clocks, wound by hand; the wall clock may be set back."""

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


def test_a_machine_clock_set_back_does_not_take_the_hub_back() -> None:
    """A timer that fired must not be due again because somebody corrected the clock."""
    machine = SteppingTime()
    clock = HubClock(wall=machine.wall, steady=machine.steady)
    machine.pass_s(10)
    before = clock.now()

    machine.wall_ns -= 3600 * 10**9
    machine.pass_s(1)

    assert clock.now() == before + SECOND


def test_a_machine_clock_set_ahead_is_followed() -> None:
    """A PC that booted with a flat battery in 2020 and then found its time must not stay there."""
    machine = SteppingTime()
    clock = HubClock(wall=machine.wall, steady=machine.steady)

    machine.wall_ns += 3600 * 10**9

    assert clock.now() == NOON + 60 * MINUTE


def test_a_restarted_hub_goes_on_after_its_last_fact() -> None:
    """The journal's times must not run backwards where the clock was set back in between."""
    machine = SteppingTime()

    clock = HubClock(wall=machine.wall, steady=machine.steady, not_before=NOON + MINUTE)

    assert clock.now() == NOON + MINUTE
    machine.pass_s(2)
    assert clock.now() == NOON + MINUTE + 2 * SECOND


def test_a_hub_ahead_of_its_machine_says_by_how_much() -> None:
    """After a drill at another speed every time on the screens is wrong by as much."""
    machine = SteppingTime()

    clock = HubClock(wall=machine.wall, steady=machine.steady, not_before=NOON + HOUR)
    machine.pass_s(60)

    assert (clock.ahead_us, clock.machine_now()) == (HOUR, NOON + MINUTE)
    assert ahead_words(clock.ahead_us) == "the hub's clock is 3600 s ahead of this machine's"
    assert ahead_words(AHEAD_TOLD) == ""
    assert HubClock(wall=machine.wall, steady=machine.steady).ahead_us == 0


def test_twenty_times_as_fast_keeps_the_meaning_of_a_minute() -> None:
    """Replays run at 20x; three seconds of waiting are then a minute."""
    machine = SteppingTime()
    clock = HubClock(speed=20, wall=machine.wall, steady=machine.steady)

    machine.pass_s(3)

    assert clock.now() == NOON + MINUTE


def test_a_manual_clock_stands_still_until_wound() -> None:
    """Tests never sleep."""
    clock = ManualClock(NOON)
    assert clock.now() == NOON

    clock.advance(MINUTE)

    assert clock.now() == NOON + MINUTE
