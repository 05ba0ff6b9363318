"""What a starting hub is given: enough to go on as if it had never stopped, and no more."""

from dataclasses import dataclass, replace
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from dispatch.chances import RECORD_DAYS
from dispatch.clock import DAY, HOUR, MINUTE, Instant
from dispatch.events import (
    AssignmentEvent,
    AssignmentExpired,
    AssignmentWithdrawn,
    Event,
    OrderReceived,
    UnitAccepted,
    UnitArrived,
    UnitAssigned,
    UnitCleared,
    UnitDeclined,
    UnitEnRoute,
)
from dispatch.ids import AssignmentId, IncidentId, UnitId
from dispatch.records import Records, Tally
from dispatch.store import projections, reading
from dispatch.store.schema import METADATA
from dispatch.store.sql import SqlStore
from dispatch.words import Disposition, FalseReason, WithdrawReason
from tests.dispatch.store.facts import (
    COMMUNITY,
    INCIDENT,
    NOON,
    accepted,
    alarm,
    alarm_id,
    assigned,
    closed,
    opened,
    signed_on,
)
from tests.dispatch.store.started import board_of, folded
from tests.dispatch.store.story import (
    DRILL,
    OTHER,
    adopted,
    drill_ended,
    drill_started,
    moved,
    reopened,
)

DRILLED: Final = IncidentId("xizi-20260921-009")
INCIDENTS: Final = (INCIDENT, OTHER, DRILLED)
UNITS: Final = ("r2", "r3")
CARRIED: Final = 2
"""Every second order goes on from another one."""

ANSWERS: Final[tuple[type[AssignmentEvent], ...]] = (
    *(OrderReceived, UnitAccepted, UnitDeclined, UnitEnRoute, UnitArrived, UnitCleared),
    *(AssignmentExpired, AssignmentWithdrawn),
)


@dataclass
class Season:
    """Months of orders, presses and ends, told one after the other as a hub would."""

    t: Instant = NOON
    orders: int = 0
    ended: frozenset[IncidentId] = frozenset()

    def order(self, which: int) -> UnitAssigned:
        self.orders += 1
        incident, unit = INCIDENTS[which % 3], UNITS[which // 3 % 2]
        carried = AssignmentId(f"{INCIDENT}/0") if which % 4 == CARRIED else None
        name = AssignmentId(f"{incident}/{self.orders}")
        return assigned(incident=incident, assignment=name, unit=UnitId(unit), carried_from=carried)

    def answer(self, kind: type[AssignmentEvent], order: UnitAssigned) -> AssignmentEvent:
        more: dict[str, Any] = {}
        if kind is UnitDeclined:
            more = {"reason": None}
        elif kind is AssignmentWithdrawn:
            more = {"reason": WithdrawReason.ENOUGH, "by": None}
        return kind(
            t=self.t,
            community=COMMUNITY,
            incident=order.incident,
            assignment=order.assignment,
            unit=order.unit,
            **more,
        )

    def end(self, incident: IncidentId, reason: FalseReason | None) -> Event:
        """Nothing ends twice, and what is open is not opened again."""
        if incident in self.ended:
            self.ended -= {incident}
            return reopened(incident)
        self.ended |= {incident}
        return closed(incident, disposition=Disposition.FALSE_ALARM, false_reason=reason)


@st.composite
def seasons(draw: st.DrawFn, *, gap_days_max: int = 40) -> list[Event]:
    """A random history: an exercise among the incidents, a carried order among the orders."""
    season = Season()
    facts: list[Event] = [
        *(opened(INCIDENT), opened(OTHER, sender=UnitId("r2"))),
        opened(DRILLED, drill=DRILL),
    ]
    orders: list[UnitAssigned] = []
    for _ in range(draw(st.integers(0, 25))):
        season.t += draw(st.sampled_from([0, MINUTE, DAY // 2, gap_days_max * DAY]))
        fact: Event
        match draw(st.sampled_from(["order", "answer", "answer", "end"])):
            case "answer" if orders:
                fact = season.answer(draw(st.sampled_from(ANSWERS)), draw(st.sampled_from(orders)))
            case "end":
                reasons = st.sampled_from([None, *FalseReason])
                fact = season.end(draw(st.sampled_from(INCIDENTS)), draw(reasons))
            case _:
                orders.append(season.order(draw(st.integers(0, 11))))
                orders[-1] = replace(orders[-1], t=season.t)
                fact = orders[-1]
        facts.append(replace(fact, t=season.t))
    return facts


def told(facts: list[Event], now: Instant) -> Records:
    """What the tables say after these facts."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as conn:
        for seq, fact in enumerate(facts, start=1):
            projections.apply(conn, projections.changes(fact, seq))
        found = reading.records(conn, now)
    engine.dispose()
    return found


@given(seasons(gap_days_max=2))
def test_the_records_are_those_of_all_facts(facts: list[Event]) -> None:
    """Waves are sized by them: a restart may not make anybody more or less likely to come."""
    assert told(facts, facts[-1].t) == folded(facts).records


@given(seasons(), st.integers(0, 60))
def test_what_is_old_counts_no_more_and_nothing_else_is_lost(facts: list[Event], days: int) -> None:
    """Only a season is loaded; asked then or weeks later, it says what all facts would."""
    last_t = facts[-1].t
    loaded, whole = told(facts, last_t), folded(facts).records

    for now in (last_t, last_t + days * DAY):
        for unit in (UnitId("r1"), *map(UnitId, UNITS)):
            assert loaded.of(unit, now) == whole.of(unit, now)
            assert loaded.false_alarms(unit, now) == whole.false_alarms(unit, now)


def test_the_records_come_with_the_rest(store: SqlStore) -> None:
    """On either database: who answered, and whose radio called for nothing."""
    false = {"disposition": Disposition.FALSE_ALARM, "false_reason": FalseReason.RADIO_FAULT}
    store.submit(
        [
            *(opened(), assigned(1), accepted(1), assigned(2, "r3")),
            closed(**false),
            *(opened(OTHER, t=NOON - RECORD_DAYS * DAY), opened(DRILLED, drill=DRILL)),
        ]
    ).result(20)

    records = store.load().records

    assert records is not None
    assert records.of(UnitId("r2"), NOON) == Tally(1, 1, 1)
    assert records.of(UnitId("r3"), NOON) == Tally(0, 0, 0)
    assert records.false_alarms(UnitId("r1"), NOON) == 1


def test_every_plan_book_comes_back(store: SqlStore) -> None:
    """The incident of last winter names a book that no file has any more."""
    books = [adopted(1), adopted(1, community="east-2"), adopted(2, t=NOON + DAY)]
    story = [*books[:2], opened(), closed(), books[2], signed_on(t=NOON + 300 * DAY)]
    store.submit(story).result(20)

    assert store.load().facts == books


def test_an_exercise_comes_back_while_it_is_on(store: SqlStore) -> None:
    """Presses that say so belong to it, also after a restart; afterwards none does."""
    over, on = drill_started("one"), drill_started("two", t=NOON + HOUR)
    store.submit([over, drill_ended("one"), on]).result(20)

    assert [*board_of(store.load()).drills.values()] == [(on.drill, on.name)]

    store.submit([drill_ended("two")]).result(20)
    assert board_of(store.load()).drills == {}


def test_an_incident_that_was_merged_long_ago_does_not_rise_again(store: SqlStore) -> None:
    """Its first press is now of an incident that is still open, and is needed there."""
    merged = [
        *(alarm(1), opened(alarm=alarm_id(1)), alarm(2), opened(OTHER, alarm=alarm_id(2))),
        *(*moved(1, INCIDENT, OTHER), closed(duplicate_of=OTHER)),
    ]
    later = signed_on(t=NOON + 13 * HOUR)
    store.submit([*merged, later]).result(20)

    board = board_of(store.load())

    assert list(board.incidents) == [OTHER]
    assert board.incidents[OTHER].alarms == [alarm_id(2), alarm_id(1)]
    assert {alarm.incident for alarm in board.alarms.values()} == {OTHER}


def test_a_press_that_was_moved_is_told_by_both(store: SqlStore) -> None:
    """One story has the press and that it left, the other that it came; neither is torn."""
    story = [
        *(alarm(1), alarm(2), opened(alarm=alarm_id(1)), opened(OTHER, alarm=alarm_id(2))),
        *moved(1, INCIDENT, OTHER),
    ]
    store.submit(story).result(20)
    pressed, second, first, other, left, came = story

    assert store.incident_facts(INCIDENT) == [pressed, first, left]
    assert store.incident_facts(OTHER) == [pressed, second, other, came]
