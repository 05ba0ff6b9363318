"""console/feeds.py: whoever may see some communities is told of them, and of nothing else."""

from dataclasses import replace
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from console.api import make_feeds
from console.feeds import IDLE_TICKS_MAX, Feeds
from console.frames import decode_frame
from console.session import Session
from console.wire import ServerMessage
from console.within import WHOLE, RadiosWithin
from dispatch.ids import CommunityId, DrillId, OperatorName, RadioId, UnitId
from dispatch.incident import Incident
from dispatch.outgoing import ToConsoles
from dispatch.roster import Community, Roster
from tests.console.builders import (
    NOON,
    RADIOS,
    XIZI,
    FakeHub,
    FakeLive,
    clock,
    community,
    incident,
    settings_of_a_hub,
)
from tests.console.test_feed import fresh
from tests.shown import Shown

HUBIN = CommunityId("hubin")
ONLY_HUBIN = frozenset({HUBIN})
HERE, THERE = OperatorName("西子一席"), OperatorName("湖滨一席")
NEIGHBOURS = tuple(
    replace(each, radio=RadioId(f"h{each.radio}"), community=HUBIN) for each in RADIOS
)


class TwoCommunities(FakeLive):
    """A live table that knows which community each row is of."""

    def group(self, community: CommunityId) -> int:
        """0 and 1."""
        return (XIZI, HUBIN).index(community)


def two() -> FakeHub:
    """A hub of two communities, five radios each, all with a fix at the same place."""
    neighbour: Community = replace(community(), community=HUBIN)
    radios = (*RADIOS, *NEIGHBOURS)
    live = TwoCommunities(UnitId(each.radio) for each in radios)
    for record in radios:
        row = live.put(record.radio, 120.005, 30.005, NOON)
        live.columns.group[row] = live.group(record.community)
    return FakeHub(roster=Roster([community(), neighbour], radios), live=live)


def feeds_of(full: FakeHub, present: Any = lambda _names: None) -> Feeds:
    """Of a hub whose one operator handles each community."""
    where = {HERE: frozenset({XIZI}), THERE: ONLY_HUBIN}
    return make_feeds(
        hub=full,
        settings=settings_of_a_hub(),
        clock=clock(),
        present=present,
        counters={},
        version="0",
        demo=False,
        where_of=lambda name: where.get(name, frozenset()),
    )


def theirs(number: int, **changes: Any) -> Incident:
    """An incident of the other community."""
    made = incident(number, **changes)
    made.incident = type(made.incident)(f"hubin-20251121-{number:03d}")
    made.community = HUBIN
    made.sender = UnitId("hr01")
    return made


def told(session: Session) -> list[Any]:
    """Every piece that waits, as it goes out."""
    pieces = []
    while (piece := session.take()) is not None:
        pieces.append(piece)
    return pieces


def test_who_may_see_everything_shares_one_feed() -> None:
    """Also when all there is happens to be all they were given."""
    feeds = feeds_of(two())

    assert feeds.of(WHOLE) is feeds.whole
    assert feeds.of(frozenset({XIZI, HUBIN})) is feeds.whole
    assert feeds.of(ONLY_HUBIN) is feeds.of(ONLY_HUBIN)
    assert feeds.of(ONLY_HUBIN) is not feeds.whole


def test_nothing_of_another_community_is_ever_told() -> None:
    """Not in the hello, the snapshot, a change, a frame, or by a number that was left out."""
    full = two()
    full.hold(incident(1))
    full.hold(theirs(2))
    full.operators = frozenset({HERE, THERE})
    full.drills = {XIZI: (DrillId("xizi-drill-20251121040000"), "一号演练")}
    feeds = feeds_of(full)
    session = feeds.of(ONLY_HUBIN).join(THERE, lambda: None)

    begun = told(session)
    full.hold(incident(3))
    feeds.changed(ToConsoles(incidents=frozenset({incident(3).incident})))
    del full.incidents[incident(1).incident]
    feeds.changed(ToConsoles(incidents=frozenset({incident(1).incident})))
    feeds.moved(full.live.rows("r01"))
    feeds.tick()
    after = told(session)

    text = b"".join(piece.data for piece in (*begun, *after) if not piece.binary).decode()
    assert "hubin-20251121-002" in text
    assert "xizi" not in text
    assert HERE not in text
    rows = {
        int(row)
        for piece in (*begun, *after)
        if piece.binary
        for row in decode_frame(piece.data).records["row"]
    }
    assert rows == {full.live.columns.row_of(each.radio) for each in NEIGHBOURS}


def test_radios_are_listed_and_counted_by_community() -> None:
    """Also one that joins while we look."""
    full = two()
    seen = RadiosWithin(full.roster.radios, ONLY_HUBIN)
    assert list(seen) == [each.radio for each in NEIGHBOURS]

    full.roster.put(replace(NEIGHBOURS[0], radio=RadioId("h99"), call_sign="湖滨九十九"))

    assert len(seen) == len(NEIGHBOURS) + 1
    assert seen[RadioId("h99")].call_sign == "湖滨九十九"
    assert RADIOS[0].radio not in seen
    assert seen.get(RADIOS[0].radio) is None


def test_both_operators_are_present_and_each_counts_once() -> None:
    """Wherever they look: an alarm that nobody would take must escalate."""
    present: list[frozenset[OperatorName]] = []
    feeds = feeds_of(two(), present.append)

    ours = feeds.of(frozenset({XIZI})).join(HERE, lambda: None)
    feeds.of(ONLY_HUBIN).join(THERE, lambda: None)
    feeds.whole.join(THERE, lambda: None)
    feeds.of(frozenset({XIZI})).leave(ours)

    assert present == [frozenset({HERE}), frozenset({HERE, THERE}), frozenset({THERE})]


def test_a_feed_that_nobody_listens_to_is_let_go() -> None:
    """And made anew for the next who comes."""
    feeds = feeds_of(two())
    first = feeds.of(ONLY_HUBIN)

    with feeds.flushing():
        for _ in range(IDLE_TICKS_MAX + 1):
            feeds.tick()

    assert feeds.of(ONLY_HUBIN) is not first
    assert feeds.streams == 0


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 4), st.sampled_from(["hold", "drop", "tick"])),
        max_size=20,
    )
)
def test_snapshot_and_changes_are_a_fresh_snapshot_for_each(
    steps: list[tuple[bool, int, str]],
) -> None:
    """The law of the stream holds for whoever sees a part, as for whoever sees all."""
    full = two()
    feeds = feeds_of(full)
    watched = [feeds.whole, feeds.of(ONLY_HUBIN), feeds.of(frozenset({XIZI}))]
    pages = [(feed, feed.join(OperatorName(""), lambda: None), Shown()) for feed in watched]

    for version, (mine, number, step) in enumerate(steps):
        made = incident(number, version=version) if mine else theirs(number, version=version)
        if step == "hold":
            full.hold(made)
        elif step == "drop":
            full.incidents.pop(made.incident, None)
        else:
            feeds.tick()
        feeds.changed(ToConsoles(incidents=frozenset({made.incident})))
    feeds.flush()

    for feed, session, page in pages:
        for piece in told(session):
            if not piece.binary:
                page.hear(msgspec.json.decode(piece.data, type=ServerMessage))
        assert page.sees() == fresh(feed)
