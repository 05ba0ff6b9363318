"""Candidates as the inputs of a decision write them down: columns, so that each name is said once.

{"unit": ["v1", "v2"], "verdict": ["called", "not_needed"], "role": [...], ...}

A column that would hold nothing but defaults is left out, and read back as these. Up to the
second version of the inputs each candidate was a table of its own; that is read, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from dispatch.incident import Candidate

ALWAYS: Final = frozenset(
    field.name for field in msgspec.structs.fields(Candidate) if field.required
)
DEFAULTS: Final = {
    field.name: field.default for field in msgspec.structs.fields(Candidate) if not field.required
}


def columns_of(candidates: Sequence[Candidate]) -> dict[str, list[Any]]:
    """In JSON's own types."""
    columns: dict[str, list[Any]] = {}
    for name in Candidate.__struct_fields__:
        column = [getattr(each, name) for each in candidates]
        if name in ALWAYS or any(each != DEFAULTS[name] for each in column):
            columns[name] = column
    for name in ("verdict", "role"):
        columns[name] = [each.value for each in columns[name]]
    if "skills" in columns:
        columns["skills"] = [[*each] for each in columns["skills"]]
    return columns


def tables_of(told: Any) -> list[dict[str, Any]]:
    """Each candidate as a table, of either shape; a default that nobody said may be missing.

    Raises ValueError or TypeError for what is neither.
    """
    if not isinstance(told, Mapping):
        return list(told)
    names = list(told)
    return [dict(zip(names, row, strict=True)) for row in zip(*told.values(), strict=True)]
