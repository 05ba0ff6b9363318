"""The worker sends what it is told, says what became of it, and is never held up by a service."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

from dispatch.gateways.book import Book, Gateway, GatewayKind, person_contact
from dispatch.gateways.messages import Message, Outcome, Result, decode_result, encode
from dispatch.gateways.worker import ENDED, IN_FLIGHT_MAX, STUCK, Worker
from tests.dispatch.gateways.builders import PHONE, book, gateway, message

SMS = gateway("sms", GatewayKind.SMS)
BOOK = book(SMS, callback="010-00000000")
WAIT_S = 20.0


class Told:
    """Takes the worker's lines, and waits for so many."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._more = asyncio.Event()

    def __call__(self, line: bytes) -> None:
        self.results.append(decode_result(line))
        self._more.set()

    async def until(self, count: int) -> list[Result]:
        async with asyncio.timeout(WAIT_S):
            while len(self.results) < count:
                self._more.clear()
                await self._more.wait()
        return self.results


class Sender:
    """A service in memory: takes everything, or holds all until it is released."""

    def __init__(self, outcome: Outcome | None = None, *, held: bool = False) -> None:
        self.outcome = outcome or Outcome(ok=True)
        self.sent: list[tuple[str, str, str]] = []
        self.released = threading.Event()
        if not held:
            self.released.set()

    def __call__(self, over: Gateway, url: str, text: str) -> Outcome:
        self.sent.append((over.name, url, text))
        assert self.released.wait(WAIT_S)
        return self.outcome


def lines_of(*messages: Message, ended: bool = True) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=8192)
    for each in messages:
        reader.feed_data(encode(each))
    if ended:
        reader.feed_eof()
    return reader


async def run(
    send: Callable[[Gateway, str, str], Outcome], *messages: Message, with_book: Book = BOOK
) -> list[Result]:
    told = Told()
    status = await Worker(book=with_book, send=send, answer=told).run(lines_of(*messages))
    assert status == ENDED
    return told.results


async def test_a_message_goes_to_the_number_in_the_words_of_its_gateway() -> None:
    """The hub gives names; number, url and wording are the worker's to find."""
    sender = Sender()

    results = await run(sender, message("a", "sms"))

    assert [(each.id, each.ok, each.why) for each in results] == [("a", True, "")]
    assert sender.sent == [
        (
            "sms",
            "json://127.0.0.1:9/%2B8610000000000",
            "求救，请到小荷幼儿园南60米。请用对讲机答复，或回电010-00000000。",
        )
    ]


async def test_a_community_may_have_a_number_of_its_own_to_call_back() -> None:
    """One gateway file may serve several."""
    sender = Sender()

    await run(sender, replace(message("a", "sms"), callback="020-11111111"))

    assert sender.sent[0][2].endswith("或回电020-11111111。")


async def test_a_failure_is_told_with_its_reason() -> None:
    """The screen shows why the SMS did not go."""
    results = await run(Sender(Outcome(ok=False, why="http_500")), message("a", "sms"))

    assert [(each.ok, each.why) for each in results] == [(False, "http_500")]


async def test_a_gateway_or_contact_that_the_file_lacks_is_told() -> None:
    """The file may have been changed since the hub read it."""
    results = await run(
        Sender(), message("a", "pigeon"), message("b", "sms", person_contact("nobody"))
    )

    assert [(each.id, each.why) for each in results] == [
        ("a", "unknown_gateway"),
        ("b", "no_contact"),
    ]


async def test_a_line_that_is_none_does_not_stop_the_next() -> None:
    """Noise, a line without end, then a message: the message goes out."""
    sender, told, reader = Sender(), Told(), asyncio.StreamReader(limit=8192)
    reader.feed_data(b"noise\n" + b"x" * 50_000 + b"\n" + encode(message("a", "sms")))
    reader.feed_eof()

    await Worker(book=BOOK, send=sender, answer=told).run(reader)

    assert [each.id for each in told.results] == ["a"]


async def test_a_service_that_hangs_does_not_hold_up_another() -> None:
    """A voice service asleep must not keep the SMS waiting."""
    slow, quick, told = gateway("voice"), SMS, Told()
    asleep = threading.Event()

    def send(over: Gateway, url: str, text: str) -> Outcome:
        if over.name == "voice":
            assert asleep.wait(WAIT_S)
        return Outcome(ok=True)

    reader = lines_of(message("a", "voice"), message("b", "sms"), ended=False)
    running = asyncio.create_task(
        Worker(book=book(slow, quick), send=send, answer=told).run(reader)
    )
    assert [each.id for each in await told.until(1)] == ["b"]

    asleep.set()
    reader.feed_eof()
    assert await running == ENDED
    assert [each.id for each in told.results] == ["b", "a"]


async def test_more_than_it_can_send_at_once_is_refused() -> None:
    """Its parent keeps to the number; should it not, nothing piles up here."""
    sender, told = Sender(held=True), Told()
    messages = [message(f"m{number}", "sms") for number in range(IN_FLIGHT_MAX + 1)]
    reader = lines_of(*messages, ended=False)
    running = asyncio.create_task(Worker(book=BOOK, send=sender, answer=told).run(reader))

    assert [(each.id, each.why) for each in await told.until(1)] == [(f"m{IN_FLIGHT_MAX}", "busy")]

    sender.released.set()
    reader.feed_eof()
    assert await running == ENDED
    assert sum(each.ok for each in told.results) == IN_FLIGHT_MAX


async def test_a_message_past_its_deadline_is_told_as_such() -> None:
    """A service that drips a byte a second never times out by itself."""
    sender, told = Sender(held=True), Told()
    reader = lines_of(message("a", "sms"), ended=False)
    worker = Worker(book=BOOK, send=sender, answer=told, deadline_s=0.01)
    running = asyncio.create_task(worker.run(reader))

    assert [each.why for each in await told.until(1)] == ["timeout"]

    sender.released.set()
    reader.feed_eof()
    assert await running == ENDED
    assert len(told.results) == 1


async def test_a_worker_whose_every_thread_is_stuck_ends() -> None:
    """A thread cannot be interrupted; a new process can be started."""
    sender, told = Sender(held=True), Told()
    messages = [message(f"m{number}", "sms") for number in range(IN_FLIGHT_MAX)]
    worker = Worker(book=BOOK, send=sender, answer=told, deadline_s=0.01)

    assert await worker.run(lines_of(*messages, ended=False)) == STUCK

    assert {each.why for each in told.results} == {"timeout"}
    sender.released.set()


async def test_a_thread_that_comes_back_late_is_of_use_again() -> None:
    """One bad minute of a service does not add up over a week to a stuck worker."""
    sender, told = Sender(held=True), Told()
    reader = asyncio.StreamReader()
    worker = Worker(book=BOOK, send=sender, answer=told, deadline_s=0.01)
    running = asyncio.create_task(worker.run(reader))
    for number in range(IN_FLIGHT_MAX - 1):
        reader.feed_data(encode(message(f"m{number}", "sms")))
    await told.until(IN_FLIGHT_MAX - 1)

    sender.released.set()
    async with asyncio.timeout(WAIT_S):
        while worker.sending:  # noqa: ASYNC110 -- it tells nobody, having told all it had to
            await asyncio.sleep(0)
    reader.feed_data(encode(message("again", "sms")))
    reader.feed_eof()

    assert await running == ENDED
    assert told.results[-1].id == "again"
    assert told.results[-1].ok


async def test_what_the_worker_cannot_compose_is_told_as_failed() -> None:
    """A fault of ours in one message is not the end of the others."""
    no_number = replace(SMS, needs=frozenset())  # so that it looks as if nobody had to fill it

    results = await run(
        Sender(), message("a", "sms"), with_book=book(no_number, contacts={}, callback="")
    )

    assert [(each.id, each.why) for each in results] == [("a", "failed")]


def test_numbers_are_nowhere_in_a_message() -> None:
    """What passes between the two processes holds no secret and no phone number."""
    assert PHONE.encode() not in encode(message("a", "sms"))
