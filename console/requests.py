"""One function a command: an address and a body become what the hub is asked. Decides nothing.

The pieces are checked in asking.py; what the functions raise is RequestRefusedError.
"""

from typing import Any, Protocol

from console.asking import Asker, Path, name_of, point, refused, version, word, word_or_none, words
from console.bodies import (
    AssignBody,
    CallbackBody,
    CallMoreBody,
    CancelAnswerBody,
    CloseBody,
    DrillBody,
    EndDrillBody,
    HandOverBody,
    HoldBody,
    LinkBody,
    MergeBody,
    NoteBody,
    OpenBody,
    PlaceBody,
    PlanBody,
    ReopenBody,
    ReviseBody,
    RevokeBody,
    ShiftBody,
    SplitBody,
    StepBody,
    TakeBody,
    TickBody,
    WithdrawBody,
)
from dispatch.commands import (
    CALLER_LENGTH_MAX,
    DRILL_NAME_LENGTH_MAX,
    NOTE_LENGTH_MAX,
    OPERATOR_LENGTH_MAX,
    WORDS_LENGTH_MAX,
    AddNote,
    AnswerCancel,
    AssignUnit,
    BeginStep,
    CallMore,
    ChangePlan,
    CloseIncident,
    EndDrill,
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
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommunityId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.words import Agency, Disposition, FalseReason, Kind, Role, Satisfaction

ALARMS_MAX = 1_000
"""Presses split off at once; an incident with more is not sorted by hand."""


class Based(Protocol):
    """A body about one incident, as its asker knew it."""

    based_on: int
    lease: int


def open_incident(who: Asker, _: Path, said: OpenBody) -> OpenIncident:
    """Begin one by hand."""
    lon, lat = point(said.lon, said.lat)
    return OpenIncident(
        command=who.command,
        by=who.by,
        community=CommunityId(name_of(said.community, "community")),
        kind=word(Kind, said.kind, "kind"),
        words=words(said.words, WORDS_LENGTH_MAX),
        lon=lon,
        lat=lat,
        grid=_grid(said.grid),
        unit=_unit(said.unit),
        priority=said.priority,
        plan=words(said.plan, WORDS_LENGTH_MAX),
        caller_name=words(said.caller_name, CALLER_LENGTH_MAX),
        caller_phone=words(said.caller_phone, CALLER_LENGTH_MAX),
        drill=said.drill,
    )


def take_incident(who: Asker, path: Path, said: TakeBody) -> TakeIncident:
    """I handle this one."""
    return TakeIncident(**_about(who, path, said), words=words(said.words, WORDS_LENGTH_MAX))


def revise_incident(who: Asker, path: Path, said: ReviseBody) -> ReviseIncident:
    """Another kind, another priority."""
    return ReviseIncident(
        **_about(who, path, said),
        kind=word_or_none(Kind, said.kind, "kind"),
        priority=said.priority,
        words=words(said.words, WORDS_LENGTH_MAX),
    )


def revise_place(who: Asker, path: Path, said: PlaceBody) -> RevisePlace:
    """It is here."""
    lon, lat = point(said.lon, said.lat)
    return RevisePlace(
        **_about(who, path, said),
        words=words(said.words, WORDS_LENGTH_MAX),
        lon=lon,
        lat=lat,
        grid=_grid(said.grid),
        unit=_unit(said.unit),
    )


def change_plan(who: Asker, path: Path, said: PlanBody) -> ChangePlan:
    """Answer it by another plan."""
    reason = words(said.words, WORDS_LENGTH_MAX)
    if not reason:
        raise refused("no_words", "say why")
    return ChangePlan(**_about(who, path, said), plan=name_of(said.plan, "plan"), words=reason)


def hold_calls(who: Asker, path: Path, said: HoldBody) -> HoldCalls:
    """Call nobody further by machine, or go on."""
    return HoldCalls(
        **_about(who, path, said), held=said.held, words=words(said.words, WORDS_LENGTH_MAX)
    )


def begin_step(who: Asker, path: Path, said: StepBody) -> BeginStep:
    """Carry it up now."""
    return BeginStep(
        **_about(who, path, said),
        step=words(said.step, WORDS_LENGTH_MAX),
        words=words(said.words, WORDS_LENGTH_MAX),
    )


def call_more(who: Asker, path: Path, said: CallMoreBody) -> CallMore:
    """Ask so many more."""
    return CallMore(
        **_about(who, path, said),
        count=said.count,
        role=word_or_none(Role, said.role, "role"),
        skill=words(said.skill, WORDS_LENGTH_MAX),
    )


def tick_item(who: Asker, path: Path, said: TickBody) -> TickItem:
    """This is done."""
    return TickItem(**_about(who, path, said), item=name_of(said.item, "item"), done=said.done)


def link_incident(who: Asker, path: Path, said: LinkBody) -> LinkIncident:
    """They have to do with each other, or have not."""
    other = IncidentId(name_of(said.other, "incident"))
    return LinkIncident(**_about(who, path, said), other=other, linked=said.linked)


def merge_incident(who: Asker, path: Path, said: MergeBody) -> MergeIncident:
    """It is the other one."""
    into = IncidentId(name_of(said.into, "incident"))
    return MergeIncident(**_about(who, path, said), into=into)


def split_incident(who: Asker, path: Path, said: SplitBody) -> SplitIncident:
    """These presses are about another matter."""
    if not 0 < len(said.alarms) <= ALARMS_MAX:
        raise refused("bad_alarms", f"1 to {ALARMS_MAX} alarms are split off")
    alarms = tuple(AlarmId(name_of(each, "alarm")) for each in said.alarms)
    return SplitIncident(**_about(who, path, said), alarms=alarms)


def hand_over(who: Asker, path: Path, said: HandOverBody) -> HandOver:
    """An agency was told."""
    return HandOver(
        **_about(who, path, said),
        agency=word(Agency, said.agency, "agency"),
        contact=words(said.contact, CALLER_LENGTH_MAX),
        words=words(said.words, NOTE_LENGTH_MAX),
    )


def answer_cancel(who: Asker, path: Path, said: CancelAnswerBody) -> AnswerCancel:
    """The sender's wish is granted, or not."""
    return AnswerCancel(
        **_about(who, path, said),
        granted=said.granted,
        false_reason=word_or_none(FalseReason, said.false_reason, "false_reason"),
        words=words(said.words, WORDS_LENGTH_MAX),
    )


def record_callback(who: Asker, path: Path, said: CallbackBody) -> RecordCallback:
    """What the one who reported said afterwards."""
    return RecordCallback(
        **_about(who, path, said),
        satisfaction=word(Satisfaction, said.satisfaction, "satisfaction"),
        words=words(said.words, WORDS_LENGTH_MAX),
    )


def add_note(who: Asker, path: Path, said: NoteBody) -> AddNote:
    """Write this down."""
    note = words(said.words, NOTE_LENGTH_MAX)
    if not note:
        raise refused("no_words", "a note says something")
    return AddNote(**_about(who, path, said), words=note)


def assign_unit(who: Asker, path: Path, said: AssignBody) -> AssignUnit:
    """Send this unit."""
    return AssignUnit(**_about(who, path, said), unit=UnitId(name_of(said.unit, "unit")))


def withdraw_unit(who: Asker, path: Path, said: WithdrawBody) -> WithdrawUnit:
    """Call this unit back."""
    assignment = AssignmentId(name_of(said.assignment, "assignment"))
    return WithdrawUnit(**_about(who, path, said), assignment=assignment)


def close_incident(who: Asker, path: Path, said: CloseBody) -> CloseIncident:
    """It is over."""
    other = said.duplicate_of
    return CloseIncident(
        **_about(who, path, said),
        disposition=word(Disposition, said.disposition, "disposition"),
        words=words(said.words, WORDS_LENGTH_MAX),
        duplicate_of=None if other is None else IncidentId(name_of(other, "incident")),
        false_reason=word_or_none(FalseReason, said.false_reason, "false_reason"),
    )


def reopen_incident(who: Asker, path: Path, said: ReopenBody) -> ReopenIncident:
    """It is not over after all."""
    return ReopenIncident(**_about(who, path, said), words=words(said.words, WORDS_LENGTH_MAX))


def hand_over_shift(who: Asker, path: Path, said: ShiftBody) -> HandOverShift:
    """All my open work is the other's now."""
    to = words(said.to, OPERATOR_LENGTH_MAX)
    if not to or not to.isprintable():
        raise refused("bad_operator", "say to whom")
    return HandOverShift(
        command=who.command,
        by=who.by,
        community=_community(path),
        to=OperatorName(to),
        words=words(said.words, NOTE_LENGTH_MAX),
    )


def start_drill(who: Asker, path: Path, said: DrillBody) -> StartDrill:
    """An exercise begins."""
    name = words(said.name, DRILL_NAME_LENGTH_MAX)
    if not name or not name.isprintable():
        raise refused("no_words", "an exercise has a name")
    return StartDrill(command=who.command, by=who.by, community=_community(path), name=name)


def end_drill(who: Asker, path: Path, _: EndDrillBody) -> EndDrill:
    """The exercise is over."""
    drill = DrillId(name_of(path["drill"], "drill"))
    return EndDrill(command=who.command, by=who.by, drill=drill)


def revoke_radio(who: Asker, path: Path, _: RevokeBody) -> RevokeRadio:
    """This radio may not connect any more."""
    return RevokeRadio(
        command=who.command, by=who.by, radio=RadioId(name_of(path["radio"], "radio"))
    )


def _about(who: Asker, path: Path, said: Based) -> dict[str, Any]:
    """What every request about an incident says."""
    return {
        "command": who.command,
        "by": who.by,
        "incident": IncidentId(name_of(path["incident"], "incident")),
        "based_on": version(said.based_on),
        "lease": version(said.lease),
    }


def _community(path: Path) -> CommunityId:
    return CommunityId(name_of(path["community"], "community"))


def _grid(grid: str | None) -> GridId | None:
    return None if grid is None else GridId(name_of(grid, "grid"))


def _unit(unit: str | None) -> UnitId | None:
    return None if unit is None else UnitId(name_of(unit, "unit"))
