"""Nothing is done at a console that the journal does not say of who did it."""

from typing import get_args

import pytest

from dispatch.commands import (
    AnyCommand,
    Command,
    EndDrill,
    HandOverShift,
    IncidentCommand,
    OpenIncident,
    RecordCallback,
    ReopenIncident,
    RevokeRadio,
    StartDrill,
    TakeIncident,
)
from dispatch.incident import Incident
from tests.builders import LI, TOWN, WANG, Shell, at, patrol
from tests.dispatch.by_hand.test_do import said

COMMANDS: list[type[Command]] = sorted(get_args(AnyCommand), key=lambda each: each.__name__)


def do(desk: Shell, asked: type[Command], incident: Incident) -> None:
    """By 王, in whatever way this one is asked for."""
    command = desk.command_id()
    match asked.__name__:
        case OpenIncident.__name__:
            desk.open()
        case HandOverShift.__name__:
            desk.present(WANG, LI)
            desk.ask(HandOverShift(command=command, by=WANG, community=TOWN, to=LI, words="交班"))
        case StartDrill.__name__:
            desk.start_drill()
        case EndDrill.__name__:
            desk.end_drill(desk.start_drill())
        case RevokeRadio.__name__:
            desk.ask(
                RevokeRadio(command=command, by=WANG, radio=next(iter(desk.hub.roster.radios)))
            )
        case TakeIncident.__name__:
            desk.ask(TakeIncident(command=command, by=WANG, incident=incident.incident))
        case _:
            assert issubclass(asked, IncidentCommand)
            desk.do(asked, incident, **said(desk, incident, asked))


@pytest.mark.parametrize("asked", COMMANDS, ids=lambda each: each.__name__)
def test_every_command_is_noted_with_who_asked(asked: type[Command]) -> None:
    """One that made no fact, or one without a name, would be nobody's deed."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    if asked in (ReopenIncident, RecordCallback):
        desk.close(incident)
    before = len(desk.facts)

    do(desk, asked, incident)

    named = [type(fact).__name__ for fact in desk.facts[before:] if getattr(fact, "by", "") == WANG]
    assert named, f"{asked.__name__} left no fact with who asked"
