"""Names and numbers stand for one another."""

import pytest

from geo.numbering import Numbering


def test_names_are_numbered_in_the_order_in_which_they_come() -> None:
    """Columns of several tables are read by these numbers."""
    numbering = Numbering(["a", "b"])

    assert numbering.add("c") == 2
    assert (len(numbering), numbering.names) == (3, ["a", "b", "c"])
    assert [numbering.numbers[name] for name in numbering.names] == [0, 1, 2]


def test_a_name_that_comes_twice_is_refused() -> None:
    """A damaged list would give two units one row."""
    with pytest.raises(ValueError, match="1 names come twice"):
        Numbering(["a", "b", "a"])


def test_a_name_that_is_numbered_already_is_our_bug() -> None:
    """Its rows would be nobody's any more."""
    with pytest.raises(AssertionError, match="has a number"):
        Numbering(["a"]).add("a")
