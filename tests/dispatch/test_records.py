"""What units did with earlier orders: the record that waves are sized by."""

import hypothesis.strategies as st
from hypothesis import given

from dispatch.chances import RECORD_DAYS
from dispatch.clock import DAY
from dispatch.ids import IncidentId, UnitId
from dispatch.records import (
    CALL_OUT_DAYS,
    FALSE_DAYS,
    FalseAlarm,
    Records,
    Tally,
    answered,
)
from dispatch.words import AssignmentState
from tests.builders import NOON, TOWN

V1 = UnitId("v1")
ONE = IncidentId(f"{TOWN}-20260529-001")


def test_an_order_counts_once_its_answer_is_known() -> None:
    """Offered says nothing; yes and no do, and a no that becomes a yes is one answer, not two."""
    records = Records()

    records.note(V1, NOON, None, None)
    assert records.of(V1, NOON) == Tally()
    records.note(V1, NOON, None, False)
    assert records.of(V1, NOON) == Tally(asked=1)
    records.note(V1, NOON, False, True)

    assert records.of(V1, NOON) == Tally(asked=1, accepted=1, call_outs=1)


def test_what_is_old_falls_away_whole() -> None:
    """Lives change with the seasons: after ninety days an answer counts no more."""
    records = Records()
    records.note(V1, NOON, None, True)

    kept = [records.of(V1, NOON + days * DAY).asked for days in (RECORD_DAYS - 1, RECORD_DAYS)]

    assert kept == [1, 0]


def test_call_outs_count_for_a_week() -> None:
    """Who went yesterday may rest this week; the yes itself counts on."""
    records = Records()
    records.note(V1, NOON, None, True)

    week = [records.of(V1, NOON + days * DAY) for days in (CALL_OUT_DAYS - 1, CALL_OUT_DAYS)]

    assert week == [Tally(asked=1, accepted=1, call_outs=1), Tally(asked=1, accepted=1)]


def test_a_refusal_is_no_call_out() -> None:
    """Fairness spares those who went, not those who said no."""
    records = Records()

    records.note(V1, NOON, None, False)

    assert records.of(V1, NOON).call_outs == 0


def test_records_loaded_from_the_store_go_on_where_they_were() -> None:
    """A restart makes nobody a newcomer."""
    day = NOON // DAY
    records = Records(
        f"v1 {day - 1} 4 3",
        [FalseAlarm(unit=V1, incident=ONE, t=NOON)],
    )

    records.note(V1, NOON, None, True)

    assert records.of(V1, NOON) == Tally(asked=5, accepted=4, call_outs=4)
    assert records.false_alarms(V1, NOON) == 1


def test_counts_are_read_back_by_unit_and_day() -> None:
    """One unit's season must not be another's, however long the one before it is."""
    day = NOON // DAY
    records = Records(
        f"v1 {day - 9} 4 3 {day} 1 1\nv2 {day - 100} 7 7\nv3 {day - 1} 2 0 {day - 2} 1 1"
    )

    told = [records.of(UnitId(unit), NOON) for unit in ("v1", "v2", "v3", "v4")]

    assert told == [Tally(5, 4, 1), Tally(), Tally(3, 1, 1), Tally()]
    assert records != Records()
    assert records == Records(
        f"v3 {day - 2} 1 1 {day - 1} 2 0\nv1 {day} 1 1 {day - 9} 4 3\nv2 {day - 100} 7 7"
    )


def test_a_false_alarm_counts_for_a_season_and_can_be_taken_back() -> None:
    """A radio that cries wolf is looked after; one that was mended, or was right, is not."""
    records = Records()
    records.note_false(V1, ONE, NOON)
    records.note_false(V1, ONE, NOON)

    assert records.false_alarms(V1, NOON + FALSE_DAYS * DAY) == 1
    assert records.false_alarms(V1, NOON + FALSE_DAYS * DAY + 1) == 0
    records.forget_false(V1, ONE)
    assert records.false_alarms(V1, NOON) == 0


def test_yes_is_yes_whatever_came_before_or_after_it() -> None:
    """Silent first, or called back later: they would have come."""
    state = AssignmentState
    assert answered({state.OFFERED: NOON}) is None
    assert answered({state.OFFERED: NOON, state.WITHDRAWN: NOON}) is None
    assert answered({state.EXPIRED: NOON}) is False
    assert answered({state.EXPIRED: NOON, state.ACCEPTED: NOON}) is True
    assert answered({state.ACCEPTED: NOON, state.DECLINED: NOON}) is True
    assert answered({state.ON_SCENE: NOON}) is True


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from([None, True, False]), st.integers(0, 2)),
        max_size=40,
    )
)
def test_the_tally_that_is_kept_is_the_one_counted_anew(
    told: list[tuple[int, bool | None, int]],
) -> None:
    """It is counted up once a day: no order of noting and asking may leave an old one behind."""
    records = Records()
    oldest_first = sorted(told, key=lambda each: -each[0])
    days: list[tuple[int, bool]] = []
    for step, (ago, answer, ask_after) in enumerate(oldest_first):
        offered_t = NOON - ago * DAY
        records.note(V1, offered_t, None, answer)
        if answer is not None:
            days.append((NOON // DAY - ago, answer))
        if ask_after == step % 3:
            records.of(V1, NOON + ask_after * DAY)

        today = NOON // DAY
        recent = [(day, yes) for day, yes in days if day > today - RECORD_DAYS]
        assert records.of(V1, NOON) == Tally(
            asked=len(recent),
            accepted=sum(yes for _, yes in recent),
            call_outs=sum(yes for day, yes in recent if day > today - CALL_OUT_DAYS),
        )
