"""Whom each wave called and why, out of facts of whatever age."""

from dispatch.casefile.decisions import decisions_of
from dispatch.casefile.shape import Decision, Fact, Value
from dispatch.decide import Prospects, choose
from dispatch.incident import Candidate
from dispatch.plan import Need
from dispatch.store.codec import canonical
from dispatch.told import columns_of, tables_of
from dispatch.words import Role, Verdict
from tests.builders import NOON
from tests.dispatch.rules.builders import a_call, seen


def told(candidates: object) -> Decision:
    """The one decision of a file whose inputs have these candidates."""
    text = canonical({"candidates": candidates, "verdicts": {"called": 1, "off_duty": 700}})
    body = canonical({"called": ["v1"], "wave": 1, "inputs": {"personal": "p1", "digest": ""}})
    fact = Fact(
        seq=1, t=NOON, community="town", name="ResponseDecided", body=body, before="", hash=""
    )
    value = Value(id="p1", seq=1, purpose="decision", salt="", text=text)
    (decision,) = decisions_of([fact], {"p1": value})
    return decision


def test_a_decision_in_columns_is_told_like_one_in_tables() -> None:
    """A file of today and one of last year say the same of the same wave."""
    wave = choose(
        a_call(Need(count=1, role=Role.VOLUNTEER)),
        Prospects(seen=[seen("v1"), seen("off", on_duty=False)], counted={Verdict.OFF_DUTY: 699}),
    )
    columns = wave.inputs["candidates"]

    decision = told(columns)

    assert decision == told(tables_of(columns))
    assert [(each["unit"], each["need"]) for each in decision.called] == [("v1", "volunteer")]
    assert decision.others == {"off_duty": 700}


def test_nobody_in_columns_is_nobody() -> None:
    """A wave that looked at no one."""
    nobody: list[Candidate] = []

    assert told(columns_of(nobody)).called == [{"unit": "v1"}]
