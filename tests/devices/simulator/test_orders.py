"""A simulated radio lives through its orders as a bearer would, and offers to go."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from devices.simulator.wishes import OFFER_TRIES_MAX
from dispatch.clock import MINUTE, SECOND
from dispatch.ids import IncidentId
from dispatch.outgoing import CancelMessage
from dispatch.readings import AnswerReading, Heard, HeardReading, OfferReading
from dispatch.words import AssignmentState
from tests.devices.simulator.bodies import Standing, radio
from tests.devices.simulator.talk import CENTRE_T, GOAL, S, answers, on_duty, order, run, shown


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


def test_an_order_is_shown_a_moment_after_it_came() -> None:
    """Once, and again only as the order is: the centre then calls no second time by telephone."""
    it = on_duty(radio())
    it.hear(order(), 0)

    first = run(it, 0, 5 * SECOND)
    it.hear(order(S.RECEIVED), 5 * SECOND)
    echoed = run(it, 5 * SECOND, 5 * SECOND + SECOND // 2)
    it.hear(order(), 6 * SECOND)
    again = run(it, 6 * SECOND, 7 * SECOND)

    assert shown(first) == [order().order]
    received_t = next(t for t, reading in first if isinstance(reading, AnswerReading))
    shown_t = next(t for t, reading in first if isinstance(reading, HeardReading))
    assert received_t < shown_t < 4 * SECOND
    assert shown(echoed) == []
    assert shown(again) == [order().order]


def test_what_was_shown_in_the_lift_is_told_outside() -> None:
    """Only once there is a link can it be heard."""
    it = on_duty(radio())
    it.hear(order(), 0)
    it.link_down()

    inside = run(it, 0, 10 * SECOND)
    it.link_up(10 * SECOND)
    outside = run(it, 10 * SECOND, 12 * SECOND)

    assert shown(inside) == []
    assert shown(outside) == [order().order]


def test_what_stands_before_its_bearers_eyes_is_said_again_by_the_minute_and_with_each_link() -> (
    None
):
    """The centre may have closed the matter while the radio could not hear it."""
    it = on_duty(radio())
    it.hear(order(S.RECEIVED), 0)
    it.hear(order(), 0)
    first = run(it, 0, 5 * SECOND)

    standing = run(it, 5 * SECOND, 64 * SECOND)
    it.link_down()
    it.link_up(70 * SECOND)
    linked = run(it, 70 * SECOND, 71 * SECOND)

    assert [len(shown(said)) for said in (first, standing, linked)] == [1, 1, 1]


def test_an_order_that_begins_under_way_is_taken_as_it_is() -> None:
    """Two incidents were one: the unit goes on, and only says that it has the new order."""
    body = Standing()
    it = on_duty(radio(body=body, likely=0.0))
    it.hear(order(S.EN_ROUTE), 0)

    first = run(it, 0, 3 * SECOND)
    it.hear(order(S.EN_ROUTE), 3 * SECOND)  # the echo of that
    body.place = GOAL
    then = run(it, 3 * SECOND, 9 * SECOND)

    assert body.goal == GOAL
    assert set(answers(first)) == {S.RECEIVED}
    assert shown(first) == [order().order]
    assert set(answers(then)) == {S.ON_SCENE}


def test_a_receipt_that_was_lost_is_said_again_without_end_of_talk() -> None:
    """A repeat looks like the echo: the radio says it once for each two, and the two agree soon."""
    it = on_duty(radio())
    it.hear(order(S.ON_SCENE), 0)
    run(it, 0, SECOND)  # said, and lost
    it.hear(order(S.ON_SCENE), SECOND)  # a repeat, taken for the echo
    silent = answers(run(it, SECOND, 4 * SECOND))

    it.hear(order(S.ON_SCENE), 5 * SECOND)  # a repeat
    again = answers(run(it, 5 * SECOND, 6 * SECOND))
    it.hear(order(S.ON_SCENE), 6 * SECOND)  # its echo
    rest = answers(run(it, 6 * SECOND, 30 * SECOND))

    assert silent == []
    assert again == [S.RECEIVED]
    assert rest == []


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=10))
def test_whatever_the_air_does_the_receipt_arrives_and_the_talk_ends(air: list[int]) -> None:
    """A centre repeats until it has the receipt, and echoes each: both are silent in the end.

    ``air`` says how often each message arrives, one after the other; then all do, once.
    """
    it = on_duty(radio())
    fates = iter(air)
    received, said_last_t = False, 0
    for now in range(0, 110 * SECOND, SECOND):  # less than it stays on scene
        repeats = 0 if received or now % (5 * SECOND) else next(fates, 1)
        for _ in range(repeats):
            it.hear(order(S.ON_SCENE), now)
        receipts = answers(run(it, now, now))
        heard = sum(next(fates, 1) for _ in receipts)
        echoes = sum(next(fates, 1) for _ in range(heard))
        for _ in range(echoes):
            it.hear(order(S.ON_SCENE), now)
        received = received or heard > 0
        said_last_t = now if receipts else said_last_t

    assert received
    assert said_last_t < 90 * SECOND


def test_the_order_that_was_merged_away_does_not_stop_who_is_going() -> None:
    """The new order comes, then the old one is taken back: the goal is the new one's."""
    body = Standing()
    it = on_duty(radio(body=body))
    it.hear(order(S.ACCEPTED, incident="demo-20261121-002"), 0)

    it.hear(order(S.ACCEPTED), SECOND)
    it.hear(CancelMessage(order=order().order, reason="merged", t=CENTRE_T), 2 * SECOND)
    going = body.goal
    cancelled = order(incident="demo-20261121-002").order
    it.hear(CancelMessage(order=cancelled, reason="enough", t=CENTRE_T), 3 * SECOND)

    assert going == GOAL
    assert body.goal is None


def test_who_offers_to_go_is_sent() -> None:
    """Said until an order for it comes, which begins accepted."""
    body = Standing()
    it = on_duty(radio(body=body, likely=0.0))
    offer = it.offer(0, IncidentId("demo-20261121-001"))

    waiting = [r for _, r in run(it, 0, 7 * SECOND) if isinstance(r, OfferReading)]
    it.hear(order(S.ACCEPTED), 7 * SECOND)
    then = [r for _, r in run(it, 7 * SECOND, MINUTE) if isinstance(r, OfferReading)]

    assert waiting == [offer] * 2
    assert then == []
    assert body.goal == GOAL


def test_an_offer_to_go_anywhere_is_answered_by_any_order_under_way() -> None:
    """`nearest` names no incident; an order that only asks does not answer it."""
    it = on_duty(radio(likely=0.0))
    it.offer(0)

    it.hear(order(incident="demo-20261121-002"), SECOND)
    still = [r for _, r in run(it, SECOND, 7 * SECOND) if isinstance(r, OfferReading)]
    it.hear(order(S.ACCEPTED), 7 * SECOND)
    then = [r for _, r in run(it, 7 * SECOND, MINUTE) if isinstance(r, OfferReading)]

    assert still
    assert then == []


def test_who_offered_and_is_asked_all_the_same_comes() -> None:
    """The order and the offer crossed on their way."""
    it = on_duty(radio(likely=0.0))
    it.offer(0, IncidentId("demo-20261121-001"))

    it.hear(order(), SECOND)
    run(it, SECOND, 5 * SECOND)
    it.hear(order(S.RECEIVED), 5 * SECOND)

    assert set(answers(run(it, 5 * SECOND, MINUTE))) == {S.ACCEPTED}


def test_who_ignored_an_order_and_then_offers_is_taken_up() -> None:
    """The centre moves the order that it has with them on; what the radio said before is past."""
    body = Standing()
    it = on_duty(radio(body=body, likely=0.0, says_no=0.0))
    it.hear(order(), 0)
    run(it, 0, 5 * SECOND)
    it.hear(order(S.RECEIVED), 5 * SECOND)

    it.offer(6 * SECOND)
    it.hear(order(S.ACCEPTED), 7 * SECOND)

    assert body.goal == GOAL
    assert set(answers(run(it, 7 * SECOND, MINUTE))) == {S.EN_ROUTE}


def test_an_order_that_ran_out_comes_back_for_who_offers() -> None:
    """Else it is over for good: a late echo must send nobody."""
    body = Standing()
    it = on_duty(radio(body=body))
    it.hear(order(S.EXPIRED), 0)
    it.hear(CancelMessage(order=order().order, reason="enough", t=CENTRE_T), 0)

    it.hear(order(S.ACCEPTED), SECOND)
    late = body.goal
    it.offer(2 * SECOND)
    it.hear(order(), 3 * SECOND)
    only_asked = dict(it.orders)
    it.hear(order(S.ACCEPTED), 4 * SECOND)

    assert late is None
    assert only_asked == {}
    assert body.goal == GOAL


def test_an_offer_that_nobody_answers_is_given_up() -> None:
    """Half a minute at a corner, then on with the round."""
    it = on_duty(radio())
    it.offer(0)

    said = [r for _, r in run(it, 0, 10 * MINUTE) if isinstance(r, OfferReading)]

    assert len(said) == OFFER_TRIES_MAX - 1
