"""What the rivals are given is what ours is given, what came is counted, and none is needed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.rival_ends import PIECE, EventCount, position_events
from bench.rival_servers import NODE_RED, TAKY, Server, node_red_flow
from bench.rivals import Window, arrived, medians, told

NOON_S = 1_780_027_200.25
NAMES = ["w0000", "w0001", "w0002"]


def test_an_event_says_what_our_message_says() -> None:
    """A rival with less to read would look faster than it is."""
    said = position_events(1, 1, NAMES, NOON_S)

    event = ElementTree.fromstring(said)
    point, track, status = event.find("point"), event.find("detail/track"), event.find(".//status")
    assert (event.get("uid"), event.get("time")) == ("w0001", "2026-05-29T04:00:00.250Z")
    assert point is not None
    assert (point.get("ce"), float(point.get("lon", 0)) > 112) == ("8.0", True)
    assert track is not None
    assert (track.get("speed"), track.get("course")) == ("1.2", "90.0")
    assert status is not None
    assert status.get("battery") == "77"


def test_the_units_speak_in_turn_and_move() -> None:
    """A unit that stands still on one spot might be dropped as nothing new."""
    said = position_events(0, 2 * len(NAMES), NAMES, NOON_S).decode().split("<?xml")[1:]

    events = [ElementTree.fromstring("<?xml" + each) for each in said]

    assert [event.get("uid") for event in events] == NAMES * 2
    places = {(p.get("lon"), p.get("lat")) for event in events for p in event.iter("point")}
    assert len(places) == 2 * len(NAMES)


@pytest.mark.parametrize("cut", [1, 2, 7, 8, 9, 100, 4_096])
def test_events_are_counted_wherever_the_stream_is_cut(cut: int) -> None:
    """TCP cuts where it likes; a rival is not to lose by that."""
    stream, count = position_events(0, PIECE, NAMES, NOON_S), EventCount()

    for at in range(0, len(stream), cut):
        count.feed(stream[at : at + cut])

    assert count.events == PIECE


def test_a_window_tells_microseconds_less_what_is_used_at_rest() -> None:
    """An idle server is not charged to positions."""
    idle = Window(iter([{"cpu": 0.0, "came": 0}, {"cpu": 0.0, "came": 0}]).__next__, 0.0)
    window = Window(iter([{"cpu": 1.0, "came": 5}, {"cpu": 1.5, "came": 1_005}]).__next__, 0.0)

    assert window.each_us("cpu", "came", idle=idle) == 500.0
    assert idle.each_us("cpu", "came", idle=None) is None


def test_what_is_on_its_way_is_waited_for() -> None:
    """Late is not lost."""
    come = iter([1, 2, 3])

    assert arrived(3, lambda: next(come)) == 3


def test_figures_are_medians_and_losses_are_sums() -> None:
    """A loss in one round of three is not voted away."""
    rounds: list[dict[str, float | None]] = [
        {"a_us": 3.0, "a_lost": 0},
        {"a_us": 1.0, "a_lost": 2},
        {"a_us": 2.0, "a_lost": None},
    ]

    assert medians(rounds) == {"a_us": 2.0, "a_lost": 2}


def test_a_rival_that_was_not_run_is_null_throughout() -> None:
    """Zero microseconds would be a lie."""
    assert set(told("taky", {"ours_us": 5.0}).values()) == {None}
    assert told("taky", {"ours_us": 5.0, "taky_us": 50.0})["taky_to_ours"] == 10.0


def test_a_rival_is_found_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a machine has them, one folder names them both."""
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    program = tmp_path / "node_modules" / ".bin" / "node-red"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    assert NODE_RED.found(tmp_path) is None, "not to be run"

    program.chmod(0o755)

    assert NODE_RED.found(tmp_path) == program
    assert TAKY.found(tmp_path) is None
    assert "bin/taky" in TAKY.missing


def test_the_flow_stores_and_shows_what_it_hears(tmp_path: Path) -> None:
    """Node-RED takes a node without a place on the sheet for a setting, and says nothing."""
    flow = {
        node["id"]: node
        for node in node_red_flow(mqtt_port=1883, client="c", file=tmp_path / "positions")
    }

    wired = {name for node in flow.values() for wires in node.get("wires", []) for name in wires}
    assert wired == {"parse", "store", "show"}
    assert all("x" in flow[name] for name in ("hear", *wired))


def test_what_a_rival_stored_is_counted_in_its_files(tmp_path: Path) -> None:
    """Arrived at the client is not kept."""
    (tmp_path / "a.cot").write_bytes(position_events(0, 3, NAMES, NOON_S))
    (tmp_path / "b.cot").write_bytes(position_events(0, 2, NAMES, NOON_S))

    assert Server(pid=1, port=1, stored_in=tmp_path, mark=b"</event>").stored() == 5


@pytest.mark.broker
@pytest.mark.slow
def test_it_runs_where_no_rival_is(tmp_path: Path) -> None:
    """Rivals are nobody's dependency; ours is measured all the same."""
    nothing = {**os.environ, "PATH": str(tmp_path), "YIHU_RIVALS": ""}

    done = subprocess.run(
        [sys.executable, "-m", "bench.rivals", "--json", "--small"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        env=nothing,
    )

    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["ours_us"] > 0
    assert figures["ours_lost"] == 0
    for name in ("taky", "taky_many", "nodered"):
        assert figures[f"{name}_us"] is None
    assert "taky was not run" in figures["taky_told"]
    assert "Node-RED was not run" in figures["nodered_told"]
