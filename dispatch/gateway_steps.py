"""How far the call to each person has come, and what came of SMS, voice and chat. Pure.

A radio in a drawer or a locked phone does not ring: the ladder over other ways is
gateways/ladder.py's to know, and what was tried is a fact.
"""

from dispatch.events import GatewayTried, PersonTold
from dispatch.messages import GatewayTold, OrderAtBroker
from dispatch.turn import Turn


def at_broker(turn: Turn, message: OrderAtBroker) -> None:
    """The broker has taken the order: shown live, told by no fact."""
    order = turn.board.order(message.assignment)
    if order is not None and order[1].at_broker_t is None:
        order[1].at_broker_t = turn.now
        turn.look_at(order[0].incident)


def told(turn: Turn, message: GatewayTold) -> None:
    """A gateway did its work, or could not."""
    incident = turn.board.incidents.get(message.incident)
    if incident is None:
        turn.count("gateway_told_too_late")
        return
    if message.assignment is None:
        turn.record(
            PersonTold(
                t=turn.now,
                community=incident.community,
                incident=incident.incident,
                person=message.person,
                gateway=message.gateway,
                ok=message.ok,
                why=message.why,
            )
        )
        return
    assignment = incident.assignments.get(message.assignment)
    if assignment is not None:
        turn.record(
            GatewayTried(
                t=turn.now,
                community=incident.community,
                incident=incident.incident,
                assignment=assignment.assignment,
                unit=assignment.unit,
                gateway=message.gateway,
                ok=message.ok,
                why=message.why,
            )
        )
