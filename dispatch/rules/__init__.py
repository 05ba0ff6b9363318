"""Who is not called, rule by rule; ``RULES`` lists them in the order they speak.

A rule looks at one unit and says why it is not to be called, or None; beside it stands
the same rule over many units at once, and a test that the two agree. What lasts
speaks before what passes: a guard does not become a doctor by switching his radio
on. Nearness, fairness and chances are no rules: they order those of whom no rule
speaks, and say how many of them are asked (decide.py).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from dispatch.incident import Candidate
from dispatch.rules.asked_once import asked_once, asked_once_of_all
from dispatch.rules.call import Call
from dispatch.rules.crowd import SILENT, Codes, Crowd
from dispatch.rules.fresh_fix import fresh_fix, fresh_fix_of_all
from dispatch.rules.not_busy import not_busy, not_busy_of_all
from dispatch.rules.on_duty import on_duty, on_duty_of_all
from dispatch.rules.reachable import reachable, reachable_of_all
from dispatch.rules.role_and_skill import role_and_skill, role_and_skill_of_all
from dispatch.rules.sender_stays import sender_stays, sender_stays_of_all
from dispatch.rules.within_rings import within_rings, within_rings_of_all
from dispatch.words import Verdict

Rule = Callable[[Call, Candidate], Verdict | None]
RuleOfAll = Callable[[Call, Crowd], Codes]

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

OF_ALL: Final[Mapping[Rule, RuleOfAll]] = MappingProxyType(
    {
        sender_stays: sender_stays_of_all,
        asked_once: asked_once_of_all,
        role_and_skill: role_and_skill_of_all,
        on_duty: on_duty_of_all,
        reachable: reachable_of_all,
        not_busy: not_busy_of_all,
        fresh_fix: fresh_fix_of_all,
        within_rings: within_rings_of_all,
    }
)
"""Every rule as it speaks of many units at once."""


def verdict_of(call: Call, candidate: Candidate) -> Verdict:
    """What the first rule says that has something to say; *called* where none has."""
    for rule in RULES:
        verdict = rule(call, candidate)
        if verdict is not None:
            return verdict
    return Verdict.CALLED


def verdicts_of(call: Call, crowd: Crowd) -> Codes:
    """``verdict_of`` of many units at once, in the same order of speaking."""
    found = np.full(len(crowd), SILENT)
    for rule in RULES:
        np.copyto(found, OF_ALL[rule](call, crowd), where=found == SILENT)
    return found
