"""Services and people are spared too many messages; what is refused is said."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.clock import HOUR, MINUTE, SECOND
from dispatch.gateways.book import ContactKey, person_contact
from dispatch.gateways.limits import KEYS_MAX, Limit, Limits
from tests.dispatch.gateways.builders import FAR, NEAR, gateway

NOW = 1_000_000 * SECOND


def test_a_gateway_takes_so_many_a_minute() -> None:
    """A WeCom robot that sends a 21st message in a minute is silenced by WeCom."""
    limits, group = Limits(), gateway("group", per_minute=2, per_person_per_hour=60)

    assert limits.take(group, NEAR, NOW) is None
    assert limits.take(group, FAR, NOW + 30 * SECOND) is None
    assert limits.take(group, FAR, NOW + 59 * SECOND) is Limit.GATEWAY
    assert limits.take(group, FAR, NOW + MINUTE) is None
    assert limits.take(group, FAR, NOW + MINUTE) is Limit.GATEWAY


def test_a_person_is_called_so_often_an_hour() -> None:
    """The other volunteers still are, and so are they themselves in another way."""
    limits, sms = Limits(), gateway("sms", per_person_per_hour=1)
    voice = gateway("voice", per_person_per_hour=1)

    assert limits.take(sms, NEAR, NOW) is None
    assert limits.take(sms, NEAR, NOW + HOUR - 1) is Limit.PERSON
    assert limits.take(sms, FAR, NOW + HOUR - 1) is None
    assert limits.take(voice, NEAR, NOW + HOUR - 1) is None
    assert limits.take(sms, NEAR, NOW + HOUR) is None


def test_what_was_refused_does_not_count() -> None:
    """Else asking again and again would keep the gate shut."""
    limits, sms = Limits(), gateway("sms", per_minute=1)
    assert limits.take(sms, NEAR, NOW) is None
    for second in range(60):
        assert limits.take(sms, FAR, NOW + second * SECOND) is Limit.GATEWAY

    assert limits.take(sms, FAR, NOW + MINUTE) is None


def test_people_of_the_hour_before_are_forgotten() -> None:
    """A hub runs for months; what it remembers is of one hour."""
    limits, sms = Limits(), gateway("sms", per_minute=600)
    for number in range(500):
        limits.take(sms, person_contact(f"p{number}"), NOW)

    limits.take(sms, NEAR, NOW + 2 * HOUR)

    assert list(limits._hour) == [("sms", NEAR)]


def test_the_memory_has_an_end() -> None:
    """Even where a hundred thousand are called within the hour."""
    limits = Limits(_hour={})
    sms = gateway("sms", per_minute=600)
    for number in range(KEYS_MAX + 10):
        limits.take(sms, ContactKey(f"radio/r{number}"), NOW + number * SECOND // 5)

    assert len(limits._hour) <= KEYS_MAX


@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from([NEAR, FAR])), max_size=60))
def test_no_minute_holds_more_than_the_gateway_allows(
    steps: list[tuple[int, ContactKey]],
) -> None:
    """Whatever the rhythm, in every window of a minute and of an hour."""
    limits, sms = Limits(), gateway("sms", per_minute=3, per_person_per_hour=5)
    now, gone = NOW, []
    for pause_s, contact in steps:
        now += pause_s * SECOND
        if limits.take(sms, contact, now) is None:
            gone.append((now, contact))

    for t, contact in gone:
        assert sum(t <= other < t + MINUTE for other, _ in gone) <= 3
        assert sum(t <= other < t + HOUR and who == contact for other, who in gone) <= 5
