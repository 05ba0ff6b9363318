"""The doctor's press: as far as a real one goes, and no alarm to anybody."""

from dispatch.events import AlarmReceived, ConsoleUnattended, IncidentOpened, TrialPressed
from dispatch.ids import DOCTOR, RadioId
from dispatch.outgoing import OrderMessage, StoredMessage, ToRadio
from dispatch.readings import TrialReading
from tests.builders import Shell, at, patrol, press, shell, volunteer
from tests.dispatch.test_alarms import BrokenOnce


def pressed(desk: Shell, counter: int = 1) -> str:
    """A trial press; gives back its identity."""
    reading = TrialReading(press=press("nobody", counter, t=desk.now))
    desk.give(reading)
    return reading.press.press.wire


def stored(desk: Shell) -> list[str]:
    """What the doctor was told."""
    return [
        each.message.subject
        for each in desk.outgoing
        if isinstance(each, ToRadio)
        and each.radio == RadioId(DOCTOR)
        and isinstance(each.message, StoredMessage)
        and each.needs_commit
    ]


def test_it_is_put_down_answered_and_decided_and_nobody_is_called() -> None:
    """An administrator tries at noon, with thirty people on duty."""
    desk = patrol()
    before = len(desk.outgoing)

    name = pressed(desk)

    assert desk.of(TrialPressed) == [""]
    assert stored(desk) == [name]
    assert desk.hub.trial is not None
    assert (desk.hub.trial.press, desk.hub.trial.decided) == (name, True)
    assert desk.hub.trial.would_call > 0
    assert desk.of(AlarmReceived) == desk.of(IncidentOpened) == []
    assert desk.sent(OrderMessage) == []
    assert not desk.hub.incidents
    assert not desk.hub.alarms
    told = [each for each in desk.told()[before:] if each.incidents or each.units or each.undecided]
    assert told == []


def test_the_next_real_alarm_is_the_first_of_its_day() -> None:
    """What was worked out beside the board leaves nothing on it."""
    desk = patrol()
    pressed(desk)

    alarm = desk.press("v1", where=at(250))

    assert desk.incident_of(alarm).incident.endswith("-001")


def test_a_rule_that_fails_is_told_to_the_doctor_and_to_nobody_else() -> None:
    """This is what one presses it for."""
    desk = shell(volunteer("v1"), chooser=BrokenOnce(1))

    pressed(desk)

    assert desk.hub.trial is not None
    assert desk.hub.trial.fault == "ZeroDivisionError: a rule failed"
    assert desk.hub.last_fault == ""
    pressed(desk, 2)
    assert (desk.hub.trial.fault, desk.hub.trial.decided) == ("", True)


def test_in_an_empty_room_it_escalates_to_nobody() -> None:
    """At night an alarm would wake the supervisor."""
    desk = shell(volunteer("v1"), attended=False)
    unattended = len(desk.of(ConsoleUnattended))

    pressed(desk)
    desk.wait(600)

    assert len(desk.of(ConsoleUnattended)) <= max(1, unattended)
    assert desk.of(IncidentOpened) == []


def test_nobody_enrolled_is_no_fault() -> None:
    """Before the first radio has come the doctor is asked, too."""
    desk = shell(volunteer("v1"))

    pressed(desk)

    assert desk.hub.trial is not None
    assert (desk.hub.trial.decided, desk.hub.trial.would_call, desk.hub.trial.fault) == (
        True,
        0,
        "",
    )
