"""A radio is cut off."""

from dispatch.commands import RevokeRadio
from dispatch.errors import UnknownUnitError
from dispatch.events import RadioRevoked
from dispatch.ids import unit_of
from dispatch.orders import withdraw
from dispatch.outgoing import KickRadio
from dispatch.turn import Turn
from dispatch.words import WithdrawReason


def revoke(turn: Turn, command: RevokeRadio) -> str:
    """It may not connect any more, and whatever it was asked is taken back."""
    record = turn.desk.roster.radios.get(command.radio)
    if record is None:
        raise UnknownUnitError(command.radio)
    if record.revoked:
        return command.radio
    turn.tell(KickRadio(radio=command.radio))
    for incident, assignment in turn.board.orders_of(unit_of(command.radio)):
        withdraw(turn, incident, assignment, WithdrawReason.REVOKED, by=command.by)
        assignment.cancel_heard = True  # it can hear nothing any more
    turn.record(
        RadioRevoked(t=turn.now, community=record.community, radio=command.radio, by=command.by)
    )
    return command.radio
