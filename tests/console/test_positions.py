"""console/positions.py: each console is shown what its map needs, and never a ghost."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from console.frames import Box, decode_frame
from console.positions import Eye, Motion
from dispatch.clock import SECOND
from dispatch.ids import UnitId
from tests.console.builders import NOON, FakeLive

UNITS = ("r01", "r02", "r03")
HERE = Box(west=120.0, south=30.0, east=120.01, north=30.01)
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


def rows(frame: bytes | None) -> list[int]:
    """Which rows a frame tells; none for no frame."""
    return [] if frame is None else decode_frame(frame).records["row"].tolist()


def test_only_what_moved_is_sent() -> None:
    """A night in which nobody walks costs nothing."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", INSIDE, 0)
    move(live, motion, "r02", INSIDE, 0)
    eye.whole_frame(0)

    assert eye.frame(0) is None
    move(live, motion, "r02", OUTSIDE, 1)
    assert rows(eye.frame(0)) == [1]
    assert eye.frame(0) is None


def test_a_unit_without_a_fix_has_no_record() -> None:
    """There is nothing true to say of it."""
    _, _, eye = a_patrol()

    assert rows(eye.whole_frame(0)) == []


def test_what_is_out_of_view_waits_until_the_map_comes_there() -> None:
    """Twenty thousand units, two hundred in view: the others cost no bytes."""
    live, motion, eye = a_patrol()
    eye.look(HERE)
    move(live, motion, "r01", OUTSIDE, 0)
    assert eye.frame(0) is None

    eye.look(Box(west=120.99, south=30.0, east=121.01, north=30.01))

    assert rows(eye.frame(0)) == [0]


def test_a_unit_that_leaves_the_view_is_told_once_more() -> None:
    """Else it would stand at the edge of the map for ever."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", INSIDE, 0)
    eye.look(HERE)
    eye.whole_frame(0)

    move(live, motion, "r01", OUTSIDE, 1)
    assert rows(eye.frame(0)) == [0]

    move(live, motion, "r01", FARTHER, 2)
    assert eye.frame(0) is None


def test_a_place_shown_long_ago_is_corrected_when_the_map_comes_there() -> None:
    """The page still has the old place; panning there must not show a ghost."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", OUTSIDE, 0)
    eye.whole_frame(0)
    eye.look(HERE)
    move(live, motion, "r01", FARTHER, 1)
    assert eye.frame(0) is None

    eye.look(Box(west=120.99, south=30.0, east=121.01, north=30.01))

    assert rows(eye.frame(0)) == [0]


def test_senders_and_called_units_are_sent_whatever_the_view() -> None:
    """The operator looks elsewhere; the alarm must be one key away all the same."""
    live, motion, eye = a_patrol()
    eye.look(HERE)
    eye.whole_frame(0)
    move(live, motion, "r01", OUTSIDE, 0)
    assert eye.frame(0) is None

    motion.pin({UnitId("r01")})

    assert rows(eye.frame(0)) == [0]
    move(live, motion, "r01", FARTHER, 1)
    assert rows(eye.frame(0)) == [0]


def test_a_unit_off_duty_is_not_shown_unless_its_alarm_is_open() -> None:
    """Places are collected from sign-on to sign-off, or in a live alarm; so they are shown."""
    live, motion, eye = a_patrol()
    move(live, motion, "r01", INSIDE, 0)
    live.columns.on_duty[0] = False
    assert rows(eye.whole_frame(0)) == []

    motion.pin({UnitId("r01")})

    assert rows(eye.frame(0)) == [0]


def test_a_unit_added_later_is_seen() -> None:
    """The columns grow while consoles are open."""
    live, motion, eye = a_patrol()
    eye.whole_frame(0)
    for number in range(100):
        row = live.columns.add(f"n{number}")
        live.columns.on_duty[row] = True

    move(live, motion, "n99", INSIDE, 0)

    assert rows(eye.frame(0)) == [102]


PLACES = st.sampled_from([INSIDE, OUTSIDE, FARTHER])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.sampled_from(UNITS), PLACES),
        st.tuples(st.just("look"), st.sampled_from(UNITS), PLACES),
        st.tuples(st.just("pin"), st.sampled_from(UNITS), PLACES),
        st.tuples(st.just("send"), st.sampled_from(UNITS), PLACES),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(STEPS)
def test_the_map_in_view_is_the_truth(steps: list[tuple[str, str, tuple[float, float]]]) -> None:
    """Whatever was held back: inside the view a page shows what is, and nothing else."""
    live, motion, eye = a_patrol()
    page: dict[int, Any] = {}
    view = HERE
    eye.look(view)
    for number, (verb, unit, (lon, lat)) in enumerate(steps):
        match verb:
            case "move":
                move(live, motion, unit, (lon, lat), (number + 1) * SECOND)
            case "look":
                view = Box(west=lon - 0.01, south=lat - 0.01, east=lon + 0.01, north=lat + 0.01)
                eye.look(view)
            case "pin":
                motion.pin({UnitId(unit)})
            case "send":
                show(page, eye.frame(0))

    show(page, eye.frame(0))

    columns = live.columns
    inside = np.flatnonzero(view.holds(columns.lon, columns.lat) & (columns.fix_t > 0))
    shown = {row for row, (lon, lat) in page.items() if view.holds(np.array(lon), np.array(lat))}
    assert shown == set(inside.tolist())


def show(page: dict[int, Any], frame: bytes | None) -> None:
    """Put a frame's places on the page."""
    if frame is not None:
        for record in decode_frame(frame).records:
            page[int(record["row"])] = (record["lon_e7"] / 1e7, record["lat_e7"] / 1e7)
