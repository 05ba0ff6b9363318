"""Which polygons touch: by metres, within their own layer, and not without bound."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import Point, box

from geo.adjacency import ROAD_WIDTH_M, TooManyTouchingError, breadth_first, touching


def test_polygons_touch_at_corners_and_across_a_road() -> None:
    """Diagonal neighbours help each other as well."""
    gap = ROAD_WIDTH_M / 2
    flat = np.array([box(0, 0, 100, 100), box(100 + gap, 100 + gap, 200, 200), box(300, 0, 400, 9)])

    assert touching(flat, ["grid"] * 3) == ((1,), (0,), ())


def test_layers_do_not_see_each_other() -> None:
    """A building touches its own kind only."""
    flat = np.array([box(0, 0, 9, 9)] * 4)

    assert touching(flat, ["a", "b", "a", "b"]) == ((2,), (3,), (0,), (1,))


def test_no_polygons_touch_nothing() -> None:
    """A hub without a grid file still starts."""
    assert touching(np.array([], dtype=object), []) == ()


def test_more_than_any_town_has_is_refused() -> None:
    """Thousands on one spot would mean millions of pairs."""
    flat = np.array([Point(0, 0).buffer(1, 4)] * 502)

    with pytest.raises(TooManyTouchingError, match="polygon 0 touches 501 others"):
        touching(flat, ["grid"] * 502)


def test_rings_are_as_far_as_the_steps_between() -> None:
    """A circle of six: two neighbours, two behind them, one opposite."""
    circle = [((i - 1) % 6, (i + 1) % 6) for i in range(6)]

    assert breadth_first(0, circle) == ((0,), (1, 5), (2, 4), (3,))
