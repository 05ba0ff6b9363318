"""Who handles what: taking, taking over, handing a shift to the next, and exercises."""

from datetime import UTC, datetime

from dispatch.by_hand.checks import check_length, common, still_open, words_of
from dispatch.clock import MILLISECOND, SECOND
from dispatch.commands import (
    DRILL_NAME_LENGTH_MAX,
    NOTE_LENGTH_MAX,
    OPERATOR_LENGTH_MAX,
    WORDS_LENGTH_MAX,
    EndDrill,
    HandOverShift,
    StartDrill,
    TakeIncident,
)
from dispatch.errors import HeldError, UnfitCommandError, UnknownDrillError
from dispatch.events import DrillEnded, DrillStarted, IncidentTaken, ShiftHandedOver
from dispatch.ids import CommandId, CommunityId, DrillId, radio_of
from dispatch.presence import tell_config
from dispatch.turn import Turn


def take(turn: Turn, command: TakeIncident) -> str:
    """It is theirs. From somebody who holds it only with a reason."""
    incident = still_open(turn, command, "taking it")
    if incident.taken_by == command.by:
        return incident.incident
    words = words_of(command.words, WORDS_LENGTH_MAX)
    if incident.taken_by is not None and words is None:
        raise HeldError(
            incident=incident.incident,
            held_by=incident.taken_by,
            request="taking it over without a reason",
        )
    turn.record(
        IncidentTaken(
            **common(turn, incident),
            by=command.by,
            command=command.command,
            lease=incident.lease + 1,
            taken_from=incident.taken_by,
            words=words,
        )
    )
    return incident.incident


def hand_over_shift(turn: Turn, command: HandOverShift) -> str:
    """All open work at once, to somebody who is there."""
    _community(turn, command.community)
    check_length("to", command.to, OPERATOR_LENGTH_MAX, at_least=1)
    words = words_of(command.words, NOTE_LENGTH_MAX)
    if command.to == command.by:
        raise UnfitCommandError(field="to", why="is the one who hands over")
    if command.to not in turn.desk.operators:
        raise UnfitCommandError(field="to", why="is at no console")
    mine = [
        each
        for each in turn.board.open_incidents()
        if each.community == command.community and each.taken_by == command.by
    ]
    turn.record(
        ShiftHandedOver(
            t=turn.now,
            community=command.community,
            by=command.by,
            to=command.to,
            incidents=tuple(each.incident for each in mine),
            words=words,
            command=command.command,
        )
    )
    for each in mine:
        turn.record(
            IncidentTaken(
                **common(turn, each),
                by=command.to,
                command=CommandId(f"{command.command}/{each.incident}"),
                lease=each.lease + 1,
                taken_from=command.by,
                words=words,
            )
        )
    turn.look_at_status()
    return command.to


def start_drill(turn: Turn, command: StartDrill) -> str:
    """One at a time in a community; every radio on duty is told."""
    _community(turn, command.community)
    name = command.name.strip()
    check_length("name", name, DRILL_NAME_LENGTH_MAX, at_least=1)
    if not name.isprintable():
        raise UnfitCommandError(field="name", why="has unprintable characters")
    if command.community in turn.board.drills:
        raise UnfitCommandError(field="community", why="has an exercise that is on")
    began = datetime.fromtimestamp(turn.now // SECOND, UTC)
    millis = turn.now // MILLISECOND % 1000
    drill = DrillId(f"{command.community}-drill-{began:%Y%m%d%H%M%S}{millis:03d}")
    turn.record(
        DrillStarted(
            t=turn.now,
            community=command.community,
            drill=drill,
            name=name,
            by=command.by,
            command=command.command,
        )
    )
    _tell_radios(turn, command.community)
    return drill


def end_drill(turn: Turn, command: EndDrill) -> str:
    """From here on a press is real, whatever the radio says."""
    community = next((c for c, on in turn.board.drills.items() if on[0] == command.drill), None)
    if community is None:
        raise UnknownDrillError(command.drill)
    turn.record(
        DrillEnded(
            t=turn.now,
            community=community,
            drill=command.drill,
            by=command.by,
            command=command.command,
        )
    )
    _tell_radios(turn, community)
    return command.drill


def _community(turn: Turn, community: CommunityId) -> None:
    if community not in turn.desk.roster.communities:
        raise UnfitCommandError(field="community", why="is not on the roster")


def _tell_radios(turn: Turn, community: CommunityId) -> None:
    for unit in turn.desk.live.units_on_duty(community):
        tell_config(turn, radio_of(unit), on=True)
    turn.look_at_status()
