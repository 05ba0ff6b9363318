"""console/drilling.py over HTTP: the report of an exercise, whatever the hub still holds of it."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from console import drilling
from console.drill_report import DrillReport
from console.drill_words import REPORT_WORDS
from console.paper import paper_policy
from dispatch.clock import MINUTE
from dispatch.ids import DrillId, IncidentId, UnitId
from dispatch.store.port import DrillRow, IncidentRow
from tests.console.builders import NOON, OPERATOR, XIZI
from tests.console.samples_steered import DRILL, EXERCISE, exercise, exercise_facts
from tests.console.server import Console, running
from tests.console.test_words import check_pairs

REPORT = f"/api/v1/drills/{DRILL}"


def row(incident: IncidentId, drill: DrillId | None) -> IncidentRow:
    """A line of the past."""
    return IncidentRow(
        incident=incident,
        community=XIZI,
        kind="sos",
        priority=1,
        phase="false",
        opened_t=NOON,
        closed_t=NOON + MINUTE,
        sender=UnitId("r02"),
        grid="g2",
        taken_by=OPERATOR,
        disposition="false_alarm",
        drill=drill,
    )


@pytest_asyncio.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console after an exercise of one incident, beside a real one."""
    async with running(tmp_path) as made:
        made.archive.drills[DRILL] = DrillRow(
            drill=DRILL,
            community=XIZI,
            name="夜间<演练>",
            by=OPERATOR,
            started_t=NOON,
            ended_t=NOON + 30 * MINUTE,
        )
        made.archive.rows = [row(EXERCISE, DRILL), row(IncidentId("xizi-20251121-001"), None)]
        made.archive.facts[EXERCISE] = exercise_facts()
        yield made


async def test_the_report_is_the_same_from_memory_and_from_the_journal(console: Console) -> None:
    """The hub forgets within hours; the report is read a week later."""
    status, from_journal = await console.get(REPORT)
    held, alarms = exercise()
    console.hub.hold(held, *alarms)
    _, from_memory = await console.get(REPORT)

    assert status == 200
    assert from_journal == from_memory
    told = msgspec.convert(from_journal, DrillReport)
    assert [each.id for each in told.incidents] == [EXERCISE]
    assert (told.name, told.by, told.ended_t) == ("夜间<演练>", OPERATOR, NOON // 1000 + 1_800_000)


async def test_the_page_is_marked_and_complete_in_itself(console: Console) -> None:
    """Nobody may take it for the record of a real night; and a name stays a name."""
    async with console.client.get(console.url(REPORT + ".html")) as answer:
        html = await answer.text()
    words = unescape(re.sub(r"<[^>]+>", "", html))

    assert answer.headers["Content-Security-Policy"] == paper_policy()
    assert "演练，并非真实警情" in words
    assert '<div class="stamp"' in html
    assert "夜间&lt;演练&gt;" in html
    assert "保安一号" in words
    assert "都答复了。" in words
    assert not re.search(r"<script|<link|<img|src=|href=|@import|url\(", html)


async def test_the_page_is_there_in_english(console: Console) -> None:
    """All of it but names."""
    _, html = await console.get(REPORT + ".html?lang=en")
    words = re.sub(r"<[^>]+>", "", html.partition("<body>")[2])

    assert "Report of an exercise" in words
    assert "received to the first on scene" in words
    names = "|".join(("保安一号", "调度一席", "夜间", "演练", "DRILL"))
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(names, "", words))


async def test_too_many_incidents_are_said_to_be_too_many(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than an answer that takes minutes."""
    monkeypatch.setattr(drilling, "INCIDENTS_MAX", 1)
    console.archive.rows.append(row(IncidentId("xizi-20251121-099"), DRILL))

    _, answer = await console.get(REPORT)
    _, html = await console.get(REPORT + ".html")

    assert (len(answer["incidents"]), answer["incidents_left_out"]) == (1, True)
    assert "以下只列出最早的 1 起" in html


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/drills/xizi-drill-20000101000000", 404, "unknown_drill"),
        ("/api/v1/drills/xizi-drill-20000101000000.html", 404, "unknown_drill"),
        ("/api/v1/drills/..%2F..", 404, "unknown_drill"),
        ("/api/v1/drills/x", 404, "unknown_drill"),
        (REPORT + ".html?lang=fr", 400, "bad_query"),
    ],
)
async def test_what_there_was_not_is_refused(
    console: Console, path: str, status: int, code: str
) -> None:
    """With a code and a sentence, as everywhere."""
    told, answer = await console.get(path)

    assert (told, answer["code"]) == (status, code)
    assert answer["detail"]


def test_the_words_take_the_same_values_in_both_languages() -> None:
    """A place to fill in that one of them lacks would show a brace on paper."""
    check_pairs(REPORT_WORDS)
