"""Who is near a call, with every fact that rules and chances look at."""

from dataclasses import replace

import pytest

from dispatch.clock import DAY
from dispatch.desk import Desk
from dispatch.ids import GridId, UnitId
from dispatch.incident import Candidate
from dispatch.nearby import prospects
from dispatch.rules.call import Call
from dispatch.words import Kind, Role
from geo.walkways import STREET_MPS
from tests.builders import Shell, at, guard, shell, town, volunteer
from tests.dispatch.rules.builders import a_call
from tests.geo.towns import town as streets_of
from tests.geo.towns import way


def desk_of(made: Shell) -> Desk:
    """What the hub works with; looked at here only, it keeps it to itself."""
    return made.hub._desk


def seen_by(made: Shell, call: Call) -> list[Candidate]:
    """Who is looked at, where nobody is only counted."""
    found = prospects(desk_of(made), call)
    assert found.counted == {}
    return list(found.seen)


def by_unit(found: list[Candidate]) -> dict[str, Candidate]:
    """The same, by name."""
    return {each.unit: each for each in found}


def test_everybody_is_there_nearest_first_with_what_is_known_of_them() -> None:
    """The rules need every fact, and the page tells every reason."""
    made = shell(volunteer("far"), volunteer("near", skills=("medical",)), guard("off"))
    made.sign_on("far", at(700))
    made.sign_on("near", at(350))
    for days in range(1, 4):
        made.hub.records.note(UnitId("near"), made.now - days * DAY, None, days > 1)
    made.wait(30)

    found = seen_by(made, a_call(now=made.now))

    assert [each.unit for each in found] == ["near", "far", "off"]
    near, far, off = found
    assert near.distance_m == pytest.approx(100.0, abs=0.5)
    assert (near.role, near.skills, near.ring, near.fix_age_s) == (
        Role.VOLUNTEER,
        ("medical",),
        0,
        30.0,
    )
    assert (near.asked, near.accepted, near.call_outs) == (3, 2, 2)
    assert (near.on_duty, near.online, near.busy) == (True, True, 0)
    assert far.ring == 1
    assert (off.role, off.on_duty, off.distance_m, off.fix_age_s) == (Role.GUARD, False, None, None)


def test_busy_is_told_by_the_priority_of_the_most_urgent_matter() -> None:
    """Only so can a rule say what gives way to what."""
    made = shell(volunteer("v1"), volunteer("v2"), volunteer("v3"))
    made.sign_on("v2", at(300))
    errand = made.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    assert errand.priority == 3

    found = by_unit(seen_by(made, a_call(now=made.now)))

    assert {unit: each.busy for unit, each in found.items()} == {"v1": 1, "v2": 3, "v3": 0}


def test_without_a_place_the_ids_are_the_order_and_nothing_is_near() -> None:
    """The same people for the same call, in a replay too."""
    made = shell(volunteer("b"), volunteer("a"))
    made.sign_on("b", at(250))
    call = a_call(now=made.now, lon=None, lat=None, grid=None)

    found = seen_by(made, call)

    assert [each.unit for each in found] == ["a", "b"]
    assert {(each.ring, each.distance_m) for each in found} == {(-1, None)}


def test_a_grid_alone_is_aimed_at_from_its_middle() -> None:
    """The post of a unit without a fix, or what a caller could name."""
    made = shell(volunteer("west"), volunteer("east"))
    made.sign_on("west", at(100))
    made.sign_on("east", at(1_800))
    call = a_call(now=made.now, lon=None, lat=None, grid=GridId("g4"))

    found = seen_by(made, call)

    assert [(each.unit, each.ring) for each in found] == [("east", 0), ("west", 3)]
    assert found[0].distance_m == pytest.approx(50.0, abs=0.5)


def test_outside_every_grid_metres_alone_decide() -> None:
    """A fix in the river is still near somebody."""
    made = shell(volunteer("west"), volunteer("east"))
    made.sign_on("west", at(100))
    made.sign_on("east", at(1_800))
    lon, lat = at(2_500)

    found = seen_by(made, a_call(now=made.now, lon=lon, lat=lat, grid=None))

    assert [(each.unit, each.ring) for each in found] == [("east", -1), ("west", -1)]


def test_the_way_on_foot_is_told_of_those_who_could_go() -> None:
    """Where streets are known; of somebody off duty nobody asks the way."""
    streets = streets_of(way((0, 250), (1_000, 250)))
    people = (volunteer("up"), volunteer("home"))
    made = shell(*people, community=replace(town(), walking=streets))
    made.sign_on("up", at(450))
    made.sign_on("home", at(300))
    made.sign_off("home")

    found = by_unit(seen_by(made, a_call(now=made.now)))

    assert found["up"].walk_s == pytest.approx(200 / STREET_MPS, rel=0.01)
    assert found["home"].walk_s is None


def test_without_streets_there_are_metres_and_no_walks() -> None:
    """A community without a map is served all the same."""
    made = shell(volunteer("v1"))
    made.sign_on("v1", at(300))

    assert [each.walk_s for each in seen_by(made, a_call(now=made.now))] == [None]


def test_a_revoked_radio_is_nobody() -> None:
    """It may not connect any more: it is no candidate, and told to nobody."""
    made = shell(volunteer("v1"), volunteer("gone", revoked=True))

    assert [each.unit for each in seen_by(made, a_call(now=made.now))] == ["v1"]
