"""One call as the benchmark plays it: who is there first, who came for nothing, who turned back."""

from bench.calls import RealCall
from bench.replay import HEARD_S, Product, Release, everybody, one_at_a_time, played, waves_of
from bench.scenes import REACH_S, WAVE_S, Scene

NO, YES = 1.0, 0.0
RATE = 0.3


def scene(
    *units: tuple[float, float, float], silent: bool = False, drawn: tuple[float, ...] = ()
) -> Scene:
    """Units as (expected seconds, luck, seconds to answer), soonest first."""
    expected_s, luck, answer_s = (tuple(column) for column in zip(*units, strict=True))
    return Scene(
        call=RealCall(name="c", at=0.0, place=(-122.4, 37.8)),
        units=tuple(f"u{number:02}" for number in range(len(units))),
        expected_s=expected_s,
        drawn_s=drawn or expected_s,
        rings=(0,) * len(units),
        in_range=sum(seconds <= REACH_S for seconds in expected_s),
        luck=luck,
        answer_s=answer_s,
        silent=(silent,) * len(units),
    )


def test_one_at_a_time_waits_for_each_no() -> None:
    """A decline costs its seconds, a silence the whole wave."""
    declines = scene((100.0, NO, 10.0), (120.0, YES, 5.0))
    stays_silent = scene((100.0, NO, 10.0), (120.0, YES, 5.0), silent=True)

    for each, before_s in ((declines, 10.0), (stays_silent, WAVE_S)):
        told = played(
            each, waves_of(each, one_at_a_time, RATE), RATE, Release.ON_SCENE, drawn=False
        )
        assert told is not None
        assert told.arrival_s == before_s + 5.0 + 120.0
        assert (told.waves, told.asked, told.redundant) == (2, 2, 0)
        assert told.as_near


def test_who_is_there_before_the_withdrawal_is_heard_came_for_nothing() -> None:
    """And who is still on the way is no arrival."""
    three = scene((100.0, YES, 5.0), (100.0 + HEARD_S, YES, 5.0), (200.0, YES, 5.0))

    told = played(three, waves_of(three, everybody, RATE), RATE, Release.ON_SCENE, drawn=False)

    assert told is not None
    assert (told.redundant, told.turned_back) == (1, 1)


def test_withdrawing_at_the_first_yes_loses_the_nearest() -> None:
    """The quick answer came from afar."""
    two = scene((100.0, YES, 20.0), (300.0, YES, 5.0))
    waves = waves_of(two, everybody, RATE)

    told = {release: played(two, waves, RATE, release, drawn=False) for release in Release}

    arrivals = {release: each.arrival_s for release, each in told.items() if each is not None}
    assert arrivals.pop(Release.FIRST_YES) == 305.0
    assert set(arrivals.values()) == {120.0}


def test_a_farther_one_released_early_cannot_win_the_race() -> None:
    """Where travel is uncertain, releasing by what is expected costs arrivals."""
    race = scene((100.0, YES, 20.0), (150.0, YES, 5.0), drawn=(400.0, 90.0))
    waves = waves_of(race, everybody, RATE)

    kept = played(race, waves, RATE, Release.CLOSE, drawn=True)
    released = played(race, waves, RATE, Release.FARTHER, drawn=True)

    assert kept is not None
    assert released is not None
    assert (kept.arrival_s, kept.turned_back) == (95.0, 1)
    assert (released.arrival_s, released.turned_back) == (420.0, 1)


def test_nobody_comes_where_all_decline() -> None:
    """Such a call is in no mean."""
    two = scene((100.0, NO, 5.0), (500.0, NO, 5.0))
    waves = waves_of(two, everybody, RATE)

    assert [len(wave) for wave in waves] == [1, 1]
    assert played(two, waves, RATE, Release.CLOSE, drawn=False) is None


def test_the_product_learns_who_accepts_and_then_asks_fewer() -> None:
    """Wave size follows from the record."""
    willing = scene(*((100.0 + each, YES, 5.0) for each in range(30)))
    product = Product(sure=0.9)

    at_first = waves_of(willing, product, RATE)
    for _ in range(20):
        product.learn(willing, at_first, RATE)
    later = waves_of(willing, product, RATE)

    assert list(at_first[0]) == list(range(len(at_first[0])))
    assert len(later[0]) < len(at_first[0])
