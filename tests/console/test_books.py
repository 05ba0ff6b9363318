"""console/books.py: a page needs no file of ours to show checklists, steps and plans."""

from console.books import books_doc
from dispatch.plan import Library
from dispatch.plan_files import default_book
from dispatch.words import Kind


def test_the_book_that_comes_with_us_is_told_whole() -> None:
    """Every kind with its checklist in both languages, every plan with every step."""
    book = default_book()

    [doc] = books_doc(Library([book]), "2025-11-21").books

    assert doc.serving
    assert [each.kind for each in doc.kinds] == [kind.value for kind in book.kinds]
    assert {each.kind for each in doc.kinds} == set(Kind)
    assert all(each.name.zh and each.name.en for kind in doc.kinds for each in kind.checklist)
    assert [each.id for each in doc.plans] == [each.plan for each in book.plans]
    assert [len(each.steps) for each in doc.plans] == [len(each.steps) for each in book.plans]


def test_a_need_is_told_by_the_name_that_decisions_use() -> None:
    """``missing`` and ``short`` of a wave are by the same label."""
    [doc] = books_doc(Library([default_book()]), "2025-11-21").books

    needs = [need for plan in doc.plans for step in plan.steps for need in step.needs]

    assert all(
        need.label == f"{need.role or 'any'}{f'+{need.skill}' if need.skill else ''}"
        for need in needs
    )


def test_hours_are_told_as_they_are_written_in_the_file() -> None:
    """``22:00-06:00``, past midnight too."""
    [doc] = books_doc(Library([default_book()]), "2025-11-21").books

    hours = {hours for plan in doc.plans for hours in plan.hours}

    assert hours
    assert all(len(each) == len("22:00-06:00") and each[5] == "-" for each in hours)
