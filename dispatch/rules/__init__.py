"""Who is not called, rule by rule; ``RULES`` lists them in the order they speak.

A rule looks at one unit and says why it is not to be called, or None. What the live
table itself knows (off duty, offline, busy, no fresh fix, wrong role) stands in the
candidate already and speaks last. Nearness is no rule: candidates come nearest first.
"""

from collections.abc import Callable
from typing import Final

from dispatch.incident import Candidate
from dispatch.rules.asked_once import asked_once
from dispatch.rules.call import Call
from dispatch.rules.only_missing_roles import only_missing_roles
from dispatch.rules.sender_stays import sender_stays
from dispatch.words import Verdict

Rule = Callable[[Call, Candidate], Verdict | None]

RULES: Final[tuple[Rule, ...]] = (sender_stays, asked_once, only_missing_roles)
