"""console/feed.py: every page is told the same, once, and ends up with the same picture."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.feed import TICKS_A_BEAT, Feed
from console.picture import Picture
from console.places import Places
from console.session import Session
from console.wire import Hello, ServerMessage, Snapshot
from dispatch.clock import SECOND
from dispatch.ids import AlarmId, IncidentId, OperatorName, UnitId
from dispatch.outgoing import ToConsoles
from dispatch.words import AssignmentState, Phase, Role
from tests.console.builders import (
    NOON,
    OPERATOR,
    FakeHub,
    alarm,
    assignment,
    clock,
    hub,
    incident,
    settings_of_a_hub,
)
from tests.console.samples import evening
from tests.shown import Shown


def feed_of(
    full: FakeHub, present: Callable[[frozenset[OperatorName]], None] = lambda _: None
) -> Feed:
    """A feed of this hub."""
    places = Places(full.roster.communities.values(), near_m=300.0)
    picture = Picture(hub=full, clock=clock(), places=places, counts={})
    return Feed(
        picture=picture,
        settings=settings_of_a_hub(),
        present=present,
        version="0.0.0",
        demo=False,
    )


def drain(session: Session) -> list[Any]:
    """All text messages that wait, read."""
    told = []
    while (piece := session.take()) is not None:
        if not piece.binary:
            told.append(msgspec.json.decode(piece.data, type=ServerMessage))
    return told


def fresh(feed: Feed) -> tuple[Any, ...]:
    """What a page that opens now would draw, from documents made anew."""
    page = Shown()
    page.hear(feed.picture.snapshot(feed.seq))
    return page.sees()


def test_a_stream_begins_with_hello_snapshot_and_every_position() -> None:
    """The page knows who it talks to before it believes anything."""
    full = evening()
    full.live.put("r01", 120.005, 30.005, NOON)
    session = feed_of(full).join(OPERATOR, lambda: None)

    hello, snapshot, positions, nothing = (session.take() for _ in range(4))

    assert hello is not None
    assert snapshot is not None
    assert positions is not None
    assert isinstance(msgspec.json.decode(hello.data, type=ServerMessage), Hello)
    assert isinstance(msgspec.json.decode(snapshot.data, type=ServerMessage), Snapshot)
    assert positions.binary
    assert nothing is None


def test_what_changed_is_encoded_once_for_all() -> None:
    """Ten operators cost one drawing, not ten."""
    full = evening()
    feed = feed_of(full)
    sessions = [feed.join(OPERATOR, lambda: None) for _ in range(10)]
    for session in sessions:
        drain(session)

    feed.changed(ToConsoles(incidents=frozenset({IncidentId("xizi-20251121-001")})))

    first, *others = [session.take() for session in sessions]
    assert first is not None
    assert all(other is not None and other.data is first.data for other in others)


def test_nothing_to_tell_takes_no_number() -> None:
    """A page that waits for number 2 must not wait for a change that said nothing."""
    feed = feed_of(evening())

    feed.changed(ToConsoles())

    assert feed.seq == 0


def test_an_incident_that_was_let_go_is_said_to_be_gone() -> None:
    """Else closed incidents would stay on a page that is open for a week."""
    full = evening()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    drain(session)
    del full.incidents[IncidentId("xizi-20251121-006")]

    feed.changed(ToConsoles(incidents=frozenset({IncidentId("xizi-20251121-006")})))

    [change] = drain(session)
    assert change.incidents_gone == ["xizi-20251121-006"]
    assert change.incidents == []


def test_a_unit_is_told_anew_when_its_assignment_ends() -> None:
    """The hub says that an incident changed; whose card that touches follows from it."""
    full = hub()
    asked = assignment(1, "r02", AssignmentState.ACCEPTED)
    held = incident(assignments={asked.assignment: asked})
    full.hold(held, alarm())
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    drain(session)
    asked.state = AssignmentState.CLEAR

    feed.changed(ToConsoles(incidents=frozenset({held.incident})))

    [change] = drain(session)
    assert [(unit.id, unit.incident) for unit in change.units] == [("r02", None)]


def test_a_link_that_went_is_told_though_nobody_said_so() -> None:
    """Status is compared at every beat, so that it cannot be forgotten."""
    full = hub()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    drain(session)
    full.broker_down = "connection refused"

    for _ in range(TICKS_A_BEAT):
        feed.tick()

    change, beat = drain(session)
    assert change.status.broker_down == "connection refused"
    assert (beat.seq, change.seq) == (1, 1)


def test_pages_that_come_back_together_share_one_snapshot() -> None:
    """After a restart every page returns within a second; alarms must not wait for that."""
    feed = feed_of(evening())

    first, second = feed.snapshot(), feed.snapshot()

    assert first is second
    for _ in range(TICKS_A_BEAT):
        feed.tick()
    assert feed.snapshot() is not first


def test_a_shared_snapshot_is_not_used_after_a_change() -> None:
    """Numbers would fit and the picture would not."""
    full = evening()
    feed = feed_of(full)
    before = feed.snapshot()
    full.incidents[IncidentId("xizi-20251121-001")].taken_by = OperatorName("二席")

    feed.changed(ToConsoles(incidents=frozenset({IncidentId("xizi-20251121-001")})))

    assert "二席".encode() in feed.snapshot()
    assert "二席".encode() not in before


def test_changes_within_a_window_are_one_message_with_the_newest_state() -> None:
    """Four hundred documents a second were too many for a page on a busy machine."""
    full = evening()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    drain(session)
    first = IncidentId("xizi-20251121-001")
    what = ToConsoles(incidents=frozenset({first}))

    with feed.flushing():
        feed.changed(what)
        at_once = drain(session)
        for version in range(100, 150):
            full.incidents[first].version = version
            feed.changed(what)
        meanwhile = drain(session)
        feed.flush()
        [together] = drain(session)

    assert (len(at_once), meanwhile) == (1, [])
    assert [each.version for each in together.incidents] == [149]
    assert together.seq == at_once[0].seq + 1


def test_a_press_is_told_at_once_with_what_waits() -> None:
    """From press to page nothing is held back, however much goes on."""
    full = evening()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    drain(session)
    first = IncidentId("xizi-20251121-001")

    with feed.flushing():
        for _ in range(2):
            feed.changed(ToConsoles(incidents=frozenset({first})))
        drain(session)
        full.hold(incident(9))
        feed.changed(ToConsoles(incidents=frozenset({incident(9).incident})))

        [change] = drain(session)
    assert [each.id for each in change.incidents] == [first, incident(9).incident]


def test_a_press_that_deciding_failed_for_is_told_at_once() -> None:
    """Somebody must call by hand, and only the page tells them so."""
    full = evening()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    drain(session)
    stuck = AlarmId("p01/00000000000000f6/9")

    with feed.flushing():
        for _ in range(2):
            feed.changed(ToConsoles(incidents=frozenset(full.incidents)))
        drain(session)
        full.alarms[stuck] = alarm(stuck, incident=None, undecided="ValueError")
        feed.changed(ToConsoles(undecided=frozenset({stuck})))

        [change] = drain(session)
    assert stuck in [each.id for each in change.undecided]


@pytest.mark.parametrize("ends", ["tick", "snapshot", "flushing"])
def test_nothing_waits_for_ever(ends: str) -> None:
    """A tick, somebody's snapshot, and the end of whoever flushed: each tells what waits."""
    full = evening()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    drain(session)
    what = ToConsoles(incidents=frozenset({IncidentId("xizi-20251121-001")}))

    with feed.flushing():
        feed.changed(what)
        drain(session)
        feed.changed(what)
        assert drain(session) == []
        if ends == "tick":
            feed.tick()
        elif ends == "snapshot":
            assert msgspec.json.decode(feed.snapshot())["seq"] == 2

    [change] = drain(session)
    assert change.seq == 2
    feed.changed(what)
    assert len(drain(session)) == 1, "nobody flushes any more, so nothing waits"


def test_a_flush_with_nothing_to_tell_is_silent() -> None:
    """Ten a second come all night."""
    feed = feed_of(evening())
    session = feed.join(OPERATOR, lambda: None)
    drain(session)

    with feed.flushing():
        feed.flush()

    assert (drain(session), feed.seq) == ([], 0)


def test_present_are_the_operators_with_an_open_stream() -> None:
    """A watcher without a name is nobody who could take an alarm."""
    told: list[frozenset[OperatorName]] = []
    feed = feed_of(hub(), told.append)

    first = feed.join(OPERATOR, lambda: None)
    second = feed.join(OPERATOR, lambda: None)
    watcher = feed.join(OperatorName(""), lambda: None)
    feed.leave(first)
    feed.leave(watcher)
    feed.leave(second)

    assert told == [frozenset({OPERATOR}), frozenset()]


STEPS = st.one_of(
    st.tuples(st.just("open"), st.integers(1, 6), st.sampled_from(["r01", "r02"])),
    st.tuples(st.just("assign"), st.integers(1, 6), st.sampled_from(["r01", "r02", "g01"])),
    st.tuples(st.just("answer"), st.integers(1, 6), st.sampled_from(list(AssignmentState))),
    st.tuples(st.just("phase"), st.integers(1, 6), st.sampled_from(list(Phase))),
    st.tuples(st.just("forget"), st.integers(1, 6), st.none()),
    st.tuples(st.just("stuck"), st.integers(1, 3), st.booleans()),
    st.tuples(st.just("duty"), st.sampled_from(["r01", "r02", "g01"]), st.booleans()),
    st.tuples(st.just("store"), st.sampled_from(["", "disk full"]), st.none()),
    st.tuples(st.just("sit"), st.sampled_from(["", "一席", "二席"]), st.none()),
    st.tuples(st.just("beat"), st.none(), st.none()),
    st.tuples(st.just("flush"), st.none(), st.none()),
    st.tuples(st.just("resync"), st.none(), st.none()),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=30), st.booleans())
def test_snapshot_and_changes_are_a_fresh_snapshot(
    steps: list[tuple[str, Any, Any]], gathered: bool
) -> None:
    """The law of the stream: who stayed and who just came see the same, at every flush."""
    full = hub()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)
    page = Shown()

    with feed.flushing() if gathered else nullcontext():
        for number, (verb, subject, detail) in enumerate(steps):
            act(full, feed, session, number, verb, subject, detail)
            for message in drain(session):
                page.hear(message)
            if verb == "flush" and page.seq >= 0:
                # operators are announced by nobody; a beat compares them
                assert page.sees()[:3] == fresh(feed)[:3]
    feed.snapshot()  # settles what nobody announced
    for message in drain(session):
        page.hear(message)

    assert page.sees() == fresh(feed)


def act(
    full: FakeHub, feed: Feed, session: Session, number: int, verb: str, subject: Any, detail: Any
) -> None:
    """One thing that may happen to a hub, with what the hub would say about it."""
    at = NOON + number * SECOND
    name = IncidentId(f"xizi-20251121-{subject:03d}" if isinstance(subject, int) else "")
    held = full.incidents.get(name)
    what = ToConsoles(incidents=frozenset({name} if name else ()))
    match verb:
        case "open":
            full.incidents[name] = incident(subject, at=at, sender=UnitId(detail))
        case "assign" if held:
            made = assignment(len(held.assignments) + 1, detail, of=held.incident, at=at)
            made.role = Role.GUARD
            held.assignments[made.assignment] = made
        case "answer" if held and held.assignments:
            list(held.assignments.values())[-1].state = detail
        case "phase" if held:
            held.phase = detail
        case "forget":
            full.incidents.pop(name, None)
        case "stuck":
            stuck = AlarmId(f"p01/00000000000000f6/{subject}")
            full.alarms[stuck] = alarm(stuck, at=at, incident=None, undecided="x" * detail)
            what = ToConsoles(undecided=frozenset({stuck}))
        case "duty":
            full.live.columns.on_duty[full.live.columns.row_of(subject)] = detail
            what = ToConsoles(units=frozenset({UnitId(subject)}))
        case "store":
            full.store_down = subject
            what = ToConsoles(status=True)
        case "sit":
            full.operators = frozenset({OperatorName(subject)})
            return  # nobody says so
        case "beat":
            for _ in range(TICKS_A_BEAT):
                feed.tick()
        case "flush":
            feed.changed(what)
            feed.flush()
            return
        case "resync":
            session.hear('{"type":"resync"}', float(number * 60))
    feed.changed(what)


@pytest.mark.parametrize("verb", ["open", "assign"])
def test_a_stranger_in_the_story_does_not_stop_the_feed(verb: str) -> None:
    """A unit that is on no roster any more has no card, and that is all."""
    full = hub()
    feed = feed_of(full)
    session = feed.join(OPERATOR, lambda: None)

    act(full, feed, session, 0, "open", 1, "gone")
    act(full, feed, session, 1, verb, 1, "gone")

    page = Shown()
    for message in drain(session):
        page.hear(message)
    assert page.sees() == fresh(feed)


def test_the_first_page_after_a_start_sees_what_windows_had_not_come_to() -> None:
    """Ten thousand incidents are looked at some at a time, but no page is shown a part of them."""
    full = evening()
    feed = feed_of(full)
    asked = assignment(
        1, "r02", AssignmentState.ACCEPTED, of=incident(9).incident, at=NOON + 3_600 * SECOND
    )
    with feed.flushing():  # the state is back, and nothing of it was announced
        full.hold(incident(9, assignments={asked.assignment: asked}))
    with feed.flushing():
        session = feed.join(OPERATOR, lambda: None)

        assert feed.stock(1) is False
        drain(session)
        told = msgspec.json.decode(b"".join(feed.snapshot_at_once()), type=Snapshot)

    assert {each.id: each.incident for each in told.units}[UnitId("r02")] == incident(9).incident
