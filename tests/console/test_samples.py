"""The samples in tests/wire are what the code says now, and read back as what they are."""

import msgspec
import pytest

from console.frames import ON_DUTY, ONLINE, decode_frame
from console.wire import ClientMessage, IncidentDoc, ServerMessage
from tests.console.samples import FOLDER, STORIES, files

SERVER = ("hello", "snapshot", "change", "change-small", "beat", "behind")
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


@pytest.mark.parametrize("name", STORIES)
def test_an_incident_reads_back(name: str) -> None:
    """In every phase, covert, late, linked, erased."""
    data = sample(f"incident-{name.replace('_', '-')}")

    assert msgspec.json.decode(data) == msgspec.to_builtins(
        msgspec.json.decode(data, type=IncidentDoc)
    )


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
