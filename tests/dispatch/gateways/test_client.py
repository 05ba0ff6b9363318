"""Every message gets exactly one result, whatever becomes of the worker, and nobody waits."""

import asyncio
import os
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from dispatch.clock import SECOND
from dispatch.gateways import client as client_module
from dispatch.gateways.book import Book, GatewayKind
from dispatch.gateways.client import PER_GATEWAY_MAX, RESTART, ClientTiming, GatewayClient
from dispatch.gateways.ladder import RESULT_WAIT_S
from dispatch.gateways.messages import Message, Result
from dispatch.gateways.worker import IN_FLIGHT_MAX
from dispatch.supervisor import Timing
from tests.dispatch.gateways.builders import FAR, NEAR, book, gateway, message

SMS = gateway("sms", GatewayKind.SMS, per_minute=600, per_person_per_hour=60)
BOOK = book(SMS)
WAIT_S = 20.0
QUICK = ClientTiming(restart=Timing(first_wait_s=0.001, wait_max_s=0.002))

ECHO = """
    import json, sys
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps({"id": asked["id"], "ok": True, "took_ms": 1}), flush=True)
"""

NEVER = """
    import sys
    for line in sys.stdin:
        pass
"""


class Heard:
    """Collects results, and waits for so many."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._more = asyncio.Event()

    def __call__(self, asked: Message, result: Result) -> None:
        assert asked.id == result.id
        self.results.append(result)
        self._more.set()

    async def until(self, count: int) -> list[Result]:
        async with asyncio.timeout(WAIT_S):
            while len(self.results) < count:
                self._more.clear()
                await self._more.wait()
        return self.results

    def why(self) -> dict[str, str]:
        return {each.id: each.why for each in self.results}


def client(
    heard: Heard, code: str, *, of: Book = BOOK, timing: ClientTiming = QUICK, now: int = SECOND
) -> GatewayClient:
    argv = (sys.executable, "-S", "-E", "-c", textwrap.dedent(code))
    return GatewayClient(book=of, on_result=heard, argv=argv, timing=timing, now=lambda: now)


async def test_a_message_comes_back_as_a_result() -> None:
    """The plain case; and several at once."""
    heard = Heard()
    gateways = client(heard, ECHO)
    for number in range(3):
        gateways.submit(message(f"m{number}", "sms"))

    assert [(each.id, each.ok, each.took_ms) for each in await heard.until(3)] == [
        ("m0", True, 1),
        ("m1", True, 1),
        ("m2", True, 1),
    ]
    await gateways.close()


async def test_a_hub_that_sends_nothing_has_no_worker() -> None:
    """Most communities have no gateways, and spare the memory."""
    gateways = client(Heard(), "raise SystemExit(1)")

    await gateways.close()

    assert gateways.under_way == 0


async def test_submitting_never_waits_nor_answers_at_once() -> None:
    """The hub is in the middle of a turn: its own callback must not come in between."""
    heard = Heard()
    gateways = client(heard, ECHO)

    gateways.submit(message("a", "pigeon"))

    assert heard.results == []
    assert [each.why for each in await heard.until(1)] == ["unknown_gateway"]
    await gateways.close()


async def test_what_cannot_go_is_refused_with_its_reason() -> None:
    """Each of them in one word, for the screen."""
    heard = Heard()
    one_a_minute = book(gateway("sms", per_minute=1, per_person_per_hour=60))
    gateways = client(heard, NEVER, of=one_a_minute)
    gateways.submit(message("first", "sms"))

    gateways.submit(message("first", "sms"))
    gateways.submit(message("limited", "sms"))
    await heard.until(2)

    assert [(each.id, each.why) for each in heard.results] == [
        ("first", "twice"),
        ("limited", "limited"),
    ]
    await gateways.close()


async def test_a_queue_that_is_full_refuses_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded: a worker that hangs costs messages, never the hub's memory."""
    monkeypatch.setattr(client_module, "WAITING_MAX", 3)
    heard = Heard()
    gateways = client(heard, NEVER)
    for number in range(3):
        gateways.submit(message(f"m{number}", "sms"))

    gateways.submit(message("one too many", "sms"))

    assert [(each.id, each.why) for each in await heard.until(1)] == [("one too many", "full")]
    await gateways.close()


async def test_no_more_go_out_at_once_than_the_worker_takes() -> None:
    """The rest waits here, where it can still be dropped."""
    heard = Heard()
    three = book(gateway("one"), gateway("two"), gateway("three"))
    gateways = client(heard, NEVER, of=three, timing=ClientTiming(close_s=0.01))
    for number in range(3):
        for over in ("one", "two", "three"):
            gateways.submit(message(f"{over}{number}", over))
    async with asyncio.timeout(WAIT_S):
        while gateways.under_way < IN_FLIGHT_MAX:  # noqa: ASYNC110 -- of this nobody tells
            await asyncio.sleep(0.001)

    assert gateways.waiting == 1
    await gateways.close()


async def test_a_service_that_hangs_leaves_room_for_another() -> None:
    """Ten calls that nobody takes must not keep an SMS waiting behind them."""
    only_sms = """
        import json, sys
        for line in sys.stdin:
            asked = json.loads(line)
            if asked["gateway"] == "sms":
                print(json.dumps({"id": asked["id"], "ok": True}), flush=True)
    """
    heard = Heard()
    both = book(gateway("voice", per_person_per_hour=60), SMS)
    gateways = client(heard, only_sms, of=both, timing=ClientTiming(close_s=0.01))
    for number in range(10):
        gateways.submit(message(f"m{number}", "voice"))

    gateways.submit(message("a", "sms"))

    assert [(each.id, each.ok) for each in await heard.until(1)] == [("a", True)]
    assert gateways.under_way == PER_GATEWAY_MAX
    await gateways.close()


async def test_who_is_to_be_reached_no_more_is_not_and_the_worker_forgets_them() -> None:
    """What waits is refused; a worker that has read the number ends, and the next one has not."""
    pids = """
        import json, os, sys
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps({"id": asked["id"], "ok": True, "took_ms": os.getpid()}), flush=True)
    """
    heard = Heard()
    gateways = client(heard, pids)
    gateways.submit(message("before", "sms"))
    await heard.until(1)
    gateways.submit(message("waits", "sms"))
    gateways.submit(message("another", "sms", contact=FAR))

    gateways.use(BOOK.without([NEAR]))
    gateways.submit(message("after", "sms"))

    await heard.until(4)
    assert heard.why() == {
        "before": "",
        "waits": "no_contact",
        "after": "no_contact",
        "another": "",
    }
    first, last = (each.took_ms for each in heard.results if each.ok)
    assert first != last
    await gateways.close()


async def test_a_fault_in_the_keeper_fails_every_message() -> None:
    """A fault of ours is said, in the log and for each message, rather than waited for."""

    class Faulty(GatewayClient):
        async def _live(self) -> int:
            raise RuntimeError("a fault of ours")

    heard = Heard()
    gateways = Faulty(book=BOOK, on_result=heard, argv=("python",), timing=QUICK)
    gateways.submit(message("a", "sms"))
    await heard.until(1)
    gateways.submit(message("b", "sms"))

    assert [each.why for each in await heard.until(2)] == ["no_worker", "no_worker"]
    await gateways.close()


async def test_a_message_that_still_waits_can_be_dropped() -> None:
    """Its person has answered on the radio meanwhile."""
    heard = Heard()
    gateways = client(heard, NEVER)
    gateways.submit(message("a", "sms"))

    assert gateways.drop("a")
    assert not gateways.drop("a")

    assert [(each.id, each.why) for each in await heard.until(1)] == [("a", "dropped")]
    await gateways.close()


async def test_a_worker_that_dies_fails_what_it_had_and_is_started_again(tmp_path: Path) -> None:
    """Killed, out of memory, a fault in a library: the next message goes out all the same."""
    dies_once = f"""
        import json, os, pathlib, sys
        mark = pathlib.Path({str(tmp_path / "died")!r})
        for line in sys.stdin:
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), 9)
            print(json.dumps({{"id": json.loads(line)["id"], "ok": True}}), flush=True)
    """
    heard = Heard()
    gateways = client(heard, dies_once)
    gateways.submit(message("a", "sms"))
    assert [each.why for each in await heard.until(1)] == ["worker_died"]

    gateways.submit(message("b", "sms"))

    assert (await heard.until(2))[1].ok
    await gateways.close()


async def test_a_worker_that_cannot_work_is_not_started_again() -> None:
    """It says so with its status: its file is broken, and stays so until somebody mends it."""
    heard = Heard()
    gateways = client(heard, "raise SystemExit(2)")
    gateways.submit(message("a", "sms"))
    await heard.until(1)

    gateways.submit(message("b", "sms"))
    await heard.until(2)

    assert heard.why()["a"] in ("worker_died", "no_worker")
    assert heard.why()["b"] == "no_worker"
    await gateways.close()


async def test_a_worker_that_cannot_be_started_is_tried_again() -> None:
    """For instance in the middle of an upgrade; what waits too long is refused."""
    heard = Heard()
    timing = ClientTiming(waiting_s=0.0, restart=QUICK.restart)
    gateways = GatewayClient(
        book=BOOK, on_result=heard, argv=("/nowhere/python",), timing=timing, now=lambda: SECOND
    )

    gateways.submit(message("a", "sms"))
    await heard.until(1)
    gateways.submit(message("b", "sms"))

    assert {each.why for each in await heard.until(2)} == {"too_old"}
    await gateways.close()


async def test_a_worker_that_falls_silent_is_killed() -> None:
    """Stopped, or caught in a loop: it will not answer, and nobody else would notice."""
    heard = Heard()
    gateways = client(heard, NEVER, timing=ClientTiming(result_s=0.2, restart=QUICK.restart))

    gateways.submit(message("a", "sms"))

    assert [each.why for each in await heard.until(1)] == ["worker_died"]
    await gateways.close()


async def test_noise_of_the_worker_is_passed_over() -> None:
    """A library that prints, a line without end, a result of nobody's."""
    noisy = """
        import json, sys
        for line in sys.stdin:
            print("hello", flush=True)
            print("x" * 100_000, flush=True)
            print('{"id": "stranger", "ok": true}', flush=True)
            print(json.dumps({"id": json.loads(line)["id"], "ok": True}), flush=True)
    """
    heard = Heard()
    gateways = client(heard, noisy)

    gateways.submit(message("a", "sms"))

    assert [(each.id, each.ok) for each in await heard.until(1)] == [("a", True)]
    await gateways.close()


async def test_a_hub_that_stumbles_over_a_result_still_gets_the_next() -> None:
    """A fault in the hub's own callback must not end the worker's keeper."""
    heard = Heard()

    def stumbles(asked: Message, result: Result) -> None:
        heard(asked, result)
        raise RuntimeError("the hub's own fault")

    argv = (sys.executable, "-S", "-E", "-c", textwrap.dedent(ECHO))
    gateways = GatewayClient(book=BOOK, on_result=stumbles, argv=argv, timing=QUICK)
    gateways.submit(message("a", "sms"))
    gateways.submit(message("b", "sms"))

    assert {each.id for each in await heard.until(2)} == {"a", "b"}
    await gateways.close()


async def test_closing_fails_what_is_left_and_leaves_no_worker() -> None:
    """The hub ends in a moment, whatever a service does."""
    tells_its_id = """
        import json, os, sys
        first = json.loads(sys.stdin.readline())
        print(json.dumps({"id": first["id"], "ok": True, "took_ms": os.getpid()}), flush=True)
        sys.stdin.read()
    """
    heard = Heard()
    timing = ClientTiming(close_s=0.01, restart=QUICK.restart)
    gateways = client(heard, tells_its_id, timing=timing)
    gateways.submit(message("first", "sms"))
    pid = (await heard.until(1))[0].took_ms
    for number in range(IN_FLIGHT_MAX + 2):
        gateways.submit(message(f"m{number}", "sms"))

    await gateways.close()

    assert Counter(each.why for each in heard.results[1:]) == {"closed": IN_FLIGHT_MAX + 2}
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    gateways.submit(message("late", "sms"))
    await asyncio.sleep(0)
    assert heard.why()["late"] == "closed"


async def test_what_is_under_way_gets_a_moment_when_closing() -> None:
    """An SMS that is just going out should not be reported as failed."""
    heard = Heard()
    gateways = client(heard, ECHO)
    gateways.submit(message("a", "sms"))
    async with asyncio.timeout(WAIT_S):
        while not gateways.under_way:  # noqa: ASYNC110 -- of this nobody tells
            await asyncio.sleep(0)

    await gateways.close()

    assert [(each.id, each.ok) for each in heard.results] == [("a", True)]


def test_a_result_comes_before_the_ladder_believes_it_lost() -> None:
    """Or a person would be written to twice for one slow service."""
    timing = ClientTiming()

    assert timing.waiting_s + timing.result_s < RESULT_WAIT_S
    assert timing.waiting_s + RESTART.wait_max_s < RESULT_WAIT_S


async def test_a_worker_stopped_by_a_signal_is_noticed() -> None:
    """SIGSTOP leaves its pipes open: only the missing result gives it away."""
    stops = """
        import os, signal, sys
        sys.stdin.readline()
        os.kill(os.getpid(), signal.SIGSTOP)
    """
    heard = Heard()
    gateways = client(heard, stops, timing=ClientTiming(result_s=0.2, restart=QUICK.restart))

    gateways.submit(message("a", "sms"))

    assert [each.why for each in await heard.until(1)] == ["worker_died"]
    await gateways.close()
