"""console/stream.py over real WebSockets: the stream as a page, a watcher or an attacker has it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import WSMsgType

from console import pump, stream
from console.feed import TICKS_A_BEAT
from console.frames import decode_frame
from console.session import POLICY_VIOLATION, UNSUPPORTED_DATA
from console.stream import LOGGED_OUT
from console.wire import Beat, Behind, Change, Hello, Snapshot
from dispatch.access.words import EVERYWHERE, Office
from dispatch.ids import CommunityId, OperatorName
from dispatch.outgoing import ToConsoles
from tests.console.builders import NOON, OPERATOR, incident
from tests.console.samples import FIRST
from tests.console.server import Console, as_operator, hear, running

STREAM = "/api/v1/stream"
UPGRADE = b"\r\n".join(
    (
        b"GET /api/v1/stream HTTP/1.1",
        b"Host: localhost",
        b"Authorization: Bearer a",
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"\r\n",
    )
)


@pytest_asyncio.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console in the middle of an evening."""
    async with running(tmp_path) as made:
        yield made


async def test_a_page_sees_everything_and_then_what_changes(console: Console) -> None:
    """Hello, snapshot, positions; then an incident is taken and that is told."""
    console.hub.live.put("r01", 120.005, 30.005, NOON)
    async with console.client.ws_connect(console.url(STREAM)) as page:
        hello, snapshot, positions = [await hear(page) for _ in range(3)]
        console.hub.incidents[FIRST].taken_by = OPERATOR
        console.feed.changed(ToConsoles(incidents=frozenset({FIRST})))
        change = await hear(page)

    assert isinstance(hello, Hello)
    assert isinstance(snapshot, Snapshot)
    assert decode_frame(positions).whole
    assert isinstance(change, Change)
    assert change.seq == snapshot.seq + 1
    assert change.incidents[0].taken_by == OPERATOR


async def test_a_beat_comes_and_positions_with_the_tick(console: Console) -> None:
    """A page sees a dead server by the beats that do not come."""
    async with console.client.ws_connect(console.url(STREAM)) as page:
        [await hear(page) for _ in range(3)]
        console.hub.live.put("r02", 120.005, 30.005, NOON)
        console.feed.moved(console.hub.live.rows("r02"))
        for _ in range(TICKS_A_BEAT):
            console.feed.tick()
        told = [await hear(page) for _ in range(2)]

    assert isinstance(told[0], Beat)
    assert decode_frame(told[1]).records["row"].tolist() == [console.hub.live.columns.row_of("r02")]


async def test_changes_in_one_breath_come_as_two_messages(console: Console) -> None:
    """The first at once, the others together; and once nobody ticks, each by itself again."""
    what = ToConsoles(incidents=frozenset({FIRST}))
    ticks = asyncio.create_task(stream.ticking(console.feed))
    async with console.client.ws_connect(console.url(STREAM)) as page:
        [await hear(page) for _ in range(3)]
        for version in range(100, 110):
            console.hub.incidents[FIRST].version = version
            console.feed.changed(what)
        told = [await hear(page) for _ in range(2)]
        ticks.cancel()
        await asyncio.gather(ticks, return_exceptions=True)
        for _ in range(2):
            console.feed.changed(what)
        told += [await hear(page) for _ in range(2)]

    assert [each.seq for each in told] == [1, 2, 3, 4]
    assert [each.incidents[0].version for each in told] == [100, 109, 109, 109]


async def test_what_a_command_did_is_sent_before_its_answer(console: Console) -> None:
    """Else the button would offer again, for a moment, what was just done."""
    what = ToConsoles(incidents=frozenset({FIRST}))
    async with console.client.ws_connect(console.url(STREAM)) as page:
        [await hear(page) for _ in range(3)]
        with console.feed.flushing():  # and no flush comes
            for _ in range(2):
                console.feed.changed(what)
            await console.post(f"/api/v1/incidents/{FIRST}/notes", {"words": "到了"})
            told = console.feed.seq

        assert [(await hear(page)).seq for _ in range(2)] == [1, 2]
    assert told == 2


async def test_what_cannot_be_drawn_does_not_end_the_ticks(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad document must not cost all pages their sign of life."""
    monkeypatch.setattr(console.feed, "flush", lambda: 1 / 0)
    beats = asyncio.Event()
    monkeypatch.setattr(console.feed, "tick", beats.set)

    ticks = asyncio.create_task(stream.ticking(console.feed))
    await asyncio.wait_for(beats.wait(), timeout=5.0)

    assert not ticks.done()
    ticks.cancel()
    await asyncio.gather(ticks, return_exceptions=True)


async def test_operators_are_present_while_their_stream_is_open(console: Console) -> None:
    """Percent-encoded as browsers write it; a watcher is nobody."""
    async with (
        console.client.ws_connect(console.url(STREAM), headers=as_operator(OPERATOR)) as page,
        console.client.ws_connect(console.url(STREAM)) as watcher,
    ):
        hello = await hear(page)
        await hear(watcher)
        assert console.shell.present == [frozenset({OPERATOR})]
    await asyncio.wait_for(console.shell.alone.wait(), timeout=5.0)

    assert hello.operator == OPERATOR
    assert console.shell.present[-1] == frozenset()


async def test_an_auditor_has_no_stream(console: Console) -> None:
    """Refused before the stream, with a sentence."""
    console.gate.offices["审计"] = {(Office.AUDITOR, EVERYWHERE)}

    status, answer = await console.get(STREAM, headers=as_operator("审计"))

    assert (status, answer["code"]) == (403, "no_right")
    assert console.shell.present == []


async def test_a_manager_watches_and_is_not_there_as_an_operator(console: Console) -> None:
    """They may see and not handle: an alarm nobody takes must still escalate."""
    console.gate.offices["主任"] = {(Office.MANAGER, EVERYWHERE)}

    async with console.client.ws_connect(console.url(STREAM), headers=as_operator("主任")) as page:
        assert isinstance(await hear(page), Hello)

    assert console.shell.present == []


async def test_a_login_that_ends_ends_its_stream(console: Console) -> None:
    """At once, and with a code that tells the page to ask for the password."""
    async with console.client.ws_connect(console.url(STREAM), headers=as_operator("一席")) as page:
        [await hear(page) for _ in range(3)]
        console.gate.gone.add("一席")
        for look_again in tuple(console.gate.listeners):
            look_again()
        message = await page.receive(timeout=5.0)

    assert (message.type, message.data) == (WSMsgType.CLOSE, LOGGED_OUT)


async def test_an_office_that_was_taken_changes_what_is_told_at_once(console: Console) -> None:
    """The page comes back by itself, and is told what it may see now."""
    async with console.client.ws_connect(console.url(STREAM), headers=as_operator("一席")) as page:
        [await hear(page) for _ in range(3)]
        console.gate.offices["一席"] = {(Office.OPERATOR, CommunityId("hubin"))}
        for look_again in tuple(console.gate.listeners):
            look_again()
        message = await page.receive(timeout=5.0)
    async with console.client.ws_connect(console.url(STREAM), headers=as_operator("一席")) as again:
        hello, snapshot = await hear(again), await hear(again)

    assert (message.type, message.data) == (WSMsgType.CLOSE, 1012)
    assert hello.communities == []
    assert (snapshot.incidents, snapshot.units, snapshot.undecided) == ([], [], [])
    assert (snapshot.status.units_on_duty, snapshot.status.drills) == (0, [])


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000", "null"])
async def test_a_page_of_another_site_has_no_stream(console: Console, origin: str) -> None:
    """WebSockets know no CORS: only the server can refuse."""
    headers = {"Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket"}

    status, answer = await console.get(STREAM, headers=headers)

    assert (status, answer["code"]) == (403, "wrong_origin")


async def test_a_gap_is_answered_by_a_snapshot(console: Console) -> None:
    """The page asks once and has the whole again."""
    async with console.client.ws_connect(console.url(STREAM)) as page:
        [await hear(page) for _ in range(3)]
        await page.send_str('{"type":"resync"}')

        assert isinstance(await hear(page), Snapshot)
        assert decode_frame(await hear(page)).whole


@pytest.mark.parametrize(
    ("said", "code"), [("{}", POLICY_VIOLATION), (b"\x01\x02", UNSUPPORTED_DATA)]
)
async def test_what_no_page_says_closes_the_stream_with_a_reason(
    console: Console, said: str | bytes, code: int
) -> None:
    """A developer sees in the browser's log what was wrong."""
    async with console.client.ws_connect(console.url(STREAM)) as page:
        [await hear(page) for _ in range(3)]
        await (page.send_str(said) if isinstance(said, str) else page.send_bytes(said))
        message = await page.receive(timeout=5.0)

    assert message.type is WSMsgType.CLOSE
    assert (message.data, bool(message.extra)) == (code, True)


async def test_a_message_of_a_megabyte_closes_the_stream(console: Console) -> None:
    """Before it was read."""
    async with console.client.ws_connect(console.url(STREAM)) as page:
        [await hear(page) for _ in range(3)]
        await page.send_str("x" * 1_000_000)
        message = await page.receive(timeout=5.0)

    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR)


async def test_a_slow_reader_delays_nobody_and_ends_with_the_truth(console: Console) -> None:
    """It is told that it was behind and begins anew; the other page has every change."""
    words = "长" * 20_000
    async with (
        console.client.ws_connect(console.url(STREAM), max_msg_size=0) as slow,
        console.client.ws_connect(console.url(STREAM), max_msg_size=0) as quick,
    ):
        [await hear(quick) for _ in range(3)]
        rounds = 400
        for number in range(rounds):
            console.hub.hold(incident(7, version=number, words=words))
            console.feed.changed(ToConsoles(incidents=frozenset({incident(7).incident})))
            assert (await hear(quick)).seq == number + 1
        assert console.feed.behind >= 1

        told = [await hear(slow)]
        while not (isinstance(told[-1], Snapshot) and told[-1].seq == rounds):
            told.append(await hear(slow))

    assert any(isinstance(each, Behind) for each in told)
    assert rounds - 1 in [each.version for each in told[-1].incidents]


async def test_streams_have_a_maximum(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that reconnects in a loop finds an end, and is told."""
    monkeypatch.setattr(stream, "STREAMS_MAX", 1)
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with console.client.ws_connect(console.url(STREAM)):
        status, answer = await console.get(STREAM, headers=headers)

    assert (status, answer["code"]) == (503, "busy")


async def test_pages_are_told_when_the_server_stops(tmp_path: Path) -> None:
    """They come back by themselves, and say so until then."""
    async with running(tmp_path) as console:
        page = await console.client.ws_connect(console.url(STREAM), headers=as_operator("一席"))
        [await hear(page) for _ in range(3)]
        shell = console.shell
        listening = asyncio.create_task(page.receive(timeout=5.0))

    message = await listening
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
    assert shell.present == [frozenset({OperatorName("一席")}), frozenset()]


async def test_a_reader_that_takes_nothing_is_cut_off(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen page must not count as an operator who could take an alarm."""
    monkeypatch.setattr(pump, "SEND_TIMEOUT_S", 0.2)
    console.hub.hold(incident(7, words="长" * 3_000_000))

    # By hand, since a WebSocket client would go on reading into its own memory.
    _, writer = await asyncio.open_connection("127.0.0.1", console.port, limit=1024)
    writer.write(UPGRADE)
    await asyncio.wait_for(console.shell.alone.wait(), timeout=10.0)
    writer.close()

    assert console.shell.present == [frozenset({OperatorName("a")}), frozenset()]
    assert (console.feed.streams, console.feed.cut_off) == (0, {"took_nothing": 1})


async def test_a_reader_that_is_seconds_behind_is_cut_off_and_costs_the_others_nothing(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers no ping, for it has not come to it: let go at once with a reason, and what the
    kernel held for it, too. What changes is on the other page at once all the while."""
    monkeypatch.setattr(stream, "PING_S", 0.4)
    console.hub.hold(incident(7, words="长" * 300_000))
    reader, writer = await asyncio.open_connection("127.0.0.1", console.port, limit=1024)
    writer.write(UPGRADE)
    async with console.client.ws_connect(console.url(STREAM), max_msg_size=0) as quick:
        [await hear(quick) for _ in range(3)]
        version = 0
        while await some_of(reader):
            version += 1
            console.hub.hold(incident(8, version=version))
            console.feed.changed(ToConsoles(incidents=frozenset({incident(8).incident})))
            assert (await hear(quick)).incidents[0].version == version

    assert version > 0
    assert console.feed.cut_off == {"no_pong": 1}
    writer.close()


async def test_our_own_error_ends_the_stream_so_that_the_page_comes_back(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that is open and silent would be worse than one that is closed."""

    def fail() -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(console.feed, "snapshot", fail)
    async with console.client.ws_connect(console.url(STREAM)) as page:
        await hear(page)
        message = await page.receive(timeout=5.0)

    assert (message.type, message.data) == (WSMsgType.CLOSE, 1011)
    assert console.feed.streams == 0


async def some_of(reader: asyncio.StreamReader) -> bytes:
    """The next kilobyte; nothing once the connection was cut."""
    try:
        return await reader.read(1024)
    except ConnectionError:
        return b""
