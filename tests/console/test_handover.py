"""console/handover*.py over HTTP: what an agency is told, and what it is not."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from console.drill_words import REPORT_WORDS
from console.handover_told import Sheet, SheetTold
from console.handover_words import SHEET_WORDS
from console.paper import paper_policy
from console.words import WORDS
from dispatch.casefile.shape import Directory, NameDoc
from dispatch.clock import MINUTE
from dispatch.events import UnitDeclined
from dispatch.ids import AssignmentId, IncidentId
from dispatch.words import Agency
from tests.console.builders import NOON
from tests.console.samples import FIRST, first_facts
from tests.console.samples_steered import EXERCISE, STEERED, exercise, said, steered
from tests.console.server import Console, running
from tests.console.test_words import check_pairs

SHEET = "/api/v1/incidents/{}/handover.html"


@pytest_asyncio.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console in the evening of the samples, with the steered incident and the exercise."""
    async with running(tmp_path) as made:
        for story in (steered(), exercise()):
            made.hub.hold(story[0], *story[1])
        yield made


async def sheet(console: Console, incident: str, query: str = "") -> str:
    """The page's text, as a reader sees it."""
    status, page = await console.get(SHEET.format(incident) + query)
    assert status == 200, page
    return unescape(re.sub(r"<[^>]+>", "", page.partition("<body>")[2]))


async def test_an_agency_is_told_what_where_when_and_who_is_there(console: Console) -> None:
    """In the order in which one says it on the phone, names and call signs as they are said."""
    page = await sheet(console, STEERED, "?agency=119")

    for words in (
        "移交给 119 消防",
        "这里是西子社区巡逻调度，有一起火情要移交，1 级。",
        "西子小区一期 · 幼儿园东北",
        "三号楼二层厨房",
        "WGS-84",
        "纬度 30.005200，经度 120.005200",
        "GCJ-02",
        "现场有我方 1 人：民警一号。",
        "另有 1 人正在赶来：保安一号。",
        "厨房起火",
        "有没有人持械",
        "调度一席 已于 2025-11-21 12:08:50 告知 119 消防。",
    ):
        assert words in page, words


async def test_the_map_of_the_agency_shows_the_same_place(console: Console) -> None:
    """GCJ-02 is hundreds of metres off in degrees: given as WGS-84 it would mislead."""
    page = await sheet(console, STEERED)

    lat, lon = re.findall(r"纬度 ([\d.]+)，经度 ([\d.]+)", page)[1]

    assert (float(lat), float(lon)) != (30.0052, 120.0052)
    assert abs(float(lat) - 30.0052) < 0.01
    assert abs(float(lon) - 120.0052) < 0.01


async def test_what_is_no_business_of_the_agency_stays_out(console: Console) -> None:
    """Why somebody would not come, how far each of ours is, who took our call elsewhere."""
    held = console.hub.incidents[STEERED]
    held.story.append(
        UnitDeclined(
            t=NOON,
            community=held.community,
            incident=STEERED,
            assignment=AssignmentId(f"{STEERED}/4"),
            unit=held.assignments[AssignmentId(f"{STEERED}/4")].unit,
            reason=said("家里有病人"),
        )
    )

    page = await sheet(console, STEERED, "?agency=110")

    for words in ("家里有病人", "二席在接另一起", "声音发抖", "接线员 7 号", "120 米", "310 米"):
        assert words not in page, words


async def test_a_silent_alarm_and_a_forced_call_off_are_said_first(console: Console) -> None:
    """Whoever calls back or comes with a siren may cost the sender dearly."""
    page = await sheet(console, STEERED, "?agency=110")

    assert page.index("静默警情：报警人身边可能有人") < page.index("照此念")
    assert "报警人曾在胁迫下要求取消：不是误报" in page
    assert "请注意：静默警情，不要回拨报警人。" in page


async def test_an_exercise_can_never_be_taken_for_real(console: Console) -> None:
    """Marked at the head, in what is read out, and across every sheet of paper."""
    zh, en = await sheet(console, EXERCISE), await sheet(console, EXERCISE, "?lang=en")
    _, html = await console.get(SHEET.format(EXERCISE))

    assert "演练，不得外传。不要拨打 110 公安。" in zh
    assert "这是演练，不是真实报警。" in zh
    assert "DRILL - NOT A REAL CALL. Do not call 110, police." in en
    assert '<div class="stamp" aria-hidden="true">演练 DRILL</div>' in html
    assert "stamp" not in (await console.get(SHEET.format(STEERED)))[1].partition("<body>")[2]


async def test_a_caller_is_named_with_their_phone(console: Console) -> None:
    """The agency will call back."""
    page = await sheet(console, EXERCISE)

    assert "前台" in page
    assert "010-5550-0100" in page
    assert "已于 2025-11-21 12:10:20 结案：误报" in page


async def test_it_is_for_whom_the_plan_proposed_unless_said_otherwise(console: Console) -> None:
    """The fire plan proposes the fire service; where nothing is proposed, the police."""
    assert "移交给 119 消防" in await sheet(console, STEERED)
    assert "移交给 110 公安" in await sheet(console, FIRST)
    assert "移交给 120 急救" in await sheet(console, FIRST, "?agency=120")
    assert "移交给 12345 热线" in await sheet(console, FIRST, "?agency=12345")


async def test_it_is_there_in_english(console: Console) -> None:
    """Grid and key unit by their English names, where they have one."""
    page = await sheet(console, STEERED, "?lang=en&agency=119")

    assert "Hand-over sheet · For 119, fire service" in page
    assert "This is the patrol dispatch of Xizi. To hand over: fire, priority 1." in page
    assert "Xizi Estate, Phase 1 · " in page
    assert "Weapons, injuries, threats?" in page
    assert not re.search(r"[\u4e00-\u9fff]", re.sub("|".join(OWN_NAMES), "", page))


OWN_NAMES = (
    "西子一间",
    "西子二间",
    "湖滨三间",
    "民警一号",
    "保安一号",
    "调度一席",
    "调度二席",
    "三号楼二层厨房",
    "厨房起火",
    "居民",
)
"""Call signs, operators and what people wrote stay as they are."""


async def test_an_incident_of_long_ago_has_one_too(console: Console) -> None:
    """The agency asks a week later."""
    old = IncidentId("xizi-20251120-009")
    console.archive.facts[old] = first_facts(NOON - 24 * 60 * MINUTE, old)

    assert "求救" in await sheet(console, old)


async def test_it_is_complete_in_itself_and_nothing_in_it_acts(console: Console) -> None:
    """A note is somebody's words; on the sheet it stays words."""
    async with console.client.get(console.url(SHEET.format(FIRST))) as answer:
        html = await answer.text()

    assert answer.headers["Content-Security-Policy"] == paper_policy()
    assert answer.headers["Cache-Control"] == "no-store"
    assert "有人追赶 &lt;b&gt;&amp; 呼救&lt;/b&gt;" in html
    assert not re.search(r"<script|<link|<img|src=|href=|@import|url\(", html)
    assert "@page" in html


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (SHEET.format("xizi-20251121-077"), 404, "unknown_incident"),
        (SHEET.format("..%2F..%2Fetc"), 404, "unknown_incident"),
        (SHEET.format(FIRST) + "?agency=911", 400, "bad_query"),
        (SHEET.format(FIRST) + "?agency=", 400, "bad_query"),
        (SHEET.format(FIRST) + "?lang=fr", 400, "bad_query"),
    ],
)
async def test_what_there_is_not_is_refused(
    console: Console, path: str, status: int, code: str
) -> None:
    """With a code and a sentence, as everywhere."""
    told, answer = await console.get(path)

    assert (told, answer["code"]) == (status, code)
    assert answer["detail"]


def test_the_words_take_the_same_values_in_both_languages() -> None:
    """A place to fill in that one of them lacks would show a brace on paper."""
    check_pairs(SHEET_WORDS)


@pytest.mark.parametrize(
    ("age_s", "zh", "en"),
    [
        (0, "至今不到 1 分钟", "less than a minute ago"),
        (59, "至今不到 1 分钟", "less than a minute ago"),
        (60, "至今 1 分钟", "a minute ago"),
        (150, "至今 2 分钟", "2 minutes ago"),
    ],
)
async def test_how_long_ago_is_said_as_people_say_it(
    console: Console, age_s: int, zh: str, en: str
) -> None:
    """It is read aloud to somebody who has no time for \"1 minutes\"."""
    doc = console.feed.picture.incident(STEERED)
    assert doc is not None
    names = Directory(
        community=NameDoc(zh="西子社区", en="Xizi"), zone="UTC", units={}, grids=[], place=None
    )
    page = Sheet(doc=doc, agency=Agency.FIRE, names=names, printed_t=doc.opened_t + age_s * 1_000)

    assert any(zh in said for said in SheetTold(page, "zh").read_out())
    assert any(en in said for said in SheetTold(page, "en").read_out())


@pytest.mark.parametrize(
    ("outside", "zh", "en"),
    [
        (
            {"outside": "西子三期", "outside_m": 120, "outside_bearing": "E"},
            "地点：网格外，西子三期东侧约 120 米。",
            "Where: outside the grids, 120 m east of 西子三期.",
        ),
        ({}, "地点：纬度 30.005200，经度 120.005200。", "Where: latitude 30.005200"),
    ],
)
async def test_a_point_in_no_grid_is_read_out(
    console: Console, outside: dict[str, Any], zh: str, en: str
) -> None:
    """Whoever has the coordinates does not say that the place is not known."""
    doc = console.feed.picture.incident(STEERED)
    assert doc is not None
    for member in ("grid_name", "grid_name_en", "key_unit", "key_unit_en", "bearing", "words"):
        setattr(doc.place, member, "")
    doc.place.lon, doc.place.lat = 120.0052, 30.0052
    for member, value in outside.items():
        setattr(doc.place, member, value)
    names = Directory(
        community=NameDoc(zh="西子社区", en="Xizi"), zone="UTC", units={}, grids=[], place=None
    )
    page = Sheet(doc=doc, agency=Agency.FIRE, names=names, printed_t=doc.opened_t)

    assert zh in SheetTold(page, "zh").read_out()
    assert any(en in said for said in SheetTold(page, "en").read_out())


@pytest.mark.parametrize("words", [SHEET_WORDS, REPORT_WORDS, WORDS])
def test_chinese_has_chinese_punctuation(words: dict[str, tuple[str, str]]) -> None:
    """Half-width commas and brackets in a Chinese sentence look like a machine's."""
    narrow = re.compile(r"[\u4e00-\u9fff}][,;:()!?](?!\w)|[,;:()!?][\u4e00-\u9fff]")

    assert [code for code, (zh, _) in words.items() if narrow.search(zh.replace("分:秒", ""))] == []
