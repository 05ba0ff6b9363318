"""Payloads in bulk: the same as one by one, whatever they are."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.codec import PositionReading
from devices.v1.codec import V1
from dispatch.clock import SECOND
from dispatch.errors import DeviceProtocolError

NOON = 1_760_000_000 * SECOND
TOPIC = "patrol/demo/r-1/position"

maybe = st.one_of(st.none(), st.floats(min_value=0, max_value=300))
good = st.fixed_dictionaries(
    {
        "t": st.integers(min_value=NOON // 1000 - 10**6, max_value=NOON // 1000 + 10**6),
        "lon": st.floats(min_value=-180, max_value=180),
        "lat": st.floats(min_value=-90, max_value=90),
    },
    optional={
        "acc": maybe,
        "spd": maybe,
        "crs": maybe,
        "bat": st.one_of(st.none(), st.integers(min_value=0, max_value=100)),
        "datum": st.sampled_from(["wgs84", "gcj02", "bd09"]),
    },
)
bad = st.one_of(
    st.fixed_dictionaries({"t": st.integers(), "lon": st.floats(), "lat": st.floats()}),
    st.just({"t": 10**30, "lon": 1.0, "lat": 1.0}),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.lists(st.integers(), max_size=3),
)
body = st.one_of(good, bad, st.lists(good, max_size=4).map(lambda some: {"fixes": some})).map(
    lambda said: json.dumps(said).encode()
)
payload = st.one_of(body, st.binary(max_size=60))


@given(st.lists(payload, max_size=12))
def test_in_bulk_it_says_what_it_says_one_by_one(payloads: list[bytes]) -> None:
    """One definition, two speeds: fixes, order, rows, and reasons for refusing."""
    told: list[tuple[object, ...]] = []
    reasons: list[tuple[int, str]] = []
    for index, data in enumerate(payloads):
        try:
            reading = V1().decode(TOPIC, data, NOON)
        except DeviceProtocolError as error:
            reasons.append((index, error.reason))
        else:
            assert isinstance(reading, PositionReading)
            told += [(100 + index, fix) for fix in reading.fixes]

    batch, refused = V1().fixes([100 + i for i in range(len(payloads))], payloads, NOON)

    assert [(index, error.reason) for index, error in refused] == reasons
    assert batch.rows.tolist() == [row for row, _ in told]
    fixes = [fix for _, fix in told]
    assert batch.t.tolist() == [fix.t for fix in fixes]  # type: ignore[attr-defined]
    for column, name in (("lon", "lon"), ("lat", "lat")):
        np.testing.assert_allclose(
            getattr(batch, column), [getattr(fix, name) for fix in fixes], rtol=0, atol=1e-9
        )
    for column, name in (("acc_m",) * 2, ("speed_mps",) * 2, ("course_deg",) * 2):
        expected = np.array([getattr(fix, name) for fix in fixes], np.float32)
        np.testing.assert_array_equal(getattr(batch, column), expected)
    assert batch.battery_pct.tolist() == [
        -1 if fix.battery_pct is None else fix.battery_pct  # type: ignore[attr-defined]
        for fix in fixes
    ]


def test_a_payload_that_is_too_long_is_refused_although_it_could_be_read() -> None:
    """Spaces are no reason to read a megabyte."""
    fix = b'{"t":1760000000000,"lon":1,"lat":1}'

    batch, refused = V1().fixes([1, 2], [fix + b" " * 65_536, fix], NOON)

    assert [error.reason for _, error in refused] == ["too_long"]
    assert batch.rows.tolist() == [2]
