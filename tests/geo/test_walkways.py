"""Which ways are walked and how fast."""

from __future__ import annotations

import pytest

from geo.walkways import (
    FASTEST_MPS,
    ON_REQUEST_MPS,
    STEPS_MPS,
    STREET_MPS,
    WALKED_MPS,
    pace_mps,
)


def test_steps_are_slower_than_the_street() -> None:
    """A footbridge is a climb up and down, not a short cut."""
    assert pace_mps({"highway": "steps"}) == STEPS_MPS < STREET_MPS
    assert pace_mps({"highway": "footway"}) == STREET_MPS


@pytest.mark.parametrize("highway", ["motorway", "motorway_link", "trunk", "raceway", "?", ""])
def test_a_road_for_cars_alone_is_not_walked(highway: str) -> None:
    """Sent across a fenced expressway, a volunteer arrives late or not at all."""
    assert pace_mps({"highway": highway}) is None


@pytest.mark.parametrize("tags", [{"sidewalk": "both"}, {"foot": "yes"}, {"foot": "designated"}])
def test_a_trunk_road_with_a_sidewalk_is_walked(tags: dict[str, str]) -> None:
    """In small towns the trunk road is the high street."""
    assert pace_mps({"highway": "trunk", **tags}) == STREET_MPS


def test_a_sidewalk_drawn_apart_does_not_open_the_trunk_road() -> None:
    """It is a way of its own in the same file."""
    assert pace_mps({"highway": "trunk", "sidewalk": "separate"}) is None


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"foot": "no"}, False),
        ({"foot": "use_sidepath"}, False),
        ({"access": "no"}, False),
        ({"access": "no", "foot": "yes"}, True),
        ({"access": "private"}, True),
        ({"access": "private", "foot": "no"}, False),
    ],
)
def test_what_a_way_says_of_people_on_foot_is_heeded(tags: dict[str, str], walked: bool) -> None:
    """`foot` over `access`; a private lane is open to the patrol that guards it."""
    assert (pace_mps({"highway": "service", **tags}) is not None) == walked


def test_nobody_walks_faster_than_the_fastest_pace() -> None:
    """The search leaves units out by it; a faster way would make it wrong."""
    assert max(*WALKED_MPS.values(), *ON_REQUEST_MPS.values()) <= FASTEST_MPS
