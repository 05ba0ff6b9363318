"""Wishes are said again until they are answered or given up, and told for what they are."""

from devices.codec import Reading
from devices.simulator.wishes import (
    CALL_OFF_REPEAT_S,
    CALL_OFF_TRIES_MAX,
    WISHES_MAX,
    CallOff,
    CallOffs,
    Wishes,
)
from dispatch.clock import SECOND, Instant
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import OfferReading

OFFER = OfferReading(
    radio=RadioId("r-1"), community=CommunityId("demo"), incident=None, device_t=0, received_t=0
)
PRESS = "00ff00ff00ff00ff:7"


def said_until(
    wishes: Wishes, end: Instant, *, since: Instant = 0, linked: bool = True
) -> list[Reading]:
    """All it says again, woken when it is due."""
    said: list[Reading] = []
    now = since
    while (due := wishes.due()) is not None and due <= end:
        now = max(now, due)
        said += wishes.repeats(now, linked=linked)
    return said


def test_a_wish_is_the_same_words_until_it_is_answered() -> None:
    """Or a lost message would leave its sender waiting."""
    wishes = Wishes(repeat_s=2.0, tries_max=10)
    wishes.ask("it", OFFER, 0)

    said = said_until(wishes, 7 * SECOND)
    answered, again = wishes.answered("it"), wishes.answered("it")

    assert said == [OFFER] * 3
    assert (answered, again) == (True, False)
    assert wishes.due() is None


def test_a_wish_is_given_up_in_the_end() -> None:
    """A centre that never learned of such wishes must not be asked for ever."""
    wishes = Wishes(repeat_s=2.0, tries_max=5)
    wishes.ask("it", OFFER, 0)

    said = said_until(wishes, 3600 * SECOND)

    assert len(said) == 4, "five times with the first, which was said at once"
    assert not wishes.waiting("it")


def test_without_a_link_no_try_is_spent() -> None:
    """A lift takes longer than a wish lives."""
    wishes = Wishes(repeat_s=2.0, tries_max=3)
    wishes.ask("it", OFFER, 0)

    in_the_lift = said_until(wishes, 600 * SECOND, linked=False)
    outside = said_until(wishes, 700 * SECOND, since=600 * SECOND)

    assert in_the_lift == []
    assert len(outside) == 2


def test_too_many_wishes_cost_the_oldest() -> None:
    """What a radio keeps is bounded, whatever its bearer does."""
    wishes = Wishes(repeat_s=2.0, tries_max=3)

    for i in range(WISHES_MAX + 1):
        wishes.ask(f"{i}", OFFER, 0)

    assert not wishes.waiting("0")
    assert wishes.waiting(f"{WISHES_MAX}")


def test_a_call_off_goes_from_asked_to_done() -> None:
    """And what is done stays done, though an older word comes after it."""
    offs = CallOffs()
    stages = [offs.stage(PRESS)]
    offs.ask(PRESS, OFFER, 0)
    stages.append(offs.stage(PRESS))
    for done in (False, True, False):
        offs.hear(PRESS, done=done)
        stages.append(offs.stage(PRESS))

    assert stages == [None, CallOff.ASKED, CallOff.HEARD, CallOff.DONE, CallOff.DONE]


def test_a_call_off_that_nobody_answers_is_told_as_such() -> None:
    """Its sender must know that people are still coming."""
    offs = CallOffs()
    offs.ask(PRESS, OFFER, 0)

    said = said_until(offs.wishes, int(2 * CALL_OFF_TRIES_MAX * CALL_OFF_REPEAT_S) * SECOND)

    assert len(said) == CALL_OFF_TRIES_MAX - 1
    assert offs.stage(PRESS) is CallOff.UNANSWERED
