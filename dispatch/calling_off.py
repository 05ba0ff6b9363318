"""The sender's wish to call an alarm off: heard, told back, left to an operator. Pure.

Whoever holds the radio may not be the one who pressed. So nothing ends by a wish: an
operator speaks with them first. Typed with the duress PIN the wish says the opposite, and
everything that the radio hears or shows stays exactly the same: it looks granted, for under
duress nobody can refuse it.
"""

from dispatch.clock import Instant
from dispatch.deliver import called_off_t, tell_called_off
from dispatch.events import CancelAnswered, CancelRequested, IncidentReopened
from dispatch.ids import AlarmId, RadioId, unit_of
from dispatch.incident import Alarm, Incident
from dispatch.readings import CallOffReading
from dispatch.roster import Pins
from dispatch.turn import Turn


def wished(turn: Turn, reading: CallOffReading) -> None:
    """Record the wish once, and tell the radio each time how it stands."""
    found = _alarm_and_incident(turn, reading)
    if found is None:
        return
    alarm, incident = found
    if incident.open and not _is_off(alarm, called_off_t(incident)):
        _ask_operator(turn, incident, reading)
    done = not incident.open or _is_off(alarm, called_off_t(incident))
    tell_called_off(turn, alarm, done=done)


def asked_for(incident: Incident) -> list[AlarmId]:
    """Alarms whose sender waits for an answer, in the order of asking."""
    asked: dict[AlarmId, None] = {}
    for fact in incident.story:
        match fact:
            case CancelRequested():
                asked[fact.alarm] = None
            case CancelAnswered() | IncidentReopened():
                asked.clear()
    return list(asked)


def shown(turn: Turn, incident: Incident) -> None:
    """The sender's radio shows how its wish was answered."""
    if not incident.call_off_answer_shown:
        incident.call_off_answer_shown = True
        turn.resettle(incident.incident)


def _ask_operator(turn: Turn, incident: Incident, reading: CallOffReading) -> None:
    """One forced, all of them are until an operator has spoken with the sender: who stands
    beside them may ask for the PIN again."""
    wish = incident.cancel
    forced_before = wish is not None and wish.duress and wish.granted is not False
    duress = forced_before or _is_duress(turn, reading.radio, reading.pin)
    if reading.alarm in asked_for(incident) and duress is forced_before:
        return
    turn.record(
        CancelRequested(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            alarm=reading.alarm,
            unit=unit_of(reading.radio),
            duress=duress,
        )
    )


def _is_off(alarm: Alarm, off_t: Instant | None) -> bool:
    """Called off, as far as its radio knows: a press after that is a new cry for help."""
    return off_t is not None and alarm.received_t <= off_t


def _alarm_and_incident(turn: Turn, reading: CallOffReading) -> tuple[Alarm, Incident] | None:
    alarm = turn.board.alarms.get(reading.alarm)
    if alarm is None or alarm.unit != unit_of(reading.radio):
        turn.count("call_off_unknown_alarm")
        return None
    if alarm.incident is None:
        turn.count("call_off_undecided_alarm")
        return None
    incident = turn.board.incidents.get(alarm.incident)
    return None if incident is None else (alarm, incident)


def _is_duress(turn: Turn, radio: RadioId, pin: str) -> bool:
    """Any PIN but the calm one, where one was agreed: a hand that is forced mistypes, and a
    wish that is taken for forced by mistake costs a look, not a life."""
    pins = turn.desk.roster.pins.get(radio, Pins())
    if pins.duress and pin == pins.duress:
        return True
    return bool(pins.calm) and pin != pins.calm
