"""dispatch/access/attempts.py: guessing gets slow, and nobody is locked out for good."""

from dispatch.access.attempts import (
    FORGOTTEN,
    FREE_OF_ACCOUNT,
    FREE_OF_ADDRESS,
    KEPT_MAX,
    WAITS_S,
    Attempts,
)
from dispatch.clock import SECOND
from tests.dispatch.access.people import NOW

HERE, THERE = "10.0.0.7", "10.0.0.8"


def fail(attempts: Attempts, account: str, times: int, *, address: str = HERE) -> None:
    """So many in the same second."""
    for _ in range(times):
        attempts.failed(account, address, NOW)


def test_a_few_slips_cost_nothing() -> None:
    """Night, gloves, another keyboard."""
    attempts = Attempts()

    fail(attempts, "张三", FREE_OF_ACCOUNT)

    assert attempts.wait_s("张三", HERE, NOW) == 0


def test_waits_grow_to_a_quarter_of_an_hour_and_no_further() -> None:
    """However long somebody guesses, the real one is in after fifteen minutes."""
    attempts = Attempts()
    fail(attempts, "张三", FREE_OF_ACCOUNT)

    waits = []
    for _ in range(len(WAITS_S) + 5):
        fail(attempts, "张三", 1)
        waits.append(attempts.wait_s("张三", THERE, NOW))

    assert waits == [*WAITS_S, *[900] * 5]
    assert attempts.wait_s("张三", THERE, NOW + 900 * SECOND) == 0


def test_another_account_from_the_same_place_need_not_wait() -> None:
    """One who mistypes does not hold up the shift."""
    attempts = Attempts()

    fail(attempts, "张三", 10)

    assert attempts.wait_s("李四", HERE, NOW) == 0


def test_a_place_that_tries_many_accounts_is_slowed() -> None:
    """One guess at each of a thousand accounts is guessing, too."""
    attempts = Attempts()

    for number in range(FREE_OF_ADDRESS + 1):
        attempts.failed(f"u{number}", HERE, NOW)

    assert attempts.wait_s("李四", HERE, NOW) == WAITS_S[0]
    assert attempts.wait_s("李四", THERE, NOW) == 0


def test_one_guesser_keeps_nobody_out_who_came_in_from_there_before() -> None:
    """A whole centre has one address: its own people do not wait for what a visitor tries."""
    attempts = Attempts()
    attempts.succeeded("张三", HERE)
    for number in range(FREE_OF_ADDRESS + 9):
        attempts.failed(f"u{number}", HERE, NOW)

    assert attempts.wait_s("张三", HERE, NOW) == 0
    assert attempts.wait_s("李四", HERE, NOW) == WAITS_S[-1]
    fail(attempts, "张三", 6)
    assert attempts.wait_s("张三", HERE, NOW) == WAITS_S[1], "who guesses theirs waits all the same"


def test_it_says_how_many_tries_are_left() -> None:
    """So that an operator stops in time and asks for a new link."""
    attempts = Attempts()

    assert [attempts.failed("张三", HERE, NOW) for _ in range(6)] == [4, 3, 2, 1, 0, 0]


def test_coming_in_or_an_administrator_ends_the_wait() -> None:
    """The count begins anew."""
    attempts = Attempts()
    fail(attempts, "张三", 9)

    attempts.succeeded("张三", HERE)

    assert attempts.wait_s("张三", HERE, NOW) == 0


def test_who_attacks_from_elsewhere_holds_nobody_up_at_their_own_desk() -> None:
    """Else whoever knows a name could keep its bearer from the console for as long as they like."""
    attempts = Attempts()
    attempts.succeeded("张三", HERE)

    fail(attempts, "张三", 12, address=THERE)

    assert attempts.wait_s("张三", HERE, NOW) == 0
    assert attempts.wait_s("张三", THERE, NOW) == 900
    assert attempts.wait_s("张三", "10.0.0.9", NOW) == 900
    assert attempts.longest_wait_s("张三", NOW) == 900


def test_an_administrator_ends_every_wait_of_an_account() -> None:
    """From wherever they try."""
    attempts = Attempts()
    attempts.succeeded("张三", HERE)
    for place in (HERE, THERE):
        fail(attempts, "张三", 9, address=place)

    attempts.lift("张三")

    assert attempts.wait_s("张三", HERE, NOW) == attempts.wait_s("张三", THERE, NOW) == 0
    assert attempts.longest_wait_s("张三", NOW) == 0


def test_an_hour_later_all_is_forgotten() -> None:
    """Yesterday's slips are not added to today's."""
    attempts = Attempts()
    fail(attempts, "张三", 9)

    left = attempts.failed("张三", HERE, NOW + FORGOTTEN + 1)

    assert left == FREE_OF_ACCOUNT


def test_memory_is_bounded_however_many_names_are_tried() -> None:
    """Guessing names must not fill the memory."""
    attempts = Attempts()

    for number in range(KEPT_MAX + 100):
        attempts.failed(f"u{number}", f"a{number}", NOW + number)

    assert len(attempts._tried) == KEPT_MAX
