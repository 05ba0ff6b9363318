"""A file is made of what the journal holds, the same file as long as nothing happened."""

import json
from typing import Any

import pytest

from dispatch.casefile import make, make_case_file, verify_file
from dispatch.clock import HOUR, MINUTE, SECOND
from dispatch.errors import UnknownIncidentError
from dispatch.events import IncidentExported
from dispatch.ids import CommandId, IncidentId, OperatorName
from tests.dispatch.casefile.case import Shelf, evening, filed, roster
from tests.dispatch.store.facts import COMMUNITY, INCIDENT, NOON, note, opened


def exported(seal: str = "ab" * 32) -> IncidentExported:
    """The fact that a file was handed out."""
    return IncidentExported(
        t=NOON + 30 * MINUTE,
        community=COMMUNITY,
        incident=INCIDENT,
        by=OperatorName("王芳"),
        seal=seal,
        personal=True,
        command=CommandId("c9"),
    )


def content(name: str, **options: Any) -> Any:
    """A section of the evening's file."""
    sections = json.loads(filed(**options).data)["sections"]
    return next(section["content"] for section in sections if section["name"] == name)


def test_handing_it_out_does_not_change_it() -> None:
    """Two copies of one closed incident have one seal, though the first is noted in the journal."""
    first = filed(Shelf(facts=evening()))

    again = filed(Shelf(facts=[*evening(), exported(first.seal)]))

    assert again.data == first.data


def test_an_export_between_other_facts_is_one_of_them() -> None:
    """What happened after a file went out belongs to the story, and so does that it went out."""
    later = note("警方来取材料", t=NOON + 40 * MINUTE)

    file = filed(Shelf(facts=[*evening(), exported(), later]))

    names = [fact["name"] for fact in file.sections["facts"]]
    assert names[-3:] == ["IncidentClosed", "IncidentExported", "NoteAdded"]


def test_the_head_says_what_is_in_it() -> None:
    assert content("about") == {
        "incident": INCIDENT,
        "community": "xizi",
        "facts": 12,
        "first_t": NOON + SECOND,
        "last_t": NOON + 10 * MINUTE,
        "personal": True,
        "left_out": {"facts": 0, "values": 0, "fixes": 0},
    }


def test_the_called_stand_with_why_and_the_others_are_counted() -> None:
    """Distances are text where they are no whole metres."""
    [decision] = content("decisions")

    assert (decision["wave"], decision["seq"]) == (1, 4)
    assert [(each["unit"], each["distance_m"]) for each in decision["called"]] == [
        ("r2", "120.5"),
        ("r3", "300.25"),
    ]
    assert decision["others"] == {"sender": 1, "stale": 1}


def test_tracks_run_from_the_first_order_until_each_was_released() -> None:
    """A person's way home is nobody's business but theirs."""
    shelf = Shelf()

    tracks = content("tracks", shelf=shelf)

    assert [
        (unit, (a - NOON) // SECOND, (b - NOON) // SECOND) for unit, a, b, _ in shelf.asked
    ] == [
        ("r1", 1, 600 + 300),
        ("r2", 1, 600 + 300),
        ("r3", 1, 9 + 300),
    ]
    assert [len(track["fixes"]) for track in tracks] == [5, 5, 5]
    assert tracks[0]["fixes"][1] == [NOON + 2 * SECOND, 1_201_000_000, 302_000_100, 50]


def test_long_tracks_share_the_room_and_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file stays one that can be mailed."""
    monkeypatch.setattr(make, "FIXES_MAX", 12)

    file = filed(Shelf(walked=5))

    assert [len(track["fixes"]) for track in file.sections["tracks"]] == [4, 4, 4]
    assert file.sections["about"]["left_out"]["fixes"] == 3


def test_without_personal_values_it_says_so_and_is_whole() -> None:
    """For a reader who may know what happened and not to whom."""
    file = filed(personal=False)

    text = file.data.decode()
    assert "追赶" not in text
    assert "120.5" not in json.dumps(file.sections["decisions"])
    assert all(value["left_out"] for value in file.sections["values"])
    assert file.sections["tracks"] == []
    assert file.sections["directory"]["place"] is None
    assert file.sections["decisions"][0]["called"] == [{"unit": "r2"}, {"unit": "r3"}]
    report = verify_file(file.data)
    assert report.faults == ()
    assert report.left_out == len(file.sections["values"])


def test_ids_have_the_names_that_people_use() -> None:
    """The journal holds ids; who reads the file does not know them."""
    directory = content("directory")

    assert directory["zone"] == "Asia/Shanghai"
    assert directory["units"]["r3"] == {"call_sign": "保安三号", "role": "guard"}
    [grid] = directory["grids"]
    assert grid["name"] == {"zh": "西子一期", "en": "Xizi, Phase 1"}
    assert grid["outline"][0][0] == [1_200_900_000, 301_900_000]
    assert directory["place"] == {
        "key_unit": {"zh": "幼儿园", "en": "Kindergarten"},
        "away_m": 44,
        "bearing": "S",
    }


def test_what_was_erased_is_told_with_its_day_and_not_used() -> None:
    """The place is gone: there is no key unit near it, and no candidate's distance."""
    file = filed(Shelf(erased=frozenset({"place", "decision"})))

    gone = [value for value in file.sections["values"] if "erased_t" in value]
    assert {value["erased_t"] for value in gone} == {NOON + SECOND + HOUR}
    assert not any("text" in value or "salt" in value for value in gone)
    assert file.sections["directory"]["place"] is None
    assert file.sections["decisions"][0]["others"] is None
    assert len(verify_file(file.data).erased) == len(gone) == 3


def test_an_unknown_incident_has_no_file() -> None:
    with pytest.raises(UnknownIncidentError):
        make_case_file(
            Shelf(), roster(), IncidentId("xizi-20260921-077"), personal=True, near_m=300
        )


def test_one_opened_by_hand_with_no_place_has_a_file_too() -> None:
    """A phone call from nowhere: no sender, no fix, nobody asked yet."""
    by_hand = opened(sender=None, by=OperatorName("王芳"), place=None, grid=None, fix_t=None)

    file = filed(Shelf(facts=[by_hand]))

    assert verify_file(file.data).faults == ()
    assert file.sections["tracks"] == []
    assert file.sections["directory"]["grids"] == []
