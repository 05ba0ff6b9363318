"""Who is there, and since when, is read back as it was written."""

from dispatch.store.since import Since


def test_pairs_come_back_in_their_order_as_often_as_asked() -> None:
    """A start looks at them twice: whose fixes to fetch, and whose rows to mark."""
    pairs = [("xizi-v01", 1), ("西子", 2**62), ("xizi-v01", 0)]

    since = Since(pairs)

    assert (len(since), list(since), list(since)) == (3, pairs, pairs)
    assert list(Since[str](())) == []
