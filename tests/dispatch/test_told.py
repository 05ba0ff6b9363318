"""How candidates are written down with a decision."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.incident import Candidate
from dispatch.told import columns_of, tables_of
from tests.dispatch.rules.builders import seen
from tests.dispatch.rules.crowds import units


@given(st.lists(units, max_size=10))
def test_what_is_written_is_read_back(found: list[Candidate]) -> None:
    """Through JSON, defaults and all."""
    text = msgspec.json.encode(columns_of(found))

    tables = tables_of(msgspec.json.decode(text))

    assert msgspec.convert(tables, list[Candidate]) == found


def test_a_column_that_tells_nothing_is_left_out() -> None:
    """Of a thousand decisions a day hardly one speaks of skills."""
    columns = columns_of([seen("v1"), seen("v2", busy=3)])

    assert "skills" not in columns
    assert columns["busy"] == [0, 3]


def test_a_table_for_each_is_read_as_well() -> None:
    """As decisions were written down at first."""
    assert tables_of([{"unit": "v1"}, {"unit": "v2"}]) == [{"unit": "v1"}, {"unit": "v2"}]
    assert tables_of(()) == []


@pytest.mark.parametrize("told", [None, 7, {"unit": ["v1"], "role": []}, {"unit": 7}])
def test_what_is_neither_is_refused(told: object) -> None:
    """Whatever stands in a file."""
    with pytest.raises((ValueError, TypeError)):
        tables_of(told)
