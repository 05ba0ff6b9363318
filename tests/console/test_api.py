"""console/api.py over real HTTP: what is answered, and what is refused with a sentence."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from console import routes
from console.asking import BODY_BYTES_MAX
from console.guard import CHANGED_TOLD_MAX, since
from console.lookups import BooksDoc
from console.wire import IncidentDoc, Snapshot, StoryDoc
from dispatch.access.needs import Guarded, Need, Where
from dispatch.access.words import EVERYWHERE, Office, Right
from dispatch.clock import MINUTE
from dispatch.commands import AddNote, CloseIncident, OpenIncident, RevokeRadio, WithdrawUnit
from dispatch.errors import StaleVersionError, StoreDownError, UnknownIncidentError, WrongPhaseError
from dispatch.ids import IncidentId
from dispatch.store.port import IncidentRow
from dispatch.words import Disposition, Kind, Phase
from tests.console.builders import NOON, OPERATOR, XIZI
from tests.console.samples import FIRST, en_route, first_facts
from tests.console.samples_steered import exercise
from tests.console.server import Console, as_operator, running

ABOUT = f"/api/v1/incidents/{FIRST}"
TAKE = f"{ABOUT}/take"


@pytest_asyncio.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console whose page is not built."""
    async with running(tmp_path) as made:
        yield made


def a_row(number: int) -> IncidentRow:
    """A line of the past; higher numbers are newer."""
    return IncidentRow(
        incident=IncidentId(f"xizi-20251120-{number:03d}"),
        community=XIZI,
        kind="sos",
        priority=1,
        phase="closed",
        opened_t=NOON + number * MINUTE,
        closed_t=NOON + (number + 1) * MINUTE,
        sender=None,
        grid="",
        taken_by=OPERATOR,
        disposition="resolved",
    )


# --- commands ---


async def test_a_command_reaches_the_hub_as_it_was_meant(console: Console) -> None:
    """Who, what, based on which version, and the name under which it may be repeated."""
    status, answer = await console.post(
        f"/api/v1/incidents/{FIRST}/notes", {"words": " 有人追赶 ", "based_on": 5}
    )

    assert (status, answer) == (200, {"subject": FIRST, "version": 6})
    [asked] = console.shell.asked
    assert isinstance(asked, AddNote)
    assert (asked.by, asked.words, asked.based_on) == (OPERATOR, "有人追赶", 5)
    assert (asked.command, asked.incident) == ("c-1", FIRST)


async def test_every_command_of_the_table_is_understood(console: Console) -> None:
    """Each route with its smallest body; nothing is refused that a page would send."""
    about = f"/api/v1/incidents/{FIRST}"
    for path, body in (
        ("/api/v1/incidents", {"community": "xizi", "kind": "fire", "lon": 120.0, "lat": 30.0}),
        (TAKE, {}),
        (f"{about}/assignments", {"unit": "p01"}),
        (f"{about}/withdraw", {"assignment": f"{FIRST}/2"}),
        (f"{about}/close", {"disposition": "duplicate", "duplicate_of": "xizi-20251121-002"}),
        (f"{about}/reopen", {"words": "又回来了"}),
        ("/api/v1/radios/r01/revoke", {}),
    ):
        status, answer = await console.post(path, body)
        assert status == 200, (path, answer)

    opened, _, _, withdrawn, closed, _, revoked = console.shell.asked
    assert isinstance(opened, OpenIncident)
    assert (opened.kind, opened.lon) == (Kind.FIRE, 120.0)
    assert isinstance(withdrawn, WithdrawUnit)
    assert withdrawn.assignment == f"{FIRST}/2"
    assert isinstance(closed, CloseIncident)
    assert closed.disposition is Disposition.DUPLICATE
    assert isinstance(revoked, RevokeRadio)
    assert revoked.radio == "r01"


@pytest.mark.parametrize(
    ("refused", "status", "code"),
    [
        (StaleVersionError(incident=FIRST, based_on=3, version=15), 409, "stale_version"),
        (WrongPhaseError(subject=FIRST, phase="closed", request="take"), 409, "wrong_phase"),
        (UnknownIncidentError("x"), 404, "unknown_incident"),
        (StoreDownError("disk full"), 503, "store_down"),
    ],
)
async def test_what_the_hub_refuses_is_told_with_the_present_state(
    console: Console, refused: Exception, status: int, code: str
) -> None:
    """A page that was behind sees at once what is true, without asking again."""
    console.shell.refuse = refused

    told, answer = await console.post(TAKE, {"based_on": 3})

    assert (told, answer["code"], answer["detail"]) == (status, code, str(refused))
    if status in (404, 409):
        assert answer["incident"]["version"] == en_route()[0].version


async def test_a_stale_command_is_told_what_changed_meanwhile(console: Console) -> None:
    """Not only that it was behind: the lines that its asker had not seen."""
    console.shell.refuse = StaleVersionError(incident=FIRST, based_on=12, version=15)

    _, answer = await console.post(TAKE, {"based_on": 12})

    assert [line["what"] for line in answer["changed"]] == ["NoteAdded", "UnitEnRoute"]


async def test_what_changed_is_told_also_where_the_story_is_long(console: Console) -> None:
    """A version counts all lines, also those that a document leaves out; twenty are enough."""
    doc = console.feed.picture.incident(FIRST)
    assert doc is not None
    by_machine = [line for line in doc.story if line.by is None]
    doc.story, doc.story_left_out = by_machine * 10, 100
    length = 100 + len(doc.story)

    assert since(doc, length) == []
    assert since(doc, length - 2) == doc.story[-2:]
    assert since(doc, 3) == doc.story[-CHANGED_TOLD_MAX:]
    assert since(doc, None) == []


async def test_who_closed_it_is_told_however_many_units_that_let_go(console: Console) -> None:
    """The loser of a race asks who ended it; fifty recalls after that are no answer."""
    doc = console.feed.picture.incident(FIRST)
    assert doc is not None
    known = doc.story_left_out + len(doc.story)
    closed = StoryDoc(t=0, what="IncidentClosed", by="乙席")
    recalls = [
        StoryDoc(t=1, what="AssignmentWithdrawn", unit=f"r{n}", by="乙席") for n in range(50)
    ]
    doc.story = [*doc.story, closed, *recalls]

    told = since(doc, known)

    assert len(told) == CHANGED_TOLD_MAX
    assert told[0] is closed


async def test_our_own_error_is_an_answer_too_and_tells_no_secrets(console: Console) -> None:
    """The page says *internal*; what went wrong is in the log."""
    console.shell.refuse = ZeroDivisionError("the secret")

    status, answer = await console.post(TAKE)

    assert (status, answer["code"]) == (500, "internal")
    assert "secret" not in str(answer)


async def test_a_command_that_hangs_is_answered_in_the_end(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The asker may ask again under the same name; the hub knows it then."""
    monkeypatch.setattr(routes, "ASK_TIMEOUT_S", 0.05)
    console.shell.hangs = True

    status, answer = await console.post(TAKE)

    assert (status, answer["code"]) == (504, "no_answer")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (TAKE, b"", 200, None),
        (TAKE, b"{", 400, "bad_body"),
        (TAKE, b"[]", 400, "bad_body"),
        (TAKE, b"[" * 60_000, 400, "bad_body"),
        (TAKE, b'{"based_on":"5"}', 400, "bad_body"),
        (TAKE, b'{"based_on":-1}', 422, "bad_version"),
        (TAKE, b'{"based_on":1e30}', 400, "bad_body"),
        (TAKE, b'{"by":"somebody else"}', 400, "bad_body"),
        (TAKE, b'{"based_on":1}' + b" " * BODY_BYTES_MAX, 413, "too_large"),
        (TAKE, b'{"words":"\\ud800"}', 400, "bad_body"),
        (TAKE, b'{"words":"\xff"}', 400, "bad_body"),
        ("/api/v1/incidents", b'{"community":"xizi","kind":"party"}', 422, "unknown_kind"),
        ("/api/v1/incidents", b'{"community":"","kind":"sos"}', 422, "bad_community"),
        ("/api/v1/incidents", b'{"community":"xizi","kind":"sos","lon":1}', 422, "bad_place"),
        (
            "/api/v1/incidents",
            b'{"community":"xizi","kind":"sos","lon":181,"lat":0}',
            422,
            "bad_place",
        ),
        (f"/api/v1/incidents/{FIRST}/notes", b'{"words":" "}', 422, "no_words"),
        (f"/api/v1/incidents/{FIRST}/notes", b'{"words":"\\u202e\\u0000"}', 422, "no_words"),
        (
            f"/api/v1/incidents/{FIRST}/close",
            b'{"disposition":"bored"}',
            422,
            "unknown_disposition",
        ),
        (f"/api/v1/incidents/{FIRST}/assignments", b'{"unit":"\\u202er"}', 422, "bad_unit"),
        ("/api/v1/nothing", b"{}", 404, "not_found"),
        ("/health", b"{}", 405, "method_not_allowed"),
    ],
)
async def test_a_body_is_judged_before_the_hub_hears_of_it(
    console: Console, path: str, body: bytes, status: int, code: str | None
) -> None:
    """Whatever is sent: a status, a code, a sentence, and the hub is not troubled."""
    told, answer = await console.post(path, body)

    assert told == status
    if status != 200:
        assert answer["detail"]
        assert code is None or answer["code"] == code
        assert console.shell.asked == []


async def test_what_the_server_refuses_is_told_in_a_sentence(console: Console) -> None:
    """Who wrote the program reads it, and knows what to change."""
    told = [
        (await console.post("/api/v1/nothing", b"{}"))[1]["detail"],
        (await console.post("/health", b"{}"))[1]["detail"],
        (await console.post(TAKE, b" " * BODY_BYTES_MAX + b"{}"))[1]["detail"],
        (await console.post(TAKE, b'{"words":"\\udc00x"}'))[1]["detail"],
        (await console.post(TAKE, b'{"words":"\\ud83d\\ude00'))[1]["detail"],
    ]

    assert told == [
        "there is nothing at /api/v1/nothing",
        "POST cannot be done at /health: GET, HEAD can",
        f"a body has at most {BODY_BYTES_MAX} bytes",
        "a text has half of a sign beyond U+FFFF: \\ud800 to \\udfff stand in pairs",
        "Input data was truncated",
    ]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip"])
async def test_a_packed_body_is_refused_unread(console: Console, encoding: str) -> None:
    """One that could not be unpacked was told as our own error."""
    status, answer = await console.post(TAKE, b"junk", headers={"Content-Encoding": encoding})

    assert (status, answer["code"]) == (415, "encoded")
    assert answer["detail"].startswith("Content-Encoding ")
    assert (await console.post(TAKE, b"", headers={"Content-Encoding": "identity"}))[0] == 200


async def test_a_huge_note_is_refused_and_a_long_one_is_not(console: Console) -> None:
    """Two printed pages are somebody's work; a book is an attack."""
    path = f"/api/v1/incidents/{FIRST}/notes"

    assert (await console.post(path, {"words": "字" * 5_000}))[0] == 200
    status, answer = await console.post(path, {"words": "字" * 5_001})

    assert (status, answer["code"], answer["facts"]) == (422, "too_long", {"length": 5001})


@pytest.mark.parametrize("key", ["", "a b", "x" * 81, "键"])
async def test_a_command_has_a_name_of_its_own(console: Console, key: str) -> None:
    """Without it, a repeated request would be done twice."""
    status, answer = await console.post(TAKE, headers={"Idempotency-Key": quote(key, safe=" ")})

    assert (status, answer["code"]) == (400, "no_command_id")


async def test_a_form_of_another_site_is_not_read(console: Console) -> None:
    """Browsers send forms and plain text anywhere without asking; JSON they do not."""
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        status, answer = await console.post(TAKE, headers={"Content-Type": content_type})
        assert (status, answer["code"]) == (415, "not_json")


# --- who may ask at all ---


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example"])
async def test_a_name_that_points_here_is_not_ours(console: Console, host: str) -> None:
    """DNS rebinding: the browser thinks that it talks to the attacker's site."""
    for path in ("/", "/api/v1/snapshot", "/metrics"):
        status, answer = await console.get(path, headers={"Host": host})
        assert (status, answer["code"]) == (403, "wrong_host")


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:1", "[::1]:8080"])
async def test_this_machine_has_several_names(console: Console, host: str) -> None:
    """Through a tunnel the port is another one."""
    assert (await console.get("/api/v1/snapshot", headers={"Host": host}))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_page_of_another_site_may_ask_nothing(
    console: Console, headers: dict[str, str]
) -> None:
    """The operator's browser would carry it here; another program's port is another site."""
    assert (await console.post(TAKE, headers=headers))[0] == 403
    assert (await console.get("/api/v1/stream", headers=headers))[0] == 403
    assert console.shell.asked == []


async def test_our_own_page_may_ask(console: Console) -> None:
    """With the headers that a browser adds."""
    headers = {"Origin": console.url(""), "Sec-Fetch-Site": "same-origin"}

    assert (await console.post(TAKE, headers=headers))[0] == 200


# --- looking ---


async def test_the_snapshot_is_that_of_the_stream(console: Console) -> None:
    """A script may ask for it without a WebSocket."""
    _, answer = await console.get("/api/v1/snapshot")

    assert msgspec.convert(answer, Snapshot, strict=False).incidents


async def test_grids_are_sent_once_and_then_known(console: Console) -> None:
    """They are large, and never change while we run."""
    path = "/api/v1/communities/xizi/grids"
    async with console.client.get(console.url(path)) as first:
        grids = await first.json(content_type=None)
        tag = first.headers["ETag"]
        assert first.headers["Content-Encoding"] == "gzip"
    async with console.client.get(console.url(path), headers={"If-None-Match": tag}) as again:
        assert (again.status, await again.read()) == (304, b"")
    async with console.client.get(
        console.url(path), headers={"Accept-Encoding": "identity"}
    ) as plain:
        assert await plain.json(content_type=None) == grids

    assert [each["properties"]["id"] for each in grids["features"]] == ["g1", "g2"]


async def test_streets_are_there_or_empty(console: Console) -> None:
    """A community without streets still has a map."""
    status, _ = await console.get("/api/v1/communities/xizi/streets")

    assert status == 200
    assert (await console.get("/api/v1/communities/no/streets"))[1]["code"] == "unknown_community"


async def test_the_plan_books_of_a_community_are_told(console: Console) -> None:
    """Checklists and steps, by the book that answers today."""
    status, answer = await console.get("/api/v1/communities/xizi/plans")

    assert status == 200
    [book] = msgspec.convert(answer, BooksDoc).books
    assert (book.name, book.serving) == ("default-1", True)
    assert (await console.get("/api/v1/communities/no/plans"))[1]["code"] == "unknown_community"


async def test_the_past_comes_a_page_at_a_time(console: Console) -> None:
    """Newest first; the last line says where to go on."""
    console.archive.rows = [a_row(number) for number in range(5)]

    _, first = await console.get("/api/v1/incidents?count=3")
    before = first["incidents"][-1]["opened_t"]
    _, second = await console.get(f"/api/v1/incidents?count=3&before={before}")

    assert [row["id"][-3:] for row in first["incidents"]] == ["004", "003", "002"]
    assert [row["id"][-3:] for row in second["incidents"]] == ["001", "000"]
    assert first["incidents"][0]["drill"] is None
    assert (first["more"], second["more"]) == (True, False)


@pytest.mark.parametrize("query", ["count=0", "count=201", "count=x", "before=-1", "before=1e99"])
async def test_a_question_about_the_past_is_bounded(console: Console, query: str) -> None:
    """A page of a million lines would stop the alarms."""
    assert (await console.get(f"/api/v1/incidents?{query}"))[1]["code"] == "bad_query"


async def test_an_incident_is_told_from_memory(console: Console) -> None:
    """As it stands, with its whole story."""
    status, answer = await console.get(f"/api/v1/incidents/{FIRST}")

    assert status == 200
    assert msgspec.convert(answer, IncidentDoc).phase == "en_route"


async def test_an_incident_of_long_ago_is_folded_from_its_facts(console: Console) -> None:
    """The hub let it go; the journal did not."""
    old = IncidentId("xizi-20251120-009")
    console.archive.facts[old] = first_facts(NOON, old)

    status, answer = await console.get(f"/api/v1/incidents/{old}")
    _, wave = await console.get(f"/api/v1/incidents/{old}/decisions/1")

    assert (status, answer["id"], answer["rings"]) == (200, old, 1)
    assert [each["unit"] for each in answer["assignments"]] == ["r02", "g01"]
    assert wave["called"] == ["r02", "g01"]


async def test_a_wave_is_told_with_every_candidate(console: Console) -> None:
    """Why, and why not: all of them, not the thirty of the card."""
    status, wave = await console.get(f"/api/v1/incidents/{FIRST}/decisions/1")

    assert status == 200
    assert [each["verdict"] for each in wave["candidates"]] == [
        "called",
        "called",
        "sender",
        "stale",
        "no_fix",
    ]
    assert (await console.get(f"/api/v1/incidents/{FIRST}/decisions/3"))[0] == 404


@pytest.mark.parametrize("name", ["x", "xizi-20251121-999", "..%2f..", "%00", "a" * 500])
async def test_an_unknown_incident_is_not_found(console: Console, name: str) -> None:
    """And the store is not asked about what cannot be an id."""
    assert (await console.get(f"/api/v1/incidents/{name}"))[0] == 404


async def test_health_says_what_does_not_work(console: Console) -> None:
    """Degraded is not dead: alarms are shown and called without a store."""
    console.hub.store_down = "disk full"

    status, answer = await console.get("/health")

    assert (status, answer["live"], answer["ready"]) == (200, True, True)
    assert {"what": "store", "why": "disk full"} in answer["degraded"]
    assert [each["what"] for each in answer["degraded"]] == ["store", "page"]


async def test_health_tells_what_the_other_rooms_notice(tmp_path: Path) -> None:
    """A clock that runs ahead is said; one that does not is not."""
    notices = [("clock", "the hub's clock is 90 s ahead of this machine's"), ("other", "")]
    async with running(tmp_path, notices=lambda: notices) as console:
        _, answer = await console.get("/health")

    told = {each["what"]: each["why"] for each in answer["degraded"]}
    assert told["clock"] == "the hub's clock is 90 s ahead of this machine's"
    assert "other" not in told


async def test_a_hub_without_its_state_is_not_ready(tmp_path: Path) -> None:
    """A supervisor waits for 200."""
    async with running(tmp_path, ready=lambda: False) as console:
        assert (await console.get("/health"))[0] == 503
        assert "yihu_ready 0" in (await console.get("/metrics"))[1].splitlines()


async def test_what_does_not_work_is_a_number_for_who_watches_numbers(tmp_path: Path) -> None:
    """Somebody is woken by these; why it is so they read at /health."""
    notices = [("clock", "the hub's clock is 90 s ahead of this machine's")]
    async with running(tmp_path, notices=lambda: notices) as console:
        console.hub.broker_down = "connection refused"
        _, text = await console.get("/metrics")
        _, answer = await console.get("/health")

    lines = set(text.splitlines())
    assert {each["what"] for each in answer["degraded"]} >= {"broker", "clock"}
    assert {f'yihu_degraded{{reason="{each["what"]}"}} 1' for each in answer["degraded"]} <= lines
    assert "yihu_ready 1" in lines


async def test_an_exercise_is_in_no_figure_of_real_incidents(console: Console) -> None:
    """Somebody is woken by these numbers; an exercise must not do that, nor hide what is real."""
    _, before = await console.get("/metrics")
    held, alarms = exercise()
    held.phase, held.taken_by = Phase.RECEIVED, None
    console.hub.hold(held, *alarms)

    _, after = await console.get("/metrics")

    def series(text: str, name: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith(f"yihu_{name} ")]

    for name in ("incidents_open", "incidents_not_taken"):
        assert series(before, name) == series(after, name) != []
    assert series(before, "drill_incidents_open") == ["yihu_drill_incidents_open 0"]
    assert series(after, "drill_incidents_open") == ["yihu_drill_incidents_open 1"]


async def test_metrics_are_what_prometheus_reads(tmp_path: Path) -> None:
    """Every line is a comment or a series with a number."""
    counters = {"device_refused:not_json": 3, 'odd:a"b\\c\nd': 1, "positions_heard": 7}
    async with running(tmp_path, counters=counters) as console:
        _, text = await console.get("/metrics")

    assert 'yihu_device_refused_total{reason="not_json"} 3' in text
    assert "yihu_positions_heard_total 7" in text
    assert "yihu_incidents_open 5" in text
    series = re.compile(r'(# TYPE \w+ (counter|gauge))|(\w+({reason="(\\.|[^"\\])*"})? [-0-9.e+]+)')
    assert all(series.fullmatch(line) for line in text.splitlines()), text


async def test_how_things_stand_in_the_other_rooms_is_in_the_metrics(tmp_path: Path) -> None:
    """What waits for a disk falls again: that is no counter."""
    async with running(tmp_path, gauges=lambda: {"history_rows_waiting": 12.0}) as console:
        _, text = await console.get("/metrics")

    assert "# TYPE yihu_history_rows_waiting gauge" in text
    assert "yihu_history_rows_waiting 12" in text.splitlines()


async def test_the_openapi_page_holds_every_route(console: Console) -> None:
    """It is made from the table that the router reads, and its references lead somewhere."""
    _, page = await console.get("/api/v1/openapi.json")

    told = {(path, method) for path, verbs in page["paths"].items() for method in verbs}
    assert told == {(route.path, route.method.lower()) for route in routes.ROUTES}
    references = set(re.findall(r"#/components/schemas/([\w.]+)", str(page)))
    assert references <= page["components"]["schemas"].keys()


# --- pages ---


async def test_a_page_that_was_not_built_says_so_in_words(console: Console) -> None:
    """In both languages, with what to do."""
    status, text = await console.get("/")

    assert status == 503
    assert "make page" in text


async def test_the_page_is_asked_for_again_and_its_assets_are_kept(tmp_path: Path) -> None:
    """A new build is seen at once, and only what changed is fetched."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "index-B7x_1k2Q.js").write_text("1")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    async with running(tmp_path) as console:
        kept = {}
        for path in ("/", "/assets/index-B7x_1k2Q.js", "/favicon.svg"):
            async with console.client.get(console.url(path)) as response:
                assert response.status == 200
                assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                kept[path] = response.headers["Cache-Control"]

    assert kept["/"] == kept["/favicon.svg"] == "no-cache"
    assert "immutable" in kept["/assets/index-B7x_1k2Q.js"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/link/secret.txt",
        "/.hidden",
        "/secret.txt%00.js",
        "/assets",
        "/a/b/c/d/e",
    ],
)
async def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    """Neither dots, nor escapes, nor a link, nor a folder."""
    (tmp_path / "secret.txt").write_text("pearls")
    static_dir = tmp_path / "static"
    (static_dir / "assets").mkdir(parents=True)
    (static_dir / ".hidden").write_text("pearls")
    (static_dir / "link").symlink_to(tmp_path)
    async with running(static_dir) as console:
        reader, writer = await asyncio.open_connection("127.0.0.1", console.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()

    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400", b"HTTP/1.1 403")), answer
    assert b"pearls" not in answer


async def test_routes_of_the_other_rooms_are_behind_the_same_guard(tmp_path: Path) -> None:
    """The demo's panel and the handhelds' pages are no back door."""

    async def demo(_: web.Request) -> web.Response:
        return web.Response(text="pressed")

    need = Need(Right.USE_DEMO, Where.ANY)
    guarded = Guarded(method="GET", path="/demo/press", handle=demo, need=need)
    async with running(tmp_path, extra_routes=[guarded]) as console:
        assert await console.get("/demo/press") == (200, "pressed")
        assert (await console.get("/demo/press", headers={"Host": "evil.example"}))[0] == 403
        console.gate.offices["leader"] = {(Office.LEADER, EVERYWHERE)}
        status, answer = await console.get("/demo/press", headers=as_operator("leader"))
        assert (status, answer["code"]) == (403, "no_right")
