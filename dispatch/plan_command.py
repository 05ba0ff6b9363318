"""``yihu plans``: checks plan books and prints them as people read them, in both languages.

Says beside each need how many on the roster could fill it, and who. Changes nothing;
a book takes effect when the hub starts with the community file that names it.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from dispatch.config import load_community
from dispatch.errors import SettingsError
from dispatch.plan import KindRule, Need, Plan, PlanBook, PlanStep
from dispatch.plan_files import (
    default_book,
    inherited_kinds,
    is_inherited,
    load_book,
    short_name,
    unfillable,
)
from dispatch.plan_parts import told_hours
from dispatch.roster import RadioRecord
from dispatch.text_table import table
from dispatch.words import Kind, Nearby, Role, Tier

NAMES_SHOWN_MAX: Final = 6
"""Call signs beside a need; the rest are counted."""

REFUSED: Final = 2
"""Exit status, as for every setting that cannot work."""

KIND_ZH: Final[dict[Kind, str]] = {
    Kind.SOS: "求救",
    Kind.MEDICAL: "急病",
    Kind.FIRE: "火情",
    Kind.DISPUTE: "纠纷",
    Kind.SUSPICIOUS: "可疑",
    Kind.MISSING: "走失",
    Kind.HAZARD: "隐患",
    Kind.NUISANCE: "扰民",
    Kind.OTHER: "其他",
}
ROLE_ZH: Final[dict[Role, str]] = {
    Role.VOLUNTEER: "志愿者",
    Role.GUARD: "保安",
    Role.POLICE: "民警",
}
TIER_ZH: Final[dict[Tier, str]] = {
    Tier.GRID: "网格",
    Tier.COMMUNITY: "社区",
    Tier.STREET: "街道",
    Tier.AGENCY: "移交",
}
NEARBY_ZH: Final[dict[Nearby, str]] = {
    Nearby.JOIN: "并入",
    Nearby.OFFER: "询问",
    Nearby.APART: "分开",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu plans`` takes."""
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="a plan book to check")
    parser.add_argument(
        "--community",
        type=Path,
        metavar="FILE",
        help="a community file: its own books if no FILE is named, and who could fill each need",
    )


def run(options: argparse.Namespace) -> int:
    """Print what can work. 0: all is well; 1: a need that nobody fills; 2: a book was refused."""
    books: list[PlanBook] = []
    radios: list[RadioRecord] | None = None
    if options.community is not None:
        community, radios = load_community(options.community, check_people=False, with_walking=True)
        books += [] if options.files else community.books
    status = 0
    for file in options.files:
        try:
            books.append(load_book(file))
        except SettingsError as exc:
            print(f"yihu: {exc}", file=sys.stderr)
            status = REFUSED
    if not options.files:
        books.append(default_book())
    for book in books:
        print("\n".join(told(book, radios)))
        for need in unfillable(book, radios) if radios is not None else ():
            print(f"yihu: plan book {book.name}: {need}", file=sys.stderr)
            status = status or 1
    return status


def told(book: PlanBook, radios: Sequence[RadioRecord] | None) -> Iterator[str]:
    """The lines that show a book; without radios, nothing is said of who could come."""
    serving = [f"{book.begins} 起 from"] if book.begins else []
    serving += [f"{book.ends} 止 until"] if book.ends else []
    yield f"预案册 book  {book.name}  {'  '.join(serving)}".rstrip()
    lent = inherited_kinds(book)
    yield ""
    yield from table(
        [_KIND_HEAD, *(_kind_row(rule, rule.kind in lent) for rule in book.kinds.values())]
    )
    for rule in book.kinds.values():
        if rule.kind not in lent:
            yield from _checklist(rule)
    for plan in book.plans:
        yield from _plan(plan, radios)
    yield ""


_KIND_HEAD: Final = ("类别 kind", "等级 priority", "附近再报 press nearby", "检查单 checklist", "")
_INHERITED: Final = "沿用内置 built-in"


def _kind_row(rule: KindRule, lent: bool) -> tuple[str, ...]:
    near = f"{NEARBY_ZH[rule.nearby]} {rule.nearby}"
    if rule.nearby is not Nearby.APART:
        near += f"  {rule.near_m:g} m, {_time(rule.near_s)}"
    items = f"{len(rule.checklist)} 项 items"
    return (_kind(rule.kind), str(rule.priority), near, items, _INHERITED if lent else "")


def _checklist(rule: KindRule) -> Iterator[str]:
    yield ""
    yield f"检查单 checklist  {_kind(rule.kind)}"
    for number, each in enumerate(rule.checklist, start=1):
        yield f"  {number}. {each.zh}"
        yield f"     {each.en}"


def _plan(plan: Plan, radios: Sequence[RadioRecord] | None) -> Iterator[str]:
    kinds = "、".join(_kind(kind) for kind in Kind if kind in plan.kinds)
    classes = ", ".join(sorted(plan.classes)) or "全部 all"
    hours = ", ".join(told_hours(each) for each in plan.hours) or "全天 always"
    yield ""
    yield f"预案 plan  {short_name(plan)}  {_INHERITED if is_inherited(plan) else ''}".rstrip()
    yield f"  类别 kinds: {kinds}   网格 classes: {classes}   时段 hours: {hours}"
    yield (
        f"  目标 target: {_time(plan.target_s)}   把握 sure: {plan.sure:.0%}   "
        f"到场即可 on scene: {plan.on_scene}   均衡 fairness: {plan.fairness_s:g} s   "
        f"{_order(plan)}"
    )
    if plan.preempts is not None:
        yield (
            f"  可中断 {plan.preempts} 级及更缓的任务 "
            f"may interrupt errands of priority {plan.preempts} or less urgent"
        )
    rows = [row for step in plan.steps for row in _step_rows(step, radios)]
    yield from table([_STEP_HEAD if radios is not None else _STEP_HEAD[:-1], *rows])


_STEP_HEAD: Final = (
    "步骤 step",
    "层级 tier",
    "范围 rings",
    "要到 needs",
    "等答复 wave",
    "然后 then",
    "告知 tells",
    "名册上能去的 on the roster",
)


def _step_rows(step: PlanStep, radios: Sequence[RadioRecord] | None) -> Iterator[tuple[str, ...]]:
    """The step's own words beside its first need, the other needs below it."""
    after = f"{_time(step.hold_s)} " if step.hold_s is not None else ""
    then = f"{after}-> {step.then}" if step.then else "-"
    own = (step.step, f"{TIER_ZH[step.tier]} {step.tier}", _rings(step.rings))
    wave = "按设置 as set" if step.wave_s is None else _time(step.wave_s)
    ends = (wave, then, ", ".join([*step.tell, *filter(None, [step.agency])]) or "-")
    for number, need in enumerate(step.needs or [None]):
        left, right = (own, ends) if number == 0 else (("",) * len(own), ("",) * len(ends))
        who = () if radios is None else (_who(need, radios),)
        yield (*left, "-" if need is None else _need(need), *right, *who)


def _need(need: Need) -> str:
    role = "任何人 any" if need.role is None else f"{ROLE_ZH[need.role]} {need.role}"
    return f"{need.count} {role}{f' + {need.skill}' if need.skill else ''}"


def _who(need: Need | None, radios: Sequence[RadioRecord]) -> str:
    """How many could come, and by which call signs."""
    if need is None:
        return ""
    fit = [
        each.call_sign for each in radios if not each.revoked and need.fits(each.role, each.skills)
    ]
    names = "、".join(fit[:NAMES_SHOWN_MAX]) + ("…" if len(fit) > NAMES_SHOWN_MAX else "")
    few = "  不够 too few" if len(fit) < need.count else ""
    return f"{len(fit)}{few}  {names}".rstrip()


def _kind(kind: Kind) -> str:
    return f"{KIND_ZH[kind]} {kind}"


def _rings(rings: int | None) -> str:
    match rings:
        case None:
            return "全部 all"
        case 0:
            return "本格 own"
    return f"0-{rings}"


def _order(plan: Plan) -> str:
    return "由近及远逐圈 ring by ring" if plan.by_rings else "最快到者先 soonest first"


def _time(seconds: float) -> str:
    if seconds >= 120 and seconds % 60 == 0:
        return f"{seconds / 60:g} min"
    return f"{seconds:g} s"
