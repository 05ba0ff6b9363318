"""The graph: where ways meet, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from geo.streets import ISLAND_M_MIN
from geo.walkways import STEPS_MPS, STREET_MPS
from tests.geo.towns import town, way


def test_ways_meet_where_they_share_a_position_not_where_they_cross() -> None:
    """A footbridge crosses the road below without a way down to it."""
    crossing = town(way((0, 0), (400, 0)), way((200, -300), (200, 300)))
    meeting = town(way((0, 0), (200, 0), (400, 0)), way((200, -300), (200, 0), (200, 300)))

    assert len(crossing.node_x) == 4
    assert len(meeting.node_x) == 5
    assert np.diff(meeting.offsets).max() == 4


def test_an_edge_takes_its_length_at_the_pace_of_its_way() -> None:
    """Seconds come from metres and the kind of way alone."""
    streets = town(way((0, 0), (120, 0)), way((120, 0), (120, 60), highway="steps"))

    assert sorted(streets.edge_s) == pytest.approx([120 / STREET_MPS, 60 / STEPS_MPS], rel=1e-3)


def test_edges_stand_fastest_first_and_otherwise_as_they_were_drawn() -> None:
    """A place is put on the first of equally near ones: on the street, not the stairs over it."""
    stairs = way((0, 0), (60, 0), highway="steps")

    streets = town(stairs, way((60, 0), (0, 0)), way((60, 0), (60, 120)))

    assert streets.edge_s.tolist() == pytest.approx(
        [60 / STREET_MPS, 120 / STREET_MPS, 60 / STEPS_MPS], rel=1e-3
    )


def test_every_edge_leads_both_ways() -> None:
    """On foot no street is one-way."""
    streets = town(way((0, 0), (100, 0), (100, 100), oneway=True))

    halves = {
        (node, int(target))
        for node in range(len(streets.node_x))
        for target in streets.targets[streets.offsets[node] : streets.offsets[node + 1]]
    }
    assert halves == {(b, a) for a, b in halves}
    assert len(halves) == 2 * len(streets) == 4


def test_a_small_island_is_left_out() -> None:
    """A platform drawn apart must not catch who stands beside the street."""
    streets = town(way((0, 0), (2000, 0)), way((100, 5), (160, 5), highway="platform"))

    assert len(streets) == 1


def test_the_longest_island_stays_however_short() -> None:
    """A file with one lane is a town with one lane."""
    assert len(town(way((0, 0), (60, 0)))) == 1


def test_an_island_of_some_size_stays() -> None:
    """The other bank of a river without a bridge."""
    other_bank = way((0, 90), (ISLAND_M_MIN + 1, 90))

    assert len(town(way((0, 0), (2000, 0)), other_bank)) == 2


def test_a_long_chain_of_ways_in_any_order_is_one_island() -> None:
    """However far apart its ends, and wherever they stand in the file."""
    pieces = [way((10 * i, 0), (10 * i + 10, 0)) for i in range(300)]
    np.random.default_rng(3).shuffle(pieces)

    assert len(town(*pieces)) == 300
