"""Columns stand under each other, also where Chinese is twice as wide."""

from dispatch.text_table import table


def test_columns_are_straight_in_both_languages() -> None:
    """A terminal gives a Chinese character the room of two letters."""
    assert list(table([("呼叫", "x"), ("call", "y"), ("", "z")])) == [
        "  呼叫   x",
        "  call   y",
        "         z",
    ]


def test_nothing_hangs_over_at_the_end_of_a_line() -> None:
    """Lines are compared and pasted."""
    assert list(table([("a", "long"), ("b", "")])) == ["  a   long", "  b"]
