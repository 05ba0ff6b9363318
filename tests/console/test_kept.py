"""console/kept.py: the pieces of a snapshot come to the whole, and none outlives its truth."""

from typing import Any

import msgspec
import pytest

from console import kept
from console.kept import Kept, Plan
from console.picture import Picture
from console.places import Places
from console.standing import Standing
from console.wire import Part, ServerMessage, Snapshot
from dispatch.ids import IncidentId, OperatorName, UnitId
from tests.console.builders import FakeHub, clock, hub, incident, radio

UNITS = [f"u{number:03d}" for number in range(40)]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small hub has many."""
    monkeypatch.setattr(kept, "UNITS_A_PIECE", 4)
    monkeypatch.setattr(kept, "INCIDENTS_A_PIECE", 2)


def a_district() -> tuple[FakeHub, Picture, Kept]:
    """Forty units and seven incidents."""
    full = hub(radios=map(radio, UNITS))
    for number in range(7):
        full.hold(incident(number + 1, sender=UnitId(UNITS[number])))
    places = Places(full.roster.communities.values(), near_m=300.0)
    picture = Picture(hub=full, clock=clock(), places=places, counts={})
    standing = Standing(full)
    standing.take_stock()
    return full, picture, Kept(picture, standing)


def read(data: bytes) -> Any:
    """A message of the server."""
    return msgspec.json.decode(data, type=ServerMessage)


def together(held: Kept, plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a page that was sent everything knows: incidents and units."""
    first = read(held.snapshot(plan, seq=7))
    assert isinstance(first, Snapshot)
    assert first.parts == plan.parts > 0
    incidents = {each.id: each for each in first.incidents}
    units = {each.id: each for each in first.units}
    left = first.parts
    for data in held.parts(plan):
        part = read(data)
        assert isinstance(part, Part)
        left -= 1
        assert part.left == left
        incidents |= {each.id: each for each in part.incidents}
        units |= {each.id: each for each in part.units}
    assert left == 0
    return incidents, units


def test_the_pieces_come_to_the_whole() -> None:
    """Or a page that opened in the night would lack somebody until it is loaded anew."""
    _, picture, held = a_district()
    whole = picture.snapshot(7)

    incidents, units = together(held, held.plan())

    assert list(incidents.values()) == whole.incidents
    assert sorted(units.values(), key=lambda each: each.id) == whole.units


def test_all_at_once_is_the_same() -> None:
    """What GET /api/v1/snapshot tells is what a page has."""
    _, picture, held = a_district()
    whole = picture.snapshot(7)

    told = read(b"".join(held.at_once(held.plan(), seq=7)))

    assert (told.seq, told.parts, told.incidents) == (7, 0, whole.incidents)
    assert (told.undecided, told.status) == (whole.undecided, whole.status)
    assert sorted(told.units, key=lambda each: each.id) == whole.units


def test_an_empty_hub_is_told_whole() -> None:
    """The first start of all."""
    full = hub(radios=())
    picture = Picture(hub=full, clock=clock(), places=Places([], near_m=1.0), counts={})
    held = Kept(picture, Standing(full))

    assert read(held.snapshot(held.plan(), seq=0)).parts == 0
    assert read(b"".join(held.at_once(held.plan(), seq=0))) == picture.snapshot(0)


def test_the_first_message_names_those_whom_its_incidents_are_about() -> None:
    """A card with a radio's number instead of a call sign helps nobody."""
    full, _, held = a_district()

    first = read(held.snapshot(held.plan(), seq=7))

    known = {each.id for each in first.units}
    assert {full.incidents[IncidentId(each.id)].sender for each in first.incidents} <= known


def test_a_piece_is_drawn_anew_once_something_in_it_changed() -> None:
    """A part must never undo a change that was told before it."""
    full, _, held = a_district()
    plan = held.plan()
    together(held, plan)
    name, unit = IncidentId("xizi-20251121-003"), UnitId(UNITS[20])
    full.incidents[name].taken_by = OperatorName("二席")
    full.live.columns.on_duty[full.live.columns.row_of(unit)] = False

    held.changed([name], [unit])

    incidents, units = together(held, plan)
    assert (incidents[name].taken_by, units[unit].on_duty) == ("二席", False)


def test_nothing_is_kept_for_ever() -> None:
    """What nobody announces, as an old false alarm, must not stay; nor must the memory."""
    full, _, held = a_district()
    plan = held.plan()
    together(held, plan)
    full.live.columns.on_duty[:] = False

    held.drop()

    assert not any(each.on_duty for each in together(held, plan)[1].values())


def test_an_incident_that_went_meanwhile_is_left_out() -> None:
    """Its going was told by a change."""
    full, _, held = a_district()
    plan = held.plan()
    gone = IncidentId("xizi-20251121-001")
    del full.incidents[gone]
    held.changed([gone], [])

    assert gone not in together(held, plan)[0]


def test_a_radio_that_joins_meanwhile_costs_nobody_a_unit() -> None:
    """It is told by a change; all others are in a part, whatever piece they are in by now."""
    full, _, held = a_district()
    plan = held.plan()
    for number in range(9):
        name = f"new{number}"
        full.roster.radios.put(radio(name))
    held.plan()

    assert together(held, plan)[1].keys() >= set(UNITS)
