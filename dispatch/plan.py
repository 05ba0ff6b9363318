"""Response plans: who is asked to what, in which steps, how long each may take. Values only.

A book holds the kinds of incident and the plans of one version. A plan is a short
ladder of steps, each asking for more or farther people than the one before it:

    near (grid) --90 s, nobody there--> wider (community) --180 s--> street --> 110

Reading and checking a book is plan_files.py's work, choosing people decide.py's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NewType

from dispatch.words import Agency, Kind, Nearby, Role, Tier

PlanId = NewType("PlanId", str)
"""``book-version/plan``, as incidents and decisions remember it."""

MINUTES_OF_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """So many of a role, a skill, or both should come."""

    count: int
    role: Role | None = None
    """None: any role."""
    skill: str = ""
    """Empty: no skill asked."""

    @property
    def label(self) -> str:
        """How decisions name it: ``volunteer``, ``volunteer+medical``, ``any+fire``, ``any``."""
        role = "any" if self.role is None else self.role.value
        return f"{role}+{self.skill}" if self.skill else role

    def fits(self, role: Role, skills: Sequence[str]) -> bool:
        """Whether a unit of this role and these skills fills it."""
        right_role = self.role is None or self.role is role
        return right_role and (not self.skill or self.skill in skills)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One rung of a plan."""

    step: str
    """Its name within the plan."""
    tier: Tier
    needs: tuple[Need, ...]
    """How many should come in all, those of earlier steps counted; most wanted first.
    Empty where the step only tells somebody: what was wanted before it still is."""
    rings: int | None
    """How many rings of grids round the place may be asked: 0 the own grid only, None all."""
    wave_s: float | None
    """Silent for so long, a unit has not answered and others are asked; None: as the setting
    ``wave_s`` has it."""
    hold_s: float | None
    """The next step begins when so long after this one too few are on scene; None: never."""
    then: str
    """The step after this; empty: none."""
    tell: tuple[str, ...] = ()
    """People besides the units who are told when the step begins: ``supervisor``, or a name of
    the gateways' file."""
    agency: Agency | None = None
    """To whom handing over is proposed when the step begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A part of the day, in minutes after local midnight; it may pass midnight."""

    begins: int
    ends: int

    def holds(self, minute: int) -> bool:
        """Whether this minute of the day is within, its beginning counted, its end not."""
        if self.begins < self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What sort of thing happened, at what sort of place and time: a plan is chosen by it."""

    kind: Kind
    grid_class: str
    """Empty: outside every grid, or in one of no class."""
    minute: int
    """Of the local day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one sort of incident is answered, at one sort of place and time."""

    plan: PlanId
    kinds: frozenset[Kind]
    classes: frozenset[str]
    """Grid classes (A, B) it is for; empty: any, also outside every grid."""
    hours: tuple[Hours, ...]
    """When it is for; empty: always."""
    target_s: float
    """Somebody should be on scene so soon after the opening."""
    sure: float
    """A wave asks as many as make it so likely that somebody arrives in time (0..1)."""
    on_scene: int
    """So many on scene are enough: no further step begins."""
    fairness_s: float
    """Each call-out of the last days makes a unit count as so much farther away; 0: never."""
    by_rings: bool
    """Nearest is the own grid first, then ring by ring; False: whoever is there soonest."""
    preempts: int | None
    """Units on an errand of this priority or a lower one may be called off for it (a greater
    number is less urgent); None: nobody's errand is interrupted."""
    steps: tuple[PlanStep, ...]
    """The first is where it begins."""

    def step(self, name: str) -> PlanStep:
        """A step by its name; the first where the name is none of this plan."""
        return next((each for each in self.steps if each.step == name), self.steps[0])

    def answering(self, name: str) -> PlanStep:
        """A step as it answers: one that only tells goes on asking for what was wanted before."""
        step = asking = self.step(name)
        while not asking.needs:
            before = next((each for each in self.steps if each.then == asking.step), None)
            if before is None:
                return step
            asking = before
        return replace(step, needs=asking.needs)

    def fits(self, kind: Kind, grid_class: str, minute: int) -> bool:
        """Whether it is for this kind, in a grid of this class, at this minute of the day."""
        return (
            kind in self.kinds
            and (not self.classes or grid_class in self.classes)
            and (not self.hours or any(each.holds(minute) for each in self.hours))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One thing the operator goes through."""

    item: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """What a kind of incident means, whatever plan answers it."""

    kind: Kind
    priority: int
    """1 emergency, 2 urgent, 3 watch, 4 note."""
    nearby: Nearby
    near_m: float
    """A press so near an open incident of the kind ..."""
    near_s: float
    """... and so soon after its last press may be about the same matter."""
    checklist: tuple[ChecklistItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBook:
    """All kinds and plans of one version."""

    book: str
    version: int
    begins: str
    """First local day it is for (YYYY-MM-DD); empty: always was."""
    ends: str
    """First local day it is no longer for; empty: never ends."""
    kinds: Mapping[Kind, KindRule]
    """Every kind has one."""
    plans: tuple[Plan, ...]
    """The first that fits is taken; every kind has one that always fits."""
    text: str
    """The book as the journal keeps it: canonical JSON, which plan_files.py reads back."""

    @property
    def name(self) -> str:
        """``book-version``."""
        return f"{self.book}-{self.version}"

    def serves(self, day: str) -> bool:
        """Whether it is for this local day (YYYY-MM-DD)."""
        return self.begins <= day and (not self.ends or day < self.ends)

    def plan_for(self, kind: Kind, grid_class: str, local: datetime) -> Plan:
        """The plan for an incident of this kind, in a grid of this class, at this local time."""
        return self.plan_of(
            Matter(kind=kind, grid_class=grid_class, minute=local.hour * 60 + local.minute)
        )

    def plan_of(self, matter: Matter) -> Plan:
        """The plan for a matter."""
        sort = (matter.kind, matter.grid_class, matter.minute)
        return next(each for each in self.plans if each.fits(*sort))

    def by_id(self, plan: PlanId) -> Plan | None:
        """The plan of this name; None where it is none of this book."""
        return next((each for each in self.plans if each.plan == plan), None)


class Library:
    """The books of one community: the newest that serves the day answers."""

    def __init__(self, books: Sequence[PlanBook]) -> None:
        self._books: dict[str, PlanBook] = {}
        for book in books:
            self.put(book)

    def put(self, book: PlanBook) -> None:
        """Know this book from now on."""
        self._books[book.name] = book

    def has(self, name: str) -> bool:
        """Whether the book of this name is here."""
        return name in self._books

    def serving(self, day: str) -> PlanBook:
        """Of those for this day, the one that began last, then the highest version."""
        fit = [each for each in self._books.values() if each.serves(day)]
        assert fit, "the built-in book serves every day"
        return max(fit, key=lambda each: (each.begins, each.version, each.book))

    def book_of(self, plan: PlanId) -> PlanBook | None:
        """The book that a plan's name belongs to; None where it is not known."""
        return self._books.get(plan.partition("/")[0])

    def plan(self, plan: PlanId) -> Plan | None:
        """A plan by its name; None where it is not known."""
        book = self.book_of(plan)
        return None if book is None else book.by_id(plan)

    def books(self) -> list[PlanBook]:
        """All of them, by name."""
        return [self._books[name] for name in sorted(self._books)]
