"""Fixes gathered into columns, and which of them give way."""

import math

from devices.codec import PositionReading
from devices.collect import FIXES_BURST, FIXES_PER_S, WAITING_MAX, Collector
from dispatch.clock import SECOND
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import Fix
from tests.rows import Rows

NOON = 1_760_000_000_000_000


def said(radio: str, *fixes: Fix, at: int = NOON) -> PositionReading:
    """One message of the position lane."""
    return PositionReading(
        radio=RadioId(radio), community=CommunityId("xizi"), fixes=fixes, received_t=at
    )


def fix(t: int = NOON, lon: float = 117.0) -> Fix:
    """A bare fix."""
    return Fix(t=t, lon=lon, lat=36.0)


def test_nothing_gathered_is_no_batch() -> None:
    """The shell is woken for fixes only."""
    assert Collector(Rows().find).take() is None


def test_fixes_become_columns_in_order_of_arrival() -> None:
    """Unknown is NaN, an unknown battery -1: no Python object per fix goes on."""
    rows = Rows()
    collector = Collector(rows.find)
    full = Fix(
        t=NOON, lon=117.5, lat=36.5, acc_m=4.0, speed_mps=1.5, course_deg=90.0, battery_pct=80
    )

    collector.add(said("a", fix(), fix(NOON + 1)))
    collector.add(said("b", full, at=NOON + 5))
    batch = collector.take()

    assert batch is not None
    assert rows.radios(batch.rows) == ["a", "a", "b"]
    assert batch.t.tolist() == [NOON, NOON + 1, NOON]
    assert batch.lon.tolist() == [117.0, 117.0, 117.5]
    assert [math.isnan(value) for value in batch.acc_m] == [True, True, False]
    assert math.isnan(batch.speed_mps[0])
    assert math.isnan(batch.course_deg[0])
    assert batch.battery_pct.tolist() == [-1, -1, 80]
    assert batch.received_t == NOON + 5
    assert collector.take() is None


def test_a_radio_that_floods_keeps_its_newest() -> None:
    """And costs the others nothing."""
    rows = Rows()
    collector = Collector(rows.find)
    burst = int(FIXES_BURST)

    collector.add(said("flood", *[fix(NOON + i) for i in range(burst + 300)]))
    collector.add(said("calm", fix()))
    batch = collector.take()

    assert batch is not None
    assert rows.radios(batch.rows).count(RadioId("calm")) == 1
    assert rows.radios(batch.rows).count(RadioId("flood")) == burst
    assert batch.t[burst - 1] == NOON + burst + 299
    assert collector.shed == {"too_fast": 300}


def test_the_measure_fills_again_with_time() -> None:
    """A radio out of a long silence is heard again at the pace of a radio."""
    rows = Rows()
    collector = Collector(rows.find)
    collector.add(said("a", *[fix()] * int(FIXES_BURST)))

    collector.add(said("a", *[fix()] * 100, at=NOON + 10 * SECOND))

    assert collector.shed == {"too_fast": 100 - int(10 * FIXES_PER_S)}


def test_under_overload_each_radio_keeps_its_newest() -> None:
    """Where a unit is now matters; where it was a second ago does not."""
    rows = Rows()
    collector = Collector(rows.find)
    radios = [f"r-{i}" for i in range(WAITING_MAX // 2)]
    for second in range(2):
        for radio in radios:
            collector.add(said(radio, fix(NOON + second)))

    collector.add(said("last", fix()))
    batch = collector.take()

    assert batch is not None
    assert len(batch) == len(set(batch.rows.tolist())) == len(radios) + 1
    assert set(batch.t[:-1].tolist()) == {NOON + 1}
    assert collector.shed == {"overload": len(radios)}


def test_more_radios_than_room_leaves_the_latest() -> None:
    """Bounded, whatever comes."""
    rows = Rows()
    collector = Collector(rows.find)
    for i in range(WAITING_MAX + 10):
        collector.add(said(f"r-{i}", fix()))

    batch = collector.take()

    assert batch is not None
    assert len(batch) == WAITING_MAX
    assert rows.radios(batch.rows)[-1] == f"r-{WAITING_MAX + 9}"
    assert collector.shed == {"overload": 10}
