"""console/frames.py: what is written is read back, what is not a frame is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.frames import (
    BUSY,
    ON_DUTY,
    ONLINE,
    SIDES,
    UNKNOWN,
    WORLD,
    Box,
    FrameError,
    decode_frame,
    encode_frame,
    pack_records,
)
from console.wire import FRAME_HEAD
from geo.columns import LiveColumns
from tests.console.builders import NOON


def one_unit(lon: float, lat: float, **columns: float) -> LiveColumns:
    """Live columns with one unit in row 0."""
    made = LiveColumns()
    row = made.add("r01")
    made.update_batch(np.array([row]), np.array([NOON]), np.array([lon]), np.array([lat]))
    for name, value in columns.items():
        getattr(made, name)[row] = value
    return made


def encode(columns: LiveColumns, *, first: bool = False, looked: Box | None = None) -> bytes:
    """A frame of row 0."""
    records = pack_records(columns, np.array([0])).tobytes()
    return encode_frame(records, now_ms=NOON // 1000, first=first, looked=looked)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_place_comes_back_to_the_centimetre(lon: float, lat: float) -> None:
    """1e-7 degrees are 11 mm; a fix is good to some metres."""
    [record] = decode_frame(encode(one_unit(lon, lat))).records

    assert record["lon_e7"] / 1e7 == pytest.approx(lon, abs=6e-8)
    assert record["lat_e7"] / 1e7 == pytest.approx(lat, abs=6e-8)
    assert record["t_ms"] == NOON // 1000


@pytest.mark.parametrize(
    ("column", "value", "field", "told"),
    [
        ("acc_m", np.nan, "acc_dm", UNKNOWN),
        ("acc_m", 0.04, "acc_dm", 0),
        ("acc_m", 8.25, "acc_dm", 82),
        ("acc_m", 1e9, "acc_dm", UNKNOWN - 1),
        ("speed", 1.256, "speed_cmps", 126),
        ("speed", -1.0, "speed_cmps", 0),
        ("course", 359.9, "course_ddeg", 3599),
        ("battery", -1, "battery_pct", -1),
        ("battery", 100, "battery_pct", 100),
        ("grid", -1, "grid", -1),
        ("grid", 9_999, "grid", 9_999),
        ("on_duty", True, "state", ON_DUTY),
        ("online", True, "state", ONLINE),
        ("busy", True, "state", BUSY),
    ],
)
def test_a_measure_is_told_as_drawn(column: str, value: float, field: str, told: int) -> None:
    """A value too large stops one short of *unknown*: it is known to be large."""
    [record] = decode_frame(encode(one_unit(120.0, 30.0, **{column: value}))).records

    assert record[field] == told


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("looked", [None, WORLD, Box(west=1.0, south=-2.0, east=3.0, north=4.5)])
def test_a_look_says_where_it_begins_and_ends(first: bool, looked: Box | None) -> None:
    """A page then forgets units of that box that it did not tell."""
    frame = decode_frame(encode(one_unit(120.0, 30.0), first=first, looked=looked))

    assert frame.first is first
    assert frame.looked_e7 == (None if looked is None else looked.sides_e7())
    assert frame.whole is (first and looked is WORLD)
    assert frame.records["row"].tolist() == [0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        FRAME_HEAD.pack(1, 0, 0, 0, 0.0),
        FRAME_HEAD.pack(2, 0, 0, 1, 0.0),
        FRAME_HEAD.pack(2, 0, 0, 2**32 - 1, 0.0) + bytes(32),
        FRAME_HEAD.pack(2, 0, 0, 0, float("nan")),
        FRAME_HEAD.pack(2, 0, 0, 1, 0.0) + bytes(33),
        FRAME_HEAD.pack(2, 2, 0, 0, 0.0),
        FRAME_HEAD.pack(2, 2, 0, 0, 0.0) + bytes(15),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    """Before anything in it is believed, its count above all."""
    with pytest.raises(FrameError):
        decode_frame(data)


@given(st.binary(max_size=200))
def test_any_noise_is_a_frame_or_refused(noise: bytes) -> None:
    """Nothing else may come out."""
    try:
        frame = decode_frame(noise)
    except FrameError:
        return
    sides = 0 if frame.looked_e7 is None else SIDES.size
    assert len(frame.records) * 32 + FRAME_HEAD.size + sides == len(noise)


def test_a_box_grows_on_every_side() -> None:
    """By a share of its size: a quarter of a screen, whatever the zoom."""
    box = Box(west=10.0, south=20.0, east=14.0, north=22.0).widened(0.25)

    assert box == Box(west=9.0, south=19.5, east=15.0, north=22.5)


def test_a_box_never_grows_beyond_the_world() -> None:
    """Its sides travel as whole numbers that hold 214 degrees."""
    assert WORLD.widened(0.25) == WORLD


def test_a_box_covers_what_is_inside_and_itself() -> None:
    """Zooming in needs nothing new; a step aside does."""
    box = Box(west=10.0, south=20.0, east=14.0, north=22.0)

    assert box.covers(box)
    assert box.covers(Box(west=11.0, south=20.0, east=12.0, north=21.0))
    assert not box.covers(Box(west=11.0, south=20.0, east=14.1, north=21.0))
