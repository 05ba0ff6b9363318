"""The samples in tests/wire are what the code says now, and read back as what they are."""

import msgspec
import pytest

from console import bodies
from console.bodies import Refusal
from console.drill_report import DrillReport
from console.frames import ON_DUTY, ONLINE, decode_frame
from console.lookups import BooksDoc
from console.wire import (
    AlarmDoc,
    AssignmentDoc,
    CandidateDoc,
    ClientMessage,
    DecisionDoc,
    Doc,
    GatewayTryDoc,
    IncidentDoc,
    ServerMessage,
    StatusDoc,
    StoryDoc,
    UnitDoc,
)
from tests.console.samples import FOLDER, FURTHER, STORIES, files, incident_sample
from tests.console.samples_bodies import body_samples

SERVER = ("hello", "snapshot", "change", "change-small", "change-drill", "beat", "behind")
CLIENT = ("client-resync", "client-view", "client-beat")


def sample(name: str) -> bytes:
    """The checked-in text of a sample."""
    return (FOLDER / f"{name}.json").read_bytes()


def test_every_sample_is_what_the_code_says_now() -> None:
    """Two languages test against these files; a stale one would let them drift apart.

    Write them anew with ``python -m tests.console.samples``.
    """
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.json")} == dict(files())


@pytest.mark.parametrize("name", SERVER)
def test_a_message_of_the_server_reads_back(name: str) -> None:
    """``yihu watch`` reads the stream with these types."""
    message = msgspec.json.decode(sample(name), type=ServerMessage)

    assert msgspec.json.decode(sample(name)) == msgspec.to_builtins(message)


@pytest.mark.parametrize("name", CLIENT)
def test_a_message_of_a_page_reads_back(name: str) -> None:
    """The server reads pages with these types, and nothing else."""
    message = msgspec.json.decode(sample(name), type=ClientMessage)

    assert msgspec.json.decode(msgspec.json.encode(message)) == msgspec.json.decode(sample(name))


@pytest.mark.parametrize("name", STORIES | FURTHER)
def test_an_incident_reads_back(name: str) -> None:
    """In every phase, covert, late, linked, erased."""
    data = sample(f"incident-{name.replace('_', '-')}")

    assert msgspec.json.decode(data) == msgspec.to_builtins(
        msgspec.json.decode(data, type=IncidentDoc)
    )


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("refusal", Refusal),
        ("refusal-held", Refusal),
        ("refusal-lease", Refusal),
        ("books", BooksDoc),
        ("drill-report", DrillReport),
    ],
)
def test_an_answer_reads_back(name: str, shape: type[Doc]) -> None:
    """Whatever a page may be answered."""
    data = sample(name)

    assert msgspec.json.decode(data) == msgspec.to_builtins(msgspec.json.decode(data, type=shape))


def test_a_stale_command_is_told_what_happened_meanwhile() -> None:
    """The page shows the lines that its operator had not seen."""
    refusal = msgspec.json.decode(sample("refusal"), type=Refusal)

    assert refusal.facts["based_on"] == 12
    assert [line.what for line in refusal.changed] == ["NoteAdded", "UnitEnRoute"]


def test_there_is_a_sample_of_every_body() -> None:
    """A command that no sample shows may be spelt otherwise on the page."""
    named = {name for name in vars(bodies) if name.endswith("Body")}
    samples = body_samples(incident_sample("en_route"))

    assert named == {type(each).__name__ for each in samples.values()} & named


@pytest.mark.parametrize(
    "shape",
    [
        IncidentDoc,
        AssignmentDoc,
        CandidateDoc,
        DecisionDoc,
        StoryDoc,
        AlarmDoc,
        UnitDoc,
        StatusDoc,
        GatewayTryDoc,
    ],
)
def test_every_member_of_a_document_stands_in_some_sample(shape: type[Doc]) -> None:
    """What is left out where it is as usual would else be tested by neither language."""
    names = {field.name for field in msgspec.structs.fields(shape)}
    never_in_a_story = {"count"} if shape is StoryDoc else set()  # of presses, by the API only

    used = {name for each in _of(shape) for name, value in each.items() if value not in (None, [])}

    assert names - used == never_in_a_story


def _of(shape: type[Doc]) -> list[dict[str, object]]:
    """Every document of this shape in the samples of the stream and of the incidents."""
    whole = [msgspec.json.decode(sample(f"incident-{n.replace('_', '-')}")) for n in INCIDENTS]
    changes = [msgspec.json.decode(sample(name)) for name in ("snapshot", "change", "change-drill")]
    incidents = whole + [each for one in changes for each in one.get("incidents", ())]
    decisions = [each for one in incidents for each in one["decisions"]]
    assignments = [each for one in incidents for each in one["assignments"]]
    found: dict[type[Doc], list[dict[str, object]]] = {
        IncidentDoc: incidents,
        AssignmentDoc: assignments,
        DecisionDoc: decisions,
        CandidateDoc: [each for one in decisions for each in one["candidates"]],
        StoryDoc: [each for one in incidents for each in one["story"]],
        AlarmDoc: [each for one in incidents for each in one["alarms"]]
        + [each for one in changes for each in one.get("undecided") or ()],
        UnitDoc: [each for one in changes for each in one.get("units", ())],
        StatusDoc: [one["status"] for one in changes],
        GatewayTryDoc: [
            each
            for one in (*assignments, *incidents)
            for key in ("gateways", "told")
            for each in one.get(key, ())
        ],
    }
    return found[shape]


INCIDENTS = tuple(STORIES | FURTHER)


def test_the_frame_sample_says_what_stands_beside_it() -> None:
    """The page reads the same hex; a field moved by a byte shows here and there."""
    beside = msgspec.json.decode(sample("frame"))

    frame = decode_frame(bytes.fromhex(beside["hex"]))

    assert (frame.whole, frame.now_ms) == (beside["whole"], beside["now"])
    for record, unit in zip(frame.records, beside["units"], strict=True):
        assert record["row"] == unit["row"]
        assert record["lon_e7"] / 1e7 == unit["lon"]
        assert record["lat_e7"] / 1e7 == unit["lat"]
        assert record["t_ms"] == unit["t"]
        assert bool(record["state"] & ON_DUTY) == unit["on_duty"]
        assert bool(record["state"] & ONLINE) == unit["online"]
