"""console/filing.py over real HTTP: the file and its page, and who has to wait."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from console import filing
from console.casefile_style import policy
from console.desk import FILES_AT_ONCE
from dispatch.access.facts import LookedAt
from dispatch.access.words import THIS_MACHINE, Office
from dispatch.casefile import verify_file
from dispatch.commands import ExportIncident
from dispatch.errors import StoreDownError
from dispatch.ids import IncidentId
from dispatch.store.port import IncidentSlice
from tests.console.builders import NOON, XIZI
from tests.console.samples import FIRST, first_facts
from tests.console.server import Console, as_operator, running

FILE = f"/api/v1/incidents/{FIRST}/file"
PAGE = f"/api/v1/incidents/{FIRST}/file.html"


@pytest_asyncio.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console whose store has one incident."""
    async with running(tmp_path) as made:
        made.archive.facts[FIRST] = first_facts(NOON)
        yield made


async def test_the_file_is_handed_out_to_be_kept(console: Console) -> None:
    """Under the incident's number, whole, and never out of a cache."""
    async with console.client.get(console.url(FILE)) as answer:
        data = await answer.read()

    assert answer.status == 200
    assert answer.content_type == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{FIRST}.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    report = verify_file(data)
    assert report.faults == ()
    assert report.contents is not None
    assert report.contents.directory.units["r02"].call_sign == "西子二间"


async def test_the_page_belongs_to_the_file(console: Console) -> None:
    """Both are asked for one after the other, and bear one seal."""
    _, document = await console.get(FILE)
    async with console.client.get(console.url(PAGE)) as answer:
        html = await answer.text()

    seal = document["seal"]
    assert " ".join(seal[n : n + 4] for n in range(0, 64, 4)) in html
    assert answer.content_type == "text/html"
    assert answer.headers["Content-Security-Policy"] == policy()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert '<html lang="zh-CN">' in html


async def test_the_page_is_there_in_english_and_without_names(console: Console) -> None:
    async with console.client.get(console.url(PAGE + "?lang=en&names=0")) as answer:
        html = await answer.text()

    assert "Incident file: SOS" in html
    assert "This file holds no personal values" in html
    _, document = await console.get(FILE + "?names=0")
    assert document["sections"][0]["content"]["personal"] is False


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/incidents/xizi-20251121-077/file", 404, "unknown_incident"),
        ("/api/v1/incidents/..%2F..%2Fetc/file", 404, "unknown_incident"),
        ("/api/v1/incidents/xizi-20251121-077/file.html", 404, "unknown_incident"),
        (FILE + "?names=maybe", 400, "bad_query"),
        (PAGE + "?lang=fr", 400, "bad_query"),
    ],
)
async def test_what_there_is_not_is_refused(
    console: Console, path: str, status: int, code: str
) -> None:
    told, answer = await console.get(path)

    assert (told, answer["code"]) == (status, code)


async def test_whose_hands_it_goes_into_is_recorded_first(console: Console) -> None:
    """Whoever shows the file later can be checked against the journal."""
    _, document = await console.get(FILE)

    (asked,) = console.shell.asked
    assert isinstance(asked, ExportIncident)
    assert (asked.by, asked.incident, asked.seal) == (THIS_MACHINE, FIRST, document["seal"])
    assert asked.personal


async def test_tracks_and_names_need_a_right_of_their_own(console: Console) -> None:
    """A manager may have the file; one without the right to see tracks, without them."""
    console.gate.offices["desk"] = {(Office.AUDITOR, XIZI)}

    told, answer = await console.get(FILE, headers=as_operator("desk"))

    assert (told, answer["code"]) == (403, "no_right")


async def test_whose_tracks_were_handed_out_is_noted(console: Console) -> None:
    """So that they can see by whom; a file without them is nobody's look at anybody."""
    await console.get(f"{FILE}?names=0")
    await console.get(FILE)

    [(name, at, units)] = console.gate.looks
    assert (name, at) == (THIS_MACHINE, LookedAt.FILE)
    assert "r01" in units


async def test_a_store_that_cannot_be_read_is_said(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_incident: IncidentId) -> IncidentSlice:
        raise StoreDownError("disk full")

    monkeypatch.setattr(console.archive, "incident_slice", down)

    told, answer = await console.get(FILE)

    assert (told, answer["code"]) == (503, "store_down")


async def test_few_are_made_at_once_and_the_others_are_told_so(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes memory and a thread; the alarms have the first claim on both."""
    gate, begun = threading.Event(), threading.Semaphore(0)
    read = console.archive.incident_slice

    def slow(incident: IncidentId) -> IncidentSlice:
        begun.release()
        assert gate.wait(20)
        return read(incident)

    monkeypatch.setattr(console.archive, "incident_slice", slow)
    first = [asyncio.create_task(console.get(FILE)) for _ in range(FILES_AT_ONCE)]
    for _ in first:
        await asyncio.to_thread(begun.acquire)

    told, answer = await console.get(FILE)

    assert (told, answer["code"]) == (503, "busy")
    gate.set()
    assert [status for status, _ in await asyncio.gather(*first)] == [200] * FILES_AT_ONCE
    assert (await console.get(FILE))[0] == 200


async def test_one_that_takes_too_long_keeps_its_place_until_it_ends(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread cannot be stopped: asking again and again must not start more of them."""
    gate = threading.Event()
    read = console.archive.incident_slice

    def hangs(incident: IncidentId) -> IncidentSlice:
        assert gate.wait(20)
        return read(incident)

    monkeypatch.setattr(filing, "FILE_TIMEOUT_S", 0.01)
    monkeypatch.setattr(console.archive, "incident_slice", hangs)

    answers = [await console.get(FILE) for _ in range(FILES_AT_ONCE + 1)]

    codes = [answer["code"] for _, answer in answers]
    assert codes == ["archive_slow"] * FILES_AT_ONCE + ["busy"]
    gate.set()


async def test_both_are_on_the_page_of_the_api(console: Console) -> None:
    """With what may be asked for."""
    _, said = await console.get("/api/v1/openapi.json")

    path = said["paths"]["/api/v1/incidents/{incident}/file.html"]["get"]
    asked = {each["name"] for each in path["parameters"]}
    assert asked == {"incident", "names", "lang"}
    assert "text/html" in path["responses"]["200"]["content"]
    assert "/api/v1/incidents/{incident}/file" in said["paths"]
    assert msgspec.json.encode(said)
