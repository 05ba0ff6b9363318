"""Presses: the same one again, another content, a late one, a fault while deciding."""

import pytest

from dispatch.alarms import CONFLICTS_TOLD_MAX
from dispatch.clock import DAY, HOUR, MINUTE, SECOND
from dispatch.decide import Choice, Prospects, choose
from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    IncidentOpened,
    UnitAssigned,
)
from dispatch.ids import CommunityId
from dispatch.outgoing import OrderMessage, StoredMessage
from dispatch.rules.call import Call
from dispatch.words import PlaceSource
from tests.builders import NOON, TOWN, at, called, duty, fixes, patrol, shell, states, volunteer


class BrokenOnce:
    """Fails the first times it is asked, then decides like the real one."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, call: Call, near: Prospects) -> Choice:
        if self.left:
            self.left -= 1
            raise ZeroDivisionError("a rule failed")
        return choose(call, near)


def test_a_thousand_repetitions_are_one_alarm_and_few_facts() -> None:
    """A radio repeats until it hears ``stored``: the journal must not grow with its patience."""
    desk = patrol()

    for _ in range(1_000):
        desk.press("v1", where=at(250))
        desk.wait(0.02)

    assert len(desk.of(AlarmReceived)) == 1
    assert len(desk.of(IncidentOpened)) == 1
    assert len(desk.of(AlarmRepeated)) <= 3
    assert len(desk.sent(StoredMessage, "v1")) == 1_000
    desk.wait(10)
    assert next(iter(desk.hub.alarms.values())).repeats == 999


def test_the_same_identity_with_other_content_rings_besides_the_first() -> None:
    """Nothing is overwritten, a radio that draws the same bits at each start is not silent, and a
    flood is cut."""
    desk = patrol()
    alarm = desk.press("v1", where=at(250))

    for number in range(50):
        desk.press("v1", where=at(750), digest=f"other{number}")

    assert len(desk.of(AlarmReceived)) == 1 + CONFLICTS_TOLD_MAX
    assert {each.incident for each in desk.hub.alarms.values()} == {
        desk.incident_of(alarm).incident
    }
    assert desk.hub.alarms[alarm].conflicts == CONFLICTS_TOLD_MAX
    assert len(desk.of(AlarmConflicted)) == CONFLICTS_TOLD_MAX
    assert desk.hub.counts["press_conflicted"] == 50
    assert desk.hub.alarms[alarm].lon == at(250)[0]


def test_a_radio_that_draws_the_same_bits_again_is_heard_after_its_first_alarm_is_closed() -> None:
    """It restarts, and its first press has the name of yesterday's: somebody stands there."""
    desk = patrol()
    desk.close(desk.open_by_press("v1", where=at(250)))

    desk.press("v1", where=at(750), digest="today's")
    desk.press("v1", where=at(750), digest="today's")

    assert len(desk.of(IncidentOpened)) == 2
    told = [message.subject for message in desk.sent(StoredMessage, "v1")]
    assert told[-1] == told[0], "under the name by which the radio knows it"


def test_presses_of_strangers_are_counted_and_change_nothing() -> None:
    """Unknown, revoked, or from another community's topic: refused with the reason."""
    desk = shell(volunteer("v1"), volunteer("gone", revoked=True))

    desk.press("nobody")
    desk.press("gone")
    desk.press("v1", community=CommunityId("elsewhere"))

    assert desk.of(AlarmReceived) == []
    assert desk.hub.counts == {
        "press_refused_unknown_radio": 1,
        "press_refused_revoked_radio": 1,
        "press_refused_wrong_community": 1,
    }


def test_a_second_press_joins_the_open_incident_and_moves_it() -> None:
    """Panic presses are one incident; the newest fix is where help must go."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.forget_sent()
    desk.wait(5)

    desk.press("v1", 2, where=at(750))

    assert len(incident.alarms) == 2
    assert (incident.grid, incident.last_press_t) == ("g2", desk.now)
    assert desk.of(AlarmJoined) == [incident.incident]
    moved = [m for m in desk.sent(OrderMessage, "v2") if m.grid == "第2网格"]
    assert moved


def test_a_press_without_a_fix_uses_the_last_one_else_the_post() -> None:
    """People are called all the same, to the best place that is known."""
    desk = shell(volunteer("v1"), volunteer("v2", post="g3"), volunteer("v3"))
    desk.sign_on("v1", at(600))
    desk.wait(30)

    by_fix = desk.open_by_press("v1")
    by_post = desk.open_by_press("v2")
    nowhere = desk.open_by_press("v3")

    assert (by_fix.place_source, by_fix.grid) == (PlaceSource.LAST_FIX, "g2")
    assert by_fix.fix_t == desk.now - 30 * SECOND
    assert (by_post.place_source, by_post.grid, by_post.lon) == (PlaceSource.POST, "g3", None)
    assert (nowhere.place_source, nowhere.grid) == (PlaceSource.NONE, None)


def test_people_are_called_even_where_nobody_knows_the_place() -> None:
    """With no place there is no near: by id, so that a replay asks the same ones."""
    desk = shell(volunteer("a"), volunteer("b"), volunteer("c"))
    desk.sign_on("c", at(100))
    desk.sign_on("b", at(900))

    incident = desk.open_by_press("a")

    assert called(incident) == ["b", "c"]
    assert [c.ring for c in incident.decisions[0].candidates[:2]] == [-1, -1]


def test_a_press_out_of_a_backlog_is_shown_and_calls_nobody() -> None:
    """An hour-old press may be long over: an operator judges, no crowd is sent."""
    desk = patrol()

    incident = desk.open_by_press("v1", where=at(250), device_t=desk.now - HOUR)
    desk.wait(80)

    assert desk.hub.alarms[incident.alarms[0]].late
    assert incident.last_press_t is None
    assert (called(incident), incident.escalations) == ([], [])

    desk.press("v1", 2, where=at(250))

    assert called(incident) == ["v2", "v3", "v4", "g1", "p1"]
    assert incident.round.t == desk.now


def test_a_live_press_by_a_clock_a_day_behind_is_live() -> None:
    """The radio's other messages were as far behind: its clock is wrong, not its press old."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2", at(100))
    desk.give(duty("v1", True, desk.now, device_t=desk.now - DAY))
    desk.wait(1)

    incident = desk.open_by_press("v1", where=at(250), device_t=desk.now - DAY)

    assert not desk.hub.alarms[incident.alarms[0]].late
    assert called(incident) == ["v2"]


def test_a_clock_ahead_makes_nothing_late() -> None:
    """Even after it was set right: the old difference must not age a live press."""
    desk = patrol()
    desk.give(duty("v1", True, desk.now, device_t=desk.now + DAY))

    ahead = desk.open_by_press("v1", where=at(250), device_t=desk.now + DAY)
    desk.close(ahead)
    set_right = desk.open_by_press("v1", counter=2, where=at(250))

    assert not any(desk.hub.alarms[i.alarms[0]].late for i in (ahead, set_right))


@pytest.mark.parametrize("device_t", [0, NOON - 5 * MINUTE, NOON - DAY])
def test_the_press_of_a_radio_never_heard_is_live_whatever_its_clock_says(device_t: int) -> None:
    """Of its clock nothing is known; a radio five minutes slow must not be left alone."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2", at(100))

    incident = desk.open_by_press("v1", where=at(250), device_t=device_t)

    assert not desk.hub.alarms[incident.alarms[0]].late
    assert called(incident) == ["v2"]


def test_a_clock_set_wrong_a_moment_ago_makes_nothing_late() -> None:
    """A radio that restarts in the field may come back minutes slow; its next fix shows it."""
    desk = patrol()
    desk.wait(60)
    slow_t = desk.now - 5 * MINUTE
    desk.hub.live.take(fixes(desk.hub.live, ("v1", slow_t, at(250)), received_t=desk.now), desk.now)

    incident = desk.open_by_press("v1", where=at(250), device_t=slow_t)

    assert not desk.hub.alarms[incident.alarms[0]].late
    assert called(incident)


def test_a_centre_whose_own_clock_runs_ahead_makes_nothing_late() -> None:
    """Every radio seems slow by as much; none of them is left alone for it."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2", at(100))
    desk.give(duty("v1", True, desk.now, device_t=desk.now - HOUR))
    desk.wait(HOUR / SECOND)

    live = desk.press("v1", where=at(250), device_t=desk.now - HOUR)
    backlog = desk.press("v1", 2, device_t=desk.now - 2 * HOUR)

    assert not desk.hub.alarms[live].late
    assert desk.hub.alarms[backlog].late


def test_an_alarm_whose_deciding_fails_stands_on_screen_and_is_tried_again() -> None:
    """A fault in a rule must never cost an alarm."""
    desk = shell(volunteer("v1"), volunteer("v2"), chooser=BrokenOnce(2))
    desk.sign_on("v2", at(100))

    alarm = desk.press("v1", where=at(250))

    incident = desk.incident_of(alarm)
    assert desk.hub.alarms[alarm].undecided == "ZeroDivisionError: a rule failed"
    assert desk.told()[-1].incidents == {incident.incident}
    desk.wait(5)
    assert (incident.step, called(incident)) == (None, [])

    desk.wait(5)

    assert called(incident) == ["v2"]
    assert desk.hub.alarms[alarm].undecided == ""
    assert len(desk.of(AlarmUndecided)) == 1


def test_an_alarm_for_which_no_incident_can_be_opened_is_tried_again() -> None:
    """Whatever is broken in a map or a plan: the press stands among those to be called by hand."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2", at(100))
    libraries = desk.hub.libraries
    library = libraries.pop(TOWN)

    alarm = desk.press("v1", where=at(250))

    assert desk.hub.alarms[alarm].undecided == "KeyError: 'town'"
    assert desk.told()[-1].undecided == {alarm}

    libraries[TOWN] = library
    desk.wait(5)

    assert called(desk.incident_of(alarm)) == ["v2"]
    assert desk.hub.alarms[alarm].undecided == ""
    assert alarm in desk.told()[-2].undecided, "it leaves that list as it is opened"


def test_an_incident_is_shown_as_it_opens_and_people_are_called_in_the_next_turn() -> None:
    """What an operator sees first waits for nobody's being chosen."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2", at(100))
    alarm = desk.press("v1", where=at(250))

    opened, wave = desk.told()[-2:]

    [incident] = opened.incidents & wave.incidents
    assert desk.incident_of(alarm).incident == incident
    assert opened.units == {"v1"}
    assert wave.units == {"v1", "v2"}


def test_a_hub_that_was_killed_between_the_two_turns_calls_after_its_start() -> None:
    """The opening is in the journal, the wave is not."""
    desk = shell(volunteer("v1"), volunteer("v2"), chooser=BrokenOnce(1000))
    desk.sign_on("v2", at(100))
    alarm = desk.press("v1", where=at(250))
    assert called(desk.incident_of(alarm)) == []

    again = desk.restarted()

    incident = again.incident_of(alarm)
    assert incident.step is not None
    assert incident.decisions
    assert again.hub.alarms[alarm].undecided == ""


def test_a_later_wave_that_fails_is_tried_again_and_stops_nothing() -> None:
    """The orders that stand, stand; the hub goes on."""
    broken = BrokenOnce(0)
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 22)), chooser=broken)
    for n in range(2, 22):
        desk.sign_on(f"v{n}", at(240))
    incident = desk.open_by_press("v1", where=at(250))
    assert len(called(incident)) == 10

    broken.left = 1
    desk.wait(30)

    assert len(called(incident)) == 10
    assert desk.hub.counts["decide_failed"] == 1
    desk.wait(5)
    assert len(called(incident)) == 20


def test_with_the_store_down_people_are_called_and_nothing_is_promised() -> None:
    """Shown and called, marked as not stored, ``stored`` withheld until it is true."""
    desk = patrol()
    desk.store_down = True

    alarm = desk.press("v1", where=at(250))

    assert not desk.hub.alarms[alarm].stored
    assert called(desk.incident_of(alarm))
    assert desk.sent(StoredMessage) == []

    desk.store_comes_back()

    assert desk.hub.alarms[alarm].stored
    assert len(desk.sent(StoredMessage, "v1")) == 1
    assert len(desk.of(UnitAssigned)) == 5


def test_a_press_of_a_forgotten_incident_is_not_taken_for_new() -> None:
    """Also while the store is down and cannot say that it knows it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.close(incident)
    desk.wait(13 * 3_600)
    assert desk.hub.incidents == {}
    desk.store_down = True

    desk.press("v1", where=at(250))

    assert len(desk.of(IncidentOpened)) == 1
    assert states(incident)["v2"] == "withdrawn"


def test_a_press_for_an_exercise_is_told_whether_it_is_taken_for_one() -> None:
    """With none on it is real, and whoever only meant to practise must hear that at once."""
    desk = patrol()

    desk.press("v1", where=at(250), drill=True)
    drill = desk.start_drill()
    desk.press("v2", where=at(250), drill=True)
    desk.press("v3", where=at(250))
    desk.end_drill(drill)
    desk.press("v2", where=at(250), drill=True)

    assert [m.drill for m in desk.sent(StoredMessage, "v1")] == [False]
    assert [m.drill for m in desk.sent(StoredMessage, "v2")] == [True, True], "decided is decided"
    assert [m.drill for m in desk.sent(StoredMessage, "v3")] == [None]
