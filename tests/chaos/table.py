"""The outcome as a table, as JSON, and as the part of docs/reliability.md that is made of it."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.chaos.faults import Fault
from tests.chaos.judge import Evidence, broken

HEAD: Final = (
    "fault", "rounds", "presses", "stored", "lost", "doubled", "back p50 s", "back max s",
    "alarms p99 ms", "consoles s", "hub MB", "verdict",
)  # fmt: skip
BEGIN: Final = "<!-- written by: python -m tests.chaos --write -->"
END: Final = "<!-- end of what is written -->"

Outcome = Evidence | str
"""What came of a fault, or why it was not run."""


def figures(evidence: Evidence, *, timed: bool) -> dict[str, Any]:
    """All figures of one fault."""
    faults = broken(evidence, timed=timed)
    back_s = evidence.back_s
    settled = [each.settled_s for each in evidence.rounds if each.settled_s is not None]
    return {
        "fault": evidence.fault.name,
        "layout": str(evidence.fault.layout),
        "rounds": len(evidence.rounds),
        "presses": len(evidence.pressed),
        "stored": len(evidence.on_disk),
        "heard_stored": len(evidence.heard),
        "lost": evidence.lost,
        "doubled": evidence.doubled,
        "foreign": evidence.foreign,
        "back_p50_s": _rounded(statistics.median(back_s) if back_s else math.inf),
        "back_max_s": _rounded(max(back_s, default=math.inf)),
        "settled_max_s": _rounded(max(settled, default=math.inf)),
        "alarms_during": len(evidence.alarms_ms),
        "alarms_p99_ms": _rounded(evidence.alarms_p99_ms, 1),
        "console_gap_max_s": _rounded(max((r.gap_s for r in evidence.rounds), default=0.0)),
        "neighbour_still_max_s": _rounded(
            max((r.stillest_s for r in evidence.rounds), default=0.0)
        ),
        "rss_before_mb": round(evidence.rss_before_mb),
        "rss_peak_mb": round(evidence.rss_peak_mb),
        "rss_after_mb": round(evidence.rss_after_mb),
        "broker_peak_mb": round(evidence.broker_peak_mb),
        "chain": evidence.chain_fault or "unbroken",
        "broken": faults,
        "verdict": "broken" if faults else "kept",
    }


def _rounded(value: float, digits: int = 2) -> float | None:
    """None for what never came, which JSON has no number for."""
    return None if math.isinf(value) else round(value, digits)


def not_run(fault: Fault, why: str) -> dict[str, Any]:
    """Neither kept nor broken."""
    return {"fault": fault.name, "layout": str(fault.layout), "verdict": "not run", "why": why}


def row(told: Mapping[str, Any]) -> tuple[str, ...]:
    """A line of the table."""
    if told["verdict"] == "not run":
        return (told["fault"], *[""] * (len(HEAD) - 2), f"not run: {told['why']}")
    memory = "→".join(str(told[f"rss_{when}_mb"]) for when in ("before", "peak", "after"))
    verdict = "kept" if told["verdict"] == "kept" else f"BROKEN: {'; '.join(told['broken'])}"
    cells = [
        "fault", "rounds", "presses", "stored", "lost", "doubled", "back_p50_s", "back_max_s",
        "alarms_p99_ms", "console_gap_max_s",
    ]  # fmt: skip
    return (*("never" if told[key] is None else str(told[key]) for key in cells), memory, verdict)


def text(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """For a terminal."""
    rows = [HEAD, *(row(each) for each in outcomes)]
    widths = [max(len(each[n]) for each in rows) for n in range(len(HEAD) - 1)]
    return "\n".join(
        "  ".join(
            [each[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(each[1:-1], widths[1:], strict=True)]
            + [each[-1]]
        ).rstrip()
        for each in rows
    )


def markdown(outcomes: Sequence[Mapping[str, Any]], says: Mapping[str, str], machine: str) -> str:
    """For the page; what each fault is, in words."""
    lines = [f"| {' | '.join(HEAD)} |", f"| --- {'| ---: ' * (len(HEAD) - 2)}| --- |"]
    for each in outcomes:
        name, *cells = row(each)
        lines.append(f"| `{name}` {says[name]} | {' | '.join(cells)} |")
    return "\n".join([machine, "", *lines])


def rewritten(page: str, part: str) -> str:
    """The page with this between the two marks. Raises ValueError where they are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"
