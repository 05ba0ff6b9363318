"""What one hub works with: settings, tables, board and timers, and what no fact tells.

Everything here that is not on the board may be lost in a restart: what was sent how
often, who is present, what was counted.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from dispatch.board import Board
from dispatch.clock import SECOND, Instant
from dispatch.decide import Chooser, choose
from dispatch.gateways.book import Book
from dispatch.ids import AlarmId, CommunityId, GridId, IncidentId, OperatorName, RadioId, UnitId
from dispatch.incident import Incident
from dispatch.live import LiveTable
from dispatch.plan import KindRule, Library, Matter, Plan, PlanId
from dispatch.plan_files import default_book
from dispatch.roster import Roster
from dispatch.settings import Settings
from dispatch.timers import Key, Timers
from dispatch.words import Kind

REPEATS_KEPT_MAX: Final = 10_000
"""Alarms whose repetitions are counted; beyond, the longest unheard begins anew."""

LEFT_KEPT_MAX: Final = 1_000
"""Operators who are away and remembered: a district's shifts of a week."""


@dataclass(slots=True)
class Sent:
    """A message to a radio that is sent until it is confirmed."""

    tries: int
    next_t: Instant


@dataclass(slots=True)
class Repeats:
    """How often a press was heard again, and what of that the journal knows."""

    count: int = 0
    told: int = 0
    told_t: Instant | None = None
    conflicts: int = 0
    given_up: bool = False
    """The store refused it: the next repetition is put down as the first."""


@dataclass(slots=True, kw_only=True)
class Look:
    """An incident that found too few people looks for more."""

    due_t: Instant
    besides_asked: bool
    """Beside those who may still answer; else because nobody was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How far the doctor's last trial press came (trial.py). Known while we run only."""

    press: str
    """``boot:counter``, by which its doctor knows it."""
    decided: bool = False
    would_call: int = 0
    """How many people a real one would have called first."""
    fault: str = ""
    """What deciding failed with."""


@dataclass(slots=True)
class Offer:
    """Units of a community that came free, and what they have been offered to."""

    units: set[UnitId] = field(default_factory=set)
    passed: set[IncidentId] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Desk:
    """One hub's collaborators and what it remembers besides the board."""

    settings: Settings
    roster: Roster
    live: LiveTable
    choose: Chooser = choose
    board: Board = field(default_factory=Board)
    timers: Timers = field(default_factory=Timers)
    counts: Counter[str] = field(default_factory=Counter)
    zones: dict[CommunityId, ZoneInfo] = field(default_factory=dict)
    libraries: dict[CommunityId, Library] = field(default_factory=dict)
    """The plan books of each community; the built-in one is in all."""
    operators: frozenset[OperatorName] = frozenset()
    absent_since: Instant | None = None
    """Since when no operator is at any console; None while one is, or before the first turn."""
    left: dict[OperatorName, Instant] = field(default_factory=dict)
    """When somebody who is at no console was there last, or asked for something."""
    store_down: str = ""
    broker_down: str = ""
    sent: dict[IncidentId, dict[Key, Sent]] = field(default_factory=dict)
    ways: Book | None = None
    """SMS, voice and chat, besides the radios; None: there are none."""
    under_way: dict[str, tuple[str, str, bool, Instant]] = field(default_factory=dict)
    """Messages given to a gateway, without a result: whose (an order, or ``incident#person``),
    which gateway, whether it takes an order back, and since when."""
    gateway_messages: int = 0
    """How many there were, for their names."""
    looks: dict[IncidentId, Look] = field(default_factory=dict)
    """What looks for more people (looking.py)."""
    offers: dict[CommunityId, Offer] = field(default_factory=dict)
    """Who came free and is to be offered to them (waves.py)."""
    to_resume: OrderedDict[IncidentId, None] = field(default_factory=OrderedDict)
    """Incidents that are to be looked at, a few at a time (resuming.py)."""
    trial: Trial | None = None
    last_fault: str = ""
    """What a rule last failed with; for the log."""
    uncalled: set[IncidentId] = field(default_factory=set)
    """Opened by a press; the turn that calls people to them for the first time is still to come."""
    decide_tries: dict[AlarmId, int] = field(default_factory=dict)
    repeats: OrderedDict[AlarmId, Repeats] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        for each in self.roster.communities.values():
            self.zones[each.community] = ZoneInfo(each.zone)
            self.libraries[each.community] = Library([default_book(), *each.books])

    @property
    def fresh_us(self) -> int:
        """Age up to which a fix counts."""
        return us(self.settings.fresh_s)

    @property
    def silent_us(self) -> int:
        """Without a message for so long, a radio on duty has fallen silent."""
        missed_s = self.settings.offline_missed * self.settings.report_interval_s
        return us(max(self.settings.fresh_s, missed_s))

    def local(self, community: CommunityId, t: Instant) -> datetime:
        """The community's time of day."""
        return datetime.fromtimestamp(t // SECOND, UTC).astimezone(self.zones[community])

    def plan_for(
        self, community: CommunityId, kind: Kind, grid: GridId | None, now: Instant
    ) -> Plan:
        """The plan for an incident of this kind, there and now."""
        book = self.libraries[community].serving(f"{self.local(community, now):%Y-%m-%d}")
        return book.plan_of(self.matter(community, kind, grid, now))

    def matter(
        self, community: CommunityId, kind: Kind, grid: GridId | None, now: Instant
    ) -> Matter:
        """What plans are chosen by, there and now."""
        local = self.local(community, now)
        place = self.roster.communities[community].grids.by_id.get(grid or "")
        grid_class = "" if place is None else place.klass
        return Matter(kind=kind, grid_class=grid_class, minute=local.hour * 60 + local.minute)

    def plan_of(self, incident: Incident) -> Plan:
        """The plan that answers an incident. One that is no longer known (its book was never
        adopted here) is answered as a new one would be."""
        plan = self.libraries[incident.community].plan(incident.plan)
        if plan is not None:
            return plan
        return self.plan_for(incident.community, incident.kind, incident.grid, incident.opened_t)

    def rule_of(self, community: CommunityId, plan: PlanId, kind: Kind, now: Instant) -> KindRule:
        """What a kind means, in the book that this plan is of."""
        library = self.libraries[community]
        book = library.book_of(plan)
        if book is None:
            book = library.serving(f"{self.local(community, now):%Y-%m-%d}")
        return book.kinds[kind]

    def kind_rule(self, community: CommunityId, kind: Kind, now: Instant) -> KindRule:
        """What a kind means there and now."""
        book = self.libraries[community].serving(f"{self.local(community, now):%Y-%m-%d}")
        return book.kinds[kind]

    def note_left(self, name: OperatorName, now: Instant) -> None:
        """They were here until now; who left longest ago is let go beyond the maximum."""
        self.left.pop(name, None)
        self.left[name] = now
        if len(self.left) > LEFT_KEPT_MAX:
            del self.left[next(iter(self.left))]

    def repeats_of(self, alarm: AlarmId) -> Repeats:
        """The counter of this press; the longest unheard is let go beyond the maximum."""
        found = self.repeats.setdefault(alarm, Repeats())
        self.repeats.move_to_end(alarm)
        if len(self.repeats) > REPEATS_KEPT_MAX:
            self.repeats.popitem(last=False)
        return found

    def refuse(self, radio: RadioId, community: CommunityId) -> str:
        """Why nothing from this radio counts; empty where it does."""
        record = self.roster.radios.get(radio)
        if record is None:
            return "unknown_radio"
        if record.revoked:
            return "revoked_radio"
        return "" if record.community == community else "wrong_community"


def us(seconds: float) -> int:
    """Seconds of a setting as microseconds, never less than one."""
    return max(1, round(seconds * SECOND))
