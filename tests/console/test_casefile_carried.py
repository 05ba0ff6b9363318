"""console/casefile_carried.py: every fact and every reason has words, and none is passed over."""

import dataclasses
import typing
from typing import Any

import msgspec
import pytest

from console.casefile_carried import DULL, Carried
from console.casefile_words import PageTongue
from dispatch.casefile.shape import Fact, NameDoc
from dispatch.events import EVENT_TYPES, Personal
from dispatch.words import Agency, FalseReason, Linked, Satisfaction, Tier

STORY = {
    name: cls
    for name, cls in EVENT_TYPES.items()
    if {"incident", "alarm"} & {field.name for field in dataclasses.fields(cls)}
}
TOLD_OTHERWISE = {
    "AlarmReceived",
    "AlarmRepeated",
    "AlarmConflicted",
    "AlarmUndecided",
    "IncidentOpened",
    "AlarmJoined",
    "ResponseDecided",
    "UnitAssigned",
}
"""Facts with whole sentences (casefile_told.py, telling.py)."""


def carried(language: str = "zh") -> Carried:
    """Tells of one radio and one grid."""
    return Carried(
        PageTongue(language),
        unit={"r3": "保安三号"}.__getitem__,
        moment=lambda t: f"<{t}>",
        grids={"g1": NameDoc(zh="西子一期", en="Phase 1")},
    )


def fact(name: str, **body: Any) -> Fact:
    """A row with this body; the rest does not matter here."""
    text = msgspec.json.encode({"incident": "i", **body}).decode()
    return Fact(seq=1, t=0, community="xizi", name=name, body=text, before="", hash="")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fact_of_an_incident_has_words(language: str) -> None:
    """A new fact without words would stand on a Chinese page under its English name."""
    say = PageTongue(language)

    assert [n for n in STORY if n not in TOLD_OTHERWISE and not say.knows("fact", n)] == []


def test_every_member_that_is_shown_has_a_label() -> None:
    say = PageTongue("zh")
    missing = set()
    for name, cls in STORY.items():
        if name in TOLD_OTHERWISE:
            continue
        hints = typing.get_type_hints(cls)
        for field in dataclasses.fields(cls):
            if field.name in {"t", "community", *DULL} or _may_be_personal(hints[field.name]):
                continue
            if not say.knows("member", field.name):
                missing.add(f"{name}.{field.name}")

    # Told by telling.py in the story's own words.
    assert missing <= {
        "AssignmentWithdrawn.reason",
        "IncidentEscalated.rung",
        "IncidentEscalated.reason",
        "IncidentClosed.disposition",
    }


def _may_be_personal(hint: Any) -> bool:
    return hint is Personal or Personal in typing.get_args(hint)


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("tier", Tier),
        ("agency", Agency),
        ("link", Linked),
        ("satisfaction", Satisfaction),
        ("false_reason", FalseReason),
    ],
)
def test_every_code_has_words(group: str, codes: Any) -> None:
    say = PageTongue("zh")

    assert [code.value for code in codes if not say.knows(group, code.value)] == []


def test_a_fact_is_told_with_who_and_all_it_carries() -> None:
    """Codes in words, times where they are read, a no as well as a yes."""
    told = carried().whole(
        fact(
            "StepBegun",
            plan="default-1/sos",
            step="near",
            tier="grid",
            due_t=7,
            reason=None,
            tell=["supervisor", "street"],
            agency="110",
            words={"digest": "00", "personal": "11"},
            by="王芳",
        ),
        "王芳",
    )

    assert told == (
        "王芳 响应进入下一步骤 (预案: default-1/sos; 步骤: near; 层级: 网格; 下一步骤不晚于: <7>;"
        " 通知: supervisor、street; 单位: 110 公安)"
    )
    held = carried("en").whole(fact("CallsHeld", held=False, by="desk"), "desk")
    assert held == "desk calling by machine (held: no)"


def test_a_member_without_a_label_is_told_under_its_own_name() -> None:
    told = carried("en").whole(fact("UnitFlewIn", unit="r3", height_m="120.5"), "保安三号")

    assert told == "保安三号 UnitFlewIn (height_m: 120)"


def test_what_the_storys_own_words_leave_out_is_added() -> None:
    """Why it was false, who had it before, that somebody offered to go."""
    closed = fact("IncidentClosed", disposition="false_alarm", false_reason="by_accident")
    asked = fact("UnitAssigned", unit="r3", volunteered=False, need="volunteer+medical")

    assert carried().extras(closed) == ["误报原因: 误触"]
    assert carried().extras(asked) == ["需要: 志愿者+医护"]
    assert carried().extras(fact("NoteAdded", by="王芳")) == []


def test_why_somebody_was_called_is_told_as_people_say_it() -> None:
    """As the journal has it: fractions as text, what was not known as null."""
    facts = {
        "unit": "r3",
        "verdict": "called",
        "role": "volunteer",
        "ring": 2,
        "distance_m": "98.2",
        "fix_age_s": "0.019",
        "skills": ["first_aid", "sword"],
        "on_duty": True,
        "online": True,
        "busy": 0,
        "walk_s": None,
        "eta_s": 177,
        "asked": 5,
        "accepted": 0,
        "chance": "0.1532",
        "need": "volunteer",
        "shoe_size": 43,
    }

    assert carried().why_called(facts) == [
        "相距 98 米",
        "第 2 圈网格",
        "定位 0 秒前",
        "技能：急救、sword",
        "预计 3 分钟 到达",
        "近 90 日被呼叫 5 次",
        "按时到场的可能 15%",
        "需要志愿者",
        "shoe_size: 43",
    ]
