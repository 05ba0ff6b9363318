"""Whom each wave called and why, taken from the facts mechanically. Pure.

Making and checking a file run this same code, so that a file whose ``decisions``
say other than its facts is found out. It must go on giving the same for facts
that are in old files: it copies, and knows no rule, role or verdict.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from dispatch.casefile.seal import whole_numbers
from dispatch.casefile.shape import Decision, Fact, Value
from dispatch.told import tables_of

DECIDED: Final = "ResponseDecided"
CALLED: Final = "called"


def decisions_of(facts: Iterable[Fact], values: Mapping[str, Value]) -> list[Decision]:
    """One for each such fact, in order. Raises ValueError or TypeError for a body that is none."""
    return [
        _decision(fact, msgspec.json.decode(fact.body), values)
        for fact in facts
        if fact.name == DECIDED
    ]


def _decision(fact: Fact, body: Any, values: Mapping[str, Value]) -> Decision:
    if not isinstance(body, dict):
        raise TypeError("a body that is no object")
    called = list(body[CALLED])
    inputs = _inputs(body, values)
    if inputs is None:
        known, others = {}, None
    else:
        looked_at = tables_of(inputs.get("candidates", ()))
        known = {each["unit"]: each for each in looked_at}
        counted = inputs.get("verdicts") or Counter(each["verdict"] for each in looked_at)
        others = {verdict: count for verdict, count in counted.items() if verdict != CALLED}
    return Decision(
        seq=fact.seq,
        t=fact.t,
        wave=body["wave"],
        called=[whole_numbers(known.get(unit, {"unit": unit})) for unit in called],
        others=others,
    )


def _inputs(body: Mapping[str, Any], values: Mapping[str, Value]) -> dict[str, Any] | None:
    """The value that the fact's ``inputs`` refer to; None where it is not in the file."""
    reference = body.get("inputs")
    value = values.get(reference["personal"]) if isinstance(reference, dict) else None
    if value is None or value.text is None:
        return None
    inputs = msgspec.json.decode(value.text)
    if not isinstance(inputs, dict):
        raise TypeError("inputs that are no object")
    return inputs
