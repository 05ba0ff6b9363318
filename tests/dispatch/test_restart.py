"""A hub killed at any moment: the next one loses no alarm, no order, no timer."""

from dispatch.clock import HOUR, SECOND
from dispatch.events import AlarmReceived, IncidentEvent
from dispatch.hub import DUE_A_TURN
from dispatch.messages import DecideAlarm
from dispatch.outgoing import CancelMessage, OrderMessage, SeenMessage
from dispatch.readings import Heard
from dispatch.resuming import A_TURN, AT_ONCE, DOORS_FIRST
from dispatch.words import AssignmentState, Kind
from tests.builders import WANG, at, called, patrol, press, states


def test_an_alarm_stored_but_not_decided_is_decided_at_the_start() -> None:
    """The power failed between the two turns."""
    desk = patrol()
    fact = desk.hub.handle(press("v1", t=desk.now, where=at(250)), desk.now).facts[0]
    assert isinstance(fact, AlarmReceived)
    desk.facts.append(fact)

    after = desk.restarted()

    assert after.hub.alarms[fact.alarm].incident is not None
    assert DecideAlarm(alarm=fact.alarm)


def test_orders_cancels_and_names_not_confirmed_are_sent_again() -> None:
    """What was confirmed is not."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.RECEIVED)
    desk.withdraw(incident, desk.order_of(incident, "v3"))

    after = desk.restarted()

    assert after.sent(OrderMessage, "v2") == []
    assert len(after.sent(OrderMessage, "v4")) == 1
    assert len(after.sent(CancelMessage, "v3")) == 1
    assert len(after.sent(SeenMessage, "v1")) == 1

    after.hear("v3", Heard.CANCEL, desk.order_of(incident, "v3"))
    after.wait(10)
    assert len(after.sent(CancelMessage, "v3")) == 1


def test_a_wave_ends_when_it_would_have_ended() -> None:
    """A restart grants no more time to answer."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(20)

    after = desk.restarted()
    restored = after.hub.incidents[incident.incident]
    assert called(restored) == called(incident)

    after.wait(10)
    assert states(restored)["v2"] == "expired"


def test_who_was_there_is_there_and_silence_counts_from_the_start() -> None:
    """Nobody is thought lost because the hub was."""
    desk = patrol()

    after = desk.restarted()
    after.wait(60)

    assert after.hub.live.columns.online.all()
    assert after.hub.live.columns.on_duty.all()


def test_a_night_of_many_incidents_is_looked_at_a_few_at_a_time() -> None:
    """Ten thousand take seconds, in which an alarm may come; nothing is forgotten by it."""
    desk = patrol()
    for _ in range(AT_ONCE + 3 * A_TURN):
        desk.open(grid="g4", kind=Kind.NUISANCE)
    everything = list(desk.hub.incidents)

    after = desk.restarted()

    waiting = list(after.hub._desk.to_resume)
    assert len(waiting) == 3 * A_TURN
    assert f"{3 * A_TURN} incidents" in after.hub.catching_up(after.now)
    late = after.press("v1", 7, where=at(250))
    assert after.hub.alarms[late].incident is not None
    after.wait(DOORS_FIRST / SECOND - 0.1)
    assert list(after.hub._desk.to_resume) == waiting, "the links to the radios come first"

    after.wait(1)

    assert not after.hub._desk.to_resume
    assert after.hub._desk.timers._owned.keys() >= {*everything}


def test_the_most_urgent_are_looked_at_first() -> None:
    """Orders of a fire are repeated before those of a blocked path."""
    desk = patrol()
    for _ in range(AT_ONCE):
        desk.open(grid="g4", kind=Kind.NUISANCE)
    fire = desk.open_by_press("v1", where=at(250))

    after = desk.restarted()

    assert fire.incident not in after.hub._desk.to_resume
    assert after.sent(OrderMessage, "v2")


def test_what_fell_due_while_the_hub_was_away_is_handled_a_little_at_a_time() -> None:
    """After a night thousands of answers have run out: a press comes between any two turns, and
    all of it is handled in the end."""
    desk = patrol()
    for _ in range(4 * DUE_A_TURN):
        desk.open(grid="g4", kind=Kind.NUISANCE)
    after = desk.restarted()
    after.now += 12 * HOUR

    turns = []
    assert "being handled" in after.hub.catching_up(after.now)
    while (due := after.hub.next_deadline()) is not None and due <= after.now:
        effects = after.hub.expire(after.now)
        after.take(effects)
        turns.append({fact.incident for fact in effects.facts if isinstance(fact, IncidentEvent)})

    assert max(map(len, turns)) <= DUE_A_TURN
    assert after.hub.catching_up(after.now) == ""
    assert set().union(*turns) == after.hub.incidents.keys()


def test_a_console_that_comes_or_goes_holds_nothing_up() -> None:
    """Whose deadlines are others with somebody there: ten thousand incidents, looked at in
    turns; the most urgent at once."""
    desk = patrol()
    for _ in range(AT_ONCE + A_TURN):
        desk.open(grid="g4", kind=Kind.NUISANCE)

    desk.present()

    assert len(desk.hub._desk.to_resume) == A_TURN
    desk.present(WANG)
    desk.wait(1)
    assert not desk.hub._desk.to_resume
