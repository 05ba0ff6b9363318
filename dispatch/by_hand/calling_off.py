"""An operator answers the sender's wish to call an alarm off.

Granted, a plain wish ends the incident; refused, its radio is told that help keeps coming. One
under duress ends nothing: the radio hears and shows exactly what it does of one that is
granted, and the incident goes on as a covert one. It cannot be refused: whoever forces the
sender would read that people are coming.
"""

from collections.abc import Iterable

from dispatch.by_hand.after import end
from dispatch.by_hand.checks import common, steered, words_of
from dispatch.calling_off import asked_for
from dispatch.commands import WORDS_LENGTH_MAX, AnswerCancel
from dispatch.deliver import tell_called_off
from dispatch.errors import UnfitCommandError, WrongPhaseError
from dispatch.events import CancelAnswered
from dispatch.ids import AlarmId
from dispatch.incident import CancelWish
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
    if wish.duress and not command.granted:
        raise UnfitCommandError(
            field="granted",
            why="must be true under duress: the radio shows it as called off, and help goes on",
        )
    words = words_of(command.words, WORDS_LENGTH_MAX)
    waiting = asked_for(incident)
    turn.record(
        CancelAnswered(
            **common(turn, incident),
            granted=command.granted,
            by=command.by,
            words=words,
            command=command.command,
        )
    )
    _tell_others(turn, waiting, wish, granted=command.granted)
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


def _tell_others(
    turn: Turn, waiting: Iterable[AlarmId], wish: CancelWish, *, granted: bool
) -> None:
    """Of several presses that were to be called off, the last one's radio is told until it has
    shown it; the others once, and whenever they ask."""
    for each in waiting:
        alarm = turn.board.alarms.get(each)
        if alarm is not None and each != wish.alarm:
            tell_called_off(turn, alarm, done=granted, refused=not granted)
