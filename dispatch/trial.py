"""The press that is no alarm: ``yihu doctor`` makes it, to time each hop of a real one.

    doctor -> broker -> hub -> disk -> ``stored`` to the doctor
                         |       `---> decided, as for a real one -> every page
                         `-----------> every page

It goes where presses go: by their topics, through their decoder, into the journal. But it is
nobody's: it opens no incident, calls nobody, rings nowhere. The decision is worked out beside the
board and thrown away. The journal keeps that it was made, since only what is on disk shows that
the disk takes something.
"""

from dataclasses import replace
from typing import Final

from dispatch.board import Board
from dispatch.calls import call_for
from dispatch.desk import Desk, Trial
from dispatch.events import IncidentOpened, TrialPressed
from dispatch.fold import fold
from dispatch.ids import DOCTOR, CommunityId, RadioId, unit_of
from dispatch.incident import Incident
from dispatch.messages import DecideTrial
from dispatch.nearby import prospects
from dispatch.opening import next_incident
from dispatch.outgoing import RadioTopic, StoredMessage, ToRadio
from dispatch.place import NOWHERE, Place, place_of_unit
from dispatch.readings import TrialReading
from dispatch.turn import Turn
from dispatch.words import Kind

FAULT_LENGTH_MAX: Final = 200


def pressed(turn: Turn, reading: TrialReading) -> None:
    """Turn one: put down, and shown as heard; ``stored`` waits for the disk."""
    press = reading.press.press.wire
    turn.desk.trial = Trial(press=press)
    turn.count("trials")
    turn.emit(TrialPressed(t=turn.now, community=CommunityId(""), press=press))
    turn.tell(
        ToRadio(
            community=CommunityId(DOCTOR),
            radio=RadioId(DOCTOR),
            topic=RadioTopic.STORED,
            message=StoredMessage(subject=press, is_report=False, t=turn.now),
            needs_commit=True,
        )
    )
    turn.look_at_status()
    turn.follow(DecideTrial(press=press))


def decide(turn: Turn, message: DecideTrial) -> None:
    """Turn two: whom a real one would call, worked out and thrown away."""
    desk = turn.desk
    if desk.trial is None or desk.trial.press != message.press:
        return  # another one has begun meanwhile
    try:
        count = _would_call(turn)
    except Exception as exc:  # any fault in a rule or a map is what the doctor asks for
        fault = f"{type(exc).__name__}: {exc}"[:FAULT_LENGTH_MAX]
        desk.trial = replace(desk.trial, decided=True, fault=fault)
    else:
        desk.trial = replace(desk.trial, decided=True, would_call=count)
    turn.look_at_status()


def _would_call(turn: Turn) -> int:
    desk = turn.desk
    incident = _beside_the_board(turn)
    call = call_for(desk, incident, turn.now)
    return len(desk.choose(call, prospects(desk, call)).called)


def _beside_the_board(turn: Turn) -> Incident:
    """The incident that a top alarm of the first community would open, on a board of its own."""
    desk, now = turn.desk, turn.now
    community = min(desk.roster.communities)
    place = _somewhere(desk, community)
    name = next_incident(desk, community, now)
    opened = IncidentOpened(
        t=now,
        community=community,
        incident=name,
        kind=Kind.SOS,
        priority=desk.kind_rule(community, Kind.SOS, now).priority,
        covert=False,
        alarm=None,
        sender=None,
        by=None,
        linked_to=None,
        place_source=place.source,
        grid=place.grid,
        fix_t=place.fix_t,
        place=place.personal,
        words=None,
        plan=desk.plan_for(community, Kind.SOS, place.grid, now).plan,
    )
    board = Board()
    fold(board, opened)
    return board.incidents[name]


def _somewhere(desk: Desk, community: CommunityId) -> Place:
    """Where the first radio of the community was last, else its post."""
    radios = desk.roster.radios.values()
    names = [each.radio for each in radios if each.community == community]
    return place_of_unit(desk, community, unit_of(min(names))) if names else NOWHERE
