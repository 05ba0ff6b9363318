"""Two operators at once: it ends as if they had acted one after the other.

The hub does one request whole before the next, so what can go wrong lies between looking
and asking: somebody decides on a picture that has changed meanwhile. Here each operator
looks, and asks for what follows from what they saw, on the version they saw; their looks
and requests are mixed in every order. What was accepted, done again without the refused
and with nobody between look and request, must leave the very same journal. So no change
is lost, and a refusal leaves no trace.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from dispatch.commands import (
    AddNote,
    AssignUnit,
    BeginStep,
    CloseIncident,
    HoldCalls,
    IncidentCommand,
    ReopenIncident,
    ReviseIncident,
    RevisePlace,
    TakeIncident,
    TickItem,
    WithdrawUnit,
)
from dispatch.errors import RefusedError, StaleVersionError
from dispatch.ids import OperatorName
from dispatch.incident import Incident
from dispatch.words import Disposition
from tests.builders import LI, WANG, Shell, at, patrol

Asked = tuple[type[IncidentCommand], dict[str, Any]]
Deed = Callable[[Incident, OperatorName], Asked]
"""What somebody asks for, from what they see."""


def less_urgent(seen: Incident, _: OperatorName) -> Asked:
    return ReviseIncident, {"priority": seen.priority % 4 + 1}


def more_to_the_east(seen: Incident, _: OperatorName) -> Asked:
    return RevisePlace, {"grid": None, "lon": (seen.lon or 0.0) + 0.0005, "lat": seen.lat}


def hold_or_release(seen: Incident, _: OperatorName) -> Asked:
    return HoldCalls, {"held": not seen.calls_held}


def tick_or_untick(seen: Incident, _: OperatorName) -> Asked:
    return TickItem, {"item": "speak", "done": "speak" not in seen.checked}


def next_step(_: Incident, __: OperatorName) -> Asked:
    return BeginStep, {}


def take(seen: Incident, by: OperatorName) -> Asked:
    return TakeIncident, {
        "words": f"从{seen.taken_by}接管" if seen.taken_by not in (None, by) else ""
    }


def call_the_first_back(seen: Incident, _: OperatorName) -> Asked:
    first = next((each for each in seen.assignments.values() if each.live), None)
    return WithdrawUnit, {"assignment": "none/0" if first is None else first.assignment}


def send_who_is_free(seen: Incident, _: OperatorName) -> Asked:
    live = {each.unit for each in seen.assignments.values() if each.live}
    return AssignUnit, {"unit": next(name for name in ("v2", "v3", "g1", "x") if name not in live)}


def close_or_reopen(seen: Incident, _: OperatorName) -> Asked:
    return (
        (CloseIncident, {"disposition": Disposition.WARNED}) if seen.open else (ReopenIncident, {})
    )


def note(seen: Incident, by: OperatorName) -> Asked:
    return AddNote, {"words": f"{by}"}


DEEDS: Sequence[Deed] = (
    less_urgent,
    more_to_the_east,
    hold_or_release,
    tick_or_untick,
    next_step,
    take,
    call_the_first_back,
    send_who_is_free,
    close_or_reopen,
    note,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody has looked, and asks."""

    asked: type[IncidentCommand]
    said: dict[str, Any]
    based_on: int


class Operator:
    """One who looks, then asks, then looks again."""

    def __init__(self, desk: Shell, incident: Incident, name: OperatorName) -> None:
        self.desk, self.incident, self.name = desk, incident, name
        self.waiting: Request | None = None

    def look(self, deed: Deed) -> None:
        asked, said = deed(self.incident, self.name)
        self.waiting = Request(asked=asked, said=said, based_on=self.incident.version)

    def act(self, name: str) -> bool:
        """Whether it was accepted."""
        request, self.waiting = self.waiting, None
        assert request is not None
        facts = len(self.desk.facts)
        try:
            self.desk.do(
                request.asked,
                self.incident,
                by=self.name,
                command=name,
                based_on=request.based_on,
                **request.said,
            )
        except RefusedError:
            assert len(self.desk.facts) == facts
            return False
        return True


def a_room() -> tuple[Shell, list[Operator]]:
    """One incident that nobody has taken, and two who look at it."""
    desk = patrol()
    desk.present(WANG, LI)
    incident = desk.open_by_press("v1", where=at(250))
    return desk, [Operator(desk, incident, name) for name in (WANG, LI)]


def mixed(deeds: Sequence[Sequence[Deed]], order: Sequence[int]) -> tuple[Shell, list[str]]:
    """Each turn of ``order`` is the next look or request of that operator; gives back what was
    accepted, in its order, as ``operator.deed``."""
    desk, people = a_room()
    done, accepted = [0, 0], []
    for who in order:
        half = done[who]
        done[who] += 1
        if half // 2 >= len(deeds[who]):
            continue
        if half % 2 == 0:
            people[who].look(deeds[who][half // 2])
        elif people[who].act(f"{who}.{half // 2}"):
            accepted.append(f"{who}.{half // 2}")
    return desk, accepted


def one_after_the_other(deeds: Sequence[Sequence[Deed]], accepted: Sequence[str]) -> Shell:
    """Only what was accepted, each look followed by its request at once."""
    desk, people = a_room()
    for name in accepted:
        who, index = (int(part) for part in name.split("."))
        people[who].look(deeds[who][index])
        assert people[who].act(name), name
    return desk


@given(
    deeds=st.tuples(*[st.lists(st.sampled_from(DEEDS), min_size=1, max_size=4)] * 2),
    order=st.lists(st.integers(0, 1), min_size=8, max_size=16),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_any_mixture_of_two_operators_ends_in_a_serial_order(
    deeds: tuple[list[Deed], list[Deed]], order: list[int]
) -> None:
    """Fact by fact the same journal as that of the accepted requests alone."""
    desk, accepted = mixed(deeds, order)

    serial = one_after_the_other(deeds, accepted)

    assert desk.facts == serial.facts


@pytest.mark.parametrize("first", [take, less_urgent, close_or_reopen])
def test_every_mixture_of_two_short_lists_ends_in_a_serial_order(first: Deed) -> None:
    """All seventy, not only those that chance draws."""
    deeds = ([first, hold_or_release], [first, more_to_the_east])
    for places in itertools.combinations(range(8), 4):
        order = [int(place in places) for place in range(8)]

        desk, accepted = mixed(deeds, order)

        assert desk.facts == one_after_the_other(deeds, accepted).facts, order


def test_of_two_who_change_the_same_thing_on_the_same_picture_one_looks_again() -> None:
    """Both saw priority 1 and wanted one less; it is 2, not 3, and the second is told why."""
    desk, (wang, li) = a_room()
    wang.look(less_urgent)
    li.look(less_urgent)

    assert wang.act("a")
    assert not li.act("b")
    assert wang.incident.priority == 2
    with pytest.raises(StaleVersionError):
        desk.do(ReviseIncident, li.incident, by=LI, priority=2, based_on=1)

    li.look(less_urgent)
    assert li.act("c")
    assert li.incident.priority == 3
