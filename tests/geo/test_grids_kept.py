"""What was kept of grids is those grids."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon

from geo.datum import Datum
from geo.grids import Grid, GridSet, KeyUnit, Level, load_grids
from geo.grids_kept import pack_grids, unpack_grids
from tests.geo.places import at, collection, feature, row_of_squares, square

places = st.tuples(st.floats(112.0, 113.0), st.floats(28.0, 29.0))
key_units = st.builds(
    KeyUnit,
    name=st.text(min_size=1),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    kind=st.text(),
    name_en=st.text(),
)


@st.composite
def grids(draw: st.DrawFn) -> list[Grid]:
    """Triangles about anywhere; some in two parts."""
    made = []
    for number in range(draw(st.integers(1, 5))):
        (x, y), part = draw(places), draw(st.booleans())
        first = Polygon([(x, y), (x + 0.01, y), (x, y + 0.01)])
        second = Polygon([(x + 1, y), (x + 1.01, y), (x + 1, y + 0.01)])
        made.append(
            Grid(
                id=f"g{number}",
                name=draw(st.text(min_size=1)),
                level=draw(st.sampled_from(Level)),
                klass=draw(st.sampled_from(["", "A", "B"])),
                polygon=MultiPolygon([first, second]) if part else first,
                key_units=tuple(draw(st.lists(key_units, max_size=2))),
                name_en=draw(st.text()),
            )
        )
    return made


@given(st.lists(grids(), min_size=1, max_size=4))
def test_everything_of_them_comes_back(drawn: list[list[Grid]]) -> None:
    """A start with what was kept is a start without: to the last digit of a corner."""
    sets = [GridSet(each) for each in drawn]

    again = unpack_grids(pack_grids(sets))

    assert [each.grids for each in again] == [each.grids for each in sets]
    for was, now in zip(sets, again, strict=True):
        assert now.key_units == was.key_units
        for grid, same in zip(was.grids, now.grids, strict=True):
            assert same.polygon.wkb == grid.polygon.wkb
            assert type(same.level) is Level


def test_a_town_that_was_kept_answers_as_before() -> None:
    """Its neighbours, and whose every place is, are worked out anew from the same borders."""
    town = load_grids(
        collection(
            feature(square(0, 0), square(40, 40, 20), id="west", drawn_on=Datum.GCJ02),
            feature(square(100, 0), id="east"),
            datum=Datum.WGS84,
        )
    )
    row = row_of_squares(4, gap_m=20)
    lons, lats = np.array([at(x, y) for x in range(-20, 520, 7) for y in (-5, 1, 50, 99)]).T

    for was, now in zip((town, row), unpack_grids(pack_grids([town, row])), strict=True):
        assert now.locate_batch(lons, lats).tolist() == was.locate_batch(lons, lats).tolist()
        assert [now.rings(i) for i in range(len(now))] == [was.rings(i) for i in range(len(was))]
        assert now.to_geojson() == was.to_geojson()


def test_no_towns_are_kept_as_none() -> None:
    """Nobody asks for it, and it must not be what fails."""
    assert unpack_grids(pack_grids([])) == []


@pytest.mark.parametrize("spoil", [b"", b"\x90", b"\xff"])
def test_damaged_bytes_are_refused(spoil: bytes) -> None:
    """Whoever kept them reads the files again."""
    packed = pack_grids([row_of_squares(2)])

    with pytest.raises((ValueError, msgspec.MsgspecError)):
        unpack_grids(packed[:-40] + spoil)
    with pytest.raises(ValueError, match="damaged"):
        unpack_grids(packed.replace(b"\x01\x03\x00\x00\x00", b"\x01\x77\x00\x00\x00"))
