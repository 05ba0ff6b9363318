"""What one hub works with: settings, tables, board and timers, and what no fact tells.

Everything here that is not on the board may be lost in a restart: what was sent how
often, who is present, what was counted.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from dispatch.board import Board
from dispatch.clock import SECOND, Instant
from dispatch.decide import Chooser, choose
from dispatch.ids import AlarmId, CommunityId, IncidentId, OperatorName, RadioId
from dispatch.live import LiveTable
from dispatch.plan import DEFAULT_PLAN, ResponsePlan
from dispatch.roster import Roster
from dispatch.settings import Settings
from dispatch.timers import Key, Timers

REPEATS_KEPT_MAX: Final = 10_000
"""Alarms whose repetitions are counted; beyond, the longest unheard begins anew."""


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


@dataclass(slots=True, kw_only=True)
class Desk:
    """One hub's collaborators and what it remembers besides the board."""

    settings: Settings
    roster: Roster
    live: LiveTable
    plan: ResponsePlan = DEFAULT_PLAN
    choose: Chooser = choose
    board: Board = field(default_factory=Board)
    timers: Timers = field(default_factory=Timers)
    counts: Counter[str] = field(default_factory=Counter)
    zones: dict[CommunityId, ZoneInfo] = field(default_factory=dict)
    operators: frozenset[OperatorName] = frozenset()
    absent_since: Instant | None = None
    """Since when no operator is at any console; None while one is, or before the first turn."""
    store_down: str = ""
    broker_down: str = ""
    sent: dict[IncidentId, dict[Key, Sent]] = field(default_factory=dict)
    retry_t: dict[IncidentId, Instant] = field(default_factory=dict)
    """When a response that found nobody tries again."""
    last_fault: str = ""
    """What a rule last failed with; for the log."""
    decide_tries: dict[AlarmId, int] = field(default_factory=dict)
    repeats: OrderedDict[AlarmId, Repeats] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.zones = {c.community: ZoneInfo(c.zone) for c in self.roster.communities.values()}

    @property
    def fresh_us(self) -> int:
        """Age up to which a fix counts."""
        return us(self.settings.fresh_s)

    @property
    def silent_us(self) -> int:
        """Without a message for so long, a radio on duty has fallen silent."""
        missed_s = self.settings.offline_missed * self.settings.report_interval_s
        return us(max(self.settings.fresh_s, missed_s))

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
