"""Only a unit that is known to be near is called as near."""

from dispatch.rules.fresh_fix import fresh_fix
from dispatch.words import Verdict
from tests.dispatch.rules.builders import a_call, seen


def test_a_place_counts_up_to_the_age_of_the_setting() -> None:
    """Ninety seconds are fresh, a moment more is not."""
    assert fresh_fix(a_call(), seen(fix_age_s=90.0)) is None
    assert fresh_fix(a_call(), seen(fix_age_s=90.001)) is Verdict.STALE


def test_one_who_never_told_a_place_is_told_apart_from_one_whose_place_is_old() -> None:
    """The one has to switch the positioning on, the other to come out of the cellar."""
    assert fresh_fix(a_call(), seen(fix_age_s=None, distance_m=None)) is Verdict.NO_FIX
