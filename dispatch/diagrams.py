"""Writes docs/lifecycles.md from the tables that the code runs by. Knows nothing of its own.

python -m dispatch.diagrams > docs/lifecycles.md
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, TypeVar

from dispatch.escalation import ladder
from dispatch.events import Event
from dispatch.lifecycle import ANSWER, PHASES, STANDING, STATES
from dispatch.plan import Need, Plan, PlanBook, PlanStep
from dispatch.plan_files import default_book
from dispatch.settings import Waits
from dispatch.words import (
    ASKED,
    COMING,
    COUNTS_FOR_CARE,
    EIDO_OF,
    END_OF,
    ENDED,
    AssignmentState,
    Disposition,
    FalseReason,
    Phase,
)

PRIORITIES: Final = {1: "emergency", 2: "urgent", 3: "watch", 4: "note"}

Stage = TypeVar("Stage", Phase, AssignmentState)


def page() -> str:
    """The whole page."""
    parts = [_head(), _incidents(), _assignments(), _rungs(Waits()), _steps(default_book())]
    return "\n\n".join(parts) + "\n"


def _head() -> str:
    return """# Life cycles

Written by `python -m dispatch.diagrams` from the tables that the code runs by, and tested against
them: change the tables, not this page. What each word means is in the [glossary](glossary.md), the
waits are in the [settings](settings.md), how to write plans in [plans](plans.md). Names such as
`UnitAccepted` are facts of the journal."""


# --- incidents ---


def _incidents() -> str:
    inside = [edge for edge in _edges(PHASES) if edge[0] not in ENDED]
    diagram = [
        "stateDiagram-v2",
        "    direction LR",
        "    [*] --> open: IncidentOpened",
        "    state open {",
        f"        [*] --> {Phase.RECEIVED}",
        *[f"        {before} --> {after}: {facts}" for before, after, facts in inside],
        "    }",
        "    state ended {",
        *[f"        {phase}" for phase in Phase if phase in ENDED],
        "    }",
        "    open --> ended: IncidentClosed",
        f"    ended --> open: IncidentReopened ({Phase.REOPENED})",
    ]
    return "\n".join(
        [
            "## An incident",
            "",
            "The phase is the furthest that the response has stood since it last lapsed. A fact",
            "that the table does not name for a phase changes nothing there. *received* is told as",
            "*acknowledged* once somebody has taken it. Nothing but a person ends an incident, and",
            "nothing but reopening leads out of an end.",
            "",
            *_mermaid(diagram),
            "",
            *_table(("phase", "fact", "then"), _phase_rows()),
            "",
            "How it ended follows from the disposition that the person closing it chose.",
            "",
            *_table(("disposition", "phase", "EIDO"), map(_disposition, Disposition)),
            "",
            "A false alarm says why; some reasons speak of the radio, and count toward its care.",
            "",
            *_table(
                ("reason", "counts toward the radio's care"),
                ((each, "yes" if each in COUNTS_FOR_CARE else "no") for each in FalseReason),
            ),
        ]
    )


def _phase_rows() -> list[tuple[str, str, str]]:
    """As the table has them, the ends last in the order of their names in the code."""
    order = list(Phase)
    rows = sorted(PHASES.items(), key=lambda row: order.index(row[0][0]) * (row[0][0] in ENDED))
    return [(before, fact.__name__, after) for (before, fact), after in rows]


def _disposition(each: Disposition) -> tuple[str, str, str]:
    return (each, END_OF[each], EIDO_OF.get(each, ""))


# --- assignments ---


def _assignments() -> str:
    said = {fact: state for state, fact in ANSWER.items()}
    diagram = [
        "stateDiagram-v2",
        "    direction LR",
        f"    [*] --> {AssignmentState.OFFERED}: UnitAssigned",
        *[
            f"    {before} --> {after}: {facts}"
            for before, after, facts in _edges(STATES)
            if before is not after
        ],
    ]
    rows = [
        (before, fact.__name__, after, "its radio" if fact in said else "the centre")
        for (before, fact), after in STATES.items()
    ]
    return "\n".join(
        [
            "## An order to one unit",
            "",
            "Many orders per incident, each with a life of its own; a unit's screen shows a state",
            "only once the hub has echoed it. A unit that forgot a button may skip a step.",
            "",
            *_mermaid(diagram),
            "",
            *_table(("state", "fact", "then", "said by"), rows),
            "",
            *_table(
                ("state", "asked", "coming", "stands on the radio"),
                (
                    (each, *(_mark(each in some) for some in (ASKED, COMING, STANDING)))
                    for each in AssignmentState
                ),
            ),
        ]
    )


# --- rungs ---


def _rungs(waits: Waits) -> str:
    diagram = ["flowchart LR"]
    rows = []
    for priority, name in PRIORITIES.items():
        before = f"p{priority}"
        diagram.append(f"    {before}([priority {priority}, {name}])")
        for after_s, rung in ladder(waits, priority):
            here = f"p{priority}_{rung}"
            diagram.append(f"    {before} -- {_seconds(after_s)} --> {here}[{_words(rung)}]")
            before = here
            rows.append((f"{priority} {name}", _seconds(after_s), _words(rung)))
        if before == f"p{priority}":
            rows.append((f"{priority} {name}", "never", "waits"))
    return "\n".join(
        [
            "## An incident that nobody takes",
            "",
            "Counted from its opening, its reopening, or when whoever had it was away for too",
            "long; each rung is a fact, reached once for each reason. Taking it stops the climb.",
            "These are the waits as they come; they are settings.",
            "",
            *_mermaid(diagram),
            "",
            *_table(("priority", "after", "rung"), rows),
            "",
            *_table(
                ("what", "after"),
                [
                    ("no operator at any console: the supervisor", _seconds(waits.unattended_s)),
                    ("who took it is at no console: it is nobody's", _seconds(waits.lease_s)),
                    ("no answer to an order: it expires, others are asked", _seconds(waits.wave_s)),
                ],
            ),
        ]
    )


# --- steps ---


def _steps(book: PlanBook) -> str:
    parts = [
        f"## The steps of the built-in plan book ({book.name})",
        "",
        "A step begins when so long after the one before it too few are on scene, when nobody is",
        "left to ask, or when an operator says so. Its deadline stands in the fact that began it,",
        "so that a restart neither loses nor doubles it. Needs count in all, those of earlier",
        "steps too.",
    ]
    by_shape = sorted(book.plans, key=lambda plan: [_shape(each) for each in plan.steps])
    for _, same in groupby(by_shape, key=lambda plan: [_shape(each) for each in plan.steps]):
        plans = sorted(same, key=lambda plan: plan.plan)
        parts += ["", f"### {', '.join(_name(plan) for plan in plans)}", ""]
        parts += _mermaid(_chain(plans[0].steps))
        parts += ["", *_table(("plan", "for", "step", "tier", "asks for"), _asked(plans))]
    return "\n".join(parts)


def _shape(step: PlanStep) -> str:
    return f"{step.step} {step.tier} {step.hold_s or 0:09.1f} {step.agency or ''}"


def _chain(steps: Sequence[PlanStep]) -> list[str]:
    lines = ["flowchart LR"]
    for each in steps:
        proposed = f"<br>proposes {each.agency}" if each.agency else ""
        told = f"<br>tells {', '.join(each.tell)}" if each.tell else ""
        lines.append(f'    {each.step}["{each.step} ({each.tier}){proposed}{told}"]')
    for each in steps:
        if each.then:
            wait = "nobody left" if each.hold_s is None else _seconds(each.hold_s)
            lines.append(f"    {each.step} -- {wait} --> {each.then}")
    return lines


def _asked(plans: Iterable[Plan]) -> Iterable[tuple[str, ...]]:
    for plan in plans:
        kinds = ", ".join(sorted(plan.kinds))
        classes = f", class {'/'.join(sorted(plan.classes))}" if plan.classes else ""
        hours = ", ".join(f"{_clock(each.begins)}-{_clock(each.ends)}" for each in plan.hours)
        where = f"{kinds}{classes}{', ' + hours if hours else ''}"
        for step in plan.steps:
            yield (_name(plan), where, step.step, step.tier, ", ".join(map(_need, step.needs)))


def _name(plan: Plan) -> str:
    return plan.plan.partition("/")[2]


def _need(need: Need) -> str:
    return f"{need.count} {need.label}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


# --- Markdown ---


def _edges(table: Mapping[tuple[Stage, type[Event]], Stage]) -> list[tuple[Stage, Stage, str]]:
    """From, to, and the facts that lead there."""
    facts: dict[tuple[Stage, Stage], list[str]] = {}
    for (before, fact), after in table.items():
        facts.setdefault((before, after), []).append(fact.__name__)
    return [(before, after, ", ".join(names)) for (before, after), names in facts.items()]


def _mermaid(lines: Iterable[str]) -> list[str]:
    return ["```mermaid", *lines, "```"]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Each member as it is: none holds a bar or a line feed."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(each) for each in line) + " |" for line in lines]


def _mark(true: bool) -> str:
    return "yes" if true else ""


def _words(code: str) -> str:
    return code.replace("_", " ")


def _seconds(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 300 else f"{seconds:g} s"


if __name__ == "__main__":
    sys.stdout.write(page())
