"""dispatch/seldom.py: how often the log tells of one thing."""

from dispatch.seldom import EVERY_S, Seldom


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
