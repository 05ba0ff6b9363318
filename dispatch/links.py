"""How incidents stand to one another, told on both: offered, linked, apart, merged, split."""

from dispatch.events import IncidentLinked
from dispatch.ids import CommandId, OperatorName
from dispatch.incident import Incident
from dispatch.turn import Turn
from dispatch.words import Linked


def link(
    turn: Turn,
    one: Incident,
    other: Incident,
    how: Linked,
    *,
    by: OperatorName | None = None,
    command: CommandId | None = None,
) -> None:
    """Record it on both; only the first carries the command."""
    for this, that, asked in ((one, other, command), (other, one, None)):
        turn.record(
            IncidentLinked(
                t=turn.now,
                community=this.community,
                incident=this.incident,
                other=that.incident,
                how=how,
                by=by,
                command=asked,
            )
        )
