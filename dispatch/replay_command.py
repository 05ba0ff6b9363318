"""``yihu replay-decision ID``: makes a wave's decision again and shows what would be different.

ID is a decision's, ``incident/wN``, as the console and the journal name it. Everybody who was
looked at stands in a table with why they were called or not, then and now; ``--plan FILE``
asks the plan of that book which fits the incident. Changes nothing, and asks no hub.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from dispatch.clock import SECOND, Instant
from dispatch.decide import Choice
from dispatch.errors import quoted
from dispatch.events import ResponseDecided
from dispatch.ids import DecisionId, IncidentId
from dispatch.options import add_data
from dispatch.plan import Plan
from dispatch.plan_files import load_book
from dispatch.replay_decision import (
    Compared,
    ReplayError,
    compare,
    decide_again,
    not_kept,
    plan_for,
)
from dispatch.settings_file import store_of
from dispatch.store.sql import incident_facts_at
from dispatch.text_table import table
from dispatch.words import Verdict

VERDICT_ZH: Final[dict[Verdict, str]] = {
    Verdict.CALLED: "呼叫",
    Verdict.NOT_NEEDED: "不需要",
    Verdict.SENDER: "报警人",
    Verdict.ALREADY_ASKED: "已问过",
    Verdict.OFF_DUTY: "未上岗",
    Verdict.OFFLINE: "不在线",
    Verdict.NO_FIX: "无定位",
    Verdict.STALE: "定位过旧",
    Verdict.BUSY: "有任务",
    Verdict.WRONG_ROLE: "角色不符",
    Verdict.LACKS_SKILL: "缺技能",
    Verdict.TOO_FAR: "太远",
}

SAME: Final = ""
OTHER: Final = "*"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu replay-decision`` takes."""
    parser.add_argument("decision", metavar="ID", help="such as xizi-20260529-001/w1")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="a plan book to decide by")
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="for programs: one object")


def run(options: argparse.Namespace) -> int:
    """Show the decision then and now. Raises ReplayError, SettingsError."""
    fact = _decided(options.decision, *store_of(options))
    inputs = fact.inputs.value
    if inputs is None:
        raise ReplayError(
            f"what decision {fact.decision} was made of was erased; "
            "the journal still says whom it called"
        )
    if not isinstance(inputs, dict):
        raise ReplayError(f"what decision {fact.decision} kept is no table of inputs")
    plan = None if options.plan is None else plan_for(inputs, load_book(options.plan))
    choice = decide_again(inputs, plan)
    rows = compare(inputs, choice)
    if options.json:
        print(msgspec.json.encode(_document(fact, choice, rows, not_kept(inputs), plan)).decode())
    else:
        print("\n".join(_told(fact, choice, rows, not_kept(inputs), plan)))
    return 0


def _decided(decision: str, url: str, data_dir: Path) -> ResponseDecided:
    incident, slash, wave = decision.rpartition("/")
    if not slash or not wave.startswith("w"):
        raise ReplayError(f"{quoted(decision)} is no decision: write INCIDENT/wN, such as .../w1")
    facts = incident_facts_at(url, data_dir, IncidentId(incident))
    if not facts:
        raise ReplayError(f"the journal knows no incident {quoted(incident)}")
    decided = [each for each in facts if isinstance(each, ResponseDecided)]
    for each in decided:
        if each.decision == DecisionId(decision):
            return each
    known = f"w1 to w{len(decided)}" if decided else "none"
    raise ReplayError(f"incident {incident} has no decision {quoted(wave)}; it has {known}")


# For programs.


def _document(
    fact: ResponseDecided, choice: Choice, rows: list[Compared], left_out: int, plan: Plan | None
) -> dict[str, Any]:
    return {
        "decision": fact.decision,
        "t": fact.t // 1_000,
        "plan": {"then": fact.inputs.value["plan"], "now": _plan_now(fact, plan)},
        "step": {"then": fact.inputs.value["step"], "now": choice.inputs["step"]},
        "missing": {"then": fact.missing, "now": choice.missing},
        "short": {"then": fact.short, "now": choice.short},
        "chance": {"then": fact.chance, "now": choice.chance},
        "called": {"then": list(fact.called), "now": [each.unit for each in choice.called]},
        "same": _same(fact, choice),
        "not_kept": left_out,
        "candidates": [
            {
                "unit": each.unit,
                "then": _facts(each.then.verdict, each.then.need, each.then.chance),
                "now": _facts(each.now.verdict, each.now.need, each.now.chance),
                "role": each.now.role,
                "skills": list(each.now.skills),
                "ring": each.now.ring,
                "distance_m": each.now.distance_m,
                "walk_s": each.now.walk_s,
                "eta_s": each.now.eta_s,
                "fix_age_s": each.now.fix_age_s,
                "on_duty": each.now.on_duty,
                "online": each.now.online,
                "busy": each.now.busy,
                "asked": each.now.asked,
                "accepted": each.now.accepted,
                "call_outs": each.now.call_outs,
                "differs": each.differs,
            }
            for each in rows
        ],
    }


def _facts(verdict: Verdict, need: str, chance: float | None) -> dict[str, Any]:
    return {"verdict": verdict, "need": need, "chance": chance}


# For people.


def _told(
    fact: ResponseDecided, choice: Choice, rows: list[Compared], left_out: int, plan: Plan | None
) -> Iterator[str]:
    then, now = fact.inputs.value, choice.inputs
    yield f"决定 decision  {fact.decision}  {_time(fact.t)}"
    yield ""
    yield from table(
        [
            ("", "当时 then", "现在 now"),
            ("预案 plan", then["plan"], _plan_now(fact, plan)),
            ("步骤 step", then["step"], now["step"]),
            ("缺 missing", _counts(fact.missing), _counts(choice.missing)),
            ("不够 short", _counts(fact.short), _counts(choice.short)),
            ("呼叫 called", str(len(fact.called)), str(len(choice.called))),
            ("按时到场 in time", _percent(fact.chance), _percent(choice.chance)),
        ]
    )
    yield ""
    yield from table([_HEAD, *map(_row, rows)])
    if left_out:
        yield ""
        yield (
            f"另有 {left_out} 人当时只计数，无法重算  "
            f"{left_out} more were only counted then; of them nothing can be said"
        )
    yield ""
    yield _verdict(fact, choice, rows)


_HEAD: Final = (
    "",
    "单元 unit",
    "角色 role",
    "圈 ring",
    "距离 m",
    "步行 walk min",
    "到达 eta s",
    "应答 said yes",
    "当时 then",
    "现在 now",
    "为 for",
)


def _row(each: Compared) -> tuple[str, ...]:
    now = each.now
    return (
        OTHER if each.differs else SAME,
        now.unit,
        "+".join([now.role, *now.skills]),
        "-" if now.ring < 0 else str(now.ring),
        "-" if now.distance_m is None else f"{now.distance_m:.0f}",
        "-" if now.walk_s is None else f"{now.walk_s / 60:.1f}",
        "-" if now.eta_s is None else f"{now.eta_s:.0f}",
        f"{now.accepted}/{now.asked}" if now.asked else "-",
        _word(each.then.verdict),
        _word(now.verdict),
        now.need or "-",
    )


def _verdict(fact: ResponseDecided, choice: Choice, rows: list[Compared]) -> str:
    others = sum(each.differs for each in rows)
    if _same(fact, choice) and not others:
        return "结果相同  the same people are called, for the same reasons"
    if _same(fact, choice):
        return (
            f"呼叫相同，{others} 人理由不同 (*)  the same people are called; {others} other reasons"
        )
    come = len({each.unit for each in choice.called} - set(fact.called))
    go = len(set(fact.called) - {each.unit for each in choice.called})
    return f"多呼叫 {come} 人，少呼叫 {go} 人 (*)  {come} are called now and were not, {go} no more"


def _same(fact: ResponseDecided, choice: Choice) -> bool:
    return set(fact.called) == {each.unit for each in choice.called}


def _plan_now(fact: ResponseDecided, plan: Plan | None) -> str:
    return fact.inputs.value["plan"] if plan is None else plan.plan


def _word(verdict: Verdict) -> str:
    return f"{VERDICT_ZH[verdict]} {verdict}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {label}" for label, count in sorted(counts.items())) or "-"


def _percent(chance: float | None) -> str:
    return "-" if chance is None else f"{chance:.0%}"


def _time(t: Instant) -> str:
    return datetime.fromtimestamp(t // SECOND, UTC).isoformat().replace("+00:00", "Z")
