"""The order in which rules speak."""

from dataclasses import replace

from dispatch.ids import UnitId
from dispatch.plan import Need
from dispatch.rules import RULES, verdict_of
from dispatch.words import Role, Verdict
from tests.dispatch.rules.builders import a_call, a_step, seen


def test_what_lasts_speaks_before_what_passes() -> None:
    """A guard does not become a doctor by switching his radio on: the first reason is the one
    that would still hold when all the others are mended."""
    assert [rule.__name__ for rule in RULES] == [
        "sender_stays",
        "asked_once",
        "role_and_skill",
        "on_duty",
        "reachable",
        "not_busy",
        "fresh_fix",
        "within_rings",
    ]


def test_each_reason_comes_to_light_once_the_one_before_it_is_mended() -> None:
    """One unit with everything against it, made fit step by step."""
    need = Need(count=1, role=Role.GUARD)
    call = a_call(need, step=a_step(need, rings=0))
    asked = replace(call, asked=frozenset({UnitId("y")}))
    calls = [replace(asked, sender=UnitId("y")), asked, *[call] * 7]
    mended: list[dict[str, object]] = [
        {"on_duty": False, "online": False, "busy": 1, "fix_age_s": 500.0, "ring": 3},
        {},
        {},
        {"role": Role.GUARD},
        {"on_duty": True},
        {"online": True},
        {"busy": 0},
        {"fix_age_s": 5.0},
        {"ring": 0},
    ]

    found = []
    unit: dict[str, object] = {}
    for each, change in zip(calls, mended, strict=True):
        unit.update(change)
        found.append(verdict_of(each, seen("y", **unit)))

    assert found == [
        Verdict.SENDER,
        Verdict.ALREADY_ASKED,
        Verdict.WRONG_ROLE,
        Verdict.OFF_DUTY,
        Verdict.OFFLINE,
        Verdict.BUSY,
        Verdict.STALE,
        Verdict.TOO_FAR,
        Verdict.CALLED,
    ]
