"""One of every body that goes over HTTP, and of every answer."""

import msgspec

from console.bodies import (
    Accepted,
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
    Refusal,
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
from console.books import books_doc
from console.docs import incident_row_doc
from console.guard import since
from console.wire import IncidentDoc
from dispatch.clock import MINUTE
from dispatch.errors import HeldError, StaleLeaseError, StaleVersionError
from dispatch.ids import IncidentId, UnitId
from dispatch.plan import Library
from dispatch.plan_files import default_book
from dispatch.store.port import IncidentRow
from tests.console.builders import NOON, OPERATOR, XIZI
from tests.console.samples_steered import OTHER, STEERED


def body_samples(present: IncidentDoc) -> dict[str, msgspec.Struct]:
    """One of every body that goes over HTTP; ``present`` is the incident of the refusal."""
    stale = StaleVersionError(incident=IncidentId(present.id), based_on=12, version=15)
    steered_at = {"based_on": 40, "lease": 3}
    return {
        "body-open": OpenBody(community="xizi", kind="dispute", words="幼儿园后门,两人争吵"),
        "body-open-exercise": OpenBody(
            community="xizi",
            kind="sos",
            words="演练:大堂有人晕倒",
            lon=120.0151,
            lat=30.0051,
            unit="r02",
            priority=1,
            plan="default-1/sos",
            caller_name="前台",
            caller_phone="010-5550-0100",
            drill=True,
        ),
        "body-take": TakeBody(based_on=5),
        "body-take-over": TakeBody(words="二席在接另一起", based_on=18, lease=0),
        "body-revise": ReviseBody(kind="fire", priority=1, words="厨房起火", **steered_at),
        "body-place": PlaceBody(
            lon=120.0052,
            lat=30.0052,
            grid="g1",
            unit="r01",
            words="三号楼二层厨房",
            based_on=40,
            lease=3,
        ),
        "body-plan": PlanBody(plan="default-1/fire", words="是火情", **steered_at),
        "body-hold": HoldBody(held=True, words="先问清楚", **steered_at),
        "body-step": StepBody(step="wider", words="烟很大", **steered_at),
        "body-call-more": CallMoreBody(count=2, role="guard", skill="fire", **steered_at),
        "body-tick": TickBody(item="fire_service", done=True, **steered_at),
        "body-link": LinkBody(other=OTHER, linked=False, **steered_at),
        "body-merge": MergeBody(into=OTHER, **steered_at),
        "body-split": SplitBody(alarms=["r03/00000000000000b7/1"], **steered_at),
        "body-hand-over": HandOverBody(
            agency="119", contact="接线员 7 号", words="已出车,八分钟", **steered_at
        ),
        "body-cancel": CancelAnswerBody(
            granted=True, false_reason="by_accident", words="本人已说明", **steered_at
        ),
        "body-callback": CallbackBody(
            satisfaction="very_satisfied", words="反应很快", based_on=11, lease=1
        ),
        "body-shift": ShiftBody(to="调度二席", words="七号还在处置,消防已到"),
        "body-drill": DrillBody(name="夜间演练"),
        "body-end-drill": EndDrillBody(),
        "body-note": NoteBody(words="居民电话:有人追赶", based_on=5),
        "body-assign": AssignBody(unit="p01"),
        "body-withdraw": WithdrawBody(assignment=f"{present.id}/2", based_on=15),
        "body-close": CloseBody(disposition="resolved_on_spot", words="已劝离", based_on=15),
        "body-close-false": CloseBody(
            disposition="false_alarm", false_reason="radio_fault", based_on=40, lease=3
        ),
        "body-reopen": ReopenBody(words="又回来了"),
        "body-revoke": RevokeBody(),
        "accepted": Accepted(subject=present.id, version=6),
        "refusal": Refusal(
            code=stale.code,
            detail=str(stale),
            facts=stale.facts,
            incident=present,
            changed=since(present, stale.facts["based_on"]),
        ),
        "refusal-held": _refused(
            HeldError(incident=STEERED, held_by=OPERATOR, request="closing it"),
        ),
        "refusal-lease": _refused(
            StaleLeaseError(incident=STEERED, lease=1, present=3, held_by=OPERATOR),
        ),
        "books": books_doc(Library([default_book()]), "2025-11-21"),
        "incident-row": incident_row_doc(
            IncidentRow(
                incident=IncidentId("xizi-20251121-006"),
                community=XIZI,
                kind="sos",
                priority=1,
                phase="closed",
                opened_t=NOON - 60 * MINUTE,
                closed_t=NOON - 50 * MINUTE,
                sender=UnitId("r01"),
                grid="g1",
                taken_by=OPERATOR,
                disposition="resolved_on_spot",
            )
        ),
    }


def _refused(error: HeldError | StaleLeaseError) -> Refusal:
    return Refusal(code=error.code, detail=str(error), facts=dict(error.facts))
