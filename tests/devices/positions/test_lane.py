"""Messages that wait for the hub: in order, by row, and which of them give way."""

import json
import math
from collections import Counter

import numpy as np

from devices.positions.lane import (
    FIXES_BURST,
    FIXES_PER_S,
    SLICE_BYTES_MAX,
    SLICE_MESSAGES_MAX,
    WAITING_MAX,
    Measure,
    PositionLane,
)
from devices.positions.packets import Heard
from devices.v1.codec import V1
from dispatch.clock import SECOND
from dispatch.errors import DeviceProtocolError
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import NO_ROW, FixBatch
from tests.rows import Rows

NOON = 1_760_000_000 * SECOND


class Side:
    """A lane with a table beside it, and what it refused."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.refused: list[tuple[str, RadioId | None]] = []
        self.lane = PositionLane(V1(), self.rows.find, self._refuse)

    def _refuse(self, error: DeviceProtocolError, radio: RadioId | None) -> None:
        self.refused.append((error.reason, radio))

    def all(self, now: int = NOON) -> list[FixBatch]:
        """Everything that waits, slice by slice."""
        batches = []
        while (batch := self.lane.take(now)) is not None:
            batches.append(batch)
        return batches

    def heard(self, now: int = NOON) -> list[tuple[str, int]]:
        """(radio, milliseconds after noon) of everything that waits."""
        return [
            (str(radio), int(t - NOON) // 1000)
            for batch in self.all(now)
            for radio, t in zip(self.rows.radios(batch.rows), batch.t, strict=True)
        ]


def said(radio: str, *more_ms: int, **fields: object) -> Heard:
    """A position, or a backlog where there are several times."""
    fixes = [{"t": NOON // 1000 + ms, "lon": 117.0, "lat": 36.0, **fields} for ms in more_ms]
    body = fixes[0] if len(fixes) == 1 else {"fixes": fixes}
    return f"patrol/demo/{radio}/position".encode(), json.dumps(body).encode()


def test_nothing_said_is_no_batch() -> None:
    """The hub is woken for fixes only."""
    assert Side().lane.take(NOON) is None


def test_fixes_become_columns_in_order_of_arrival() -> None:
    """Unknown is NaN, an unknown battery -1: no Python object per fix goes on."""
    side = Side()
    full = said("b", 0, acc=4.0, spd=1.5, crs=90.0, bat=80)

    side.lane.hear([said("a", 0, 1), full])
    (batch,) = side.all()

    assert side.rows.radios(batch.rows) == ["a", "a", "b"]
    assert batch.t.tolist() == [NOON, NOON + 1000, NOON]
    assert batch.battery_pct.tolist() == [-1, -1, 80]
    assert [math.isnan(value) for value in batch.acc_m] == [True, True, False]
    assert batch.received_t == NOON
    assert side.lane.take(NOON) is None


def test_what_cannot_be_read_costs_the_others_nothing() -> None:
    """It is told with its reason and its radio; a topic of nobody's is told once."""
    side = Side()
    nonsense = (b"patrol/demo/r-9/position", b"{")
    nobodys = (b"patrol/demo/\xff/position", said("x", 0)[1])

    side.lane.hear([said("a", 0), nonsense, nobodys, said("b", 0)])

    assert side.heard() == [("a", 0), ("b", 0)]
    assert side.refused == [("bad_identity", None), ("not_json", "r-9")]


def test_a_radio_that_gets_its_row_later_is_heard_from_then_on() -> None:
    """Enrolled while it speaks already."""
    rows: dict[str, int] = {}
    lane = PositionLane(V1(), lambda _c, r: rows.get(r, NO_ROW), lambda *_: None)

    lane.hear([said("new", 0)])
    before = lane.take(NOON)
    rows["new"] = 7
    lane.hear([said("new", 1)])
    after = lane.take(NOON)

    assert before is not None
    assert after is not None
    assert (before.rows.tolist(), after.rows.tolist()) == ([NO_ROW], [7])


def test_a_slice_is_as_much_as_an_alarm_can_wait_for() -> None:
    """By number, and by bytes where radios send backlogs."""
    side = Side()
    backlog = said("a", *range(400))

    side.lane.hear([said(f"r-{i}", 0) for i in range(SLICE_MESSAGES_MAX + 1)])
    by_number = [len(batch) for batch in side.all()]
    side.lane.hear(
        [
            (topic.replace(b"/a/", b"/b%d/" % i), data)
            for i in range(20)
            for topic, data in [backlog]
        ]
    )
    by_bytes = [len(batch) for batch in side.all()]

    assert by_number == [SLICE_MESSAGES_MAX, 1]
    assert sum(by_bytes) == 20 * 400
    assert max(by_bytes) <= SLICE_BYTES_MAX // len(backlog[1]) * 400


def test_a_radio_that_floods_keeps_its_newest() -> None:
    """And costs the others nothing."""
    side = Side()
    burst = int(FIXES_BURST)

    backlogs = [said("flood", *range(start, start + 100)) for start in range(0, burst + 300, 100)]
    side.lane.hear([*backlogs, said("calm", 0)])
    heard = side.heard()

    assert heard == [*(("flood", ms) for ms in range(300, burst + 300)), ("calm", 0)]
    assert side.lane.shed == {"too_fast": 300}


def test_the_measure_fills_again_with_time() -> None:
    """A radio out of a long silence is heard again at the pace of a radio."""
    measure = Measure()
    rows = np.zeros(int(FIXES_BURST), np.int64)
    assert measure.allowed(rows, NOON) is None

    passes = measure.allowed(rows[:100], NOON + 10 * SECOND)

    assert passes is not None
    assert passes.tolist() == [False] * (100 - int(10 * FIXES_PER_S)) + [True] * 40
    assert measure.allowed(np.array([NO_ROW] * 5_000), NOON) is None


def test_under_overload_each_radio_keeps_its_newest() -> None:
    """Where a unit is now matters; where it was a second ago does not."""
    side = Side()
    radios = WAITING_MAX // 2

    for second in range(3):
        side.lane.hear([said(f"r-{i}", second) for i in range(radios)])
    heard = side.heard()

    assert heard == [(f"r-{i}", 2) for i in range(radios)]
    assert +side.lane.shed == {"superseded": 2 * radios}


def test_more_radios_than_room_leaves_the_latest() -> None:
    """Bounded, whatever comes."""
    side = Side()
    side.lane.radios_max = 30_000

    side.lane.hear([said(f"r-{i}", 0) for i in range(30_010)])

    assert len(side.lane) == 30_000
    assert +side.lane.shed == {"overload": 10}


def test_a_community_is_part_of_the_name() -> None:
    """The table is asked for the radio of its own community."""
    asked: list[tuple[CommunityId, RadioId]] = []

    def find(community: CommunityId, radio: RadioId) -> int:
        asked.append((community, radio))
        return 0

    lane = PositionLane(V1(), find, lambda *_: None)
    lane.hear([said("a", 0), said("a", 1)])
    lane.take(NOON)
    lane.hear([said("a", 2)])
    lane.take(NOON)

    assert asked == [("demo", "a"), ("demo", "a")]


def test_a_radio_that_floods_is_told_by_its_name() -> None:
    """Somebody has to take it apart; its neighbours lose nothing meanwhile."""
    rows, told = Rows(), Counter[str]()

    def hear(radio: RadioId, fixes: int) -> None:
        told[radio] += fixes

    lane = PositionLane(V1(), rows.find, lambda *_: None, hear)
    seconds, a_second, neighbours = 3, 1_000, 50
    taken = Counter[str]()
    for tick in range(20 * seconds):
        lane.hear([said("flood", tick * 50 + n) for n in range(a_second // 20)])
        if tick % 20 == 0:
            lane.hear([said(f"r-{n}", tick) for n in range(neighbours)])
        while (batch := lane.take(NOON + tick * SECOND // 20)) is not None:
            taken.update(rows.radios(batch.rows))

    assert taken["flood"] <= FIXES_BURST + seconds * FIXES_PER_S
    assert told == {"flood": seconds * a_second - taken["flood"]}
    assert lane.shed == {"too_fast": told["flood"]}
    assert all(taken[f"r-{n}"] == seconds for n in range(neighbours))
