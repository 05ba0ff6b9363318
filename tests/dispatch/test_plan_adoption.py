"""A name that has served means what served, whatever the file says now."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from dispatch.errors import SettingsError
from dispatch.events import PlanBookAdopted
from dispatch.ids import CommunityId
from dispatch.plan import PlanBook
from dispatch.plan_adoption import as_adopted
from dispatch.plan_files import book_of_text, load_book
from tests.builders import NOON, TOWN, town
from tests.dispatch.test_plan_files import HEAD, PLAN, write_book


def a_book(folder: Path, text: str = HEAD + PLAN) -> PlanBook:
    """The book of a file."""
    write_book(folder, text)
    return load_book(folder / "plans.toml")


def adopted(book: PlanBook, community: CommunityId = TOWN, text: str = "") -> PlanBookAdopted:
    """The fact that it serves."""
    return PlanBookAdopted(
        t=NOON,
        community=community,
        book=book.book,
        version=book.version,
        text=text or book.text,
    )


def test_a_book_that_is_new_serves_as_the_file_says(tmp_path: Path) -> None:
    """Also where another community has one of that name."""
    book = a_book(tmp_path)
    other = adopted(a_book(tmp_path, HEAD + PLAN.replace("guard", "police")), CommunityId("east"))

    [community] = as_adopted([replace(town(), books=(book,))], [other])

    assert community.books == (book,)


def test_a_book_with_other_text_under_a_name_that_served_is_refused(tmp_path: Path) -> None:
    """Files of incidents would say that they were answered by what they were not."""
    served = adopted(a_book(tmp_path))
    changed = a_book(tmp_path, HEAD + PLAN.replace("guard", "police"))

    with pytest.raises(SettingsError) as refused:
        as_adopted([replace(town(), books=(changed,))], [served])

    assert refused.value.what == (
        "plan book lane-1 differs from the one that has served as lane-1 (plan quarrel)"
    )
    assert refused.value.remedy == "give it a version of its own, above 1"


def test_what_was_inherited_stays_as_it_was_adopted(tmp_path: Path) -> None:
    """Another Yihu has another built-in book; the file has not changed, nor has its book."""
    book = a_book(tmp_path)
    table = msgspec.json.decode(book.text)
    table["kinds"]["sos"]["near_m"] += 7
    then = msgspec.json.encode(table).decode()

    [community] = as_adopted([replace(town(), books=(book,))], [adopted(book, text=then)])

    assert community.books == (book_of_text(then),)


def test_a_damaged_text_leaves_the_file_to_serve(tmp_path: Path) -> None:
    """`yihu verify` tells of the damage; the next press must be answered."""
    book = a_book(tmp_path)

    [community] = as_adopted([replace(town(), books=(book,))], [adopted(book, text="{")])

    assert community.books == (book,)
