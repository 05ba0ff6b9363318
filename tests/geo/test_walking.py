"""Walking times, held against a plain search over the whole town."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.street_files import load_streets
from geo.streets import Streets
from geo.walking import Walked, rank_by_walking, walking_seconds
from geo.walkways import OFF_STREET_MPS, STREET_MPS
from tests.data import data_folder
from tests.geo.places import at
from tests.geo.towns import Point, plain_seconds, town, way


def ask(
    streets: Streets, place: Point, units: dict[str, Point], k: int = 8, **bounds: Any
) -> Walked | None:
    """Places in metres."""
    lon, lat = at(*place)
    lons, lats = np.array([at(*point) for point in units.values()]).reshape(-1, 2).T
    keys = list(units)
    return rank_by_walking(
        streets, lon=lon, lat=lat, lons=lons, lats=lats, keys=keys, k=k, **bounds
    )


def order(streets: Streets, place: Point, units: dict[str, Point], k: int = 8) -> list[str]:
    walked = ask(streets, place, units, k)
    assert walked is not None
    return [list(units)[row] for row in walked.rows.tolist()]


def test_who_stands_across_the_river_is_farther_than_who_must_not_cross_it() -> None:
    """The reason for all this: 60 m of water and the bridge a kilometre off."""
    banks = (way((0, 0), (1000, 0)), way((0, 60), (1000, 60)))
    bridge = way((1000, 0), (1000, 60), highway="footway")
    units = {"across": (0.0, 60.0), "along": (500.0, 0.0)}

    streets = town(*banks, bridge)
    walked = ask(streets, (0, 0), units)

    assert order(streets, (0, 0), units) == ["along", "across"]
    assert walked is not None
    assert walked.seconds == pytest.approx([500 / STREET_MPS, 2060 / STREET_MPS], rel=1e-3)


def test_a_crowd_across_the_river_hides_nobody_on_this_side() -> None:
    """A hundred are nearer by the map; the one who need not cross is called."""
    banks = (way((0, 0), (1000, 0)), way((0, 60), (1000, 60)))
    streets = town(*banks, way((1000, 0), (1000, 60), highway="footway"))
    crowd = {f"c{index:03}": (index / 2.0, 60.0) for index in range(100)}

    assert order(streets, (0, 0), {**crowd, "along": (500.0, 0.0)}, k=1) == ["along"]


def test_without_a_bridge_the_other_bank_is_not_reached() -> None:
    """None, and the caller falls back to metres; not a straight line through water."""
    streets = town(way((0, 0), (1000, 0)), way((0, 60), (1000, 60)))
    (lon, lat), (to_lon, to_lat) = at(0, 0), at(0, 60)

    answer = walking_seconds(
        streets, lon=lon, lat=lat, lons=np.array([lon, to_lon]), lats=np.array([lat, to_lat])
    )

    assert answer[0] == pytest.approx(0.0, abs=1e-3)
    assert answer[1] is None


def test_the_legs_off_the_street_are_walked_too_and_slower() -> None:
    """From the gate to the street and from the street into the yard."""
    walked = ask(town(way((0, 0), (600, 0))), (100, 40), {"u": (500.0, -20.0)})

    assert walked is not None
    expected = 60 / OFF_STREET_MPS + 400 / STREET_MPS
    assert walked.seconds == pytest.approx([expected], rel=1e-3)


def test_who_stands_in_the_same_yard_does_not_go_round_by_the_street() -> None:
    """Ten metres away, both eighty from the street."""
    walked = ask(town(way((0, 0), (600, 0))), (100, 80), {"u": (110.0, 80.0)})

    assert walked is not None
    assert walked.seconds == pytest.approx([10 / OFF_STREET_MPS], rel=1e-3)


def test_who_stands_where_stairs_are_drawn_over_a_street_walks_on_the_street() -> None:
    """Both are equally near, whichever was drawn first and from whichever end."""
    ends = (490.0, 70.0), (560.0, 490.0)
    stairs, backwards = way(*ends, highway="steps"), way(*ends[::-1], highway="steps")
    street = way((0.0, 0.0), ends[1], ends[0])
    place, unit = (0.1372817, 0.2913361), {"u": (649.1372817, 44.2913361)}
    alone = ask(town(street), place, unit)

    for drawn in ([stairs, street], [backwards, street], [street, stairs], [street, backwards]):
        walked = ask(town(*drawn), place, unit)

        assert alone is not None
        assert walked is not None
        assert walked.seconds == pytest.approx(alone.seconds, rel=1e-9)


def test_equally_soon_units_come_in_the_order_of_their_keys() -> None:
    """A replay calls the same ones, in whatever rows they stand, also where k cuts."""
    streets = town(way((0, 0), (900, 0)))
    spot = (500.0, 0.0)

    assert order(streets, (0, 0), {"c": spot, "a": spot, "b": spot}, k=2) == ["a", "b"]
    assert order(streets, (0, 0), {"b": spot, "c": spot, "a": spot}, k=2) == ["a", "b"]


def test_a_place_far_from_every_street_has_no_walks() -> None:
    """None at once: metres are all there is."""
    assert ask(town(way((0, 0), (600, 0))), (100, 900), {"u": (100.0, 0.0)}) is None


def test_a_unit_off_every_street_is_named_apart_if_it_could_be_first() -> None:
    """In the middle of a park: the caller may want it by metres; a far one never."""
    units = {"street": (1500.0, 0.0), "park": (100.0, 260.0), "far": (100.0, 9000.0)}

    walked = ask(town(way((0, 0), (1600, 0))), (100, 0), units, k=1)

    assert walked is not None
    assert walked.rows.tolist() == [0]
    assert walked.off_street.tolist() == [1]


def test_a_unit_without_a_fix_is_never_reached() -> None:
    """NaN is no place."""
    streets = town(way((0, 0), (600, 0)))
    lon, lat = at(0, 0)
    lons, lats = np.array([np.nan, lon]), np.array([lat, lat])

    walked = rank_by_walking(streets, lon=lon, lat=lat, lons=lons, lats=lats, keys=["a", "b"], k=2)

    assert walked is not None
    assert walked.rows.tolist() == [1]
    assert walked.off_street.tolist() == []


def test_nobody_asked_for_or_nobody_there_is_an_empty_answer() -> None:
    """Not an error: a night with nobody on duty."""
    streets = town(way((0, 0), (600, 0)))

    assert len(ask(streets, (0, 0), {}) or ()) == 0
    assert len(ask(streets, (0, 0), {"u": (5.0, 0.0)}, k=0) or ()) == 0


def test_a_walk_longer_than_the_bound_is_none() -> None:
    """`seconds_max` holds to the second."""
    streets, units = town(way((0, 0), (900, 0))), {"u": (600.0, 0.0)}
    needed = 600 / STREET_MPS

    assert len(ask(streets, (0, 0), units, seconds_max=needed * 1.01) or ()) == 1
    assert len(ask(streets, (0, 0), units, seconds_max=needed * 0.99) or ()) == 0


def test_a_search_ends_after_so_many_crossings() -> None:
    """One alarm in a quiet corner must not hold up the next."""
    street = way(*((10.0 * i, 0.0) for i in range(200)))
    units = {"near": (95.0, 0.0), "far": (1900.0, 0.0)}

    walked = ask(town(street), (0, 0), units, nodes_max=50)

    assert walked is not None
    assert walked.rows.tolist() == [0]


nodes = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda p: (p[0] * 70.0, p[1] * 70.0))
kinds = st.sampled_from(["residential", "steps", "footway", "motorway"])
ways = st.builds(
    lambda points, kind: way(*points, highway=kind), st.lists(nodes, min_size=2, max_size=6), kinds
)
places = st.tuples(st.integers(-100, 700), st.integers(-100, 700)).map(
    lambda p: (p[0] + 0.1372817, p[1] + 0.2913361)  # never midway between two streets
)


@settings(max_examples=150)
@given(
    st.lists(ways, min_size=1, max_size=10),
    places,
    st.lists(places, max_size=40),
    st.integers(0, 9),
)
@example(  # stairs over a street, drawn from its other end: equally near
    [
        way((490.0, 70.0), (560.0, 490.0), highway="steps"),
        way((0.0, 0.0), (560.0, 490.0), (490.0, 70.0)),
    ],
    (0.1372817, 0.2913361),
    [(649.1372817, 44.2913361)],
    1,
)
def test_the_bounded_search_finds_what_the_plain_one_finds(
    drawn: list[dict[str, Any]], place: Point, spots: list[Point], k: int
) -> None:
    """Any town, any place, any units: the same times, the soonest k, in order."""
    streets = town(way((-50, -50), (-50, 40)), *drawn)
    units = {f"u{index:02}": spot for index, spot in enumerate(spots)}
    plain = plain_seconds(streets, at(*place), [at(*spot) for spot in spots])
    soonest = sorted(seconds for seconds in plain if seconds is not None)

    walked = ask(streets, place, units, k, seconds_max=1e9)

    if walked is None:
        assert all(seconds is None for seconds in plain)
        return
    rows = walked.rows.tolist()
    assert walked.seconds.tolist() == pytest.approx(soonest[:k])
    assert [plain[row] for row in rows] == pytest.approx(walked.seconds.tolist())
    assert len(set(rows)) == len(rows)
    assert all(plain[row] is None for row in walked.off_street.tolist())


@settings(max_examples=50)
@given(st.lists(ways, min_size=1, max_size=8), places, st.lists(places, max_size=12), st.randoms())
def test_the_order_of_the_rows_changes_nothing(
    drawn: list[dict[str, Any]], place: Point, spots: list[Point], chance: Any
) -> None:
    """Rows of live columns are given back and taken again; the answer is about units."""
    streets = town(*drawn, way((0, 0), (70, 0)))
    units = [(f"u{index:02}", spot) for index, spot in enumerate([*spots, *spots])]
    shuffled = chance.sample(units, len(units))

    one, other = ask(streets, place, dict(units), 5), ask(streets, place, dict(shuffled), 5)

    if one is None or other is None:
        assert one is other
        return
    assert [units[row][0] for row in one.rows.tolist()] == [
        shuffled[row][0] for row in other.rows.tolist()
    ]
    assert one.seconds.tolist() == other.seconds.tolist()


def test_a_real_town_is_ranked_as_the_plain_search_ranks_it() -> None:
    """Beijing's core: 28,000 edges, units at the streets and off them."""
    packed = data_folder() / "city" / "beijing_core_ways.geojson.gz"
    streets = load_streets(gzip.decompress(packed.read_bytes()))
    chance = np.random.default_rng(20_170_101)
    lons, lats = chance.uniform(116.25, 116.45, 300), chance.uniform(39.87, 40.0, 300)
    units = list(zip(lons.tolist()[:12], lats.tolist()[:12], strict=True))
    lon, lat = 116.35, 39.93

    plain = plain_seconds(streets, (lon, lat), units)
    bounded = walking_seconds(
        streets, lon=lon, lat=lat, lons=lons, lats=lats, seconds_max=1e9, nodes_max=10**9
    )
    walked = rank_by_walking(
        streets, lon=lon, lat=lat, lons=lons, lats=lats, keys=[f"{i:03}" for i in range(300)], k=8
    )

    assert len(streets) > 20_000
    assert [seconds is None for seconds in bounded[:12]] == [each is None for each in plain]
    reached = [each for each in plain if each is not None]
    assert [each for each in bounded[:12] if each is not None] == pytest.approx(reached)
    assert len(reached) > 6
    assert walked is not None
    everyone = sorted(each for each in bounded if each is not None)
    assert walked.seconds.tolist() == pytest.approx(everyone[:8])
