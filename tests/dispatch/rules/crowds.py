"""Candidates as columns, and many different ones: what rules look at in either form."""

from collections.abc import Iterable, Sequence

import hypothesis.strategies as st
import numpy as np

from dispatch.incident import Candidate
from dispatch.plan import Need
from dispatch.rules.crowd import ROLES, Crowd
from dispatch.words import DRILL_PRIORITY, Role
from geo.arrays import Floats
from tests.dispatch.rules.builders import seen

SKILLS = [(), ("medical",), ("fire",), ("medical", "fire")]

units = st.builds(
    seen,
    st.integers(0, 9_999).map("r{:04d}".format),
    role=st.sampled_from(list(Role)),
    skills=st.sampled_from(SKILLS),
    ring=st.integers(-1, 3),
    distance_m=st.integers(0, 60).map(lambda tens: 10.0 * tens),
    fix_age_s=st.none() | st.sampled_from([0.0, 5.0, 89.999, 90.0, 90.001, 400.0]),
    on_duty=st.sampled_from([True, True, True, False]),
    online=st.sampled_from([True, True, True, False]),
    busy=st.sampled_from([0, 0, 0, 1, 2, 3, 4, DRILL_PRIORITY]),
    asked=st.just(9),
    accepted=st.integers(0, 9),
    call_outs=st.integers(0, 4),
)
needs = st.builds(
    Need,
    count=st.integers(1, 3),
    role=st.none() | st.sampled_from(list(Role)),
    skill=st.sampled_from(["", "", "medical"]),
)


def crowd_of(candidates: Sequence[Candidate]) -> Crowd:
    """The same people, in columns."""
    return Crowd(
        role=np.array([ROLES.index(each.role) for each in candidates], np.int8),
        ring=np.array([each.ring for each in candidates], np.int64),
        distance_m=numbers(each.distance_m for each in candidates),
        fix_age_s=numbers(each.fix_age_s for each in candidates),
        on_duty=np.array([each.on_duty for each in candidates], np.bool_),
        online=np.array([each.online for each in candidates], np.bool_),
        busy=np.array([each.busy for each in candidates], np.int8),
        among=lambda those: np.array([each.unit in those for each in candidates], np.bool_),
        skilled=lambda skill: np.array([skill in each.skills for each in candidates], np.bool_),
    )


def numbers(told: Iterable[float | None]) -> Floats:
    """NaN for what is not known."""
    return np.array([np.nan if each is None else each for each in told], np.float64)
