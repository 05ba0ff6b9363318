"""Incidents that are one, or have to do with each other, or are two after all.

Nothing is hidden by it: a merged incident stays in the list as a duplicate, with its
story, and each of its presses says where it went.
"""

from collections.abc import Sequence

from dispatch.by_hand.after import end
from dispatch.by_hand.checks import common, steered
from dispatch.calling_off import asked_for
from dispatch.commands import LinkIncident, MergeIncident, SplitIncident
from dispatch.errors import HeldError, UnfitCommandError, UnknownIncidentError, WrongPhaseError
from dispatch.events import (
    AlarmJoined,
    AlarmLeft,
    AssignmentEvent,
    IncidentOpened,
    UnitAccepted,
    UnitArrived,
    UnitEnRoute,
)
from dispatch.ids import AlarmId, AssignmentId, CommandId, IncidentId, OperatorName, UnitId
from dispatch.incident import Assignment, Incident
from dispatch.links import link
from dispatch.opening import IN_DANGER_PRIORITY, next_incident
from dispatch.orders import assign, withdraw
from dispatch.place import Place, place_of_alarm
from dispatch.turn import Turn
from dispatch.words import (
    ASKED,
    COMING,
    AssignmentState,
    Disposition,
    Kind,
    Linked,
    PlaceSource,
    WithdrawReason,
)

_CARRIED: dict[AssignmentState, tuple[type[AssignmentEvent], ...]] = {
    AssignmentState.ACCEPTED: (UnitAccepted,),
    AssignmentState.EN_ROUTE: (UnitAccepted, UnitEnRoute),
    AssignmentState.ON_SCENE: (UnitAccepted, UnitArrived),
}
"""How far a unit already is, as the facts that its carried order begins with."""


def link_incident(turn: Turn, command: LinkIncident) -> str:
    """They have to do with each other; or somebody has looked, and they have not."""
    incident = steered(turn, command, "linking it")
    other = _other(turn, incident, command.other)
    if incident.links.get(other.incident) in (Linked.MERGED, Linked.SPLIT):
        raise UnfitCommandError(field="other", why="was one with it: that stays told")
    how = Linked.LINKED if command.linked else Linked.APART
    if incident.links.get(other.incident) is not how:
        link(turn, incident, other, how, by=command.by, command=command.command)
    return incident.incident


def merge(turn: Turn, command: MergeIncident) -> str:
    """Presses and units on their way go to the other one; this one ends as its duplicate."""
    incident = steered(turn, command, "merging it")
    into = _other(turn, incident, command.into)
    if not into.open:
        raise WrongPhaseError(subject=into.incident, phase=into.phase, request="merging into it")
    if into.taken_by not in (None, command.by):
        raise HeldError(
            incident=into.incident, held_by=str(into.taken_by), request="merging into it"
        )
    if incident.covert != into.covert:
        raise UnfitCommandError(field="into", why="is covert and the other is not, or the reverse")
    if incident.drill != into.drill:
        raise UnfitCommandError(field="into", why="and this are not of the same exercise")
    _refuse_unanswered(incident, incident.alarms, "merging it")
    link(turn, incident, into, Linked.MERGED, by=command.by, command=command.command)
    for alarm in tuple(incident.alarms):
        _move(turn, alarm, incident, into)
    for each in incident.assignments.values():
        if each.state in COMING:
            state = each.state
            withdraw(turn, incident, each, WithdrawReason.MERGED, by=command.by)
            _carry(turn, each, state, into, command.by)
    end(
        turn,
        incident,
        Disposition.DUPLICATE,
        by=command.by,
        words="",
        duplicate_of=into.incident,
        command=CommandId(f"{command.command}/end"),
        reason=WithdrawReason.MERGED,
    )
    return into.incident


def split(turn: Turn, command: SplitIncident) -> str:
    """Some presses are about another matter, which begins with the first of them."""
    incident = steered(turn, command, "splitting it")
    chosen = [alarm for alarm in incident.alarms if alarm in command.alarms]
    if not chosen or set(command.alarms) - set(chosen):
        raise UnfitCommandError(field="alarms", why="are not all of this incident")
    if len(chosen) == len(incident.alarms) and not _began_by_hand(incident):
        raise UnfitCommandError(field="alarms", why="are all it has: nothing would stay behind")
    first = turn.board.alarms.get(chosen[0])
    if first is None:
        raise UnfitCommandError(field="alarms", why="are no longer in memory")
    _refuse_unanswered(incident, chosen, "splitting it")
    place = place_of_alarm(turn.desk, first)
    for alarm in chosen:
        turn.record(
            AlarmLeft(
                **common(turn, incident),
                alarm=alarm,
                to=next_incident(turn.desk, incident.community, turn.now),
            )
        )
    new = next_incident(turn.desk, incident.community, turn.now)
    covert = incident.covert or any(_is_covert(turn, alarm) for alarm in chosen)
    turn.record(
        IncidentOpened(
            t=turn.now,
            community=incident.community,
            incident=new,
            kind=first.kind,
            priority=_priority_of(turn, incident, first.kind, covert=covert),
            covert=covert,
            alarm=first.alarm,
            sender=first.unit,
            by=command.by,
            linked_to=incident.incident,
            place_source=place.source,
            grid=place.grid,
            fix_t=place.fix_t,
            place=place.personal,
            words=None,
            plan=turn.desk.plan_for(incident.community, first.kind, place.grid, turn.now).plan,
            command=command.command,
            drill=incident.drill,
        )
    )
    opened = turn.board.incidents[new]
    for alarm in chosen[1:]:
        turn.record(_joined(turn, alarm, opened, incident.incident))
    link(turn, incident, opened, Linked.SPLIT, by=command.by)
    return new


def _began_by_hand(incident: Incident) -> bool:
    """Then the call stays behind, whatever presses were merged into it."""
    first = incident.story[0]
    return isinstance(first, IncidentOpened) and first.alarm is None


def _is_covert(turn: Turn, alarm: AlarmId) -> bool:
    found = turn.board.alarms.get(alarm)
    return found is not None and found.covert


def _other(turn: Turn, incident: Incident, name: IncidentId) -> Incident:
    other = turn.board.incidents.get(name)
    if other is None or other.community != incident.community:
        raise UnknownIncidentError(name)  # what is elsewhere is nobody's business here
    if other is incident:
        raise UnfitCommandError(field="other", why="is the same incident")
    return other


def _refuse_unanswered(incident: Incident, alarms: Sequence[AlarmId], request: str) -> None:
    """A sender who asked to call it off is answered first: the wish would stay behind."""
    if set(asked_for(incident)) & set(alarms):
        raise WrongPhaseError(
            subject=incident.incident, phase="asked to be called off", request=request
        )


def _priority_of(turn: Turn, incident: Incident, kind: Kind, *, covert: bool) -> int:
    """Of the same kind it stays as urgent; of another it is as urgent as that kind is."""
    if covert:
        return IN_DANGER_PRIORITY
    if kind is incident.kind:
        return incident.priority
    return turn.desk.kind_rule(incident.community, kind, turn.now).priority


def _move(turn: Turn, alarm: AlarmId, incident: Incident, into: Incident) -> None:
    turn.record(AlarmLeft(**common(turn, incident), alarm=alarm, to=into.incident))
    turn.record(_joined(turn, alarm, into, incident.incident))


def _joined(turn: Turn, alarm: AlarmId, into: Incident, moved_from: IncidentId) -> AlarmJoined:
    """The place goes along only where the other has none."""
    found = turn.board.alarms.get(alarm)
    place = Place(source=PlaceSource.NONE)
    if found is not None and into.lon is None:
        place = place_of_alarm(turn.desk, found)
    return AlarmJoined(
        **common(turn, into),
        alarm=alarm,
        place_source=place.source,
        grid=place.grid,
        fix_t=place.fix_t,
        place=place.personal,
        reporter=found is not None and found.unit != into.sender,
        moved_from=moved_from,
    )


def _carry(
    turn: Turn, each: Assignment, state: AssignmentState, into: Incident, by: OperatorName
) -> None:
    """The unit goes on, to the other incident: it need not answer again."""
    if each.unit == into.sender:
        return
    for held in into.assignments.values():
        if held.unit == each.unit and held.live:
            if held.state in ASKED:
                _bring_on(turn, into, held.assignment, each.unit, state)
            return
    order = assign(
        turn,
        into,
        each.unit,
        each.role,
        each.distance_m,
        carried_from=each.assignment,
        need=each.need,
        by=by,
    )
    _bring_on(turn, into, order, each.unit, state)


def _bring_on(
    turn: Turn, into: Incident, order: AssignmentId, unit: UnitId, state: AssignmentState
) -> None:
    for fact in _CARRIED[state]:
        turn.record(fact(**common(turn, into), assignment=order, unit=unit))
