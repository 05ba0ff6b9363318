"""console/places.py: where an incident is in words, worked out once for each place."""

import pytest

from console import places as described
from console.places import Places
from dispatch.words import Phase
from geo.words import PlaceFacts, place_facts
from tests.console.builders import community, incident


def test_a_place_is_described_once_and_anew_when_the_incident_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An incident is drawn with each of its changes; a press that moves it must be seen moved."""
    looked: list[float] = []

    def look(grids: object, lon: float, lat: float) -> PlaceFacts:
        looked.append(lon)
        return place_facts(grids, lon, lat)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(described, "place_facts", look)
    places, one = Places([community()], near_m=5000.0), incident()

    first = places.doc(one)
    one.phase = Phase.ACCEPTED
    again = places.doc(one)
    assert one.lon is not None
    one.lon += 0.001
    moved = places.doc(one)

    assert first == again
    assert moved.key_unit_m != first.key_unit_m
    assert len(looked) == 2


def test_places_of_a_year_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub runs for months."""
    monkeypatch.setattr(described, "FACTS_KEPT_MAX", 3)
    places = Places([community()], near_m=300.0)

    for step in range(10):
        places.doc(incident(lon=120.0 + step / 1000))

    assert len(places._ready) == 3
