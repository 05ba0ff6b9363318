"""The trial press tells each hop's time, and in one sentence the hop that fails."""

import pytest

from devices.doctor.findings import Level
from devices.doctor.trial import Hops, judged
from devices.doctor.words import TONGUES, say

DONE = {"taken_ms": 1.0, "heard_ms": 2.0, "stored_ms": 3.0, "decided_ms": 4.0}


def hops(*undone: str, **more: object) -> Hops:
    """Everything was seen but this."""
    times = {name: None if name in undone else ms for name, ms in DONE.items()}
    return Hops(**times, **more)  # type: ignore[arg-type]


def test_each_hop_is_told_with_its_time() -> None:
    found = list(judged(hops(would_call=3)))

    assert [(each.code, each.facts["ms"], each.level) for each in found] == [
        ("trial.taken", 1.0, Level.OK),
        ("trial.heard", 2.0, Level.OK),
        ("trial.stored", 3.0, Level.OK),
        ("trial.decided", 4.0, Level.OK),
    ]
    assert found[-1].facts["count"] == 3


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (hops(*DONE), "trial.untaken"),
        (hops("heard_ms", "stored_ms", "decided_ms"), "trial.unheard"),
        (hops("heard_ms", "decided_ms"), "trial.unseen"),
        (hops("stored_ms", "decided_ms"), "trial.unstored"),
        (hops("stored_ms", store_down="disk full"), "trial.unstored"),
        (hops("stored_ms"), "trial.untold"),
        (hops("decided_ms"), "trial.undecided"),
        (hops(fault="KeyError: 'town'"), "trial.undecided"),
    ],
    ids=str,
)
def test_the_hop_that_fails_is_named_in_one_sentence(seen: Hops, code: str) -> None:
    """At night nobody reads four numbers to find the fifth missing."""
    failed = [each for each in judged(seen) if each.level is Level.FAILED]

    assert [each.code for each in failed] == [code]
    for lang in TONGUES:
        sentence, remedy = say(failed[0], lang)
        assert sentence
        assert remedy


def test_a_store_that_says_why_is_quoted() -> None:
    (failed,) = (
        f for f in judged(hops("stored_ms", store_down="disk full")) if f.level == "failed"
    )

    assert "disk full" in say(failed, "en")[0]
    assert "disk full" in say(failed, "zh")[0]
