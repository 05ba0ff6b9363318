"""A broken promise is said, whichever: for each a piece of evidence that breaks it alone."""

from dataclasses import replace

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.judge import Evidence, Round, broken
from tests.chaos.radios import Press

KILL = next(fault for fault in FAULTS if fault.name == "kill_hub")
FLOOD = next(fault for fault in FAULTS if fault.spares)
PRESS = "c0001/0123456789abcdef/1"


def press(*, waited_s: float | None = 0.1) -> Press:
    """One that waited so long for its ``stored``; None: for ever."""
    stored_s = None if waited_s is None else 5.0 + waited_s
    return Press(PRESS, "any", b"", 5.0, stored_s)


def a_round() -> Round:
    """One in which all was well."""
    return Round(
        lasted_s=0.0, back_s=2.0, presses=[press()], gap_s=0.2, stillest_s=1.0, settled_s=3.0
    )


def evidence(**more: object) -> Evidence:
    """Of a fault that broke nothing, but for what is said here."""
    made = Evidence(
        fault=KILL, rounds_wanted=1, rss_before_mb=100.0, rss_peak_mb=110.0, rounds=[a_round()],
        pressed={PRESS}, heard={PRESS}, on_disk={PRESS: 1},
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]  # as Evidence has them


def test_what_kept_every_promise_is_kept() -> None:
    """Else the cases below would prove nothing."""
    assert broken(evidence()) == []
    assert broken(evidence(fault=FLOOD)) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"on_disk": {}}, "1 presses lost"),
        ({"on_disk": {}}, "heard as stored"),
        ({"on_disk": {PRESS: 2}}, "stored twice"),
        ({"heard": set()}, "never told"),
        ({"foreign": 1}, "nobody pressed"),
        ({"chain_fault": "broken at 7"}, "broken at 7"),
        ({"rounds_wanted": 2}, "did not come back in round 1"),
        ({"rounds": [replace(a_round(), back_s=None)]}, "did not come back in round 1"),
        ({"rounds": [replace(a_round(), settled_s=None)]}, "not every radio"),
        ({"rounds": [replace(a_round(), back_s=10.1)]}, "back after 10.1 s"),
        ({"rss_peak_mb": 300.0}, "grew by 200 MB"),
        ({"notes": ["a page was kept out"]}, "a page was kept out"),
    ],
)
def test_each_broken_promise_is_said(more: dict[str, object], said: str) -> None:
    """In a sentence that stands in the table."""
    assert any(said in each for each in broken(evidence(**more)))


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        (replace(a_round(), presses=[press(waited_s=1.5)]), "others' alarms took 1500 ms"),
        (replace(a_round(), presses=[press(waited_s=None)]), "others' alarms took inf ms"),
        (replace(a_round(), gap_s=3.5), "told nothing for 3.5 s"),
        (replace(a_round(), stillest_s=7.0), "stood still"),
    ],
)
def test_neighbours_are_judged_where_they_must_not_notice(worse: Round, said: str) -> None:
    """A kill is noticed by everybody; another radio's flood must not be."""
    assert any(said in each for each in broken(evidence(fault=FLOOD, rounds=[worse])))
    assert broken(evidence(rounds=[worse])) == []


def test_a_small_run_judges_no_times() -> None:
    """It runs beside other work; what is lost is lost all the same."""
    slow = replace(a_round(), back_s=30.0, gap_s=30.0)

    assert broken(evidence(fault=FLOOD, rounds=[slow], rss_peak_mb=900.0), timed=False) == []
    assert broken(evidence(on_disk={}), timed=False)
