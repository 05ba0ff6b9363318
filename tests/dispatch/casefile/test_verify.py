"""Whatever is changed in a file is found, and named by its part."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.casefile import CaseFileError, verify_file
from dispatch.casefile.verify import FAULTS_MAX
from dispatch.store.chain import Tail, next_tail
from tests.dispatch.casefile.case import Shelf, changed, filed, sealed_anew

FILE = filed()
Change = Callable[[dict[str, Any]], None]


def faults(data: bytes) -> list[str]:
    """Each as one line."""
    return [f"{fault.part} {fault.why}" for fault in verify_file(data).faults]


def section(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in document["sections"] if s["name"] == name)
    return found


def hashed_again(fact: dict[str, Any]) -> None:
    """As one would who changes a fact and knows how its hash is made."""
    tail = Tail(fact["seq"] - 1, fact["before"])
    parts = {part: fact[part] for part in ("t", "community", "name", "body")}
    fact["hash"] = next_tail(tail, **parts).hash


def test_a_file_as_it_was_made_is_whole() -> None:
    """And says how often the journal has other facts in between."""
    report = verify_file(FILE.data)

    assert report.faults == ()
    assert (report.seal, report.gaps, report.erased, report.left_out) == (FILE.seal, 2, (), 0)


def test_a_file_written_anew_by_another_program_is_whole() -> None:
    """Blanks, order of members and escapes are not content."""
    pretty = json.dumps(json.loads(FILE.data), indent=3, sort_keys=True).encode()

    assert faults(pretty) == []


# --- somebody who changes the file, and leaves the hashes ---


def test_a_changed_fix_is_found_in_its_section() -> None:
    def move(document: dict[str, Any]) -> None:
        section(document, "tracks")["content"][1]["fixes"][2][1] += 1

    assert faults(changed(FILE, move)) == [
        "section tracks was changed: its hash does not fit its content and the section before it"
    ]


def test_a_removed_section_is_named() -> None:
    def remove(document: dict[str, Any]) -> None:
        document["sections"].remove(section(document, "decisions"))

    told = faults(changed(FILE, remove))
    assert told[0] == "section decisions is missing"
    assert any(line.startswith("section tracks was changed") for line in told)


def test_swapped_sections_are_named() -> None:
    def swap(document: dict[str, Any]) -> None:
        sections = document["sections"]
        sections[3], sections[4] = sections[4], sections[3]

    assert faults(changed(FILE, swap))[0] == (
        "sections are out of order: about, facts, values, tracks, decisions, directory"
    )


def test_an_added_section_is_named() -> None:
    def add(document: dict[str, Any]) -> None:
        document["sections"].append({"name": "verdict", "hash": "00", "content": "guilty"})

    assert faults(changed(FILE, add))[0] == "section verdict does not belong into the file"


def test_a_section_that_is_there_twice_is_named() -> None:
    def double(document: dict[str, Any]) -> None:
        document["sections"].append(document["sections"][-1])

    assert faults(changed(FILE, double))[0] == "section directory is there more than once"


def test_another_seal_is_named() -> None:
    def replace(document: dict[str, Any]) -> None:
        document["seal"] = "00" * 32

    assert faults(changed(FILE, replace)) == ["seal is not the hash of the last section"]


# --- somebody who computes the sections' hashes again ---


def change_time(sections: dict[str, Any]) -> None:
    sections["facts"][-2]["t"] -= 60_000_000


def change_time_and_hash(sections: dict[str, Any]) -> None:
    change_time(sections)
    hashed_again(sections["facts"][-2])


def remove_fact(sections: dict[str, Any]) -> None:
    del sections["facts"][4]


def remove_fact_and_say_so(sections: dict[str, Any]) -> None:
    """Its neighbours are seldom both in the file, but where they are, their hashes do not meet."""
    remove_fact(sections)
    sections["facts"][4]["seq"] -= 1
    sections["about"]["facts"] -= 1


def remove_opening(sections: dict[str, Any]) -> None:
    del sections["facts"][1]
    sections["about"]["facts"] -= 1


def swap_facts(sections: dict[str, Any]) -> None:
    facts = sections["facts"]
    facts[4], facts[5] = facts[5], facts[4]


def change_note(sections: dict[str, Any]) -> None:
    value = next(v for v in sections["values"] if "追赶" in v.get("text", ""))
    value["text"] = '"一切正常"'


def remove_note(sections: dict[str, Any]) -> None:
    sections["values"] = [v for v in sections["values"] if "追赶" not in v.get("text", "")]


def hide_note(sections: dict[str, Any]) -> None:
    for value in sections["values"]:
        if "追赶" in value.get("text", ""):
            del value["text"], value["salt"]


def leave_note_out(sections: dict[str, Any]) -> None:
    hide_note(sections)
    next(v for v in sections["values"] if len(v) == 3)["left_out"] = True


def add_value(sections: dict[str, Any]) -> None:
    sections["values"].append({"id": "ff", "seq": 4, "purpose": "words", "text": '"x"', "salt": ""})


def change_decision(sections: dict[str, Any]) -> None:
    sections["decisions"][0]["others"]["stale"] = 12


def remove_decision(sections: dict[str, Any]) -> None:
    sections["decisions"] = []


def swap_fixes(sections: dict[str, Any]) -> None:
    fixes = sections["tracks"][0]["fixes"]
    fixes[0], fixes[1] = fixes[1], fixes[0]


def move_track(sections: dict[str, Any]) -> None:
    sections["tracks"][0]["to_t"] = sections["tracks"][0]["from_t"]


def change_last_time(sections: dict[str, Any]) -> None:
    sections["about"]["last_t"] += 1


def of_another_incident(sections: dict[str, Any]) -> None:
    fact = sections["facts"][-2]
    fact["body"] = fact["body"].replace("20260921-001", "20260921-002")
    hashed_again(fact)


def of_another_alarm(sections: dict[str, Any]) -> None:
    fact = sections["facts"][0]
    fact["body"] = fact["body"].replace('"alarm":"r1/', '"alarm":"r9/')
    hashed_again(fact)


def no_number(sections: dict[str, Any]) -> None:
    sections["facts"][3]["seq"] = "five"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (change_time, "fact 14 was changed"),
        (change_time_and_hash, "fact 15 does not follow fact 14: their hashes differ"),
        (remove_fact, "section facts has 11 facts where 12 are announced"),
        (remove_fact_and_say_so, "fact 7 was changed"),
        (remove_opening, "section facts lacks the fact IncidentOpened"),
        (swap_facts, "fact 6 stands behind fact 8"),
        (change_note, "of fact 12 was changed"),
        (remove_note, "of fact 12 was removed"),
        (hide_note, "of fact 12 was removed without being erased"),
        (leave_note_out, "of fact 12 is left out, though"),
        (add_value, "personal value ff is one that no fact refers to"),
        (change_decision, "section decisions says other than fact 4"),
        (remove_decision, "section decisions has 0 where the facts tell of 1"),
        (swap_fixes, "track of r1 has fixes out of order"),
        (move_track, "track of r1 has fixes out of order, or outside its time"),
        (change_last_time, "section about does not tell the times"),
        (of_another_incident, "fact 14 is about another incident"),
        (of_another_alarm, "fact 2 is about another incident"),
        (no_number, "contents are not of the format's shape"),
    ],
)
def test_a_file_sealed_anew_after_a_change_is_found_out(change: Change, found: str) -> None:
    """The facts prove themselves: a new seal does not help."""
    told = faults(sealed_anew(FILE, change))

    assert any(found in line for line in told), told


def test_a_member_the_format_does_not_know_is_found() -> None:
    """A sealed file must not carry what only some readers see."""

    def add(sections: dict[str, Any]) -> None:
        sections["about"]["remark"] = "confessed"

    [told] = faults(sealed_anew(FILE, add))
    assert "unknown field" in told


def no_body(sections: dict[str, Any]) -> None:
    sections["facts"][3]["body"] = "[" * 100_000
    hashed_again(sections["facts"][3])


def half_a_body(sections: dict[str, Any]) -> None:
    sections["facts"][2]["body"] = '{"incident":'
    hashed_again(sections["facts"][2])


def no_decision(sections: dict[str, Any]) -> None:
    sections["facts"][2]["body"] = '{"incident":"xizi-20260921-001","called":[[]],"inputs":{}}'
    hashed_again(sections["facts"][2])


def no_inputs(sections: dict[str, Any]) -> None:
    value = next(v for v in sections["values"] if v["purpose"] == "decision")
    value["text"] = '{"candidates":[7]}'


def odd_hashes(sections: dict[str, Any]) -> None:
    sections["facts"][0] |= {"before": "GG", "name": "a\nb", "seq": -1}


@pytest.mark.parametrize("change", [no_body, half_a_body, no_decision, no_inputs, odd_hashes])
def test_whatever_stands_in_a_section_is_a_fault_and_no_crash(change: Change) -> None:
    """The file comes from somebody who may wish that nobody can check it."""
    assert faults(sealed_anew(FILE, change))


def test_erased_values_do_not_make_it_false() -> None:
    """The right to be forgotten and the right to be believed go together."""
    report = verify_file(filed(Shelf(erased=frozenset({"words"}))).data)

    assert report.faults == ()
    assert [seq for seq, _ in report.erased] == [9, 12, 15]


def test_a_file_changed_all_over_is_told_in_some_lines() -> None:
    def spoil(sections: dict[str, Any]) -> None:
        sections["facts"] = [sections["facts"][0]] * 500

    assert len(faults(sealed_anew(FILE, spoil))) == FAULTS_MAX


@settings(max_examples=60)
@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    """Wherever it is, but for blanks between the members, which are no content."""
    at = data.draw(st.integers(0, len(FILE.data) - 1))
    other = data.draw(st.sampled_from([b for b in b'0a"}x9' if b != FILE.data[at]]))
    spoilt = FILE.data[:at] + bytes([other]) + FILE.data[at + 1 :]

    try:
        found = verify_file(spoilt).faults
    except CaseFileError:
        return
    assert found != () or json.loads(spoilt) == json.loads(FILE.data)
