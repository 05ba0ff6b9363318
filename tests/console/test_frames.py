"""console/frames.py: what is written is read back, what is not a frame is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.frames import (
    BUSY,
    ON_DUTY,
    ONLINE,
    UNKNOWN,
    Box,
    FrameError,
    decode_frame,
    encode_frame,
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


def encode(columns: LiveColumns, whole: bool = False) -> bytes:
    """A frame of row 0."""
    return encode_frame(columns, np.array([0]), now_ms=NOON // 1000, whole=whole)


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


@pytest.mark.parametrize("whole", [True, False])
def test_a_whole_frame_says_that_it_is(whole: bool) -> None:
    """A page then forgets units that are not in it."""
    assert decode_frame(encode(one_unit(120.0, 30.0), whole)).whole is whole


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        FRAME_HEAD.pack(2, 0, 0, 0, 0.0),
        FRAME_HEAD.pack(1, 0, 0, 1, 0.0),
        FRAME_HEAD.pack(1, 0, 0, 2**32 - 1, 0.0) + bytes(32),
        FRAME_HEAD.pack(1, 0, 0, 0, float("nan")),
        FRAME_HEAD.pack(1, 0, 0, 1, 0.0) + bytes(33),
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
    assert len(frame.records) * 32 + FRAME_HEAD.size == len(noise)


def test_a_box_grows_on_every_side() -> None:
    """By a share of its size: a quarter of a screen, whatever the zoom."""
    box = Box(west=10.0, south=20.0, east=14.0, north=22.0).widened(0.25)

    assert box == Box(west=9.0, south=19.5, east=15.0, north=22.5)
