"""The plan books of the files beside those that the journal knows: one name, one book.

An incident remembers the plan that answered it by the book's name and version. What a file
says under a name that has served already must therefore be what served.
"""

from collections.abc import Iterable
from dataclasses import replace

from dispatch.errors import PlanError, SettingsError
from dispatch.events import Event, PlanBookAdopted
from dispatch.plan import PlanBook
from dispatch.plan_files import book_of_text, conflict
from dispatch.roster import Community


def as_adopted(communities: Iterable[Community], facts: Iterable[Event]) -> list[Community]:
    """The communities, their books as the journal has them where it does.

    What a file leaves out may come from another built-in book than it did when it was
    adopted; the book that served goes on serving. Raises SettingsError where the file itself
    says otherwise.
    """
    known = {
        (fact.community, f"{fact.book}-{fact.version}"): fact.text
        for fact in facts
        if isinstance(fact, PlanBookAdopted)
    }
    return [
        replace(
            each,
            books=tuple(
                _served(book, known.get((each.community, book.name))) for book in each.books
            ),
        )
        for each in communities
    ]


def _served(book: PlanBook, known_text: str | None) -> PlanBook:
    if known_text is None:
        return book
    try:
        why = conflict(known_text, book)
        served = book_of_text(known_text)
    except (
        PlanError
    ):  # damaged, or of a later Yihu: nothing to compare with, and the file can serve
        return book
    if why:
        what, _, remedy = why.rpartition("; ")
        raise SettingsError(what, remedy)
    return served
