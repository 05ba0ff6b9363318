"""The nearest edge to each place, held against measuring every edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.snapping import NO_EDGE, REACHES_M, SNAP_M_MAX, EdgeNets
from geo.streets import Streets
from tests.geo.towns import plain_snap, town, way

metres = st.integers(-900, 900).map(float)
points = st.tuples(metres, metres)


def snap_one(streets: Streets, x: float, y: float) -> tuple[int, float, float] | None:
    found = streets.snap_xy(np.array([x]), np.array([y]))
    if int(found.edge[0]) == NO_EDGE:
        return None
    return int(found.edge[0]), float(found.along[0]), float(found.away_m[0])


@given(st.lists(st.tuples(points, points), min_size=1, max_size=12), st.lists(points, max_size=20))
def test_it_is_the_nearest_of_all_edges(
    ends: list[tuple[tuple[float, float], tuple[float, float]]], places: list[tuple[float, float]]
) -> None:
    """Cells and nets only save work. Edges of no length are edges too."""
    a, b = np.array([one for one, _ in ends]), np.array([other for _, other in ends])
    nets = EdgeNets(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    xs, ys = np.array(places).reshape(-1, 2).T

    found = nets.snap(xs, ys)

    for index, (x, y) in enumerate(places):
        away = [_away_m(x, y, *one, *other) for one, other in ends]
        if min(away) > SNAP_M_MAX + 1e-6:
            assert found.edge[index] == NO_EDGE
        elif min(away) < SNAP_M_MAX - 1e-6:
            assert found.away_m[index] == pytest.approx(min(away), abs=1e-6)
            assert away[found.edge[index]] == pytest.approx(min(away), abs=1e-6)


def _away_m(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """By walking the edge in thirds of the remaining piece until it is a millionth."""
    low, high = 0.0, 1.0
    for _ in range(80):
        one, two = low + (high - low) / 3.0, high - (high - low) / 3.0
        if _point_m(x, y, ax, ay, bx, by, one) <= _point_m(x, y, ax, ay, bx, by, two):
            high = two
        else:
            low = one
    return _point_m(x, y, ax, ay, bx, by, low)


def _point_m(x: float, y: float, ax: float, ay: float, bx: float, by: float, part: float) -> float:
    return float(np.hypot(x - ax - part * (bx - ax), y - ay - part * (by - ay)))


def test_a_place_is_put_on_the_edge_not_on_its_end() -> None:
    """In the middle of a long street one is not at a crossing."""
    streets = town(way((0, 0), (1000, 0)))
    x = float(streets.node_x[streets.edge_a[0]])

    edge, along, away_m = snap_one(streets, x + 400.0, float(streets.node_y[0]) + 30.0) or (9, 9, 9)

    assert edge == 0
    assert along == pytest.approx(0.4)
    assert away_m == pytest.approx(30.0)


def test_places_are_snapped_together_as_they_are_alone() -> None:
    """A batch is only faster."""
    streets = town(way((0, 0), (300, 40), (300, 400)), way((300, 40), (700, -90)))
    chance = np.random.default_rng(5)
    xs, ys = chance.uniform(-500, 500, (2, 60))

    together = streets.snap_xy(xs, ys)

    for index, (x, y) in enumerate(zip(xs.tolist(), ys.tolist(), strict=True)):
        alone, plain = snap_one(streets, x, y), plain_snap(streets, x, y)
        assert (alone is None) == (plain is None) == (together.edge[index] == NO_EDGE)
        if alone is not None and plain is not None:
            assert alone == (together.edge[index], together.along[index], together.away_m[index])
            assert alone[2] == pytest.approx(plain[2], abs=1e-9)


@pytest.mark.parametrize("reach_m", REACHES_M)
def test_the_border_of_a_net_hides_nothing(reach_m: float) -> None:
    """Just inside the fine net, just outside it, and just within the last reach."""
    streets = town(way((0, 0), (1000, 0)))
    middle_x, y = float(streets.node_x.mean()), float(streets.node_y[0])

    near, far = (
        snap_one(streets, middle_x, y + reach_m - 0.01),
        snap_one(streets, middle_x, y + reach_m + 0.01),
    )

    assert near is not None
    assert (far is None) == (reach_m == SNAP_M_MAX)


def test_of_two_edges_equally_near_the_first_is_taken() -> None:
    """A replay must put a unit on the same street."""
    nets = EdgeNets(
        *(np.array(each, dtype=float) for each in ([0, 0], [20, 0], [100, 100], [20, 0]))
    )

    assert nets.snap(np.array([50.0]), np.array([10.0])).edge.tolist() == [0]


@given(points, points, points)
def test_a_street_drawn_over_another_backwards_is_equally_near(
    one: tuple[float, float], other: tuple[float, float], place: tuple[float, float]
) -> None:
    """Rounding must not choose: the same street in another order of drawing is the same."""
    a, b = np.array([one, other]), np.array([other, one])
    nets = EdgeNets(a[:, 0] / 7.0, a[:, 1] / 7.0, b[:, 0] / 7.0, b[:, 1] / 7.0)

    found = nets.snap(np.array([place[0] / 7.0]), np.array([place[1] / 7.0]))

    assert found.edge[0] in (0, NO_EDGE)


def test_a_place_that_is_no_number_is_on_no_street() -> None:
    """A unit without a fix has NaN for a place."""
    streets = town(way((0, 0), (100, 0)))

    found = streets.snap(np.array([np.nan, 120.15]), np.array([30.25, np.nan]))

    assert found.edge.tolist() == [NO_EDGE, NO_EDGE]
    assert np.isinf(found.away_m).all()
