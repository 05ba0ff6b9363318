"""Who is near a call, with every fact that rules and chances look at."""

from dataclasses import replace

import pytest

from dispatch.clock import DAY
from dispatch.decide import choose
from dispatch.desk import Desk
from dispatch.ids import CommunityId, GridId, UnitId
from dispatch.incident import Candidate
from dispatch.live import SKILLS_MAX, WALKED_MAX, LiveTable
from dispatch.nearby import prospects
from dispatch.plan import Need
from dispatch.roster import Roster
from dispatch.rules.call import Call
from dispatch.shortlist import Room
from dispatch.words import Kind, Role, Verdict
from geo.walkways import STREET_MPS
from tests.builders import Shell, at, guard, settings, shell, town, volunteer
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


@pytest.mark.parametrize("across", [0, 40])
def test_those_there_first_on_foot_are_found_among_the_nearest(across: int) -> None:
    """Looking at a few finds the same as looking at all; where the nearest stand beyond a river
    and must go round by the bridge, the others are looked at, too."""
    river = streets_of(
        way((0, 250), (3_000, 250)), way((3_000, 250), (3_000, 300)), way((0, 300), (3_000, 300))
    )
    names = [f"r{n:03d}" for n in range(80)]
    made = shell(*map(volunteer, names), community=replace(town(), walking=river))
    for number, name in enumerate(names):
        lon, lat = at(250 + 7 * (number % 40))
        made.sign_on(name, (lon, at(0, 300)[1]) if number < across else (lon, lat))
    desk, call = desk_of(made), a_call(now=made.now)
    assert call.lon is not None
    assert call.lat is not None

    few = by_unit(list(prospects(desk, call, Room(walked=40)).seen))

    walk_s = desk.live.walk_s(call.community, list(map(UnitId, names)), call.lon, call.lat)
    assert {unit: each.walk_s for unit, each in few.items() if each.walk_s is not None} == walk_s
    assert len(walk_s) == WALKED_MAX


def test_of_a_great_community_most_are_counted_and_the_choice_is_the_same() -> None:
    """By the same reasons that the page would have told of each."""
    made = shell(*(volunteer(f"r{n:03d}", skills=("medical",)) for n in range(60)))
    for n in range(40):
        made.sign_on(f"r{n:03d}", at(250 + 20 * n))
    desk = desk_of(made)
    call = a_call(Need(count=1, skill="medical"), now=made.now)

    found = prospects(desk, call, Room(free=10, others=5, spare=0))

    everybody = prospects(desk, call)
    assert [each.unit for each in found.seen[:10]] == [f"r{n:03d}" for n in range(10)]
    assert found.counted == {Verdict.NOT_NEEDED: 30, Verdict.OFF_DUTY: 15}
    assert choose(call, found).called == choose(call, everybody).called
    counts = [choose(call, each).inputs["verdicts"] for each in (found, everybody)]
    assert counts[0] == counts[1]


def test_who_has_a_skill_is_known_though_there_are_more_skills_than_bits() -> None:
    """The columns hold 64; beyond, the roster is asked."""
    many = [volunteer(f"r{n:03d}", skills=(f"skill{n:03d}",)) for n in range(SKILLS_MAX + 6)]
    made = shell(*many)
    desk = desk_of(made)

    for n in (0, SKILLS_MAX + 5):
        call = a_call(Need(count=1, skill=f"skill{n:03d}"), now=made.now)
        counts = choose(call, prospects(desk, call)).inputs["verdicts"]
        assert counts == {"off_duty": 1, "lacks_skill": SKILLS_MAX + 5}


def test_another_communitys_people_are_not_looked_at() -> None:
    """Neighbours share a server, and nothing else."""
    elsewhere = town(CommunityId("elsewhere"))
    theirs = replace(volunteer("theirs"), community=elsewhere.community)
    roster = Roster([town(), elsewhere], [volunteer("ours"), theirs])
    desk = Desk(settings=settings(), roster=roster, live=LiveTable(roster))

    found = prospects(desk, a_call())

    assert [each.unit for each in found.seen] == ["ours"]
    assert found.counted == {}


def test_a_revoked_radio_is_nobody() -> None:
    """It may not connect any more: it is no candidate, and told to nobody."""
    made = shell(volunteer("v1"), volunteer("gone", revoked=True))

    assert [each.unit for each in seen_by(made, a_call(now=made.now))] == ["v1"]
