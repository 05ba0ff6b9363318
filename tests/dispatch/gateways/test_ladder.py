"""Who does not answer is called in other ways, one after another, until there is an answer."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatch.clock import SECOND
from dispatch.gateways.book import Book, GatewayKind, Until, person_contact
from dispatch.gateways.ladder import (
    NOTHING_DUE,
    RESULT_WAIT_S,
    RETRY_PAUSES_S,
    TRIES_MAX,
    Called,
    Due,
    StepState,
    Try,
    delivered,
    due,
    steps,
)
from tests.dispatch.gateways.builders import NEAR, SUPERVISOR, book, gateway

ORDER_T = 1_000_000 * SECOND

GROUP = gateway("group", GatewayKind.CHAT, after_s=5, url="wecombot://key")
SMS = gateway("sms", GatewayKind.SMS, after_s=10)
VOICE = gateway("voice", GatewayKind.VOICE, after_s=20, priority_max=1)
BOOK = book(GROUP, SMS, VOICE)


def called(*tries: Try, **known: object) -> Called:
    return replace(Called(contact=NEAR, priority=1, order_t=ORDER_T, tries=tries), **known)  # type: ignore[arg-type]  # as Called has them


def at(seconds: float) -> int:
    return ORDER_T + round(seconds * SECOND)


def sent(name: str, t_s: float, *, ok: bool | None = True) -> Try:
    return Try(gateway=name, t=at(t_s), ok=ok, done_t=None if ok is None else at(t_s))


def test_a_radio_has_its_time_to_answer_first() -> None:
    """Most answer within seconds; nobody wants an SMS on top."""
    assert due(called(), BOOK, at(4.9)) == Due(look_t=at(5))


def test_a_device_out_of_reach_is_stood_in_for_by_text_and_then_a_call() -> None:
    """The ladder as the file has it, each step at its time."""
    assert due(called(), BOOK, at(5)) == Due(gateways=("group",), look_t=at(10))

    person = called(sent("group", 5))
    assert due(person, BOOK, at(10)) == Due(gateways=("sms",), look_t=at(20))

    person = called(sent("group", 5), sent("sms", 10))
    assert due(person, BOOK, at(20)) == Due(gateways=("voice",))

    person = called(sent("group", 5), sent("sms", 10), sent("voice", 20))
    assert due(person, BOOK, at(500)) == NOTHING_DUE


def test_a_phone_that_has_the_order_but_lies_in_a_pocket_still_rings() -> None:
    """Received says that the device has it, not that anybody looked: only text is spared."""
    person = called(received_t=at(1))

    assert due(person, BOOK, at(10)) == Due(look_t=at(20))
    assert due(person, BOOK, at(20)) == Due(gateways=("voice",))


def test_what_was_shown_was_received() -> None:
    """A lost confirmation of receipt must not cost an SMS when a later one came."""
    assert due(called(shown_t=at(1)), book(SMS), at(10)) == NOTHING_DUE
    until_shown = replace(SMS, until=Until.SHOWN)
    assert due(called(received_t=at(1)), book(until_shown), at(10)) == Due(gateways=("sms",))
    assert due(called(shown_t=at(1)), book(until_shown), at(10)) == NOTHING_DUE


def test_an_answer_ends_it() -> None:
    """Also a no: somebody who declined is not rung up."""
    assert due(called(answered_t=at(3)), BOOK, at(60)) == NOTHING_DUE


def test_an_order_that_no_longer_stands_ends_it() -> None:
    """Enough others come, or it is over."""
    assert due(called(stands=False), BOOK, at(60)) == NOTHING_DUE


def test_a_small_matter_rings_nobody_up() -> None:
    """The call is for priority 1 only, as the file says."""
    assert due(called(priority=2), BOOK, at(60)) == Due(gateways=("group", "sms"))


def test_a_person_without_a_number_is_called_in_the_ways_there_are() -> None:
    """The group reads along; SMS and voice have nowhere to go."""
    person = called(contact=person_contact("nobody"))

    assert due(person, BOOK, at(60)) == Due(gateways=("group",))


def test_a_gateway_under_way_is_waited_for() -> None:
    """Its result comes within seconds; a second message before it would be one too many."""
    person = called(sent("sms", 10, ok=None))

    assert due(person, book(SMS), at(11)) == Due(look_t=at(10 + RESULT_WAIT_S))


def test_a_gateway_that_failed_is_tried_again_a_few_times() -> None:
    """A service that stumbled is back in a moment; one that is gone is given up."""
    tries: tuple[Try, ...] = ()
    now_s = 10.0
    for pause_s in RETRY_PAUSES_S:
        assert due(called(*tries), book(SMS), at(now_s)) == Due(gateways=("sms",))
        tries = (*tries, sent("sms", now_s, ok=False))
        now_s += pause_s
        assert due(called(*tries), book(SMS), at(now_s - 1)) == Due(look_t=at(now_s))
    tries = (*tries, sent("sms", now_s, ok=False))

    assert due(called(*tries), book(SMS), at(10_000)) == NOTHING_DUE


def test_a_result_lost_in_a_restart_counts_as_failed() -> None:
    """A message too many is better than somebody who never hears."""
    person = called(sent("sms", 10, ok=None))
    again_s = 10 + RESULT_WAIT_S + RETRY_PAUSES_S[0]

    assert due(person, book(SMS), at(10 + RESULT_WAIT_S)) == Due(look_t=at(again_s))
    assert due(person, book(SMS), at(again_s)) == Due(gateways=("sms",))


def test_somebody_without_a_radio_is_told_at_once_and_once() -> None:
    """The supervisor has no device to wait for; what was delivered is enough."""
    boss = Called(contact=SUPERVISOR, priority=1, order_t=ORDER_T, told=True)

    assert due(boss, BOOK, at(0)) == Due(gateways=("sms",))
    assert due(replace(boss, tries=(sent("sms", 0),)), BOOK, at(60)) == NOTHING_DUE


def test_somebody_without_a_radio_is_told_by_the_next_way_when_one_gave_up() -> None:
    """An SMS service that is down must not keep the supervisor in the dark."""
    boss = Called(contact=SUPERVISOR, priority=1, order_t=ORDER_T, told=True)
    failed = tuple(sent("sms", number, ok=False) for number in range(TRIES_MAX))

    assert due(replace(boss, tries=failed[:1]), BOOK, at(1)) == Due(look_t=at(RETRY_PAUSES_S[0]))
    assert due(replace(boss, tries=failed), BOOK, at(3)) == Due(gateways=("voice",))


def test_who_may_have_been_reached_can_be_told_that_it_is_over() -> None:
    """Otherwise they go in vain. A try without result may have arrived, a failed one has not."""
    person = called(sent("group", 5), sent("sms", 10, ok=False), sent("voice", 20, ok=None))

    assert delivered(person) == {"group", "voice"}


def test_the_ladder_is_shown_live_step_by_step() -> None:
    """An operator sees who is being rung up, who was reached how, and what comes next."""
    person = called(sent("group", 5), sent("sms", 10, ok=None))

    assert [(each.gateway, each.state, each.next_t) for each in steps(person, BOOK, at(12))] == [
        ("group", StepState.DELIVERED, None),
        ("sms", StepState.UNDER_WAY, at(10 + RESULT_WAIT_S)),
        ("voice", StepState.LATER, at(20)),
    ]
    answered = replace(person, answered_t=at(13))
    assert [each.state for each in steps(answered, BOOK, at(14))] == [
        StepState.DELIVERED,
        StepState.UNDER_WAY,
        StepState.NOT_NEEDED,
    ]


def test_the_next_way_to_tell_somebody_waits_for_its_turn() -> None:
    """Shown as later, without a time: it may not be needed."""
    boss = Called(contact=SUPERVISOR, priority=1, order_t=ORDER_T, told=True)
    failed = replace(boss, tries=tuple(sent("sms", 0, ok=False) for _ in range(TRIES_MAX)))

    assert [(each.state, each.next_t) for each in steps(boss, BOOK, at(0))] == [
        (StepState.DUE, ORDER_T),
        (StepState.LATER, None),
    ]
    assert [each.state for each in steps(failed, BOOK, at(1))] == [
        StepState.GIVEN_UP,
        StepState.DUE,
    ]


# Laws, whatever is known.

STEPS_MAX = 100
"""Three gateways, three tries each, each looked at a few times."""

seconds = st.integers(0, 300)
maybe = st.none() | seconds.map(at)
tries = st.lists(
    st.builds(
        Try,
        gateway=st.sampled_from(["group", "sms", "voice", "gone"]),
        t=seconds.map(at),
        ok=st.none() | st.booleans(),
        done_t=maybe,
    ),
    max_size=8,
).map(tuple)
anybody = st.builds(
    Called,
    contact=st.sampled_from([NEAR, SUPERVISOR, person_contact("nobody")]),
    priority=st.integers(1, 4),
    order_t=st.just(ORDER_T),
    at_broker_t=maybe,
    received_t=maybe,
    shown_t=maybe,
    answered_t=maybe,
    stands=st.booleans(),
    told=st.booleans(),
    tries=tries,
)


@given(anybody, seconds.map(at))
def test_it_answers_whatever_is_known(person: Called, now: int) -> None:
    """Total: facts in a strange order, out of a journal of another version, stop nothing."""
    answer = due(person, BOOK, now)

    assert len(set(answer.gateways)) == len(answer.gateways)
    assert answer.look_t is None or answer.look_t > now
    if person.answered_t is not None or not person.stands:
        assert answer == NOTHING_DUE
    for name in answer.gateways:
        before = [each for each in person.tries if each.gateway == name]
        assert not any(each.ok for each in before)
        assert len(before) < TRIES_MAX
    assert not person.told or len(answer.gateways) <= 1


@given(anybody, seconds.map(at), st.integers(1, 400 * SECOND))
def test_nothing_comes_due_before_it_is_time_to_look(person: Called, now: int, later: int) -> None:
    """The hub sleeps until then: what came due in between would be late."""
    answer = due(person, BOOK, now)
    then = now + later
    if answer.look_t is not None:
        then = min(then, answer.look_t - 1)

    assert due(person, BOOK, then).gateways == answer.gateways


@given(anybody, st.lists(st.sampled_from([True, False, None]), max_size=40), st.booleans())
def test_the_ladder_ends(person: Called, results: list[bool | None], patient: bool) -> None:
    """Followed to its end, with any luck, it uses no gateway twice that delivered, each a few
    times at most, and comes to rest."""
    now, luck = ORDER_T, iter(results)
    for _ in range(STEPS_MAX):
        answer = due(person, BOOK, now)
        done = tuple(_tried(name, now, next(luck, False)) for name in answer.gateways)
        person = replace(person, tries=person.tries + done)
        look_t = due(person, BOOK, now).look_t
        if look_t is None:
            if not due(person, BOOK, now).gateways:
                break
            continue
        now = look_t if patient else max(now + SECOND, look_t - SECOND)
    else:
        raise AssertionError("it never comes to rest")

    assert due(person, BOOK, now + 3600 * SECOND) == NOTHING_DUE


def _tried(name: str, now: int, ok: bool | None) -> Try:
    return Try(gateway=name, t=now, ok=ok, done_t=None if ok is None else now)


def test_an_empty_ladder_has_nothing_to_say() -> None:
    """A community without gateways is called by radio alone."""
    assert due(called(), Book(file=BOOK.file, callback="", gateways=(), contacts={}), at(60)) == (
        NOTHING_DUE
    )
