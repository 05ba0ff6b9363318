"""What people at consoles ask for. Each request is checked whole before the first fact of it.

A request based on a version that has since changed is refused, so that nobody decides
on what they no longer see; a note is never refused for that, it changes nothing. Whoever
took an incident steers it: another takes it over first, with a reason, and what the
former holder still sends under the old lease is refused.
"""

from dispatch.by_hand.after import (
    close,
    export,
    hand_over,
    note,
    record_callback,
    reopen,
)
from dispatch.by_hand.calling_off import answer_cancel
from dispatch.by_hand.checks import check_length
from dispatch.by_hand.opening import open_incident, revise, revise_place
from dispatch.by_hand.radios import revoke
from dispatch.by_hand.shift import end_drill, hand_over_shift, start_drill, take
from dispatch.by_hand.steering import begin_step, call_more, change_plan, hold_calls, tick
from dispatch.by_hand.together import link_incident, merge, split
from dispatch.by_hand.units import assign_unit, withdraw_unit
from dispatch.commands import (
    OPERATOR_LENGTH_MAX,
    AddNote,
    AnswerCancel,
    AnyCommand,
    AssignUnit,
    BeginStep,
    CallMore,
    ChangePlan,
    CloseIncident,
    EndDrill,
    ExportIncident,
    HandOver,
    HandOverShift,
    HoldCalls,
    LinkIncident,
    MergeIncident,
    OpenIncident,
    RecordCallback,
    ReopenIncident,
    ReviseIncident,
    RevisePlace,
    RevokeRadio,
    SplitIncident,
    StartDrill,
    TakeIncident,
    TickItem,
    WithdrawUnit,
)
from dispatch.ids import AssignmentId, IncidentId
from dispatch.messages import Reply
from dispatch.turn import Turn


def do(turn: Turn, command: AnyCommand) -> str:
    """Do what is asked; gives back the id of what it made or changed. Raises RefusedError."""
    check_length("by", command.by, OPERATOR_LENGTH_MAX, at_least=1)
    match command:
        case OpenIncident():
            return open_incident(turn, command)
        case TakeIncident():
            return take(turn, command)
        case ReviseIncident():
            return revise(turn, command)
        case RevisePlace():
            return revise_place(turn, command)
        case ChangePlan():
            return change_plan(turn, command)
        case HoldCalls():
            return hold_calls(turn, command)
        case BeginStep():
            return begin_step(turn, command)
        case CallMore():
            return call_more(turn, command)
        case TickItem():
            return tick(turn, command)
        case LinkIncident():
            return link_incident(turn, command)
        case MergeIncident():
            return merge(turn, command)
        case SplitIncident():
            return split(turn, command)
        case HandOver():
            return hand_over(turn, command)
        case AnswerCancel():
            return answer_cancel(turn, command)
        case RecordCallback():
            return record_callback(turn, command)
        case ExportIncident():
            return export(turn, command)
        case AddNote():
            return note(turn, command)
        case AssignUnit():
            return assign_unit(turn, command)
        case WithdrawUnit():
            return withdraw_unit(turn, command)
        case CloseIncident():
            return close(turn, command)
        case ReopenIncident():
            return reopen(turn, command)
        case HandOverShift():
            return hand_over_shift(turn, command)
        case StartDrill():
            return start_drill(turn, command)
        case EndDrill():
            return end_drill(turn, command)
        case RevokeRadio():
            return revoke(turn, command)


def reply_of(turn: Turn, subject: str) -> Reply:
    """What a command came to, told after everything that followed from it."""
    order = turn.board.order(AssignmentId(subject))
    incident = order[0] if order is not None else turn.board.incidents.get(IncidentId(subject))
    return Reply(subject=subject, version=0 if incident is None else incident.version)
