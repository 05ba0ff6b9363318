"""An operator answers the sender's wish to call an alarm off.

Granted, a plain wish ends the incident. One under duress ends nothing: the radio hears
and shows exactly what it would then, and the incident goes on as a covert one.
"""

from dispatch.by_hand.after import end
from dispatch.by_hand.checks import common, steered, words_of
from dispatch.commands import WORDS_LENGTH_MAX, AnswerCancel
from dispatch.errors import UnfitCommandError, WrongPhaseError
from dispatch.events import CancelAnswered
from dispatch.turn import Turn
from dispatch.words import Disposition


def answer_cancel(turn: Turn, command: AnswerCancel) -> str:
    """After a word with the sender: granted, or not."""
    incident = steered(turn, command, "calling it off")
    wish = incident.cancel
    if wish is None or wish.granted is not None:
        raise WrongPhaseError(
            subject=incident.incident, phase="not asked to be called off", request="calling it off"
        )
    if command.false_reason is not None and not command.granted:
        raise UnfitCommandError(field="false_reason", why="needs the wish to be granted")
    words = words_of(command.words, WORDS_LENGTH_MAX)
    turn.record(
        CancelAnswered(
            **common(turn, incident),
            granted=command.granted,
            by=command.by,
            words=words,
            command=command.command,
        )
    )
    if command.granted and not wish.duress:
        false_reason = command.false_reason
        how = Disposition.CANCELLED if false_reason is None else Disposition.FALSE_ALARM
        end(
            turn,
            incident,
            how,
            by=command.by,
            words="",
            false_reason=false_reason,
            command=command.command,
        )
    return incident.incident
