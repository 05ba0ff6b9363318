"""Who is there: bearers on duty, radios in reach, operators at consoles."""

from typing import Any

from dispatch.events import (
    AssignmentWithdrawn,
    ConsoleAttended,
    ConsoleUnattended,
    LeaseLapsed,
    RadioConnected,
    RadioLost,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import RadioId
from dispatch.incident import Incident
from dispatch.messages import LinksChanged
from dispatch.outgoing import CancelMessage, ConfigMessage, OrderMessage
from dispatch.readings import Heard
from dispatch.words import AssignmentState, EscalationReason
from tests.builders import LI, WANG, at, patrol, shell, states, volunteer


def test_signing_on_is_a_fact_once_and_answered_each_time() -> None:
    """The radio repeats it until it hears the centre's time."""
    desk = shell(volunteer("v1"))

    desk.sign_on("v1")
    desk.sign_on("v1")
    desk.sign_off("v1")
    desk.sign_off("v1")

    assert (desk.of(UnitSignedOn), desk.of(UnitSignedOff)) == (["v1"], ["v1"])
    answered = desk.sent(ConfigMessage, "v1")
    assert [m.duty for m in answered] == [True, True, False, False]
    assert {m.t for m in answered} == {desk.now}


def test_signing_off_releases_from_an_order_and_another_is_asked() -> None:
    """Off duty means silent, and the incident must not wait for one who has gone home."""
    desk = patrol(volunteers=12, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    for n in range(3, 11):
        desk.answer(desk.order_of(incident, f"v{n}"), AssignmentState.DECLINED)

    desk.sign_off("v2")

    assert desk.of(AssignmentWithdrawn) == ["v2"]
    assert states(incident)["v11"] == "offered"


def test_a_radio_that_falls_silent_is_lost_and_found_again_when_heard() -> None:
    """The broker may think that it is there for minutes longer."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v1", at(100))
    desk.sign_on("v2", at(100))
    for _ in range(10):
        desk.wait(10)
        desk.walk("v2", at(100))

    assert desk.hub.live.columns.online.tolist() == [False, True]
    lost = next(f for f in desk.facts if isinstance(f, RadioLost))
    assert lost.silent
    assert lost.t - desk.facts[0].t <= 95_000_000

    desk.walk("v1", at(100))
    desk.wait(5)

    assert desk.hub.live.columns.online.tolist() == [True, True]


def test_a_last_will_is_a_loss_and_connecting_again_sends_the_orders_again() -> None:
    """What stood unconfirmed must not wait for its slow turn."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.link("v2", False)
    desk.wait(27)
    desk.forget_sent()

    desk.link("v2", True)

    assert [m.order for m in desk.sent(OrderMessage, "v2")] == [desk.order_of(incident, "v2")]
    losses = [f.silent for f in desk.facts if isinstance(f, RadioLost)]
    assert losses == [False]
    assert len(desk.of(RadioConnected)) == 7


class Walked(dict[Any, Any]):
    """Counts how often somebody goes through all of it."""

    times = 0

    def values(self) -> Any:
        self.times += 1
        return super().values()

    def items(self) -> Any:
        self.times += 1
        return super().items()

    def __iter__(self) -> Any:
        self.times += 1
        return super().__iter__()


def test_a_radio_that_connects_costs_no_look_at_all_incidents() -> None:
    """After a restart a hundred thousand radios come back, with ten thousand incidents open."""
    desk = patrol()
    desk.open_by_press("v1", where=at(250))
    desk.link("v3", False)
    board = desk.hub._desk.board
    board.incidents = walked = Walked(board.incidents)

    desk.link("v3", True)

    assert walked.times == 0


def test_a_radio_that_connects_hears_what_was_taken_back_while_it_was_away() -> None:
    """Its bearer would walk on; once it has said that it heard, it is told no more."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.link("v2", False)
    desk.sign_off("v2")
    desk.wait(27)
    desk.forget_sent()

    desk.link("v2", True)
    told = [m.order for m in desk.sent(CancelMessage, "v2")]
    desk.hear("v2", Heard.CANCEL, order)
    desk.link("v2", False)
    desk.forget_sent()
    desk.link("v2", True)

    assert told == [order]
    assert desk.sent(CancelMessage, "v2") == []


def test_nobody_on_duty_is_watched_for_nothing() -> None:
    """A hub with nothing pending asks for no waking."""
    desk = shell(volunteer("v1"))
    assert desk.hub.next_deadline() is None

    desk.sign_on("v1")
    assert desk.hub.next_deadline() is not None

    desk.sign_off("v1")
    desk.link("v1", False)
    desk.wait(10)
    assert desk.hub.next_deadline() is None


def unattended(incident: Incident) -> int:
    """How often the empty room was told of for it."""
    reasons = [reason for _, _, reason in incident.escalations]
    return reasons.count(EscalationReason.UNATTENDED)


def test_an_empty_room_is_an_alarm_of_its_own() -> None:
    """No operator at any console while an incident is open: the supervisor hears at once."""
    desk = patrol()
    untaken = desk.open_by_press("v1", where=at(250))
    taken = desk.open_by_press("v2", where=at(250))
    desk.took(taken)

    desk.present()
    desk.wait(5)

    assert len(desk.of(ConsoleUnattended)) == 1
    assert [unattended(each) for each in (untaken, taken)] == [1, 0]

    # Who had taken it does not come back: it is nobody's, and the room is still empty.
    desk.wait(120)

    assert desk.of(LeaseLapsed) == [taken.incident]
    assert len(desk.of(ConsoleUnattended)) == 1
    assert [unattended(each) for each in (untaken, taken)] == [1, 1]

    desk.present(LI, WANG)
    desk.present(LI)

    assert len(desk.of(ConsoleAttended)) == 1
    assert desk.hub.operators == {LI}


def test_a_press_into_an_empty_room_escalates_within_seconds() -> None:
    """Nobody had to leave: there was never anybody."""
    desk = shell(volunteer("v1"), attended=False)
    desk.wait(100)
    assert desk.of(ConsoleUnattended) == []

    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(5)

    assert desk.of(ConsoleUnattended) == ["town"]
    assert EscalationReason.UNATTENDED in [reason for _, _, reason in incident.escalations]


def test_links_are_told_when_they_change() -> None:
    """The console's banner, and no message where nothing changed."""
    desk = shell()
    desk.forget_sent()

    for _ in range(2):
        desk.give(LinksChanged(store_down="disk full", broker_down=""))

    assert desk.hub.store_down == "disk full"
    assert [each.status for each in desk.told()] == [True]


def test_readings_of_strangers_are_counted() -> None:
    """Whatever they say."""
    desk = shell(volunteer("v1"))

    desk.sign_on("nobody")
    desk.link("nobody", True)
    desk.report("nobody")

    assert desk.facts == []
    assert desk.hub.counts["reading_refused_unknown_radio"] == 3
    assert desk.hub.live.row_of(desk.hub.live.unit_of_row(0)) == 0
    assert desk.hub.roster.radios.keys() == {RadioId("v1")}


def test_a_radio_that_signs_on_is_told_whether_an_exercise_is_on() -> None:
    """Its screen must look different from the first moment, and as before once it is over."""
    desk = shell(volunteer("v1"))
    drill = desk.start_drill("夜间演练")
    desk.forget_sent()

    desk.sign_on("v1")
    desk.end_drill(drill)
    desk.sign_on("v1")

    told = [m.drill for m in desk.sent(ConfigMessage, "v1")]
    assert (told[0], told[-1]) == ("夜间演练", "")
