"""What every request is held to, before the first fact of it."""

from dataclasses import replace

import pytest
from shapely.geometry import Polygon

from dispatch.by_hand.checks import check_length, place_said, words_of
from dispatch.errors import UnfitCommandError, UnknownUnitError
from dispatch.events import Personal, Purpose
from dispatch.ids import CommunityId, GridId, UnitId
from dispatch.place import NOWHERE
from dispatch.turn import Turn
from dispatch.words import PlaceSource
from geo.gridset import Grid, GridSet, Level
from tests.builders import TOWN, Shell, at, patrol, town, volunteer

NAMED: dict[str, object] = {"lon": None, "lat": None, "grid": None, "unit": None}


def turn(desk: Shell) -> Turn:
    """One in which nothing is recorded."""
    return Turn(desk.hub._desk, desk.now, lambda fact: None)


def test_words_are_kept_without_the_blanks_around_them_and_apart() -> None:
    """They are personal; nothing but blanks is nothing."""
    assert words_of("  有人受伤 \n", 10) == Personal(Purpose.WORDS, "有人受伤")
    assert words_of("陈", 10, purpose=Purpose.PERSON) == Personal(Purpose.PERSON, "陈")
    assert words_of("   ", 10) is None


def test_the_bound_is_on_what_is_kept_and_it_is_exact() -> None:
    """The refusal names the field and the number."""
    assert words_of(" " + "长" * 10 + " ", 10) is not None
    with pytest.raises(UnfitCommandError, match="more than 10 characters"):
        words_of("长" * 11, 10)
    with pytest.raises(UnfitCommandError, match="words is empty"):
        words_of(" ", 10, needed=True)
    with pytest.raises(UnfitCommandError, match="to is empty"):
        check_length("to", "", 5, at_least=1)


def test_a_point_goes_before_a_grid_and_a_grid_before_a_unit() -> None:
    """Whoever points at the map means that."""
    desk = patrol()
    lon, lat = at(1_900)
    said = {**NAMED, "unit": UnitId("v1")}

    by_unit = place_said(turn(desk), TOWN, **said)  # type: ignore[arg-type]  # named above
    said |= {"grid": GridId("g2")}
    by_grid = place_said(turn(desk), TOWN, **said)  # type: ignore[arg-type]  # named above
    said |= {"lon": lon, "lat": lat, "grid": GridId("g4")}
    by_point = place_said(turn(desk), TOWN, **said)  # type: ignore[arg-type]  # named above

    assert (by_unit.source, by_unit.grid) == (PlaceSource.LAST_FIX, "g1")
    assert (by_grid.source, by_grid.grid, by_grid.lon) == (PlaceSource.OPERATOR, "g2", None)
    assert (by_point.lon, by_point.grid) == (lon, "g4")
    assert place_said(turn(desk), TOWN, **NAMED) is NOWHERE  # type: ignore[arg-type]  # as above


def test_the_grid_of_a_point_is_found_where_nobody_named_one() -> None:
    """And outside every grid it is none, but still a place."""
    desk = patrol()

    for east_m, grid in ((1_900, "g4"), (9_000, None)):
        lon, lat = at(east_m)
        place = place_said(turn(desk), TOWN, lon=lon, lat=lat, grid=None, unit=None)
        assert (place.grid, place.known) == (grid, True)


@pytest.mark.parametrize(("east_m", "where"), [(1_900, "g4"), (9_000, "none")])
def test_a_grid_that_does_not_hold_the_point_beside_it_is_refused(
    east_m: float, where: str
) -> None:
    """Told as both, "grid 2, 60 m north of the school in grid 4" sends people to either."""
    desk = patrol()
    lon, lat = at(east_m)

    with pytest.raises(UnfitCommandError, match=f"grid g2 does not hold lon and lat: {where} does"):
        place_said(turn(desk), TOWN, lon=lon, lat=lat, grid=GridId("g2"), unit=None)


def test_a_house_named_beside_a_point_in_it_stands_in_the_grid_around_it() -> None:
    """People are looked for from grid to grid; in which house it is, words say."""
    west, east = 1_700, 1_800
    house = Grid(
        id="h1",
        name="一号楼",
        level=Level.BUILDING,
        polygon=Polygon([at(west, 100), at(east, 100), at(east, 200), at(west, 200)]),
    )
    desk = patrol(community=replace(town(), grids=GridSet([*town().grids.grids, house])))
    said = {**NAMED, "grid": GridId("h1")}
    said["lon"], said["lat"] = at(1_750, 150)

    place = place_said(turn(desk), TOWN, **said)  # type: ignore[arg-type]  # named above

    assert place.grid == "g4"
    with pytest.raises(UnfitCommandError, match="grid h1 does not hold"):
        place_said(turn(desk), TOWN, **said | {"lon": at(1_900)[0]})  # type: ignore[arg-type]  # same


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"unit": "nobody"}, UnknownUnitError),
        ({"unit": "x1"}, UnknownUnitError),
        ({"grid": "g9"}, UnfitCommandError),
        ({"lon": 120.0}, UnfitCommandError),
        ({"lat": 30.0}, UnfitCommandError),
        ({"lon": 181.0, "lat": 30.0}, UnfitCommandError),
        ({"lon": float("inf"), "lat": 30.0}, UnfitCommandError),
    ],
)
def test_what_is_no_place_of_the_community_is_refused(
    said: dict[str, object], refusal: type[Exception]
) -> None:
    """Unknown, of another community, half a point, or nowhere on Earth."""
    desk = patrol()
    desk.hub.roster.put(volunteer("x1", community=CommunityId("elsewhere")))

    with pytest.raises(refusal):
        place_said(turn(desk), TOWN, **{**NAMED, **said})  # type: ignore[arg-type]  # as above
