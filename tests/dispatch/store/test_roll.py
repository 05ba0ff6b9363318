"""dispatch/store/roll.py: the radios as whoever manages them looks at them, on both databases."""

import pytest

from dispatch.access.kept import CodeRow
from dispatch.events import RadioConnected, RadioLost, RadioRevoked
from dispatch.ids import CommunityId, OperatorName, RadioId
from dispatch.roster import RadioRecord
from dispatch.store.roll import RadioState, RollQuery
from dispatch.store.sql import SqlStore
from dispatch.words import Role
from tests.dispatch.store.facts import NOON

XIZI, HUBIN = CommunityId("xizi"), CommunityId("hubin")


def record(radio: str, call_sign: str, community: CommunityId = XIZI) -> RadioRecord:
    return RadioRecord(
        radio=RadioId(radio), community=community, call_sign=call_sign, role=Role.VOLUNTEER
    )


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    """Four radios of xizi, one in each state, and one of hubin."""
    for each in (
        record("r1", "西子一间"),
        record("r2", "西子二间"),
        record("r3", "西子三间"),
        record("r4", "100%_间"),
        record("s1", "湖滨一间", HUBIN),
    ):
        store.enroll(each, secret_hash="h", t=NOON)
    store.submit(
        [
            RadioConnected(t=NOON, community=XIZI, radio=RadioId("r1")),
            RadioConnected(t=NOON, community=XIZI, radio=RadioId("r2")),
            RadioLost(t=NOON, community=XIZI, radio=RadioId("r2"), silent=False),
            RadioRevoked(t=NOON, community=XIZI, radio=RadioId("r3"), by=None),
        ]
    )
    code = CodeRow(
        radio=RadioId("r4"), digest="d", by=OperatorName("Li"), made_t=NOON, expires_t=NOON + 1
    )
    store.keep_access([], [code]).result(20)
    return store


def told(store: SqlStore, **asked: object) -> list[str]:
    """Which radios a query finds."""
    return [each.radio for each in store.radio_roll(RollQuery(**asked))]  # type: ignore[arg-type]  # a query's own


def test_each_radio_is_told_with_how_it_stands(filled: SqlStore) -> None:
    """And with the code that may let it in."""
    rows = filled.radio_roll(RollQuery())

    assert {each.radio: each.state for each in rows} == {
        "r1": RadioState.ONLINE,
        "r2": RadioState.OFFLINE,
        "r3": RadioState.REVOKED,
        "r4": RadioState.NEVER,
        "s1": RadioState.NEVER,
    }
    assert [(each.code_by, each.code_expires_t) for each in rows[2:4]] == [
        ("", 0),
        ("Li", NOON + 1),
    ]
    assert rows[0].enrolled_t == NOON


@pytest.mark.parametrize("state", RadioState)
def test_a_state_is_asked_for_as_it_is_told(filled: SqlStore, state: RadioState) -> None:
    """The filter and the label are two ways to write the same."""
    rows = filled.radio_roll(RollQuery())

    assert told(filled, state=state) == [each.radio for each in rows if each.state is state]


def test_a_name_is_found_by_a_part_of_it(filled: SqlStore) -> None:
    """Of the call sign or the id, in whatever case; signs of a pattern are letters here."""
    assert told(filled, text="二间") == ["r2"]
    assert told(filled, text="R1") == ["r1"]
    assert told(filled, text="%_") == ["r4"]
    assert told(filled, text="'; DROP TABLE radios; --") == []


def test_only_those_of_the_communities_that_were_named(filled: SqlStore) -> None:
    """None named is none, not all."""
    assert told(filled, communities=frozenset({HUBIN})) == ["s1"]
    assert told(filled, communities=frozenset()) == []


def test_a_page_begins_behind_the_last_one(filled: SqlStore) -> None:
    """By id, so that a radio that joins meanwhile moves nothing."""
    assert told(filled, count=2) == ["r1", "r2"]
    assert told(filled, count=2, after="r2") == ["r3", "r4"]


def test_a_code_that_is_made_anew_replaces_the_row(filled: SqlStore) -> None:
    """One a radio, whatever was made before."""
    code = CodeRow(
        radio=RadioId("r4"), digest="e", by=OperatorName("Wu"), made_t=NOON, expires_t=NOON + 2
    )
    filled.keep_access([], [code]).result(20)

    assert filled.radio_codes() == [code]
