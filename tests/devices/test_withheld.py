"""When a broker is acknowledged what we could not put on disk."""

from devices.withheld import WITHHELD_FREE, WITHHELD_MAX, WITHHELD_WAIT_S, Withheld


def holding(count: int, at_s: float = 0.0) -> Withheld:
    """So many messages, all come at once."""
    withheld = Withheld()
    for mid in range(1, count + 1):
        withheld.hold(mid, at_s)
    return withheld


def test_a_message_is_acknowledged_once() -> None:
    """A second acknowledgement could be taken for another message's."""
    withheld = Withheld()
    token = withheld.hold(7, 0.0)

    assert withheld.release(7, token)
    assert not withheld.release(7, token)


def test_an_old_delivery_cannot_acknowledge_a_new_one() -> None:
    """Brokers use packet ids again: the wrong ack would lose an alarm that nobody stored."""
    withheld = Withheld()
    old = withheld.hold(7, 0.0)
    withheld.release(7, old)
    new = withheld.hold(7, 1.0)

    assert not withheld.release(7, old)
    assert withheld.release(7, new)


def test_a_few_wait_for_ever() -> None:
    """They shut nobody out, and a hub that dies gets them again."""
    assert holding(WITHHELD_FREE).overdue(1e9) == []


def test_many_that_waited_long_let_new_alarms_in() -> None:
    """Mosquitto delivers nothing beyond twenty; with the store down that hid every new alarm."""
    withheld = holding(WITHHELD_FREE + 5)

    assert withheld.overdue(WITHHELD_WAIT_S) == []
    assert withheld.overdue(WITHHELD_WAIT_S + 0.1) == [1, 2, 3, 4, 5]
    assert withheld.overdue(WITHHELD_WAIT_S + 0.2) == []
    assert len(withheld) == WITHHELD_FREE


def test_a_broker_without_a_limit_meets_ours() -> None:
    """Memory stays bounded, whatever the broker thinks."""
    withheld = holding(WITHHELD_MAX + 3)

    assert withheld.overdue(0.0) == [1, 2, 3]


def test_a_message_sent_again_is_young_again() -> None:
    """The broker has just been told that we have not forgotten it."""
    withheld = holding(WITHHELD_FREE + 1)
    withheld.hold(1, 10.0)

    assert withheld.overdue(10.1) == [2]
