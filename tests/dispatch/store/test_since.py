"""Who is there, and since when, is read back as it was written."""

from dispatch.ids import UnitId
from dispatch.store.since import OnDuty, Since


def test_pairs_come_back_in_their_order_as_often_as_asked() -> None:
    """A start looks at them twice: whose fixes to fetch, and whose rows to mark."""
    pairs = [("xizi-v01", 1), ("西子", 2**62), ("xizi-v01", 0)]

    since = Since(pairs)

    assert (len(since), list(since), list(since)) == (3, pairs, pairs)
    assert list(Since[str](())) == []


def test_duties_keep_both_clocks_apart() -> None:
    """By the radio's own clock is judged which fixes are none of ours."""
    told = [(UnitId("xizi-v02"), 7, 2**62), (UnitId("xizi-v01"), 2**62, 0)]

    on_duty = OnDuty(each for each in told)

    assert (len(on_duty), list(on_duty), list(on_duty)) == (2, told, told)
    assert list(OnDuty(())) == []
