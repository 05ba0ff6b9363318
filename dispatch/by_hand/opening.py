"""An incident begins by hand, or is found to be another matter or elsewhere than it seemed."""

from dispatch.by_hand.checks import check_length, common, place_said, steered, words_of
from dispatch.commands import (
    CALLER_LENGTH_MAX,
    WORDS_LENGTH_MAX,
    OpenIncident,
    ReviseIncident,
    RevisePlace,
)
from dispatch.deliver import move_orders
from dispatch.errors import UnfitCommandError
from dispatch.events import IncidentRevised, IncidentTaken, PlaceRevised
from dispatch.opening import opened_by_hand
from dispatch.orders import withdraw
from dispatch.place import NOWHERE
from dispatch.plan import Plan, PlanId
from dispatch.releasing import at_the_old_place
from dispatch.turn import Turn
from dispatch.words import WithdrawReason

PRIORITIES = range(1, 5)


def open_incident(turn: Turn, command: OpenIncident) -> str:
    """A phone call, somebody at the desk. Who opens it has taken it."""
    place = place_said(
        turn,
        command.community,
        lon=command.lon,
        lat=command.lat,
        grid=command.grid,
        unit=command.unit,
    )
    nowhere = place is NOWHERE and command.unit is None
    words_of(command.words, WORDS_LENGTH_MAX, needed=nowhere)
    check_length("caller_name", command.caller_name, CALLER_LENGTH_MAX)
    check_length("caller_phone", command.caller_phone, CALLER_LENGTH_MAX)
    _check_priority(command.priority)
    if command.drill and command.community not in turn.board.drills:
        raise UnfitCommandError(field="drill", why="needs an exercise that is on")
    plan = plan_named(turn, command, command.plan) if command.plan else None
    opened = opened_by_hand(turn.desk, command, place, plan, turn.now)
    turn.record(opened)
    incident = turn.board.incidents[opened.incident]
    turn.record(
        IncidentTaken(**common(turn, incident), by=command.by, command=command.command, lease=1)
    )
    return opened.incident


def revise(turn: Turn, command: ReviseIncident) -> str:
    """Another kind, another priority. The plan stays until another is chosen."""
    incident = steered(turn, command, "revising it")
    _check_priority(command.priority)
    kind = command.kind or incident.kind
    priority = command.priority
    if priority is None and kind is not incident.kind:
        priority = turn.desk.rule_of(incident.community, incident.plan, kind, turn.now).priority
    if priority is None:
        priority = incident.priority
    if (kind, priority) == (incident.kind, incident.priority):
        raise UnfitCommandError(field="kind", why="and priority are what they were")
    turn.record(
        IncidentRevised(
            **common(turn, incident),
            kind=kind,
            priority=priority,
            by=command.by,
            words=words_of(command.words, WORDS_LENGTH_MAX),
            command=command.command,
        )
    )
    return incident.incident


def revise_place(turn: Turn, command: RevisePlace) -> str:
    """It is somewhere else; those on their way are told. Who is at the old place, and far from the
    new one, is there no more: the plan asks anew."""
    incident = steered(turn, command, "moving it")
    place = place_said(
        turn,
        incident.community,
        lon=command.lon,
        lat=command.lat,
        grid=command.grid,
        unit=command.unit,
    )
    if not place.known:
        raise UnfitCommandError(field="lon", why="is missing, and so are a grid and a unit")
    turn.record(
        PlaceRevised(
            **common(turn, incident),
            place_source=place.source,
            grid=place.grid,
            fix_t=place.fix_t,
            place=place.personal,
            words=words_of(command.words, WORDS_LENGTH_MAX),
            by=command.by,
            command=command.command,
        )
    )
    if command.lon is not None or command.unit is not None:  # of a grid only the middle is known
        for each in at_the_old_place(turn.desk, incident, turn.now):
            withdraw(turn, incident, each, WithdrawReason.MOVED)
    move_orders(turn, incident)
    return incident.incident


def plan_named(turn: Turn, command: OpenIncident, name: str) -> Plan:
    """The plan of this name. Raises UnfitCommandError."""
    library = turn.desk.libraries.get(command.community)
    plan = None if library is None else library.plan(PlanId(name))
    if plan is None:
        raise UnfitCommandError(field="plan", why="is none of the community")
    return plan


def _check_priority(priority: int | None) -> None:
    if priority is not None and priority not in PRIORITIES:
        raise UnfitCommandError(field="priority", why="is 1 to 4")
