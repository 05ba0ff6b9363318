"""The response plan: how many of each role should come, and how many are asked for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dispatch.words import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsePlan:
    """How many of each role an incident needs, and how widely a wave asks."""

    name: str
    """Name and version; what stands in the journal says which plan answered."""
    needs: Mapping[Role, int]
    asked_for_each: Mapping[Role, int]
    """How many are asked for each one still missing."""

    def __post_init__(self) -> None:
        assert self.needs, "a plan that calls nobody"
        assert all(count > 0 for count in self.needs.values()), self.needs
        assert all(self.asked_for_each[role] >= 1 for role in self.needs), self.asked_for_each

    def missing(self, have: Mapping[Role, int]) -> dict[Role, int]:
        """How many of each role are lacking, given those who come; no role with nothing to wish."""
        lack = {role: need - have.get(role, 0) for role, need in self.needs.items()}
        return {role: count for role, count in lack.items() if count > 0}

    def wave(self, missing: Mapping[Role, int]) -> dict[Role, int]:
        """How many of each role one wave asks."""
        return {role: count * self.asked_for_each[role] for role, count in missing.items()}


DEFAULT_PLAN: Final = ResponsePlan(
    name="default-1",
    needs=MappingProxyType({Role.VOLUNTEER: 3, Role.GUARD: 1, Role.POLICE: 1}),
    asked_for_each=MappingProxyType({Role.VOLUNTEER: 3, Role.GUARD: 2, Role.POLICE: 2}),
)
"""Volunteers answer 17 to 47 % of calls, so about three are asked for each; guards and
officers are on paid duty, and two for each cover one who is held up."""
