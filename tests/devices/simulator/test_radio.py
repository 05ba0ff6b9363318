"""A simulated radio answers as a radio would; told by what it says, without a broker."""

import random
from collections import Counter

from devices.codec import PositionReading, Reading
from devices.simulator.duty import ACCEPTS, SAYS_NO, goes
from devices.simulator.radio import SimulatedRadio
from dispatch.clock import MINUTE, SECOND, Instant
from dispatch.ids import AssignmentId, IncidentId
from dispatch.outgoing import (
    CancelMessage,
    ConfigMessage,
    OrderMessage,
    SeenMessage,
    StoredMessage,
)
from dispatch.readings import (
    AnswerReading,
    DutyReading,
    Heard,
    HeardReading,
    LinkReading,
    PressReading,
)
from dispatch.words import AssignmentState, Kind, Role
from tests.devices.simulator.bodies import Standing, radio

S = AssignmentState
CENTRE_T = 1_760_000_000 * SECOND
GOAL = (117.01, 36.01)


def config(t: Instant = CENTRE_T, interval_s: float = 10.0) -> ConfigMessage:
    """The answer to signing on."""
    return ConfigMessage(duty=True, t=t, interval_s=interval_s, clock_speed=1.0)


def order(
    state: AssignmentState = S.OFFERED, number: int = 1, *, placed: bool = True
) -> OrderMessage:
    """Go there, or the echo of an answer."""
    return OrderMessage(
        order=AssignmentId(f"demo-20261121-001/{number}"),
        incident=IncidentId("demo-20261121-001"),
        kind=Kind.SOS,
        priority=1,
        state=state,
        t=CENTRE_T,
        lon=GOAL[0] if placed else None,
        lat=GOAL[1] if placed else None,
        grid="",
        near="",
        near_m=None,
        bearing="",
        sender="",
        covert=False,
    )


def run(it: SimulatedRadio, since: Instant, until: Instant) -> list[tuple[Instant, Reading]]:
    """Everything it says by itself, with when, as a driver would wake it."""
    said: list[tuple[Instant, Reading]] = []
    now = since
    while (due := it.next_due()) is not None and due <= until:
        now = max(now, due)
        said += [(now, reading) for reading in it.expire(now)]
    return said


def answers(said: list[tuple[Instant, Reading]]) -> list[AssignmentState]:
    """The states in what was said."""
    return [reading.state for _, reading in said if isinstance(reading, AnswerReading)]


def on_duty(it: SimulatedRadio) -> SimulatedRadio:
    """Linked and signed on at 0."""
    it.link_up(0)
    it.hear(config(), 0)
    return it


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


def test_an_order_is_lived_through_to_its_end() -> None:
    """Received, accepted, en route, on scene, clear, each repeated until it is echoed."""
    body = Standing()
    it = on_duty(radio(body=body))
    it.hear(order(), 0)
    said: list[AssignmentState] = []
    now = 0
    for state in (S.RECEIVED, S.ACCEPTED, S.EN_ROUTE):
        said += answers(run(it, now, now + 30 * SECOND))
        now += 30 * SECOND
        it.hear(order(state), now)
    assert body.goal == GOAL
    said += answers(run(it, now, now + MINUTE))
    body.place = GOAL
    for state in (S.ON_SCENE, S.CLEAR):
        said += answers(run(it, now, now + 7 * MINUTE))
        now += 7 * MINUTE
        it.hear(order(state), now)

    counts = Counter(said)
    assert list(dict.fromkeys(said)) == [S.RECEIVED, S.ACCEPTED, S.EN_ROUTE, S.ON_SCENE, S.CLEAR]
    assert all(count > 1 for count in counts.values())
    assert it.orders == {}
    assert body.goal is None


def test_an_order_without_a_place_is_walked_for_a_while() -> None:
    """A phone call told in words only still gets its responder there."""
    it = on_duty(radio())
    it.hear(order(placed=False), 0)
    now = 0
    for state in (S.RECEIVED, S.ACCEPTED, S.EN_ROUTE):
        run(it, now, now + 30 * SECOND)
        now += 30 * SECOND
        it.hear(order(state, placed=False), now)

    assert answers(run(it, now, now + 80 * SECOND)) == []
    assert S.ON_SCENE in answers(run(it, now, now + 5 * MINUTE))


def test_an_order_taken_back_is_confirmed_and_forgotten() -> None:
    """Every repeat of the withdrawal is confirmed; the order does not begin anew."""
    body = Standing()
    it = on_duty(radio(body=body))
    it.hear(order(), 0)
    run(it, 0, 5 * SECOND)
    it.hear(order(S.RECEIVED), 5 * SECOND)
    cancel = CancelMessage(order=order().order, reason="enough", t=CENTRE_T)

    first = it.hear(cancel, 6 * SECOND)
    again = it.hear(cancel, 7 * SECOND)
    it.hear(order(), 8 * SECOND)

    for said in (first, again):
        assert [(r.what, r.subject) for r in said if isinstance(r, HeardReading)] == [
            (Heard.CANCEL, order().order)
        ]
    assert answers(run(it, 8 * SECOND, 2 * MINUTE)) == []
    assert body.goal is None


def test_an_order_that_ran_out_is_dropped() -> None:
    """Who was too slow hears it from the echo."""
    it = on_duty(radio())
    it.hear(order(), 0)
    run(it, 0, 5 * SECOND)

    it.hear(order(S.EXPIRED), 5 * SECOND)

    assert answers(run(it, 5 * SECOND, MINUTE)) == []


def test_who_is_already_going_declines_another() -> None:
    """One body, one place."""
    it = on_duty(radio())
    it.hear(order(number=1), 0)
    run(it, 0, 5 * SECOND)
    it.hear(order(S.RECEIVED, number=1), 5 * SECOND)

    it.hear(order(number=2), 6 * SECOND)
    run(it, 6 * SECOND, 10 * SECOND)
    it.hear(order(S.RECEIVED, number=2), 10 * SECOND)
    said = [
        reading
        for _, reading in run(it, 10 * SECOND, MINUTE)
        if isinstance(reading, AnswerReading) and reading.assignment.endswith("/2")
    ]

    assert {reading.state for reading in said} == {S.DECLINED}


def test_who_stays_silent_still_confirms_receipt() -> None:
    """The radio hears always; it is the bearer who does not answer."""
    it = on_duty(radio(likely=0.0, says_no=0.0))
    it.hear(order(), 0)
    heard = answers(run(it, 0, 5 * SECOND))
    it.hear(order(S.RECEIVED), 5 * SECOND)

    assert set(heard) == {S.RECEIVED}
    assert answers(run(it, 5 * SECOND, 10 * MINUTE)) == []


def test_who_has_the_alarm_is_shown_and_confirmed() -> None:
    """`seen by NAME` is repeated by the centre until the radio says so."""
    it = on_duty(radio())
    press = it.press(0).press

    said = it.hear(SeenMessage(press=press.wire, by="王", t=CENTRE_T), SECOND)

    assert it.seen_by == "王"
    assert [(r.what, r.subject) for r in said if isinstance(r, HeardReading)] == [
        (Heard.SEEN, press.alarm)
    ]


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
