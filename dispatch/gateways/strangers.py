"""Names that only one side knows: people whom plans tell, radios that have a number. Pure.

A slip in either would stay silent until the night when somebody should have been told.
"""

import difflib
from collections.abc import Iterable

from dispatch.gateways.book import Book, ContactKey, person_contact
from dispatch.plan import PlanBook

RADIO = "radio/"
PERSON = "person/"


def strangers(ways: Book, books: Iterable[PlanBook], radios: Iterable[str]) -> list[str]:
    """A sentence for each name that cannot mean anybody, in order; empty where all do."""
    plans = (plan for book in books for plan in book.plans)
    told = {person for plan in plans for step in plan.steps for person in step.tell}
    people = _names(ways.contacts, PERSON)
    known = set(radios)
    lost = [
        f"plans tell {person}, whom {ways.file.name} does not know{_near(person, people)}"
        for person in sorted(told)
        if not ways.knows(person_contact(person))
    ]
    lost += [
        f"{ways.file.name} has a number for radio {radio}, which is not on the roster"
        f"{_near(radio, known)}"
        for radio in _names(ways.contacts, RADIO)
        if radio not in known
    ]
    return lost


def _names(contacts: Iterable[ContactKey], kind: str) -> list[str]:
    return sorted(each.removeprefix(kind) for each in contacts if each.startswith(kind))


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
