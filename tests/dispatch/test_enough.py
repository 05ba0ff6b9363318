"""Who may turn back: neither the one who would have been first, nor everybody too late."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.enough import CLOSE_S, Standing, surplus
from dispatch.ids import UnitId

standings = st.lists(
    st.builds(
        Standing,
        unit=st.text("abcdef", min_size=1, max_size=3).map(UnitId),
        coming=st.booleans(),
        eta_s=st.none() | st.floats(0.0, 1_000.0),
    ),
    max_size=12,
    unique_by=lambda each: each.unit,
)


def standing(unit: str, eta_s: float | None, *, coming: bool = True) -> Standing:
    """One who said yes, unless said."""
    return Standing(unit=UnitId(unit), coming=coming, eta_s=eta_s)


def test_a_yes_from_afar_withdraws_nobody() -> None:
    """The nearest may be slower to answer, and is there first all the same."""
    asked = [standing("far", 400.0), standing("near", 90.0, coming=False)]

    assert surplus(asked, wanted=1) == set()


def test_the_others_turn_back_once_one_is_close() -> None:
    """On their way or not asked loudly enough: both are spared."""
    asked = [
        standing("close", CLOSE_S),
        standing("behind", CLOSE_S + 1.0),
        standing("silent", 10.0, coming=False),
        standing("unknown", None),
    ]

    assert surplus(asked, wanted=1) == {"behind", "silent", "unknown"}


def test_two_wanted_are_not_one_close_and_one_far() -> None:
    """Nobody is withdrawn before all that are wanted are as good as there."""
    asked = [standing("close", 20.0), standing("far", 200.0), standing("farther", 300.0)]

    assert surplus(asked, wanted=2) == set()


@given(standings, st.integers(1, 4))
def test_as_many_as_are_wanted_always_stay(asked: list[Standing], wanted: int) -> None:
    """Withdrawing never leaves fewer coming than were wanted, if there were as many."""
    gone = surplus(asked, wanted=wanted)

    coming = {each.unit for each in asked if each.coming}
    assert len(coming - gone) >= min(wanted, len(coming))
