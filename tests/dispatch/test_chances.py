"""How likely somebody comes, and how many are asked for it: neither too few nor all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.chances import (
    ACCEPT_PRIOR,
    PRIOR_ASKS,
    ROUNDING,
    UNKNOWN_ARRIVES,
    accept_chance,
    arrive_chance,
    eta_s,
    someone,
    wave_size,
)
from dispatch.words import Role

roles = st.sampled_from(Role)
probabilities = st.floats(0.0, 1.0)
crowds = st.lists(probabilities, max_size=40)
few = st.lists(probabilities, max_size=7)
seconds = st.floats(0.0, 1e6)


def suffices(chances: list[float], *, wanted: int, sure: float) -> bool:
    """What a wave must hold, said once more and otherwise."""
    return someone(chances) >= sure - ROUNDING and sum(chances) >= wanted - ROUNDING


@given(roles)
def test_a_newcomer_stands_where_their_role_stands(role: Role) -> None:
    """Nobody is written off, or counted on, before they were ever asked."""
    assert accept_chance(role, asked=0, accepted=0) == pytest.approx(ACCEPT_PRIOR[role])


@given(roles, st.integers(0, 500), st.data())
def test_each_yes_raises_the_chance_and_each_no_lowers_it(
    role: Role, asked: int, data: st.DataObject
) -> None:
    """The record moves it the right way, and never to certainty."""
    accepted = data.draw(st.integers(0, asked))
    now = accept_chance(role, asked=asked, accepted=accepted)

    assert accept_chance(role, asked=asked + 1, accepted=accepted) < now
    assert accept_chance(role, asked=asked + 1, accepted=accepted + 1) > now
    assert 0.0 < now < 1.0


def test_after_as_many_asks_as_the_prior_both_weigh_the_same() -> None:
    """A volunteer who came five times in five stands half-way between 30 % and always."""
    asked = int(PRIOR_ASKS)

    assert accept_chance(Role.VOLUNTEER, asked=asked, accepted=asked) == pytest.approx(0.65)


@given(roles, seconds, st.none() | seconds)
def test_a_known_walk_decides_over_metres(
    role: Role, walk_s: float, distance_m: float | None
) -> None:
    """The river between two places is on the street graph and not in the straight line."""
    known = eta_s(role, walk_s=walk_s, distance_m=distance_m)

    assert known is not None
    assert known > walk_s
    assert known == eta_s(role, walk_s=walk_s, distance_m=None)


@given(roles, seconds)
def test_a_straight_line_is_walked_slower_than_its_metres(role: Role, distance_m: float) -> None:
    """Streets go round blocks: counting plain metres would promise people too early."""
    guessed = eta_s(role, walk_s=None, distance_m=distance_m)

    assert guessed is not None
    assert guessed > distance_m / 1.2


@given(roles)
def test_nothing_known_is_told_as_nothing_known(role: Role) -> None:
    """Not as near, and not as far."""
    assert eta_s(role, walk_s=None, distance_m=None) is None
    assert arrive_chance(None, 300.0) == UNKNOWN_ARRIVES


@given(seconds, seconds, st.floats(0.0, 1e5))
def test_who_is_expected_sooner_is_likelier_there(one: float, other: float, target: float) -> None:
    """Or the order of asking and the size of a wave would fall out."""
    sooner, later = sorted((one, other))

    assert 0.0 <= arrive_chance(later, target) <= arrive_chance(sooner, target) <= 1.0


@given(seconds, st.floats(0.0, 1e5), st.floats(0.0, 1e5))
def test_more_time_never_makes_it_less_likely(eta: float, one: float, other: float) -> None:
    """A laxer target asks fewer."""
    short, long = sorted((one, other))

    assert arrive_chance(eta, short) <= arrive_chance(eta, long)


def test_one_expected_just_at_the_target_is_as_likely_late() -> None:
    """The expected time is the middle of those that may be."""
    assert arrive_chance(240.0, 240.0) == pytest.approx(0.5)


@given(crowds, st.integers(1, 6), probabilities)
def test_a_wave_is_enough_and_one_fewer_is_not(
    chances: list[float], wanted: int, sure: float
) -> None:
    """As many as it takes and no more: each one too many is woken for nothing."""
    size = wave_size(chances, wanted=wanted, sure=sure)

    assert 0 <= size <= len(chances)
    if size:
        assert not suffices(chances[: size - 1], wanted=wanted, sure=sure + 2 * ROUNDING)
    if size < len(chances):
        assert suffices(chances[:size], wanted=wanted, sure=sure - ROUNDING)


@given(crowds, st.integers(0, 6), probabilities, probabilities)
def test_wanting_more_or_to_be_surer_never_asks_fewer(
    chances: list[float], wanted: int, one: float, other: float
) -> None:
    """An operator who turns it up gets no fewer people."""
    lower, higher = sorted((one, other))
    size = wave_size(chances, wanted=wanted, sure=lower)

    assert size <= wave_size(chances, wanted=wanted, sure=higher)
    assert size <= wave_size(chances, wanted=wanted + 1, sure=lower)


@given(crowds, st.integers(1, 6), probabilities, st.data())
def test_likelier_people_never_make_the_wave_larger(
    chances: list[float], wanted: int, sure: float, data: st.DataObject
) -> None:
    """Who always comes is asked with fewer beside them."""
    better = [data.draw(st.floats(each, 1.0)) for each in chances]

    assert wave_size(better, wanted=wanted, sure=sure) <= wave_size(
        chances, wanted=wanted, sure=sure
    )


def test_volunteers_of_whom_nothing_is_known_are_asked_seven_for_one() -> None:
    """0.7 to the seventh is 8 %: with six, nobody comes in one call of nine."""
    assert wave_size([0.3] * 40, wanted=1, sure=0.9) == 7
    assert wave_size([0.3] * 40, wanted=3, sure=0.9) == 10


def test_too_few_people_are_all_asked() -> None:
    """Better somebody perhaps than nobody surely; that they are too few is said elsewhere."""
    assert wave_size([0.3, 0.2], wanted=1, sure=0.9) == 2
    assert wave_size([], wanted=3, sure=0.9) == 0


def test_nobody_wanted_is_nobody_asked() -> None:
    """Enough are coming already."""
    assert wave_size([0.9, 0.9], wanted=0, sure=0.9) == 0


def test_someone_comes_unless_everybody_stays_away() -> None:
    """Two coins, of four ways three with somebody; nobody asked is nobody there."""
    assert someone([0.5, 0.5]) == pytest.approx(0.75)
    assert someone([0.2, 1.0]) == 1.0
    assert someone([]) == 0.0
