"""Everything held on a person is found, handed out without others' values, and erased for good.

Wang carries r1 and pressed; Li carries r2, was asked, and is somebody else.
"""

import datetime
from dataclasses import replace

import pytest

from dispatch.access.facts import (
    AccountFact,
    AccountOpened,
    BearerNamed,
    How,
    LoggedIn,
    Looked,
    LookedAt,
)
from dispatch.access.kept import AccessChange, LinkRow, Secret, SessionRow, TokenRow
from dispatch.access.words import EVERYWHERE, NO_COMMUNITY, SessionId, TokenId
from dispatch.clock import DAY, HOUR, MINUTE, SECOND, Instant
from dispatch.events import Personal, Purpose, UnitDeclined
from dispatch.ids import AssignmentId, OperatorName, RadioId, UnitId
from dispatch.privacy.holdings import Person
from dispatch.radio_record import RadioRecord
from dispatch.store.persons import UnknownPersonError
from dispatch.store.sql import SqlStore
from dispatch.words import Role
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import (
    COMMUNITY,
    INCIDENT,
    NOON,
    alarm,
    alarm_id,
    assigned,
    closed,
    decided,
    note,
    opened,
    place,
    report,
)
from tests.dispatch.store.past import fixes, times

WANG = OperatorName("王芳")
LI = OperatorName("李雷")
CANARY_LON = 121.9876543
CANARY = "canary-5d1c"
"""In each of Wang's values."""
OTHERS = "others-77af"


def account(name: OperatorName, unit: str, t: Instant = NOON - DAY) -> list[AccountFact]:
    return [
        AccountOpened(t=t, community=NO_COMMUNITY, account=name, by=name),
        BearerNamed(t=t, community=NO_COMMUNITY, account=name, unit=UnitId(unit), by=name),
    ]


def logged_in(name: OperatorName, address: str) -> LoggedIn:
    return LoggedIn(
        t=NOON,
        community=NO_COMMUNITY,
        account=name,
        session=SessionId("s-" + address[:4]),
        how=How.PASSWORD,
        address=Personal(Purpose.ADDRESS, address),
    )


def looked(at: LookedAt, *units: str) -> Looked:
    return Looked(
        t=NOON,
        community=NO_COMMUNITY,
        account=LI,
        at=at,
        where=(EVERYWHERE,) if at is LookedAt.LIVE else (COMMUNITY,),
        about=None if at is LookedAt.LIVE else INCIDENT,
        units=tuple(map(UnitId, units)),
    )


SEEN = {
    "candidates": {
        "unit": ["r1", "r2"],
        "verdict": ["sender", "called"],
        "role": ["volunteer", "volunteer"],
        "ring": [0, 1],
        "distance_m": [1.0, 2.0],
        "fix_age_s": [3.0, 4.0],
        "skills": [[CANARY], [OTHERS]],
    }
}


def fill(store: SqlStore, *, ended: bool = True) -> None:
    """An evening of two people."""
    for radio in ("r1", "r2"):
        record = RadioRecord(
            radio=RadioId(radio), community=COMMUNITY, call_sign=f"巡{radio}", role=Role.VOLUNTEER
        )
        store.enroll(record, secret_hash="x", t=NOON - DAY).result(20)
    beside: list[AccessChange] = [
        Secret(account=WANG, password=f"argon-{CANARY}", subject=f"sub-{CANARY}"),
        SessionRow(
            digest="d1",
            session=SessionId("s1"),
            account=WANG,
            made_t=NOON,
            seen_t=NOON,
            address=f"addr-{CANARY}",
            agent=f"agent-{CANARY}",
        ),
        TokenRow(digest="d2", token=TokenId("t1"), account=WANG, expires_t=NOON + DAY),
        LinkRow(digest="d3", account=WANG, expires_t=NOON + DAY),
        Secret(account=LI, password=f"argon-{OTHERS}"),
    ]
    facts = [
        *account(WANG, "r1"),
        *account(LI, "r2"),
        logged_in(WANG, f"wang-{CANARY}"),
        logged_in(LI, f"li-{OTHERS}"),
        looked(LookedAt.LIVE),
        looked(LookedAt.FILE, "r1"),
        looked(LookedAt.SHEET, "r2"),
    ]
    store.keep_access(facts, beside).result(20)
    theirs = Personal(Purpose.PLACE, {"lon": CANARY_LON, "lat": 30.2, "acc_m": 5.0})
    declined = UnitDeclined(
        t=NOON,
        community=COMMUNITY,
        incident=INCIDENT,
        assignment=AssignmentId(f"{INCIDENT}/1"),
        unit=UnitId("r2"),
        reason=Personal(Purpose.WORDS, OTHERS),
    )
    said = Personal(Purpose.WORDS, f"report-{CANARY}")
    evening = [
        alarm(fix=theirs),
        opened(
            alarm=alarm_id(),
            place=theirs,
            words=Personal(Purpose.WORDS, f"words-{CANARY}"),
            caller=Personal(Purpose.PERSON, {"name": OTHERS}),
        ),
        decided(inputs=Personal(Purpose.DECISION, SEEN)),
        assigned(),
        declined,
        note(f"note-{OTHERS}"),
        replace(report(), unit=UnitId("r1"), words=said, photo=None, fix=theirs),
    ]
    store.submit(evening).result(20)
    if ended:
        store.submit([closed()]).result(20)
    store.submit_fixes(fixes(unit="r1", count=20), [])
    store.submit_fixes(fixes(unit="r1", start=NOON - 2 * DAY, count=5), [])
    store.submit_fixes(fixes(unit="r2", count=20), [])
    store.flush_history()


def values(home: Home) -> list[str]:
    return [str(value) for (value,) in home.rows("SELECT value FROM personal") if value]


def test_an_account_is_found_with_the_radio_it_carried_then(store: SqlStore) -> None:
    """A radio goes from hand to hand: what it told before is another person's."""
    fill(store)
    handed = BearerNamed(
        t=NOON + HOUR, community=NO_COMMUNITY, account=WANG, unit=UnitId("r9"), by=LI
    )
    store.keep_access([handed], []).result(20)

    found = store.person("王芳")

    assert [(s.unit, s.from_t) for s in found.spans] == [("r1", NOON - DAY), ("r9", NOON + HOUR)]
    assert found.spans[0].to_t == NOON + HOUR
    assert found.incidents == {INCIDENT}
    assert not found.bore(UnitId("r1"), NOON - 2 * DAY)
    assert store.person("巡r1") == store.person("r1")
    with pytest.raises(UnknownPersonError, match="nobody"):
        store.person("nobody")


def test_all_of_theirs_is_handed_out_and_nothing_of_others(store: SqlStore) -> None:
    """A copy of one's own data is no way to another's."""
    fill(store)

    document = store.person_document(store.person("王芳"))

    text = str(document)
    assert text.count(f"wang-{CANARY}") == text.count(f"report-{CANARY}") == 1
    assert str(CANARY_LON) in text
    assert f"words-{CANARY}" in text
    assert f"addr-{CANARY}" in text
    assert f"argon-{CANARY}" not in text, "no secret is anybody's to read"
    assert OTHERS not in text
    assert [look["at"] for look in document["looks"]] == ["live", "file"]
    assert [look["account"] for look in document["looks"]] == [LI, LI]
    assert document["incidents_raised"] == [INCIDENT]
    [track] = document["tracks"]
    assert [fix[0] for fix in track["fixes"]] == [NOON + n * 1_000_000 for n in range(20)]
    seen = [fact["inputs"] for fact in document["facts"] if fact["what"] == "ResponseDecided"]
    [[told]] = [each["seen"] for each in seen]
    assert (told["unit"], told["distance_m"], told["skills"]) == ("r1", 1.0, [CANARY])


def test_what_was_asked_of_a_responder_is_theirs(store: SqlStore) -> None:
    """Who was called finds the orders, too, and what they answered."""
    fill(store)

    document = store.person_document(store.person("李雷"))

    assert [each["incident"] for each in document["assignments"]] == [INCIDENT]
    assert document["incidents_raised"] == []
    assert f"li-{OTHERS}" in str(document)
    assert CANARY not in str(document)


def test_all_of_theirs_goes_and_nothing_of_others(store: SqlStore, home: Home) -> None:
    """The chain stays whole, and says when and by whose leave."""
    fill(store)
    before = len(values(home))
    person = store.person("王芳")

    planned, held = store.person_plan(person)
    assert len(values(home)) == before, "a plan changes nothing"
    gone = store.erase_person(planned, by=LI, why="本人要求", t=NOON + DAY)

    assert held == 20
    assert gone == (len(planned.values), 20)
    assert not [each for each in values(home) if CANARY in each or str(CANARY_LON) in each]
    assert [each for each in values(home) if f"note-{OTHERS}" in each]
    assert [each for each in values(home) if f"li-{OTHERS}" in each]
    assert times(store, "r1") == [NOON - 2 * DAY + n * 1_000_000 for n in range(5)], "not theirs"
    assert len(times(store, "r2")) == 20
    for table in ("account_secrets", "sessions", "access_tokens", "access_links"):
        assert home.rows(f"SELECT count(*) FROM {table} WHERE account = '{WANG}'") == [(0,)]
    assert home.rows("SELECT count(*) FROM account_secrets") == [(1,)]

    found = store.verify()
    assert found.broken_at_seq is None
    assert sum(found.erased_for.values()) == len(planned.values)
    assert {t for t, _ in found.erased_for} == {NOON + DAY} == set(found.told)


def test_who_withdraws_consent_loses_the_track_and_nothing_else(store: SqlStore) -> None:
    """What rests on it goes, told first; those of other bearers, and of other days, stay."""
    fill(store)
    person = store.person("王芳")
    planned, held = store.person_plan(person)

    gone = store.erase_tracks(person, by=WANG, why="withdrawn", t=NOON + DAY, until_t=NOON + DAY)

    after, left = store.person_plan(person)
    assert (gone, held, left) == (20, 20, 0)
    assert after.values == planned.values
    assert times(store, "r1") == [NOON - 2 * DAY + n * 1_000_000 for n in range(5)], "not theirs"
    assert len(times(store, "r2")) == 20
    again = store.erase_tracks(person, by=WANG, why="withdrawn", t=NOON + DAY, until_t=NOON + DAY)
    assert again == 0


def test_a_radio_is_erased_with_all_it_ever_told(store: SqlStore) -> None:
    """Whoever carried it."""
    fill(store)

    planned, held = store.person_plan(store.person("r1"))
    store.erase_person(planned, by=LI, why="设备报废", t=NOON + DAY)

    assert held == 25
    assert times(store, "r1") == []


def test_what_responders_need_stays_until_it_is_over(store: SqlStore, home: Home) -> None:
    """Asked in the middle of an incident, the rest goes; asked again after it, that too."""
    fill(store, ended=False)

    planned, _ = store.person_plan(store.person("王芳"))
    store.erase_person(planned, by=LI, why="本人要求", t=NOON + HOUR)

    assert {each.fact for each in planned.needed} == {
        "AlarmReceived",
        "IncidentOpened",
        "ResponseDecided",
    }
    assert [each for each in values(home) if f"words-{CANARY}" in each]

    store.submit([closed(t=NOON + 2 * HOUR)]).result(20)
    again, _ = store.person_plan(store.person("王芳"))
    store.erase_person(again, by=LI, why="本人要求", t=NOON + DAY)

    assert again.needed == ()
    assert not [each for each in values(home) if CANARY in each]
    assert store.verify().told == {NOON + HOUR, NOON + DAY}


def test_somebody_of_whom_nothing_is_held(store: SqlStore) -> None:
    """An account that was only opened."""
    store.keep_access(account(WANG, "r1")[:1], []).result(20)

    planned, held = store.person_plan(store.person("王芳"))

    assert (planned.values, planned.rows, held) == ((), {}, 0)
    assert store.person_document(Person())["facts"] == []


def test_an_expired_value_is_told_of(store: SqlStore) -> None:
    """A day's housekeeping is an erasing like any other: a fact tells of it first."""
    store.submit([opened(place=place(), words=Personal(Purpose.WORDS, "x")), closed()]).result(20)

    assert store.erase_expired(NOON + 100 * DAY, told_t=NOON + 100 * DAY + MINUTE) == 1
    assert store.erase_expired(NOON + 100 * DAY) == 0

    found = store.verify()
    assert found.erased_for == {(NOON + 100 * DAY, "place"): 1}
    assert found.told == {NOON + 100 * DAY}
    assert found.facts == 3, "a day on which nothing goes tells nothing"


def test_days_of_positions_that_go_are_told_of(store: SqlStore, home: Home) -> None:
    """On a day on which one goes; no other has anything to tell."""
    store.submit_fixes(fixes(unit="r1", start=NOON - 2 * DAY, count=5), [])
    store.submit_fixes(fixes(unit="r1", count=5), [])
    store.flush_history()
    today = datetime.datetime.fromtimestamp(NOON / SECOND, datetime.UTC).date()

    assert store.drop_history_before(today, told_t=NOON) == 5
    assert store.drop_history_before(today, told_t=NOON + DAY) == 0

    assert home.rows("SELECT name, t FROM journal") == [("PositionsExpired", NOON)]
    assert len(times(store, "r1")) == 5
