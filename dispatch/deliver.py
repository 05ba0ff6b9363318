"""Messages to radios that are sent until confirmed: orders, cancels, who has the alarm, and
that it was called off, or was not.

What is to be sent follows from the state alone, so that a restart sends again what
was not confirmed, and nothing goes on once its reason is gone.
"""

from dataclasses import dataclass
from typing import Final

from dispatch.clock import HOUR, Instant
from dispatch.desk import Desk, Sent, us
from dispatch.events import CancelAnswered, CancelRequested, IncidentReopened
from dispatch.ids import AlarmId, AssignmentId, radio_of
from dispatch.incident import Alarm, Assignment, Incident
from dispatch.lifecycle import STANDING
from dispatch.outgoing import CalledOffMessage, CancelMessage, RadioTopic, SeenMessage
from dispatch.place import order_message
from dispatch.timers import Due, Key
from dispatch.turn import Turn
from dispatch.words import AssignmentState

QUICK_TRIES: Final = 10
"""After so many an order or cancel goes out slowly: the radio is out of reach, not slow."""

CANCEL_TRIES_MAX: Final = 100
"""Some fifteen minutes. Beyond, the radio hears it when it answers or connects again."""

CANCEL_AGE_MAX: Final = HOUR
"""After a restart, only withdrawals so recent are sent again."""

SEEN_TRIES_MAX: Final = 60
"""Five minutes: a radio that shows nobody by then is spoken to."""

SEEN_PRESSES_MAX: Final = 5
"""The newest presses of an incident that are told who has it; a bearer in panic presses often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffAnswer:
    """What the sender's radio is told about its wish until it has shown it."""

    t: Instant
    alarm: AlarmId
    granted: bool
    """In truth, or for the radio's eyes."""


def deliver(turn: Turn, incident: Incident) -> dict[Key, Instant]:
    """Send what is due for this incident; gives back when to send each message again."""
    desk, sent = turn.desk, turn.desk.sent.setdefault(incident.incident, {})
    wanted = _unconfirmed(desk, incident, turn.now)
    for key in sent.keys() - set(wanted):
        del sent[key]
    for key in wanted:
        last = sent.get(key, Sent(0, turn.now))
        if last.next_t <= turn.now and last.tries < _tries_max(key):
            _send(turn, incident, key)
            sent[key] = Sent(last.tries + 1, turn.now + _pause_us(desk, key, last.tries + 1))
    if not sent:
        del desk.sent[incident.incident]
    return {key: each.next_t for key, each in sent.items() if each.tries < _tries_max(key)}


def send_again(turn: Turn, incident: Incident, assignment: Assignment) -> None:
    """The radio is there again: what stands unconfirmed goes out at once, and quickly."""
    for due in (Due.ORDER, Due.CANCEL):
        turn.desk.sent.get(incident.incident, {}).pop(Key(due, assignment.assignment), None)
    turn.resettle(incident.incident)


def echo(turn: Turn, incident: Incident, assignment: Assignment) -> None:
    """Tell the unit's radio how its order stands: it shows nothing else."""
    radio = radio_of(assignment.unit)
    if assignment.state is AssignmentState.WITHDRAWN:
        turn.send(radio, RadioTopic.CANCEL, _cancel(assignment, turn.now))
    else:
        message = order_message(turn.desk, incident, assignment, turn.now)
        turn.send(radio, RadioTopic.ORDER, message)


def move_orders(turn: Turn, incident: Incident) -> None:
    """Units that are asked or on their way are told the new place."""
    for each in incident.round_assignments():
        if each.live:
            message = order_message(turn.desk, incident, each, turn.now)
            turn.send(radio_of(each.unit), RadioTopic.ORDER, message)


def newest_presses(desk: Desk, incident: Incident) -> list[Alarm]:
    """The alarms whose radio is told who has the incident: not one that it believes to be
    called off, which under duress goes on."""
    newest = (desk.board.alarms.get(alarm) for alarm in incident.alarms[-SEEN_PRESSES_MAX:])
    off_t = called_off_t(incident)
    return [each for each in newest if each and (off_t is None or each.received_t > off_t)]


def called_off_t(incident: Incident) -> Instant | None:
    """When an operator last granted that it is called off, in truth or for the radio's eyes;
    None where nobody has, since its last reopening."""
    granted = _granted(incident)
    return None if granted is None else granted.t


def call_off_answer(incident: Incident) -> CallOffAnswer | None:
    """What an operator answered to the wish to call it off, as its radio may know; None where
    nobody has, or where the sender has asked again since it was refused.

    A refusal is told of a plain wish only, and while there is help that keeps coming: under
    duress a radio shows what it shows when a wish is granted, or that it was heard.
    """
    granted, wish = _granted(incident), incident.cancel
    if granted is not None or wish is None or wish.answered_t is None:
        return granted
    if wish.duress or not incident.open or wish.alarm not in incident.alarms:
        return None
    return CallOffAnswer(t=wish.answered_t, alarm=wish.alarm, granted=False)


def _unconfirmed(desk: Desk, incident: Incident, now: Instant) -> list[Key]:
    keys = []
    for assignment in incident.assignments.values():
        if incident.open and _awaits_receipt(assignment):
            keys.append(Key(Due.ORDER, assignment.assignment))
        if not assignment.cancel_heard and now - assignment.state_t <= CANCEL_AGE_MAX:
            keys.append(Key(Due.CANCEL, assignment.assignment))
    answer = None if incident.call_off_answer_shown else call_off_answer(incident)
    if answer is not None and now - answer.t <= CANCEL_AGE_MAX:
        keys.append(Key(Due.CALLED_OFF, incident.incident))
    if incident.open and incident.taken_by is not None:
        presses = newest_presses(desk, incident)
        keys += [Key(Due.SEEN, each.alarm) for each in presses if not each.seen_confirmed]
    return keys


def _granted(incident: Incident) -> CallOffAnswer | None:
    """The last time, and which alarm's sender had asked."""
    if incident.cancel is None:
        return None
    granted, asked = None, incident.cancel.alarm
    for fact in incident.story:
        match fact:
            case CancelRequested():
                asked = fact.alarm
            case CancelAnswered(granted=True):
                granted = CallOffAnswer(t=fact.t, alarm=asked, granted=True)
            case IncidentReopened():
                granted = None
    return granted


def _awaits_receipt(assignment: Assignment) -> bool:
    """Nothing was heard from the radio yet about an order that stands. One that began as
    accepted (it offered itself, or goes on from a merged incident) must be received as well;
    that it has since come further shows that its radio has it."""
    if assignment.volunteered or assignment.carried_from is not None:
        unheard = AssignmentState.RECEIVED not in assignment.times
        as_begun = assignment.state_t == assignment.offered_t
        return assignment.state in STANDING and unheard and as_begun
    return assignment.state in STANDING and not (
        assignment.times.keys() - {AssignmentState.OFFERED, AssignmentState.EXPIRED}
    )


def _send(turn: Turn, incident: Incident, key: Key) -> None:
    match key.due:
        case Due.ORDER | Due.CANCEL:
            echo(turn, incident, incident.assignments[AssignmentId(key.subject)])
        case Due.SEEN:
            alarm = turn.board.alarms[AlarmId(key.subject)]
            assert incident.taken_by is not None
            seen = SeenMessage(press=alarm.press, by=incident.taken_by, t=turn.now)
            turn.send(radio_of(alarm.unit), RadioTopic.SEEN, seen)
        case Due.CALLED_OFF:
            answer = call_off_answer(incident)
            asked = None if answer is None else turn.board.alarms.get(answer.alarm)
            if answer is not None and asked is not None:
                tell_called_off(turn, asked, done=answer.granted, refused=not answer.granted)


def tell_called_off(turn: Turn, alarm: Alarm, *, done: bool, refused: bool = False) -> None:
    """Tell the sender's radio how its wish stands. Under duress nothing differs."""
    message = CalledOffMessage(press=alarm.press, done=done, t=turn.now, refused=refused)
    turn.send(radio_of(alarm.unit), RadioTopic.CALLED_OFF, message)


def _cancel(assignment: Assignment, now: Instant) -> CancelMessage:
    assert assignment.withdrawn_for is not None
    return CancelMessage(order=assignment.assignment, reason=assignment.withdrawn_for.value, t=now)


def _tries_max(key: Key) -> float:
    """An order is sent as long as it stands."""
    most = {
        Due.CANCEL: CANCEL_TRIES_MAX,
        Due.CALLED_OFF: CANCEL_TRIES_MAX,
        Due.SEEN: SEEN_TRIES_MAX,
    }
    return most.get(key.due, float("inf"))


def _pause_us(desk: Desk, key: Key, tries: int) -> int:
    waits = desk.settings.waits
    if key.due is Due.SEEN:
        return us(waits.seen_repeat_s)
    return us(waits.order_repeat_s if tries < QUICK_TRIES else waits.order_repeat_slow_s)
