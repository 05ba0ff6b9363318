"""console/casefile_page.py: a page that an office can file, complete in itself."""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from console import casefile_page
from console.casefile_page import case_page
from console.casefile_style import STYLE, policy
from console.words import WORDS
from dispatch.clock import HOUR, SECOND
from dispatch.events import AlarmRepeated, AlarmUndecided, Event, Personal, Purpose
from dispatch.ids import OperatorName
from tests.dispatch.casefile.case import Shelf, evening, filed, press
from tests.dispatch.store.facts import (
    COMMUNITY,
    INCIDENT,
    NOON,
    alarm_id,
    assigned,
    closed,
    conflict,
    note,
    opened,
)

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u0007&amp;'


def page(*facts: Event, language: str = "zh", personal: bool = True, **shelf: Any) -> str:
    """The page of the evening's file, or of these facts."""
    file = filed(Shelf(facts=facts or evening(), **shelf), personal=personal)
    return case_page(file, language=language, printed_t=NOON + HOUR)


def seen(html: str) -> str:
    """What a reader sees, in one line."""
    body = html[html.index("<body>") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


class Tags(HTMLParser):
    """Every tag with its attributes, and whether each was closed again."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """``meta`` and ``br`` are never closed."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A shape of the picture."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """The last one that was opened."""
        assert self.open.pop() == tag


def tags(html: str) -> Tags:
    read = Tags()
    read.feed(html)
    return read


def test_the_head_tells_what_where_when_and_how_it_ended() -> None:
    told = seen(page())

    for words in (
        "警情档案：求救",
        INCIDENT,
        "西子社区",
        "西子一期 · 幼儿园南侧 44 米",
        "30.200000, 120.100000",
        "已处置",
        "西子一间",
        "王芳",
        "Asia/Shanghai (UTC+08:00)",
    ):
        assert words in told, words


def test_in_english_it_is_english() -> None:
    """Names of places too, where the community's file has them."""
    told = seen(page(language="en"))

    for words in ("Incident file: SOS", "Xizi, Phase 1 · 44 m south of Kindergarten", "resolved"):
        assert words in told, words
    assert "警情" not in told


def test_key_times_stand_with_how_long_each_took() -> None:
    """Local time, to a tenth, counted from when the press reached the centre."""
    told = seen(page())

    assert "中心收到并存盘 2026-09-21 22:13:21.0 0:00.0 西子一间" in told
    assert "按下按钮（对讲机时钟） 2026-09-21 22:13:19.0 -0:02.0 西子一间" in told
    assert "第一人接受 2026-09-21 22:13:32.0 +0:11.0 西子二间" in told
    assert "第一人到达现场 2026-09-21 22:17:20.0 +3:59.0 西子二间" in told
    assert "结案 2026-09-21 22:23:20.0 +9:59.0 王芳" in told


def test_each_called_stands_with_why_and_what_came_of_it() -> None:
    told = seen(page())

    assert "西子二间 志愿者 相距 120 米、同一网格、定位 3 秒前 22:13:21 22:13:32 22:17:20" in told
    assert "保安三号" in told
    assert "不能前往" in told
    assert "未呼叫：本人报警 1 人、定位过旧 1 人" in told


def test_the_story_tells_every_fact_with_its_number() -> None:
    """So that paper and file can be laid side by side."""
    html = page()

    numbers = re.findall(r'<tr><td class="n">(\d+)</td><td class="t">', html)
    assert numbers == [str(fact["seq"]) for fact in filed().sections["facts"]]
    assert "保安三号 不能前往" in seen(html)


def test_what_was_written_down_stands_there_whole() -> None:
    """Also what is too long for a line."""
    long = "他说:" + "门口有人。\n" * 400

    told = seen(page(opened(), note(long)))

    assert told.count("门口有人。") >= 400


def test_an_operators_own_choice_is_told_as_that() -> None:
    told = seen(page(opened(), assigned(1, "r3", wave=0, by=OperatorName("王芳"))))

    assert "调度员指派" in told
    assert "王芳 派出 保安三号" in told


def test_covert_late_and_drill_are_marked() -> None:
    """The reader must not ring back, and must not take an exercise for a deed."""
    quiet = press(covert=True, late=True)
    covert = page(quiet, opened(covert=True, alarm=alarm_id()))

    assert '<span class="mark">静默</span><span class="mark">迟到</span>' in covert
    assert '<span class="mark">' not in page()


def test_an_exercise_is_marked_twice() -> None:
    html = page(opened(drill="xizi-drill-20260921220000"))

    assert '<span class="mark">演练</span>' in html
    assert "演练警情，并非真实事件" in html


def test_nothing_in_it_comes_from_elsewhere_or_runs() -> None:
    """It is opened years later, from a stick, on a machine without a network."""
    read = tags(page())

    assert read.open == []
    assert not {"script", "img", "link", "iframe", "object", "a", "form"} & set(read.tags)
    names = {name for name, _ in read.attributes}
    assert not {"src", "href", "style"} & names
    assert not any(name.startswith("on") for name in names)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert ("content", policy()) in read.attributes
    assert f"style-src 'sha256-{digest}'" in policy()
    assert f"<style>{STYLE}</style>" in page()


def test_hostile_words_stay_words() -> None:
    """In a note, a reason, a caller's place, an operator's name, wherever somebody can write."""
    who = OperatorName(HOSTILE)
    said = Personal(Purpose.WORDS, HOSTILE)
    html = page(
        opened(words=said, by=who, sender=None, plan=HOSTILE),
        note(HOSTILE),
        assigned(1, "r3", wave=0, by=who),
        closed(by=who, words=said),
    )

    read = tags(html)
    assert read.open == []
    assert not {"script", "img"} & set(read.tags)
    assert "\u202e" not in html
    assert "\u0007" not in html
    assert "<script>alert(1)</script>" in unescape(html)


def test_what_was_erased_is_said_with_its_day() -> None:
    told = seen(page(erased=frozenset({"words", "place", "decision"})))

    assert "内容已于 2026-09-21 删除" in told
    assert "追赶" not in told
    assert "其余人员的情况未列出或已删除" in told
    assert "地点 西子一期 类别" in told


def test_what_was_left_out_is_not_called_erased() -> None:
    """The centre still has it; whoever may see it can ask."""
    told = seen(page(personal=False))

    assert "本档案不含个人信息" in told
    assert "内容未列出" in told
    assert "删除" not in told.replace("其余人员的情况未列出或已删除", "").replace("改动、删除", "")
    assert "档案中没有轨迹" in told


def test_the_seal_is_that_of_the_file_and_how_to_check_it_stands_beside() -> None:
    """In fours, as people compare them."""
    file = filed()
    told = seen(page())

    assert " ".join(file.seal[n : n + 4] for n in range(0, 64, 4)) in told
    assert f"yihu verify {INCIDENT}.json" in told
    assert "12 条，日志第 2 至 15 号" in told
    assert "单凭文件不能证明" in told


def test_a_fact_without_words_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of a later version, say: nothing is passed over in silence."""
    monkeypatch.delitem(WORDS, "fact.OrderReceived")

    assert "保安三号 OrderReceived" in seen(page())


def test_facts_of_alarms_are_told_too() -> None:
    """They are no lines of the operators' story; in a file they are."""
    about = {"t": NOON + SECOND, "community": COMMUNITY, "alarm": alarm_id()}
    repeated = AlarmRepeated(**about, repeats=4)  # type: ignore[arg-type]  # one dict
    undecided = AlarmUndecided(**about, reason="no grid", tries=1)  # type: ignore[arg-type]

    told = seen(page(press(), undecided, repeated, conflict(), opened(alarm=alarm_id())))

    assert "西子一间 的报警到达中心" in told
    assert "无法自动判定（no grid）" in told
    assert "西子一间 的报警重复收到，共 4 次" in told
    assert "以同一编号发来不同内容" in told


def test_a_long_story_is_cut_in_the_middle_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty sheets are enough; the file has every fact."""
    monkeypatch.setattr(casefile_page, "STORY_MAX", 6)

    html = page(opened(), *(note(f"第{n}条") for n in range(20)), closed())

    assert "此处略去 16 条" in html
    story = html[html.index("经过") : html.index("记录的文字")]
    assert "第1条" in story
    assert "第10条" not in story
    assert "第19条" in story


def test_one_with_nothing_in_it_is_a_page_too() -> None:
    """A call from nowhere, just opened."""
    told = seen(
        page(opened(sender=None, by=OperatorName("王芳"), place=None, grid=None, fix_t=None))
    )

    for words in ("人工登记 · 王芳", "尚未结案", "没有呼叫任何人", "档案中没有轨迹"):
        assert words in told, words


@pytest.mark.parametrize(
    ("language", "where"),
    [
        ("zh", "网格外，西子一期东侧约 192 米"),
        ("en", "outside the grids, 192 m east of Xizi, Phase 1"),
    ],
)
def test_a_place_in_no_grid_is_told_from_the_nearest_one(language: str, where: str) -> None:
    """The file goes to people who do not know our grids, and read coordinates slowly."""
    beyond = Personal(Purpose.PLACE, {"lon": 120.112, "lat": 30.2, "acc_m": 8.0})

    told = seen(page(opened(grid=None, place=beyond), language=language))

    assert where in told
    assert where not in seen(page(opened(), language=language))
