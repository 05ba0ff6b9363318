"""Who is not called, rule by rule; ``RULES`` lists them in the order they speak.

A rule looks at one unit and says why it is not to be called, or None. What lasts
speaks before what passes: a guard does not become a doctor by switching his radio
on. Nearness, fairness and chances are no rules: they order those of whom no rule
speaks, and say how many of them are asked (decide.py).
"""

from collections.abc import Callable
from typing import Final

from dispatch.incident import Candidate
from dispatch.rules.asked_once import asked_once
from dispatch.rules.call import Call
from dispatch.rules.fresh_fix import fresh_fix
from dispatch.rules.not_busy import not_busy
from dispatch.rules.on_duty import on_duty
from dispatch.rules.reachable import reachable
from dispatch.rules.role_and_skill import role_and_skill
from dispatch.rules.sender_stays import sender_stays
from dispatch.rules.within_rings import within_rings
from dispatch.words import Verdict

Rule = Callable[[Call, Candidate], Verdict | None]

RULES: Final[tuple[Rule, ...]] = (
    sender_stays,
    asked_once,
    role_and_skill,
    on_duty,
    reachable,
    not_busy,
    fresh_fix,
    within_rings,
)


def verdict_of(call: Call, candidate: Candidate) -> Verdict:
    """What the first rule says that has something to say; *called* where none has."""
    for rule in RULES:
        verdict = rule(call, candidate)
        if verdict is not None:
            return verdict
    return Verdict.CALLED
