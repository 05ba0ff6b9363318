"""console/story_lines.py: each fact is a sentence an operator understands, in both languages."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from console.story_lines import PLAIN_OF_UNIT, StoryLines, why_words
from console.wire import CancelDoc, IncidentDoc, StoryDoc
from console.words import LANGUAGES, WORDS, Tongue
from dispatch.events import EVENT_TYPES, IncidentEvent
from tests.console.samples import incident_sample

GATEWAYS: Final = Path(__file__).parents[2] / "docs" / "gateways.md"
NAMES = {"r01": "西子一间", "r02": "西子二间"}

# what, its members, in Chinese, in English
TOLD: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "StepBegun",
        {"step": "near", "tier": "grid", "plan": "default-1/sos"},
        "预案步骤 near（网格）开始",
        "step near of the plan (grid) begins",
    ),
    (
        "StepBegun",
        {"step": "agency", "tier": "agency", "reason": "nobody_there", "agency": "110"},
        "预案步骤 agency（专业机构）开始：到时无人到场 · 建议移交 110 公安",
        (
            "step agency of the plan (agency) begins: nobody there in time"
            " · handing over to 110, police is proposed"
        ),
    ),
    (
        "StepBegun",
        {"step": "wider", "tier": "community", "by": "王", "words": "烟很大"},
        "王 开始预案步骤 wider（社区）：烟很大",
        "王 begins step wider of the plan (community): 烟很大",
    ),
    (
        "PlanChanged",
        {"plan": "default-1/fire", "by": "王", "words": "是火情"},
        "王 改用预案 default-1/fire：是火情",
        "王 changes the plan to default-1/fire: 是火情",
    ),
    (
        "CallsHeld",
        {"how": "held", "by": "王", "words": "先问清楚"},
        "王 暂停自动呼叫：先问清楚",
        "王 holds further calls: 先问清楚",
    ),
    ("CallsHeld", {"how": "released", "by": "王"}, "王 恢复自动呼叫", "王 lets calls go on"),
    (
        "IncidentRevised",
        {"kind": "fire", "priority": 1, "by": "王"},
        "王 改判为 火情，1 级",
        "王 revises it to fire, priority 1",
    ),
    (
        "ChecklistTicked",
        {"item": "ambulance", "how": "done", "by": "王"},
        "王 完成清单项：ambulance",
        "王 ticks off: ambulance",
    ),
    (
        "ChecklistTicked",
        {"item": "ambulance", "how": "undone", "by": "王"},
        "王 撤回清单项：ambulance",
        "王 takes the tick back: ambulance",
    ),
    (
        "AlarmJoined",
        {"unit": "r02", "how": "reporter"},
        "西子二间 也报告同一情况",
        "西子二间 reports the same matter",
    ),
    (
        "AlarmJoined",
        {"unit": "r02", "how": "reporter", "other": "xizi-20251121-002"},
        "西子二间 的报警从 #002 转入",
        "the press of 西子二间 comes here from #002",
    ),
    (
        "AlarmLeft",
        {"unit": "r02", "other": "xizi-20251121-003"},
        "西子二间 的报警转到 #003",
        "the press of 西子二间 goes to #003",
    ),
    (
        "IncidentLinked",
        {"other": "xizi-20251121-002", "how": "offered"},
        "可能与 #002 是同一起，请调度员判断",
        "may be the same as #002: an operator judges",
    ),
    (
        "IncidentLinked",
        {"other": "xizi-20251121-002", "how": "linked", "by": "王"},
        "王 关联到 #002",
        "王 links it to #002",
    ),
    (
        "IncidentLinked",
        {"other": "xizi-20251121-002", "how": "apart", "by": "王"},
        "王 判定与 #002 不是同一起",
        "王 finds that #002 is another matter",
    ),
    (
        "IncidentLinked",
        {"other": "xizi-20251121-002", "how": "merged", "by": "王"},
        "王 与 #002 合并",
        "王 merges it with #002",
    ),
    (
        "IncidentLinked",
        {"other": "xizi-20251121-002", "how": "split", "by": "王"},
        "王 与 #002 拆分",
        "王 splits it from #002",
    ),
    (
        "UnitAssigned",
        {"unit": "r02", "volunteered": True},
        "西子二间 主动要求前往",
        "西子二间 offers to go",
    ),
    (
        "UnitAssigned",
        {"unit": "r02", "by": "王", "how": "carried"},
        "王 让 西子二间 转到这里",
        "王 lets 西子二间 go on to this one",
    ),
    ("UnitAssigned", {"unit": "r02", "by": "王"}, "王 派出 西子二间", "王 sends 西子二间"),
    ("UnitAssigned", {"unit": "r02"}, "", ""),
    (
        "GatewayTried",
        {"unit": "r02", "gateway": "sms", "ok": True},
        "已用 sms 通知 西子二间",
        "西子二间 was told by sms",
    ),
    (
        "GatewayTried",
        {"unit": "r02", "gateway": "voice", "ok": False, "reason": "unreachable"},
        "用 voice 通知 西子二间 失败：连不上服务",
        "西子二间 could not be told by voice: no connection to the service",
    ),
    (
        "GatewayTried",
        {"unit": "r02", "gateway": "voice", "ok": True, "how": "recall"},
        "已用 voice 通知 西子二间 不用再来",
        "西子二间 was told by voice not to come",
    ),
    (
        "GatewayTried",
        {"unit": "r02", "gateway": "sms", "ok": False, "how": "recall", "reason": "http_500"},
        "用 sms 通知 西子二间 不用再来，失败：服务返回 500",
        "西子二间 could not be told by sms not to come: the service answered 500",
    ),
    (
        "PersonTold",
        {"other": "supervisor", "gateway": "wecom", "ok": True},
        "已用 wecom 通知 值班长",
        "the supervisor was told by wecom",
    ),
    (
        "PersonTold",
        {"other": "property-firm", "gateway": "sms", "ok": True},
        "已用 sms 通知 property-firm",
        "property-firm was told by sms",
    ),
    (
        "IncidentTaken",
        {"by": "李", "other": "王", "words": "换班"},
        "李 从 王 手中接过：换班",
        "李 takes it over from 王: 换班",
    ),
    ("IncidentTaken", {"by": "王"}, "王 接警", "王 takes it"),
    (
        "LeaseLapsed",
        {"by": "王"},
        "王 离席过久，此警重新待接",
        "王 was away too long: nobody has it now",
    ),
    (
        "HandedOver",
        {"by": "王", "agency": "119", "words": "已出车"},
        "王 已移交 119 消防：已出车",
        "王 hands it over to 119, fire service: 已出车",
    ),
    (
        "CancelRequested",
        {"unit": "r01"},
        "西子一间 请求取消报警",
        "西子一间 asks to call it off",
    ),
    (
        "CancelRequested",
        {"unit": "r01", "duress": True},
        "西子一间 在胁迫下请求取消：不可取消，不可在对讲机里提起",
        "西子一间 asks under duress to call it off: go on, and say nothing on the radio",
    ),
    ("CancelAnswered", {"by": "王", "how": "granted"}, "王 同意取消", "王 grants the calling off"),
    (
        "CancelAnswered",
        {"by": "王", "how": "refused", "words": "声音不对"},
        "王 不同意取消：声音不对",
        "王 does not grant the calling off: 声音不对",
    ),
    (
        "CallbackMade",
        {"by": "王", "how": "very_satisfied", "words": "来得快"},
        "王 回访：非常满意：来得快",
        "王 calls back: very satisfied: 来得快",
    ),
    ("IncidentExported", {"by": "王", "how": "whole"}, "王 导出警情档案", "王 hands out its file"),
    (
        "IncidentExported",
        {"by": "王", "how": "without_names"},
        "王 导出警情档案（不含个人信息）",
        "王 hands out its file (without personal values)",
    ),
    (
        "IncidentClosed",
        {"by": "王", "disposition": "false_alarm", "reason": "radio_fault"},
        "王 结案：误报（对讲机故障）",
        "王 closes it: false alarm (fault of the radio)",
    ),
    (
        "ResponseDecided",
        {"wave": 9, "called": 0, "by": "王"},
        "王 要求再叫人，第 9 批呼叫：无人可呼叫",
        "王 asks for more people, wave 9 calls: nobody",
    ),
    (
        "NoteAdded",
        {"by": "王", "erased": True},
        "王 记录（内容已删除）",
        "王 notes (the words were erased)",
    ),
    (
        "OrderShown",
        {"unit": "r02"},
        "西子二间 屏上已显示指令",
        "西子二间 has the order on its screen",
    ),
    ("NeverHeardOf", {"unit": "r02"}, "西子二间 NeverHeardOf", "西子二间 NeverHeardOf"),
]


def lines(language: str) -> StoryLines:
    """Those of one language, for two units."""
    return StoryLines(Tongue(language), name=lambda unit: NAMES.get(unit, unit))


def told(language: str, incident: IncidentDoc, what: str, **members: object) -> str:
    """One line about an incident."""
    line = StoryDoc(t=0, what=what, **members)  # type: ignore[arg-type]  # a test's own words
    return lines(language).tell(incident, line)


@pytest.mark.parametrize(("what", "members", "zh", "en"), TOLD)
def test_a_fact_is_a_sentence(what: str, members: dict[str, Any], zh: str, en: str) -> None:
    """Read in a hurry, in the middle of the night: who did what, and why."""
    incident = incident_sample("en_route")

    assert told("zh", incident, what, **members) == zh
    assert told("en", incident, what, **members) == en


def test_a_call_off_under_duress_that_is_granted_is_told_as_what_it_is() -> None:
    """Only the radio may believe that it is over; the operators must not."""
    incident = incident_sample("en_route")
    incident.cancel = CancelDoc(
        t=0, alarm="r01/00000000000000a1/1", duress=True, granted=True, answered_t=1
    )

    said = told("zh", incident, "CancelAnswered", by="王", how="granted")

    assert said == "王 让对讲机显示已取消，处置照常进行"


def test_every_failure_of_a_gateway_has_words() -> None:
    """Somebody at night reads why the text did not go out, not a code."""
    table = GATEWAYS.read_text("utf-8").split("## What became of a message")[1].split("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    codes = [code for row in rows for code in re.findall(r"`(\w+)`", row.split("|")[1])]

    assert {"unreachable", "http_500", "answer_93000"} <= set(codes)
    for language in LANGUAGES:
        assert [code for code in codes if why_words(Tongue(language), code) == code] == []
    assert why_words(Tongue("zh"), "of_a_newer_server") == "of_a_newer_server"


def test_english_lines_name_places_in_english() -> None:
    """Where the community gave no English name, its own is better than none."""
    incident = incident_sample("en_route")
    incident.place.key_unit_en = ""

    assert " · Xizi Estate, Phase 1 · 40 m east of 幼儿园" in lines("en").opening(incident)
    assert " · 西子小区一期 · " in lines("zh").opening(incident)


def test_a_place_that_was_corrected_is_told_with_where_it_is_now() -> None:
    """Those who listen go there."""
    said = told("en", incident_sample("en_route"), "PlaceRevised", by="王", words="后门")

    assert said == "王 corrects the place: 后门 · Xizi Estate, Phase 1 · 40 m east of Kindergarten"


def test_only_who_was_answering_is_told_as_a_responder_in_danger() -> None:
    """An incident may be linked because it was split off, or because its sender pressed again."""
    incident = incident_sample("linked")

    assert lines("zh").opening(incident).endswith("出警队员遇险")
    incident.in_danger = False
    assert lines("zh").opening(incident).endswith("与 #001 有关联")


def test_no_fact_about_an_incident_is_told_by_its_name_in_code() -> None:
    """Every fact that a story may hold has words here or in words.py."""
    incident = incident_sample("en_route")
    of_incidents = [n for n, each in EVENT_TYPES.items() if issubclass(each, IncidentEvent)]

    assert [name for name in of_incidents if name in told("zh", incident, name, by="王")] == []
    assert {f"fact.{name}" for name in PLAIN_OF_UNIT} <= WORDS.keys()
