"""The store as the hub meets it: what was submitted comes back, from disk, on both databases."""

import numpy as np
import pytest

from dispatch.clock import DAY, HOUR, MINUTE
from dispatch.errors import FactRefusedError, StoreDownError
from dispatch.events import RadioEnrolled, RadioRevoked
from dispatch.ids import GridId, IncidentId, OperatorName, RadioId, UnitId
from dispatch.roster import RadioRecord
from dispatch.store.port import AlarmOutcome, FixRows, IncidentRow, Names, RadioSecret, Store
from dispatch.store.sql import SqlStore, radio_secrets_at
from dispatch.words import Disposition, Role
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import (
    COMMUNITY,
    INCIDENT,
    NOON,
    accepted,
    alarm,
    alarm_id,
    assigned,
    closed,
    conflict,
    connected,
    decided,
    lost,
    note,
    opened,
    report,
    signed_off,
    signed_on,
    taken,
    undecided,
)
from tests.dispatch.store.started import board_of, folded


def fix(unit: str, t: int) -> FixRows:
    return FixRows(
        names=Names(units=[UnitId(unit)], grids=["", "g1"]),
        rows=np.array([0]),
        t=np.array([t]),
        lon=np.array([120.1]),
        lat=np.array([30.2]),
        acc_m=np.array([5.0], np.float32),
        speed_mps=np.array([1.2], np.float32),
        course_deg=np.array([90.0], np.float32),
        battery_pct=np.array([80], np.int8),
        grid=np.array([1], np.int32),
    )


def record(radio: str = "r1", call_sign: str = "西子一间") -> RadioRecord:
    return RadioRecord(
        radio=RadioId(radio),
        community=COMMUNITY,
        call_sign=call_sign,
        role=Role.VOLUNTEER,
        skills=("first_aid", "english"),
        post=GridId("g1"),
    )


def test_it_is_a_store(store: SqlStore) -> None:
    """The compiler checks it here, as the wiring will."""
    door: Store = store

    assert door.load().seq == 0


def test_a_stored_alarm_is_there_after_a_restart(home: Home) -> None:
    """An alarm that was acknowledged and then forgotten is the worst that can happen."""
    store = home.open()
    answer = store.submit([alarm()]).result(20)
    store.close()

    restored = home.open().load()

    assert answer.seq == 1
    assert answer.alarms == {alarm_id(): AlarmOutcome.NEW}
    assert board_of(restored).alarms == folded([alarm()]).alarms
    assert restored.seq == 1
    assert restored.last_t == alarm().t


def test_the_same_press_is_stored_once(home: Home) -> None:
    """Radios repeat until they hear ``stored``; a restart between must not make two of one."""
    store = home.open()
    first = store.submit([alarm()]).result(20)
    store.close()

    again = home.open().submit([alarm(t=NOON + MINUTE)]).result(20)

    assert first.alarms == {alarm_id(): AlarmOutcome.NEW}
    assert again.alarms == {alarm_id(): AlarmOutcome.SAME}
    assert again.seq == 1
    assert home.rows("SELECT count(*) FROM journal") == [(1,)]
    assert home.rows("SELECT count(*) FROM personal") == [(1,)]


def test_the_same_identity_with_other_content_is_a_conflict(store: SqlStore, home: Home) -> None:
    store.submit([alarm()]).result(20)

    other = store.submit([alarm(digest="f" * 64)]).result(20)

    assert other.alarms == {alarm_id(): AlarmOutcome.CONFLICT}
    assert home.rows("SELECT count(*) FROM journal") == [(1,)]


def test_a_report_is_stored_once(store: SqlStore) -> None:
    """A radio that missed our ``stored`` sends its report again after our restart."""
    key = report().report

    outcomes = [store.submit([report(digest=d)]).result(20).reports[key] for d in ("a", "a", "b")]

    assert outcomes == [AlarmOutcome.NEW, AlarmOutcome.SAME, AlarmOutcome.CONFLICT]


def test_numbers_follow_each_other_without_a_gap(store: SqlStore) -> None:
    answers = [store.submit([signed_on(f"u{i}"), connected(f"u{i}")]) for i in range(20)]

    assert [a.result(20).seq for a in answers] == list(range(2, 42, 2))
    assert store.verify().facts == 40


def test_nothing_submitted_is_answered_too(store: SqlStore) -> None:
    store.submit([signed_on()]).result(20)

    assert store.submit([]).result(20).seq == 1


def test_a_hub_goes_on_with_what_is_open(home: Home) -> None:
    """Open and lately closed incidents, undecided alarms, who is on duty: no more, no less."""
    old = IncidentId("xizi-20260919-004")
    gone = [
        opened(old, t=NOON - 2 * DAY, alarm=None),
        closed(old, t=NOON - 2 * DAY + MINUTE),
        signed_on("r8"),
        signed_off("r8"),
        connected("r9"),
        lost("r9"),
    ]
    kept = [
        alarm(1),
        signed_on("r1"),
        connected("r1"),
        opened(alarm=alarm_id(1)),
        decided(),
        assigned(),
        accepted(),
        alarm(2),
        undecided(2),
        conflict(1),
    ]
    store = home.open()
    store.submit([*gone, *kept]).result(20)
    store.close()

    restored = home.open().load()

    started, wanted = board_of(restored), folded(kept)
    assert (started.incidents, started.alarms) == (wanted.incidents, wanted.alarms)
    assert [unit for unit, *_ in restored.on_duty] == ["r1"]
    assert [radio for radio, _ in restored.online] == ["r1"]
    assert restored.seq == len(gone) + len(kept)


def test_a_lately_closed_incident_is_still_at_hand_and_an_older_one_is_not(store: SqlStore) -> None:
    late, early = IncidentId("xizi-20260921-002"), IncidentId("xizi-20260921-001")
    store.submit(
        [opened(early), closed(early), opened(late), closed(late, t=NOON + 12 * HOUR)]
    ).result(20)
    assert board_of(store.load()).incidents.keys() == {early, late}

    store.submit([signed_on(t=NOON + 13 * HOUR)]).result(20)

    assert board_of(store.load()).incidents.keys() == {late}


def test_the_clock_starts_behind_the_latest_fact(store: SqlStore) -> None:
    """Facts stand in the order they were submitted; their times need not."""
    store.submit([signed_on(t=NOON + MINUTE), signed_on("r2", t=NOON)]).result(20)

    assert store.load().last_t == NOON + MINUTE


def test_incident_numbers_go_on_after_a_restart(store: SqlStore) -> None:
    """Two incidents of one name would be one in every table."""
    store.submit(
        [
            opened("xizi-20260921-009"),
            opened("xizi-20260921-010"),
            opened("east-2-20260921-003", community="east-2"),
            opened("xizi-20260901-077", t=NOON - 20 * DAY),
        ]
    ).result(20)

    assert store.load().incident_numbers == {
        ("xizi", "20260921"): 10,
        ("east-2", "20260921"): 3,
    }


def test_the_last_fix_of_each_unit_on_duty_comes_back(store: SqlStore) -> None:
    store.submit([signed_on("r1"), signed_on("r2"), signed_on("r3"), signed_off("r3")]).result(20)
    for unit, t in [("r1", NOON), ("r1", NOON + MINUTE), ("r2", NOON - DAY), ("r3", NOON)]:
        store.submit_fixes(fix(unit, t), [])
    store.flush_history()

    last = store.load().last_fixes

    assert [(f.unit, f.t) for f in last] == [("r1", NOON + MINUTE), ("r2", NOON - DAY)]
    assert (last[0].lon, last[0].lat, last[0].acc_m, last[0].battery_pct) == (120.1, 30.2, 5.0, 80)


def test_an_incident_tells_its_whole_story(store: SqlStore) -> None:
    """What was pressed, repeated and decided about it, though it only names the alarm."""
    other = IncidentId("xizi-20260921-002")
    story = [alarm(), undecided(), opened(alarm=alarm_id()), note(), taken(), closed()]
    store.submit([*story, alarm(2), opened(other, alarm=alarm_id(2))]).result(20)

    assert store.incident_facts(INCIDENT) == story
    assert store.incident_facts(IncidentId("nowhere")) == []


def test_closed_incidents_are_listed_newest_first(store: SqlStore) -> None:
    for number in range(1, 5):
        incident = f"xizi-20260921-00{number}"
        store.submit([opened(incident), taken(incident)]).result(20)
        if number != 4:
            ended = closed(incident, t=NOON + number * MINUTE, disposition=Disposition.FALSE_ALARM)
            store.submit([ended]).result(20)

    rows = store.closed_incidents(before_t=NOON + 3 * MINUTE, count_max=10)

    assert [row.incident[-3:] for row in rows] == ["002", "001"]
    assert rows[0] == IncidentRow(
        incident=IncidentId("xizi-20260921-002"),
        community=COMMUNITY,
        kind="sos",
        priority=1,
        phase="false",
        opened_t=NOON,
        closed_t=NOON + 2 * MINUTE,
        sender=opened().sender,
        grid="g1",
        taken_by="王芳",
        disposition="false_alarm",
    )
    assert len(store.closed_incidents(before_t=NOON + DAY, count_max=1)) == 1


def test_an_enrolled_radio_is_on_the_roster_and_its_secret_is_not_in_the_journal(
    store: SqlStore, home: Home
) -> None:
    answer = store.enroll(record(), secret_hash="scrypt$abc", t=NOON).result(20)

    assert answer.seq == 1
    assert store.load().radios == [record()]
    assert store.radio_secret(RadioId("r1")) == RadioSecret(
        radio=RadioId("r1"), community=COMMUNITY, secret_hash="scrypt$abc", revoked=False
    )
    assert "scrypt" not in str(home.rows("SELECT * FROM journal"))


def test_a_revoked_radio_stays_known_as_revoked(store: SqlStore) -> None:
    """Admission must tell a stranger from somebody we have shut out."""
    store.enroll(record("r1"), secret_hash="one", t=NOON)
    store.enroll(record("r2", "西子二间"), secret_hash="two", t=NOON)
    revoked = RadioRevoked(
        t=NOON, community=COMMUNITY, radio=RadioId("r1"), by=OperatorName("王芳")
    )
    store.submit([revoked]).result(20)

    assert [(s.radio, s.revoked) for s in store.radio_secrets()] == [("r1", True), ("r2", False)]
    assert [r.revoked for r in store.load().radios] == [True, False]
    assert store.radio_secret(RadioId("r3")) is None


def test_the_secrets_of_those_who_ask_are_read_in_one_look(store: SqlStore) -> None:
    """Admission looks up dozens at once; strangers among them are simply not there."""
    store.enroll(record("r1"), secret_hash="one", t=NOON)
    store.enroll(record("r2", "西子二间"), secret_hash="two", t=NOON)
    store.enroll(record("r3", "西子三间"), secret_hash="three", t=NOON).result(20)

    found = store.radio_secrets_of([RadioId("r3"), RadioId("stranger"), RadioId("r1")])

    assert [(s.radio, s.secret_hash) for s in found] == [("r1", "one"), ("r3", "three")]


def test_enrolling_again_gives_a_new_secret_and_lifts_the_revocation(store: SqlStore) -> None:
    store.enroll(record(), secret_hash="old", t=NOON)
    store.submit([RadioRevoked(t=NOON, community=COMMUNITY, radio=RadioId("r1"), by=None)])

    store.enroll(record(call_sign="西子三间"), secret_hash="new", t=NOON).result(20)

    secret = store.radio_secret(RadioId("r1"))
    assert secret is not None
    assert (secret.secret_hash, secret.revoked) == ("new", False)
    assert store.load().radios == [record(call_sign="西子三间")]


def test_the_secrets_are_read_while_a_hub_is_running(store: SqlStore, home: Home) -> None:
    """``yihu acl`` writes another broker's file without stopping anything."""
    store.enroll(record(), secret_hash="x", t=NOON).result(20)

    assert radio_secrets_at(home.url, home.data_dir) == store.radio_secrets()


def test_enrolling_is_a_fact(store: SqlStore, home: Home) -> None:
    store.enroll(record(), secret_hash="x", t=NOON).result(20)

    assert home.rows("SELECT name FROM journal") == [(RadioEnrolled.__name__,)]


def test_a_fact_that_cannot_be_written_down_is_refused_at_once(store: SqlStore) -> None:
    with pytest.raises(FactRefusedError, match="nan is no number"):
        store.submit([assigned(distance_m=float("nan"))])

    assert store.submit([alarm()]).result(20).seq == 1


def test_after_closing_nothing_more_is_taken(home: Home) -> None:
    store = home.open()
    last = store.submit([alarm()])
    store.close()
    store.close()

    assert last.result(0).seq == 1
    with pytest.raises(StoreDownError, match="closed"):
        store.submit([alarm(2)])


def test_every_change_of_the_roster_gives_it_another_print(store: SqlStore) -> None:
    """A start that went by the last one's roster would let in who was revoked since."""
    prints = [store.radios_print()]
    for t, name in ((NOON, "西子一间"), (NOON + 1, "西子二间"), (NOON + 2, "西子二间")):
        store.enroll(record(call_sign=name), secret_hash="x", t=t).result(20)
        prints.append(store.radios_print())
    store.enroll(record("r2", "西子三间"), secret_hash="x", t=NOON).result(20)
    prints.append(store.radios_print())
    revoked = RadioRevoked(t=NOON + 3, community=COMMUNITY, radio=RadioId("r1"), by=None)
    store.submit([revoked]).result(20)
    prints.append(store.radios_print())

    assert len(set(prints)) == len(prints)
    store.submit([alarm()]).result(20)
    assert store.radios_print() == prints[-1]
    assert {each.revoked for each in store.radio_records()} == {True, False}
    assert store.load(with_units=False).radios == []
