"""An operator answers the sender's wish to call an alarm off."""

from dataclasses import replace

import pytest

from dispatch.commands import AnswerCancel
from dispatch.errors import UnfitCommandError, WrongPhaseError
from dispatch.events import CancelRequested
from dispatch.ids import UnitId
from dispatch.outgoing import CalledOffMessage, SeenMessage, ToRadio
from dispatch.readings import Heard
from dispatch.words import AssignmentState, FalseReason, Phase
from tests.builders import CALM, FORCED, LI, Shell, at, patrol, states


def said(desk: Shell) -> list[str]:
    """How its wish stands, as v1's radio was told."""
    told = desk.sent(CalledOffMessage, "v1")
    assert not any(m.done and m.refused for m in told)
    return ["done" if m.done else "refused" if m.refused else "has it" for m in told]


def test_granted_a_plain_wish_ends_the_incident() -> None:
    """After a word with the sender: cancelled, or a false alarm where they say why."""
    desk = patrol()
    cancelled = desk.open_by_press("v1", where=at(250))
    false = desk.open_by_press("v4", where=at(1_900))
    for each in (cancelled, false):
        desk.call_off(each.alarms[0])

    desk.do(AnswerCancel, cancelled)
    desk.do(AnswerCancel, false, false_reason=FalseReason.BY_ACCIDENT)

    assert (cancelled.phase, false.phase) == (Phase.CANCELLED, Phase.FALSE)
    assert set(states(cancelled).values()) == {"withdrawn"}
    assert desk.hub.records.false_alarms(UnitId("v4"), desk.now) == 1
    assert [m.done for m in desk.sent(CalledOffMessage, "v1")] == [False, True]


def test_granted_a_forced_wish_ends_nothing_and_looks_the_same() -> None:
    """The one who holds the knife reads *called off*; people keep coming."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0], FORCED)

    desk.do(AnswerCancel, incident)

    assert incident.open
    assert incident.covert
    assert states(incident)["v2"] == "offered"
    assert [m.done for m in desk.sent(CalledOffMessage, "v1")] == [False, True]
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ON_SCENE)
    desk.close(incident)
    assert incident.phase is Phase.CLOSED


def test_refused_it_goes_on_and_may_be_asked_again() -> None:
    """The operator heard shouting in the background."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    alarm = incident.alarms[0]
    desk.call_off(alarm)

    desk.do(AnswerCancel, incident, granted=False, words="听见争吵")
    desk.call_off(alarm)
    assert incident.cancel is not None
    assert incident.cancel.granted is None
    desk.do(AnswerCancel, incident)

    assert not incident.open
    assert said(desk) == ["has it", "refused", "has it", "done"]


def test_refused_the_radio_is_told_until_it_shows_it_and_over_a_restart() -> None:
    """Else its bearer waits for an end that does not come, or believes that nobody is coming."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0])
    desk.do(AnswerCancel, incident, granted=False)
    desk.wait(5)
    assert said(desk) == ["has it"] + ["refused"] * 3

    after = desk.restarted()
    after.wait(1)
    assert said(after)[-1] == "refused"
    after.hear("v1", Heard.CALLED_OFF, incident.alarms[0])
    after.forget_sent()
    after.wait(5)
    assert set(said(after)) == {"refused"}, "what it shows is something else"
    after.hear("v1", Heard.REFUSED, incident.alarms[0])
    after.forget_sent()
    after.wait(3_600)

    assert said(after) == []


def test_nothing_is_told_of_a_refusal_that_is_no_longer_true() -> None:
    """Asked again, its radio waits for the new answer; closed, no help is coming any more."""
    asked, closed = patrol(), patrol()
    incidents = [each.open_by_press("v1", where=at(250)) for each in (asked, closed)]
    for desk, incident in zip((asked, closed), incidents, strict=True):
        desk.call_off(incident.alarms[0])
        desk.do(AnswerCancel, incident, granted=False)
        desk.forget_sent()

    asked.call_off(incidents[0].alarms[0])
    closed.close(incidents[1])
    for desk in (asked, closed):
        desk.wait(60)

    assert said(asked) == ["has it"]
    assert said(closed) == []


def test_a_late_word_of_a_refusal_does_not_hide_that_it_is_called_off() -> None:
    """The radio showed the refusal twice; it has not shown yet what came after it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    alarm = incident.alarms[0]
    desk.call_off(alarm)
    desk.do(AnswerCancel, incident, granted=False)
    desk.hear("v1", Heard.REFUSED, alarm)
    desk.call_off(alarm)
    desk.do(AnswerCancel, incident)
    desk.forget_sent()

    desk.hear("v1", Heard.REFUSED, alarm)
    desk.wait(5)

    assert set(said(desk)) == {"done"}


@pytest.mark.parametrize("forced", [FORCED, "", "1112"])
def test_under_duress_nobody_can_refuse(forced: str) -> None:
    """*Help keeps coming* on the screen would be read by the one who holds the knife."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0], forced)

    with pytest.raises(UnfitCommandError, match="granted must be true under duress"):
        desk.do(AnswerCancel, incident, granted=False)
    desk.wait(60)

    assert said(desk) == ["has it"]
    assert incident.cancel is not None
    assert incident.cancel.granted is None
    desk.do(AnswerCancel, incident)
    assert said(desk) == ["has it", "done"]


def test_of_a_forced_wish_that_was_refused_in_an_older_journal_nothing_is_told() -> None:
    """Releases before this one let an operator refuse it, and told the radio nothing."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0])
    desk.do(AnswerCancel, incident, granted=False)
    desk.facts[:] = [
        replace(fact, duress=True) if isinstance(fact, CancelRequested) else fact
        for fact in desk.facts
    ]

    after = desk.restarted()
    after.wait(3_600)

    assert after.hub.incidents[incident.incident].open
    assert said(after) == []


def test_what_nobody_asked_is_not_answered_nor_twice() -> None:
    """The refusal says that nobody asked."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(WrongPhaseError):
        desk.do(AnswerCancel, incident)
    desk.call_off(incident.alarms[0], FORCED)
    with pytest.raises(UnfitCommandError):
        desk.do(AnswerCancel, incident, granted=False, false_reason=FalseReason.TEST)
    desk.do(AnswerCancel, incident)
    with pytest.raises(WrongPhaseError):
        desk.do(AnswerCancel, incident)


def test_called_off_is_told_until_shown_and_over_a_restart() -> None:
    """A bearer who sees no answer would press again."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0])
    desk.do(AnswerCancel, incident)
    desk.wait(5)
    assert len(desk.sent(CalledOffMessage, "v1")) == 4

    after = desk.restarted()
    after.wait(1)
    assert after.sent(CalledOffMessage, "v1")
    after.hear("v1", Heard.CALLED_OFF, incident.alarms[0])
    after.forget_sent()
    after.wait(3_600)

    assert after.sent(CalledOffMessage, "v1") == []


def test_every_press_that_was_to_be_called_off_is_told() -> None:
    """Pressed twice in the pocket: both lines on the screen go away."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    first, second = incident.alarms[0], desk.press("v1", 2)
    desk.call_off(first)
    desk.call_off(second)
    desk.forget_sent()

    desk.do(AnswerCancel, incident)

    told = {m.press for m in desk.sent(CalledOffMessage, "v1") if m.done}
    assert told == {desk.hub.alarms[first].press, desk.hub.alarms[second].press}


def test_every_press_that_was_not_called_off_is_told() -> None:
    """The last one until it is shown, the others once."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    first, second = incident.alarms[0], desk.press("v1", 2)
    desk.call_off(first)
    desk.call_off(second)
    desk.forget_sent()

    desk.do(AnswerCancel, incident, granted=False)

    told = {m.press for m in desk.sent(CalledOffMessage, "v1") if m.refused and not m.done}
    assert told == {desk.hub.alarms[first].press, desk.hub.alarms[second].press}


@pytest.mark.parametrize("pin", [CALM, FORCED])
def test_closed_without_an_answer_the_sender_reads_that_it_is_over(pin: str) -> None:
    """The operator spoke with them and closed it by the other button; with any PIN alike."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0], pin)

    desk.close(incident)

    assert [m.done for m in desk.sent(CalledOffMessage, "v1")] == [False, True]
    assert incident.cancel is not None
    assert incident.cancel.granted is None


def trace(desk: Shell, radio: str) -> list[ToRadio]:
    """All that one radio was told."""
    return [each for each in desk.outgoing if isinstance(each, ToRadio) and each.radio == radio]


def played(pin: str) -> Shell:
    """An evening: taken, called off, granted; asked again, shown, taken over, an hour gone by."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    alarm = incident.alarms[0]
    desk.call_off(alarm, pin)
    desk.wait(7)
    desk.took(incident)
    desk.wait(6)
    desk.press("v1", 2)
    desk.call_off(alarm, pin)
    desk.wait(3)
    desk.do(AnswerCancel, incident)
    desk.wait(9)
    desk.call_off(alarm, pin)
    desk.press("v1", 2)
    if incident.open:
        desk.took(incident, LI, words="接管")
    desk.wait(30)
    desk.hear("v1", Heard.CALLED_OFF, alarm)
    desk.call_off(alarm, pin)
    desk.link("v1", False)
    desk.link("v1", True)
    desk.wait(3_600)
    return desk


@pytest.mark.parametrize("forced", [FORCED, "", "1112"])
def test_the_radio_hears_the_very_same_under_duress(forced: str) -> None:
    """Whoever stands beside the sender sees no difference, however long they look: also no
    ``seen by`` for an alarm that is supposed to be over."""
    calm, under_duress = played(CALM), played(forced)

    assert trace(under_duress, "v1") == trace(calm, "v1")
    assert any(isinstance(each.message, SeenMessage) for each in trace(calm, "v1"))
    assert not next(iter(calm.hub.incidents.values())).open
    assert next(iter(under_duress.hub.incidents.values())).open


def test_a_new_press_after_a_forced_wish_is_a_new_cry() -> None:
    """It rings, it is seen, and it may be called off by itself."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    desk.call_off(incident.alarms[0], FORCED)
    desk.do(AnswerCancel, incident)
    desk.wait(5)
    desk.forget_sent()

    again = desk.press("v1", 2)
    desk.call_off(again, CALM)

    told = desk.hub.alarms[again].press
    assert [m.press for m in desk.sent(SeenMessage, "v1")] == [told]
    off = [(m.press, m.done) for m in desk.sent(CalledOffMessage, "v1")]
    assert (told, False) in off
    assert (told, True) not in off
    assert incident.cancel is not None
    assert incident.cancel.duress
