"""Records come out of the columns as they were put in."""

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dispatch.ids import CommunityId, GridId, RadioId
from dispatch.radio_table import RadioTable
from dispatch.roster import RadioRecord
from dispatch.words import Role
from tests.builders import volunteer

records = st.builds(
    RadioRecord,
    radio=st.sampled_from([RadioId(f"r{n}") for n in range(100)]),
    community=st.sampled_from([CommunityId("east"), CommunityId("west")]),
    call_sign=st.text(st.characters(codec="utf-8"), max_size=20),
    role=st.sampled_from(Role),
    skills=st.lists(st.sampled_from(["medical", "sign_language"]), unique=True).map(tuple),
    post=st.none() | st.sampled_from([GridId("g1"), GridId("g2")]),
    revoked=st.booleans(),
)


@given(st.lists(records, max_size=200))
def test_a_table_is_a_dictionary_of_what_was_put_last(put: list[RadioRecord]) -> None:
    """Also where a name is longer than the one before, and after the columns grew."""
    table, wanted = RadioTable(put[:50]), {}

    for record in put[50:]:
        table.put(record)
        assert table[record.radio] == record
    for record in put:
        wanted[record.radio] = record

    assert dict(table) == wanted
    assert list(table) == list(wanted)
    assert all(radio in table for radio in wanted)
    assert "nobody" not in table
    assert table.get(RadioId("nobody")) is None


def test_somebody_is_found_by_what_people_call_them() -> None:
    """Two radios of one name are both told: one of them may be revoked."""
    table = RadioTable([volunteer("v1", call_sign="巷一"), volunteer("v2", call_sign="巷二")])
    table.put(volunteer("v3", call_sign="巷一", revoked=True))

    assert [each.radio for each in table.called("巷一")] == ["v1", "v3"]
    assert list(table.called("巷九")) == []


@given(st.lists(records, max_size=200), st.lists(records, max_size=5))
def test_a_table_that_was_packed_is_the_same_table(
    put: list[RadioRecord], more: list[RadioRecord]
) -> None:
    """The next start takes it as it is, and radios that join later find their place."""
    table = RadioTable(put)

    again = RadioTable.of_packed(table.packed())

    assert dict(again) == dict(table)
    assert list(again) == list(table)
    for record in more:
        table.put(record)
        again.put(record)
    assert dict(again) == dict(table)


def test_a_packed_table_that_does_not_hold_together_is_none() -> None:
    """Whoever cut the file would give one radio another's name."""
    packed = RadioTable([volunteer("r1"), volunteer("r2")]).packed()

    with pytest.raises(ValueError, match="2 rows of 1 radios"):
        RadioTable.of_packed(replace(packed, ids="r1"))
