"""Simulated people walk like people and their receivers err like receivers; seeded."""

import json
import random
from itertools import pairwise

import pytest
from shapely.geometry import Point, box

from devices.simulator.ground import AlongStreets, InsideGrid, Streets, read_streets
from devices.simulator.receiver import ACCURACY_MAX_M, ACCURACY_MIN_M, Battery, Receiver
from devices.simulator.walk import HURRY_MPS, Walker
from dispatch.clock import HOUR, MINUTE, SECOND
from dispatch.readings import Fix
from geo.distance import distance_m

WEST, SOUTH = 117.00, 36.00
GRID = box(WEST, SOUTH, WEST + 0.004, SOUTH + 0.004)
LADDER = Streets(
    [
        [(WEST + i * 0.001, SOUTH), (WEST + i * 0.001, SOUTH + 0.002), (WEST + i * 0.001, 36.004)]
        for i in range(5)
    ]
    + [[(WEST + i * 0.001, SOUTH + 0.002) for i in range(5)]]
)


def walked(walker: Walker, minutes: int) -> tuple[list[tuple[float, float]], list[Fix]]:
    """True places and told fixes, every ten seconds."""
    places, fixes = [], []
    for step in range(minutes * 6):
        fixes += walker.tell(step * 10 * SECOND, 10.0)
        places.append(walker.place)
    return places, fixes


def test_a_round_stays_in_its_grid_at_walking_pace() -> None:
    """Two hours inside the polygon, never faster than a stroll, and sometimes standing."""
    walker = Walker(InsideGrid(GRID), chance=random.Random(1), now=0)

    places, _ = walked(walker, 120)

    steps_m = [distance_m(*a, *b) for a, b in pairwise(places)]
    assert all(GRID.buffer(1e-6).contains(Point(place)) for place in places)
    assert max(steps_m) <= 1.5 * 10 + 0.01
    assert 0 < sum(step == 0.0 for step in steps_m) < len(steps_m) / 2
    assert sum(steps_m) > 2_000


def test_a_round_along_streets_keeps_to_them() -> None:
    """Each true place lies on a piece of street."""
    walker = Walker(AlongStreets(LADDER, GRID), chance=random.Random(2), now=0)

    places, _ = walked(walker, 60)

    on_rung = [abs(lat - (SOUTH + 0.002)) < 1e-7 for _, lat in places]
    on_pole = [abs((lon - WEST) / 0.001 - round((lon - WEST) / 0.001)) < 1e-4 for lon, _ in places]
    assert all(a or b for a, b in zip(on_rung, on_pole, strict=True))
    assert len(set(places)) > 100


def test_the_way_to_an_incident_is_the_shortest_by_the_streets() -> None:
    """Up one pole, along the rung, up another: not through the houses."""
    way = AlongStreets(LADDER, GRID).way((WEST, SOUTH), (WEST + 0.002, SOUTH))

    assert way[:-1] == [
        (WEST, SOUTH),
        (WEST, SOUTH + 0.002),
        (WEST + 0.001, SOUTH + 0.002),
        (WEST + 0.002, SOUTH + 0.002),
        (WEST + 0.002, SOUTH),
    ]


def test_who_is_called_hurries_there_and_stays() -> None:
    """Faster than a stroll, no pauses, and stands at the place until told to go on."""
    walker = Walker(InsideGrid(GRID), chance=random.Random(3), now=0)
    walker.tell(0, 10.0)
    goal = (WEST + 0.003, SOUTH + 0.003)
    far_m = walker.away_m(*goal)

    walker.go_to(*goal)
    seconds = 0
    while walker.away_m(*goal) > 1.0:
        seconds += 10
        walker.tell(seconds * SECOND, 10.0)
    walker.tell(10 * MINUTE, 10.0)

    assert far_m / HURRY_MPS[1] - 10 <= seconds <= far_m / HURRY_MPS[0] + 10
    assert walker.away_m(*goal) < 1.0
    walker.go_on()
    for step in range(60, 120):
        walker.tell(step * 10 * SECOND, 10.0)
    assert walker.away_m(*goal) > 5.0


def test_the_same_seed_walks_the_same_way() -> None:
    """A failure seen once can be seen again."""
    one, other = (
        walked(Walker(InsideGrid(GRID), chance=random.Random(4), now=0), 30) for _ in range(2)
    )

    assert one == other


def test_fixes_err_as_receivers_do() -> None:
    """Accuracy between 3 and 40 m, errors of that size that drift, gaps now and then."""
    receiver = Receiver(random.Random(5))
    fixes = [receiver.sense(step * 10 * SECOND, WEST, SOUTH) for step in range(6 * 60 * 6)]

    known = [fix for fix in fixes if fix is not None]
    errors_m = [distance_m(fix.lon, fix.lat, WEST, SOUTH) for fix in known]
    steps_m = [distance_m(a.lon, a.lat, b.lon, b.lat) for a, b in pairwise(known)]
    accuracies_m = [fix.acc_m for fix in known if fix.acc_m is not None]
    assert all(ACCURACY_MIN_M <= acc_m <= ACCURACY_MAX_M for acc_m in accuracies_m)
    assert max(accuracies_m) - min(accuracies_m) > 10
    assert 3 < sum(errors_m) / len(errors_m) < 15
    assert sum(steps_m) / len(steps_m) < sum(errors_m) / len(errors_m)
    assert 5 < sum(fix is None for fix in fixes) < len(fixes) / 5


def test_batteries_fall_and_some_are_low() -> None:
    """The console must have low ones to show."""
    batteries = [Battery(random.Random(seed)) for seed in range(200)]

    start = [battery.pct(0) for battery in batteries]
    later = [battery.pct(2 * HOUR) for battery in batteries]

    assert all(a > b or a == b == 0 for a, b in zip(start, later, strict=True))
    assert 10 < sum(pct < 20 for pct in start) < 60
    empty = batteries[0]
    assert empty.pct(100 * HOUR) == 0.0
    empty.change(100 * HOUR)
    assert empty.pct(100 * HOUR) == 100.0


@pytest.mark.parametrize("geojson", [b"", b"[]", b'{"features": [1, {"geometry": null}]}'])
def test_a_community_without_streets_has_none(geojson: bytes) -> None:
    """Then patrols walk inside their grids."""
    assert not read_streets(geojson)


def test_streets_are_read_from_geojson() -> None:
    """Lines and multi-lines; what is broken is passed over."""
    line = [[WEST, SOUTH], [WEST, SOUTH + 0.001]]
    features = [
        {"geometry": {"type": "LineString", "coordinates": line}},
        {"geometry": {"type": "MultiLineString", "coordinates": [line]}},
        {"geometry": {"type": "LineString", "coordinates": [["x", 1], [2]]}},
        {"geometry": {"type": "Polygon", "coordinates": [line]}},
    ]

    streets = read_streets(json.dumps({"features": features}).encode())

    assert streets.beside((WEST, SOUTH)) == ((WEST, SOUTH + 0.001),)


def test_a_street_apart_from_the_others_is_left_straight() -> None:
    """No way by the streets is no reason not to come."""
    apart = Streets([[(WEST, SOUTH), (WEST + 0.001, SOUTH)], [(118.0, 37.0), (118.001, 37.0)]])

    way = AlongStreets(apart, GRID).way((WEST, SOUTH), (118.0, 37.0))

    assert way == [(118.0, 37.0)]
