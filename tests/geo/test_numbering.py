"""Names and numbers stand for one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.numbering import GROW_PART, ROOM_FIRST, Numbering


def test_names_are_numbered_in_the_order_in_which_they_come() -> None:
    """Columns of several tables are read by these numbers."""
    numbering = Numbering(["a", "b"])

    assert numbering.add("c") == 2
    assert (len(numbering), list(numbering), numbering[1:]) == (3, ["a", "b", "c"], ["b", "c"])
    assert [numbering.number(name) for name in numbering] == [0, 1, 2]


@given(st.lists(st.text(max_size=5), unique=True), st.lists(st.text(max_size=5)))
def test_it_is_a_list_and_a_dictionary(names: list[str], asked: list[str]) -> None:
    """Any text is a name, the empty one too; what begins alike or ends alike is another one."""
    at_once, one_by_one = Numbering(names), Numbering()
    for name in names:
        one_by_one.add(name)

    for numbering in (at_once, one_by_one):
        assert list(numbering) == names
        for name in [*names, *asked]:
            known = names.index(name) if name in names else None
            assert (numbering.find(name), name in numbering) == (known, known is not None)


def test_it_grows_by_many_as_by_one() -> None:
    """A district is enrolled radio by radio; each is found at once, and those before it still."""
    numbering = Numbering(["r0"])

    for number in range(1, 5_000):
        assert numbering.add(f"r{number}") == number

    assert [numbering.find(f"r{number}") for number in range(5_001)] == [*range(5_000), None]


def test_a_name_costs_little_more_than_its_letters() -> None:
    """A hundred thousand ids are looked up by every alarm and take two megabytes, not fourteen."""
    names = [f"c{number // 1000:03}-r{number % 1000:03}" for number in range(10_000)]

    numbering = Numbering(names)

    assert numbering.nbytes <= 23.01 * len(names)
    numbering.add("one more")
    assert numbering.nbytes <= 23.01 * len(names) * (1 + 1 / GROW_PART) + ROOM_FIRST


def test_names_whose_hashes_are_alike_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """With enough names two have the same 32 bits."""
    monkeypatch.setattr("geo.numbering.HASH_MASK", 3)
    names = [f"r{number}" for number in range(100)]

    numbering = Numbering(names)

    assert [numbering.find(name) for name in names] == [*range(100)]
    assert "r100" not in numbering


def test_a_name_that_comes_twice_is_refused() -> None:
    """A damaged list would give two units one row."""
    with pytest.raises(ValueError, match="1 names come twice"):
        Numbering(["a", "b", "a"])


def test_a_name_or_a_number_that_is_not_there_is_said() -> None:
    """A row of nobody must never be taken for the last unit's."""
    with pytest.raises(KeyError):
        Numbering(["a"]).number("b")
    for number in (1, -1):
        with pytest.raises(IndexError):
            Numbering(["a"])[number]


def test_a_name_that_is_numbered_already_is_our_bug() -> None:
    """Its rows would be nobody's any more."""
    with pytest.raises(AssertionError, match="has a number"):
        Numbering(["a"]).add("a")
