"""console/positions.py: each console is shown what its map needs, and never a ghost."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console import positions
from console.frames import Box, decode_frame
from console.positions import BATCHES_KEPT, Eye, Motion
from dispatch.clock import SECOND
from dispatch.ids import UnitId
from tests.console.builders import NOON, FakeLive

UNITS = ("r01", "r02", "r03")
HERE = Box(west=120.0, south=30.0, east=120.01, north=30.01)
THERE = Box(west=120.99, south=30.0, east=121.01, north=30.01)
INSIDE, OUTSIDE, FARTHER = (120.005, 30.005), (121.0, 30.005), (122.0, 30.005)


def a_patrol() -> tuple[FakeLive, Motion, Eye]:
    """Three units on duty, none with a fix yet, and one console."""
    live = FakeLive(map(UnitId, UNITS))
    motion = Motion(live)
    return live, motion, Eye(motion)


def move(live: FakeLive, motion: Motion, unit: str, place: tuple[float, float], t: int) -> None:
    """A new fix of one unit."""
    live.put(unit, *place, NOON + t)
    motion.moved(live.rows(unit))


def told(motion: Motion, eye: Eye) -> list[int] | None:
    """Which rows a console is told by the next tick; None where it is sent nothing."""
    motion.step(0)
    frame = eye.frame()
    return None if frame is None else decode_frame(frame).records["row"].tolist()


def open_at(motion: Motion, eye: Eye, view: Box | None = None) -> None:
    """The stream begins, and its page shows this."""
    if view is not None:
        eye.look(view)
    eye.look_everywhere()
    assert told(motion, eye) is not None
    assert not eye.looking


def test_only_what_moved_is_sent() -> None:
    """A night in which nobody walks costs nothing."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", INSIDE, 0)
    move(live, motion, "r02", INSIDE, 0)
    motion.step(0)
    open_at(motion, eye)

    assert told(motion, eye) is None
    move(live, motion, "r02", OUTSIDE, 1)
    assert eye.frame() is None, "nothing before the tick"
    assert told(motion, eye) == [1]
    assert told(motion, eye) is None


def test_a_unit_without_a_fix_has_no_record() -> None:
    """There is nothing true to say of it."""
    _, motion, eye = a_patrol()
    eye.look_everywhere()

    assert told(motion, eye) == []


def test_consoles_that_show_the_same_are_sent_the_same_bytes() -> None:
    """Made once for a wall and ten desks, however many are open."""
    live, motion, _ = a_patrol()
    eyes = [Eye(motion) for _ in range(10)]
    for eye in eyes:
        open_at(motion, eye, HERE)
        eye.look(HERE)

    move(live, motion, "r01", INSIDE, 0)
    motion.step(0)

    first, *others = [eye.frame() for eye in eyes]
    assert first is not None
    assert all(other is first for other in others)


def test_what_is_out_of_view_waits_until_the_map_comes_there() -> None:
    """Twenty thousand units, two hundred in view: the others cost no bytes."""
    live, motion, eye = a_patrol()
    open_at(motion, eye, HERE)
    move(live, motion, "r01", OUTSIDE, 0)
    assert told(motion, eye) is None

    eye.look(THERE)

    assert told(motion, eye) == [0]


def test_zooming_in_costs_nothing() -> None:
    """The page knows already what is there."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", INSIDE, 0)
    motion.step(0)
    open_at(motion, eye, HERE)

    eye.look(Box(west=120.004, south=30.004, east=120.006, north=30.006))

    assert not eye.looking
    move(live, motion, "r01", INSIDE, 1)
    assert told(motion, eye) == [0]


def test_a_unit_that_leaves_the_view_is_told_once_more() -> None:
    """Else it would stand at the edge of the map for ever."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", INSIDE, 0)
    motion.step(0)
    open_at(motion, eye, HERE)

    move(live, motion, "r01", OUTSIDE, 1)
    assert told(motion, eye) == [0]

    move(live, motion, "r01", FARTHER, 2)
    assert told(motion, eye) is None


def test_a_place_shown_long_ago_is_corrected_when_the_map_comes_there() -> None:
    """The page still has the old place; panning there must not show a ghost."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", OUTSIDE, 0)
    motion.step(0)
    open_at(motion, eye, HERE)
    move(live, motion, "r01", FARTHER, 1)
    assert told(motion, eye) is None

    eye.look(THERE)

    motion.step(0)
    frame = decode_frame(eye.frame() or b"")
    assert frame.records["row"].tolist() == []
    assert frame.looked_e7 == THERE.widened(0.25).sides_e7()


def test_senders_and_called_units_are_sent_whatever_the_view() -> None:
    """The operator looks elsewhere; the alarm must be one key away all the same."""
    live, motion, eye = a_patrol()
    open_at(motion, eye, HERE)
    move(live, motion, "r01", OUTSIDE, 0)
    assert told(motion, eye) is None

    motion.pin([UnitId("r01")], on=True)

    assert told(motion, eye) == [0]
    move(live, motion, "r01", FARTHER, 1)
    assert told(motion, eye) == [0]
    motion.pin([UnitId("r01")], on=False)
    assert told(motion, eye) is None


def test_a_unit_off_duty_is_not_shown_unless_its_alarm_is_open() -> None:
    """Places are collected from sign-on to sign-off, or in a live alarm; so they are shown."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", INSIDE, 0)
    live.columns.on_duty[0] = False
    eye.look_everywhere()
    assert told(motion, eye) == []

    motion.pin([UnitId("r01")], on=True)

    assert told(motion, eye) == [0]
    motion.pin([UnitId("r01")], on=False)
    eye.look_everywhere()
    assert told(motion, eye) == []


def test_a_unit_added_later_is_seen() -> None:
    """The columns grow while consoles are open."""
    live, motion, eye = a_patrol()
    open_at(motion, eye)
    for number in range(100):
        row = live.columns.add(f"n{number}")
        live.columns.on_duty[row] = True

    move(live, motion, "n99", INSIDE, 0)

    assert told(motion, eye) == [102]


def test_a_reader_that_missed_some_ticks_is_told_them_together() -> None:
    """It costs nobody a queue, and the reader sees the newest place."""
    live, motion, eye = a_patrol()
    open_at(motion, eye, HERE)
    for step in range(BATCHES_KEPT):
        move(live, motion, "r01", (120.001 + step / 1e3, 30.005), step)
        motion.step(0)

    frame = decode_frame(eye.frame() or b"")

    assert frame.records["lon_e7"].tolist()[-1] == 1_200_050_000
    assert frame.looked_e7 is None


def test_a_reader_that_missed_more_looks_anew() -> None:
    """Bounded memory: what happened meanwhile is kept for a second."""
    live, motion, eye = a_patrol()
    open_at(motion, eye, HERE)
    for step in range(BATCHES_KEPT + 1):
        move(live, motion, "r01", (120.001 + step / 1e3, 30.005), step)
        motion.step(0)

    frame = decode_frame(eye.frame() or b"")

    assert frame.records["row"].tolist() == [0]
    assert (frame.first, frame.looked_e7) == (True, HERE.widened(0.25).sides_e7())


class Page:
    """What a page does with position frames: the plainest reading of console/wire.py."""

    def __init__(self) -> None:
        self.places: dict[int, tuple[int, int]] = {}
        self._looked_at: set[int] = set()

    def show(self, data: bytes | None) -> None:
        """Take a frame in."""
        if data is None:
            return
        frame = decode_frame(data)
        if frame.first:
            self._looked_at = set()
        for record in frame.records:
            self._looked_at.add(int(record["row"]))
            self.places[int(record["row"])] = (int(record["lon_e7"]), int(record["lat_e7"]))
        if frame.looked_e7 is not None:
            west, south, east, north = frame.looked_e7
            for row, (lon, lat) in tuple(self.places.items()):
                inside = west <= lon <= east and south <= lat <= north
                if inside and row not in self._looked_at:
                    del self.places[row]

    def rows_in(self, view: Box) -> set[int]:
        """Which units its map shows there."""
        return {
            row
            for row, (lon, lat) in self.places.items()
            if view.holds(np.array([lon], np.int32), np.array([lat], np.int32))[0]
        }


VERBS = ("move", "look", "near", "pin", "unpin", "step", "send", "everything")
PLACES = st.sampled_from([INSIDE, OUTSIDE, FARTHER])
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from(UNITS), PLACES), max_size=40)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_map_in_view_is_the_truth(
    monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, str, tuple[float, float]]]
) -> None:
    """Whatever was held back, missed or shared: inside the view a page shows what is, and
    nothing else; and the places are the newest."""
    monkeypatch.setattr(positions, "LOOK_ROWS_MAX", 1)
    live, motion, eye = a_patrol()
    page, view = Page(), HERE
    eye.look(view)
    for number, (verb, unit, (lon, lat)) in enumerate(steps):
        match verb:
            case "move":
                move(live, motion, unit, (lon, lat), (number + 1) * SECOND)
            case "look" | "near":
                side = 0.01 if verb == "look" else 0.002
                view = Box(west=lon - side, south=lat - side, east=lon + side, north=lat + side)
                eye.look(view)
            case "pin" | "unpin":
                motion.pin([UnitId(unit)], on=verb == "pin")
            case "step":
                motion.step(0)
            case "send":
                page.show(eye.frame())
            case "everything":
                eye.look_everywhere()

    motion.step(0)
    while eye.due:
        page.show(eye.frame())

    shown = page.rows_in(view)
    assert shown == Page.rows_in(truth(motion), view)
    assert all(page.places[row] == truth(motion).places[row] for row in shown)


def truth(motion: Motion) -> Page:
    """What a page would show that was told everything."""
    page = Page()
    lon, lat = motion.columns.lon, motion.columns.lat
    for row in np.flatnonzero(motion.columns.fix_t > 0).tolist():
        page.places[row] = (round(1e7 * float(lon[row])), round(1e7 * float(lat[row])))
    return page
