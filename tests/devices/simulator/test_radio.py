"""A simulated radio answers as a radio would; told by what it says, without a broker."""

import random
from collections import Counter
from dataclasses import replace

from devices.codec import PositionReading
from devices.simulator.radio import SimulatedRadio
from devices.simulator.temper import ACCEPTS, SAYS_NO, Temper, goes
from devices.simulator.wishes import CallOff
from dispatch.clock import MINUTE, SECOND
from dispatch.ids import CommunityId, RadioId
from dispatch.outgoing import CalledOffMessage, SeenMessage, StoredMessage
from dispatch.readings import (
    CallOffReading,
    DutyReading,
    Heard,
    HeardReading,
    LinkReading,
    PressReading,
)
from dispatch.words import Kind, Role
from tests.devices.simulator.bodies import Standing, radio
from tests.devices.simulator.talk import CENTRE_T, config, on_duty, run


def test_it_signs_on_until_the_centre_answers() -> None:
    """A lost sign-on would leave a patrol invisible all evening."""
    it = radio()

    first = it.link_up(0)
    again = run(it, 0, 12 * SECOND)
    it.hear(config(), 12 * SECOND)

    assert [type(reading) for reading in first] == [LinkReading, DutyReading]
    assert [type(reading) for _, reading in again] == [DutyReading, DutyReading]
    assert it.on_duty
    assert not any(isinstance(r, DutyReading) for _, r in run(it, 12 * SECOND, MINUTE))


def test_its_next_start_is_another_one_whatever_the_seed() -> None:
    """Its first press would have the name of the first one of the start before."""

    def press() -> str:
        it = SimulatedRadio(
            RadioId("r-1"),
            CommunityId("demo"),
            body=Standing(),
            temper=Temper.of(Role.GUARD),
            chance=random.Random("the same"),
            boots=random.SystemRandom(),
        )
        said = it.button.press(kind=Kind.SOS, covert=False, fix=None, stamp=0, now=0)
        return said.press.boot

    assert press() != press()


def test_no_place_is_told_before_duty() -> None:
    """Places are collected from sign-on to sign-off only."""
    it = radio()
    it.link_up(0)

    assert not any(isinstance(reading, PositionReading) for _, reading in run(it, 0, MINUTE))


def test_it_takes_time_and_interval_from_the_centre() -> None:
    """A radio has no clock of its own to trust; what it writes is the centre's time."""
    it = radio()
    it.link_up(0)

    it.hear(config(interval_s=20.0), 5 * SECOND)
    said = [r for _, r in run(it, 5 * SECOND, 65 * SECOND) if isinstance(r, PositionReading)]

    times = [fix.t - CENTRE_T for reading in said for fix in reading.fixes]
    assert times == [0, 20 * SECOND, 40 * SECOND, 60 * SECOND]


def test_a_press_is_repeated_until_it_is_stored() -> None:
    """Every second the same message, then silence."""
    it = on_duty(radio())
    run(it, 0, SECOND)

    pressed = it.press(2 * SECOND, kind=Kind.FIRE)
    repeats = [r for _, r in run(it, 2 * SECOND, 5 * SECOND) if isinstance(r, PressReading)]
    it.hear(StoredMessage(subject="feedfeedfeedfeed:1", is_report=False, t=0), 5 * SECOND)
    more = [r for _, r in run(it, 5 * SECOND, 6 * SECOND) if isinstance(r, PressReading)]
    it.hear(StoredMessage(subject=pressed.press.wire, is_report=False, t=0), 6 * SECOND)
    silence = [r for _, r in run(it, 6 * SECOND, MINUTE) if isinstance(r, PressReading)]

    assert repeats == [pressed] * 3
    assert more == [pressed]
    assert silence == []
    assert pressed.fix is not None
    assert pressed.kind is Kind.FIRE


def test_two_presses_are_two_identities() -> None:
    """Boot and counter name each; both are repeated."""
    it = on_duty(radio())

    first, second = it.press(0), it.press(0)

    assert first.press.boot == second.press.boot
    assert (first.press.counter, second.press.counter) == (1, 2)


def test_who_has_the_alarm_is_shown_and_confirmed() -> None:
    """`seen by NAME` is repeated by the centre until the radio says so."""
    it = on_duty(radio())
    press = it.press(0).press

    said = it.hear(SeenMessage(press=press.wire, by="王", t=CENTRE_T), SECOND)

    assert it.seen_by == "王"
    assert [(r.what, r.subject) for r in said if isinstance(r, HeardReading)] == [
        (Heard.SEEN, press.alarm)
    ]


def test_an_alarm_is_called_off_step_by_step() -> None:
    """Asked until the centre has it, then waited for, then shown and confirmed each time."""
    it = on_duty(radio())
    press = it.press(0).press
    wish = it.call_off(press.wire, SECOND, pin="0417")
    asked = it.call_off_shown

    repeats = [r for _, r in run(it, SECOND, 5 * SECOND) if isinstance(r, CallOffReading)]
    has_it = it.hear(CalledOffMessage(press=press.wire, done=False, t=CENTRE_T), 5 * SECOND)
    heard = it.call_off_shown
    silence = [r for _, r in run(it, 5 * SECOND, MINUTE) if isinstance(r, CallOffReading)]
    done = [
        it.hear(CalledOffMessage(press=press.wire, done=True, t=CENTRE_T), MINUTE) for _ in range(2)
    ]

    assert (wish.alarm, wish.pin) == (press.alarm, "0417")
    assert repeats == [wish] * 2
    assert has_it == silence == []
    for said in done:
        assert [(r.what, r.subject) for r in said if isinstance(r, HeardReading)] == [
            (Heard.CALLED_OFF, press.alarm)
        ]
    assert (asked, heard, it.call_off_shown) == (CallOff.ASKED, CallOff.HEARD, CallOff.DONE)


def test_a_refused_wish_is_shown_and_may_be_asked_again() -> None:
    """Its bearer must know that people keep coming; and what is done stays done."""
    it = on_duty(radio())
    press = it.press(0).press
    it.hear(SeenMessage(press=press.wire, by="王", t=CENTRE_T), 0)
    it.call_off(press.wire, SECOND)
    refusal = CalledOffMessage(press=press.wire, done=False, refused=True, t=CENTRE_T)

    told = [it.hear(refusal, 2 * SECOND) for _ in range(2)]
    refused = it.call_off_shown
    silence = [r for _, r in run(it, 2 * SECOND, MINUTE) if isinstance(r, CallOffReading)]
    again = it.call_off(press.wire, MINUTE)
    asked = it.call_off_shown
    it.hear(CalledOffMessage(press=press.wire, done=True, t=CENTRE_T), 2 * MINUTE)
    it.hear(refusal, 2 * MINUTE)

    for said in told:
        assert [(r.what, r.subject) for r in said if isinstance(r, HeardReading)] == [
            (Heard.REFUSED, press.alarm)
        ]
    assert (refused, silence, it.seen_by) == (CallOff.REFUSED, [], "王")
    assert (again.alarm, asked) == (press.alarm, CallOff.ASKED)
    assert it.call_off_shown is CallOff.DONE


def test_every_pin_looks_the_same() -> None:
    """Whoever stands behind the bearer and watches the screen learns nothing from it."""

    def lived(pin: str) -> list[object]:
        it = on_duty(radio())
        press = it.press(0).press.wire
        it.call_off(press, SECOND, pin=pin)
        seen: list[object] = [it.call_off_shown, len(run(it, SECOND, 4 * SECOND))]
        for done in (False, True):
            seen.append(it.hear(CalledOffMessage(press=press, done=done, t=CENTRE_T), 5 * SECOND))
            seen.append(it.call_off_shown)
        it.hear(SeenMessage(press=press, by="王", t=CENTRE_T), 6 * SECOND)
        return [*seen, it.seen_by]

    assert lived("1234") == lived("9999") == lived("")
    assert lived("1234")[-1] == "", "called off is called off: nobody is shown to have it"


def test_a_covert_alarm_shows_nothing_at_all() -> None:
    """Who has it, and that it is called off, is confirmed, and kept from the screen."""
    it = on_duty(radio())
    loud = it.press(0).press.wire
    it.call_off(loud, 0)
    before = it.call_off_shown
    covert = it.press(SECOND, covert=True).press

    said = it.hear(SeenMessage(press=covert.wire, by="王", t=CENTRE_T), 2 * SECOND)
    it.call_off(covert.wire, 2 * SECOND)
    said += it.hear(CalledOffMessage(press=covert.wire, done=True, t=CENTRE_T), 3 * SECOND)

    assert [r.what for r in said if isinstance(r, HeardReading)] == [Heard.SEEN, Heard.CALLED_OFF]
    assert it.seen_by == ""
    assert it.call_off_shown is before is CallOff.ASKED


def test_a_drill_is_shown_and_said() -> None:
    """The screen names the exercise; a press is one only where its bearer says so."""
    it = on_duty(radio())
    it.hear(replace(config(), drill="秋季演练"), 0)
    named = it.drill

    pressed, real = it.press(0, drill=True), it.press(0)
    it.hear(config(), SECOND)

    assert named == "秋季演练"
    assert (pressed.drill, real.drill) == (True, False)
    assert it.drill == ""


def test_fixes_without_a_link_come_as_a_backlog() -> None:
    """Out of the lift: one message with what was missed, with the times it was measured."""
    it = on_duty(radio())
    run(it, 0, SECOND)
    it.link_down()
    missed = run(it, SECOND, MINUTE)

    it.link_up(MINUTE)
    said = it.hear(config(CENTRE_T + MINUTE), MINUTE)

    assert missed == []
    assert len(said) == 1
    assert isinstance(said[0], PositionReading)
    assert len(said[0].fixes) == 6
    assert said[0].fixes[-1].t <= CENTRE_T + MINUTE


def test_an_empty_battery_takes_the_link_along() -> None:
    """And the fleet is told for how long."""
    body = Standing()
    it = on_duty(radio(body=body))
    body.empty = True

    it.expire(SECOND)

    assert it.take_cut() is not None
    assert it.take_cut() is None


def test_roles_answer_as_often_as_people_do() -> None:
    """35 % of volunteers and 90 % of guards and police come; half of the rest say no."""
    chance = random.Random(7)

    def share(role: Role) -> Counter[bool | None]:
        return Counter(goes(chance, ACCEPTS[role], SAYS_NO) for _ in range(10_000))

    volunteers, guards = share(Role.VOLUNTEER), share(Role.GUARD)
    assert 3_300 < volunteers[True] < 3_700
    assert 3_000 < volunteers[False] < 3_500
    assert 8_850 < guards[True] < 9_150
