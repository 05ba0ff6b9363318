"""Turns what the hub knows into the documents its pages show. Reads, never changes, never waits.

What may grow without bound in a bad night (presses, lines of the story, units
asked, candidates) is cut here to its newest or nearest, and the document says
how much was left out; the API tells the rest.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from console.lookups import IncidentRowDoc
from console.places import Places
from console.story import story_doc
from console.wire import (
    AlarmDoc,
    AssignmentDoc,
    CallbackDoc,
    CancelDoc,
    CandidateDoc,
    CheckedDoc,
    CommunityDoc,
    DecisionDoc,
    EscalationDoc,
    GatewayTryDoc,
    GivenDoc,
    IncidentDoc,
    LinkDoc,
    Name,
    StepDoc,
    UnitDoc,
)
from dispatch.awaited import NOTHING_AWAITED, Awaited
from dispatch.clock import Instant
from dispatch.ids import AlarmId, DecisionId, IncidentId, UnitId
from dispatch.incident import (
    Alarm,
    Assignment,
    Begun,
    CancelWish,
    Candidate,
    Decision,
    GatewayTry,
    Incident,
)
from dispatch.intervals import intervals_ms
from dispatch.roster import Community, RadioRecord
from dispatch.store.port import IncidentRow
from dispatch.words import ASKED, AssignmentState, Verdict

CANDIDATES_SHOWN_MAX: Final = 30
"""More fit on no screen; the rest are counted by verdict and told by the API."""
STORY_SHOWN_MAX: Final = 80
"""Newest lines of a story in a document of the stream: an evening's incident has about 60."""
ENDED_SHOWN_MAX: Final = 40
"""Assignments that ended, in a document of the stream: three waves of the default plan."""
ALARMS_SHOWN_MAX: Final = 50
"""Newest presses of one incident in a document; ``alarms_left_out`` counts the others."""
DECISIONS_KEPT_MAX: Final = 512
"""Decision documents kept ready: a few waves of every open incident on a very bad night."""

STEPS_SHOWN_MAX: Final = 24
"""Newest steps of the plan: three rounds of the longest."""

WHOLE: Final = 2**31
"""As a limit: leave nothing out."""


def ms(t: Instant) -> int:
    """The hub's microseconds as the wire's milliseconds."""
    return t // 1000


def ms_or_none(t: Instant | None) -> int | None:
    """``ms``, where there is a time at all."""
    return None if t is None else t // 1000


def alarm_doc(alarm: Alarm, *, reporter: bool = False) -> AlarmDoc:
    """A press as operators see it."""
    return AlarmDoc(
        id=alarm.alarm,
        unit=alarm.unit,
        kind=alarm.kind,
        covert=alarm.covert,
        late=alarm.late,
        stored=alarm.stored,
        device_t=ms(alarm.device_t),
        received_t=ms(alarm.received_t),
        repeats=alarm.repeats,
        conflicts=alarm.conflicts,
        undecided=alarm.undecided,
        reporter=reporter,
        drill=alarm.drill,
    )


def assignment_doc(assignment: Assignment) -> AssignmentDoc:
    """One unit asked to an incident, and how far its answer has come."""
    return AssignmentDoc(
        id=assignment.assignment,
        unit=assignment.unit,
        role=assignment.role,
        wave=assignment.wave,
        by=assignment.by,
        distance_m=_whole(assignment.distance_m),
        state=assignment.state,
        offered_t=ms(assignment.offered_t),
        answer_by_t=ms(assignment.answer_by_t),
        state_t=ms(assignment.state_t),
        times={state.value: ms(t) for state, t in assignment.times.items()},
        need=assignment.need,
        walk_s=_whole(assignment.walk_s),
        volunteered=assignment.volunteered,
        carried_from=assignment.carried_from,
        at_broker_t=ms_or_none(assignment.at_broker_t),
        shown_t=ms_or_none(assignment.shown_t),
        gateways=[try_doc(each) for each in assignment.gateways],
    )


def try_doc(tried: GatewayTry) -> GatewayTryDoc:
    """What came of telling somebody by SMS, voice or a chat."""
    return GatewayTryDoc(
        t=ms(tried.t),
        gateway=tried.gateway,
        ok=tried.ok,
        why=tried.why,
        person=tried.person,
        recall=tried.recall,
    )


def decision_doc(decision: Decision, *, candidates_max: int = CANDIDATES_SHOWN_MAX) -> DecisionDoc:
    """One wave: whom it called and why not the others."""
    return DecisionDoc(
        id=decision.decision,
        wave=decision.wave,
        t=ms(decision.t),
        called=list(decision.called),
        missing=dict(decision.missing),
        short=dict(decision.short),
        candidates=[
            _candidate_doc(each)
            for each in sorted(decision.candidates, key=_interest)[:candidates_max]
        ],
        verdicts=dict(decision.verdicts),
        step=decision.step,
        chance_pct=_percent(decision.chance),
        all_asked=decision.all_asked,
        by=decision.by,
    )


def past_decision_doc(decision: Decision) -> DecisionDoc:
    """A wave that another one followed: whom it called, and no candidates, only their count."""
    return decision_doc(decision, candidates_max=0)


def incident_doc(
    incident: Incident,
    alarms: Mapping[AlarmId, Alarm],
    places: Places,
    decisions: "DecisionDocs",
    awaited: Awaited,
) -> IncidentDoc:
    """An incident with everything that its card shows, as it travels with every change."""
    newest = incident.decisions[-1:]
    return _incident_doc(
        incident,
        alarms,
        places,
        decisions=[decisions.past(each) for each in incident.decisions[:-1]]
        + [decisions.of(each) for each in newest],
        ended_max=ENDED_SHOWN_MAX,
        story_max=STORY_SHOWN_MAX,
        alarms_max=ALARMS_SHOWN_MAX,
        awaited=awaited,
    )


def whole_incident_doc(
    incident: Incident,
    alarms: Mapping[AlarmId, Alarm],
    places: Places,
    awaited: Awaited = NOTHING_AWAITED,
) -> IncidentDoc:
    """An incident with nothing left out but candidates, of whom every wave tells the first."""
    return _incident_doc(
        incident,
        alarms,
        places,
        decisions=[decision_doc(each) for each in incident.decisions],
        ended_max=WHOLE,
        story_max=WHOLE,
        alarms_max=WHOLE,
        awaited=awaited,
    )


def _incident_doc(
    incident: Incident,
    alarms: Mapping[AlarmId, Alarm],
    places: Places,
    *,
    decisions: list[DecisionDoc],
    ended_max: int,
    story_max: int,
    alarms_max: int,
    awaited: Awaited,
) -> IncidentDoc:
    asked = _asked(incident, ended_max)
    pressed = [alarms[each] for each in incident.alarms[-alarms_max:] if each in alarms]
    return IncidentDoc(
        id=incident.incident,
        community=incident.community,
        version=incident.version,
        kind=incident.kind,
        priority=incident.priority,
        covert=incident.covert,
        phase=incident.phase,
        opened_t=ms(incident.opened_t),
        sender=incident.sender,
        opened_by=incident.opened_by,
        linked_to=incident.linked_to,
        place=places.doc(incident),
        plan=incident.plan,
        alarms=[alarm_doc(each, reporter=each.alarm in incident.reporters) for each in pressed],
        rings=incident.rings,
        alarms_left_out=max(0, len(incident.alarms) - alarms_max),
        last_press_t=ms_or_none(incident.last_press_t),
        taken_by=incident.taken_by,
        taken_t=ms_or_none(incident.taken_t),
        assignments=[assignment_doc(each) for each in asked],
        assignments_left_out=len(incident.assignments) - len(asked),
        decisions=decisions,
        escalations=[
            EscalationDoc(t=ms(t), rung=rung, reason=reason)
            for t, rung, reason in incident.escalations
        ],
        story=[story_doc(event) for event in incident.story[-story_max:]],
        story_left_out=max(0, len(incident.story) - story_max),
        phase_times={phase.value: ms(t) for phase, t in incident.phase_times.items()},
        closed_t=ms_or_none(incident.closed_t),
        closed_by=incident.closed_by,
        disposition=incident.disposition,
        duplicate_of=incident.duplicate_of,
        in_danger=incident.in_danger,
        drill=incident.drill,
        caller_name=incident.caller_name,
        caller_phone=incident.caller_phone,
        links=[LinkDoc(id=other, how=how) for other, how in incident.links.items()],
        tier=incident.tier,
        steps=[_step_doc(each) for each in incident.steps[-STEPS_SHOWN_MAX:]],
        step_due_t=ms_or_none(awaited.step_t),
        calls_held=incident.calls_held,
        checked={item: CheckedDoc(t=ms(t), by=by) for item, (t, by) in incident.checked.items()},
        lease=incident.lease,
        lease_due_t=ms_or_none(awaited.lease_t),
        cancel=_cancel_doc(incident.cancel),
        given=[
            GivenDoc(
                t=ms(each.t),
                agency=each.agency,
                by=each.by,
                contact=each.contact,
                words=each.words,
            )
            for each in incident.given
        ],
        told=[try_doc(each) for each in incident.told],
        false_reason=incident.false_reason,
        callbacks=[
            CallbackDoc(t=ms(each.t), satisfaction=each.satisfaction, by=each.by, words=each.words)
            for each in incident.callbacks
        ],
        intervals={} if incident.open else intervals_ms(incident, alarms),
    )


def _step_doc(begun: Begun) -> StepDoc:
    return StepDoc(
        t=ms(begun.t),
        plan=begun.plan,
        step=begun.step,
        tier=begun.tier,
        due_t=ms_or_none(begun.due_t),
        reason=begun.reason,
        by=begun.by,
        tell=list(begun.tell),
        agency=begun.agency,
    )


def _cancel_doc(wish: CancelWish | None) -> CancelDoc | None:
    if wish is None:
        return None
    return CancelDoc(
        t=ms(wish.t),
        alarm=wish.alarm,
        duress=wish.duress,
        granted=wish.granted,
        answered_t=ms_or_none(wish.answered_t),
    )


class DecisionDocs:
    """Keeps decision documents ready: a decision never changes, its candidates may be many."""

    def __init__(self) -> None:
        self._ready: dict[tuple[DecisionId, bool], tuple[Decision, DecisionDoc]] = {}

    def of(self, decision: Decision) -> DecisionDoc:
        """The document of an incident's newest decision, made once."""
        return self._kept(decision, past=False)

    def past(self, decision: Decision) -> DecisionDoc:
        """The document of one that another followed, made once."""
        return self._kept(decision, past=True)

    def _kept(self, decision: Decision, *, past: bool) -> DecisionDoc:
        name = decision.decision, past
        ready = self._ready.get(name)
        if ready is not None and ready[0] is decision:
            return ready[1]
        doc = past_decision_doc(decision) if past else decision_doc(decision)
        self._ready.pop(name, None)
        self._ready[name] = (decision, doc)
        if len(self._ready) > DECISIONS_KEPT_MAX:
            del self._ready[next(iter(self._ready))]
        return doc


Engagement: TypeAlias = tuple[IncidentId, AssignmentState]
"""The incident a unit is asked or coming to, and how far it has come."""
Rank: TypeAlias = tuple[bool, Instant, str]
"""Which of a unit's engagements its card tells: coming before asked, then the newest."""
Ranked: TypeAlias = tuple[Rank, Engagement]


def ranked(incident: Incident) -> dict[UnitId, Ranked]:
    """Who is asked or coming to one incident."""
    best: dict[UnitId, Ranked] = {}
    for each in incident.assignments.values():
        if not each.live:
            continue
        rank = (each.state not in ASKED, each.offered_t, each.assignment)
        if each.unit not in best or rank > best[each.unit][0]:
            best[each.unit] = (rank, (incident.incident, each.state))
    return best


def engagements(incidents: Iterable[Incident]) -> dict[UnitId, Engagement]:
    """Which incident each unit is coming to or asked to."""
    best: dict[UnitId, Ranked] = {}
    for incident in incidents:
        for unit, found in ranked(incident).items():
            best[unit] = max(best.get(unit, found), found, key=lambda each: each[0])
    return {unit: engagement for unit, (_, engagement) in best.items()}


def unit_doc(
    record: RadioRecord,
    *,
    row: int,
    on_duty: bool,
    online: bool,
    engaged: Engagement | None,
    false_alarms: int = 0,
) -> UnitDoc:
    """A unit and what changes slowly about it; ``row`` is -1 where it has no live row."""
    return UnitDoc(
        id=record.radio,
        row=row,
        community=record.community,
        call_sign=record.call_sign,
        role=record.role,
        skills=list(record.skills),
        post=record.post,
        on_duty=on_duty,
        online=online,
        revoked=record.revoked,
        incident=engaged[0] if engaged else None,
        assignment_state=engaged[1] if engaged else None,
        false_alarms=false_alarms,
    )


def community_doc(community: Community) -> CommunityDoc:
    """A community, its grids by id only."""
    grids = community.grids.grids
    boxes = [grid.polygon.bounds for grid in grids]
    bbox = [
        min((box[0] for box in boxes), default=0.0),
        min((box[1] for box in boxes), default=0.0),
        max((box[2] for box in boxes), default=0.0),
        max((box[3] for box in boxes), default=0.0),
    ]
    return CommunityDoc(
        id=community.community,
        name=Name(zh=community.name_zh, en=community.name_en),
        zone=community.zone,
        bbox=bbox,
        grids=[grid.id for grid in grids],
        has_streets=bool(community.streets),
    )


def incident_row_doc(row: IncidentRow) -> IncidentRowDoc:
    """An ended incident as a line."""
    return IncidentRowDoc(
        id=row.incident,
        community=row.community,
        kind=row.kind,
        priority=row.priority,
        phase=row.phase,
        opened_t=ms(row.opened_t),
        closed_t=ms_or_none(row.closed_t),
        sender=row.sender,
        grid=row.grid,
        taken_by=row.taken_by,
        disposition=row.disposition,
        drill=row.drill,
    )


def _asked(incident: Incident, ended_max: int) -> list[Assignment]:
    """In the order asked: all that are live, and those that ended last; ties by that order."""
    every = list(incident.assignments.values())
    ended = [number for number, each in enumerate(every) if not each.live]
    ended.sort(key=lambda number: (every[number].state_t, number))
    left_out = set(ended[: max(0, len(ended) - ended_max)])
    return [each for number, each in enumerate(every) if number not in left_out]


def _candidate_doc(candidate: Candidate) -> CandidateDoc:
    return CandidateDoc(
        unit=candidate.unit,
        verdict=candidate.verdict,
        role=candidate.role,
        ring=candidate.ring,
        distance_m=_whole(candidate.distance_m),
        fix_age_s=_whole(candidate.fix_age_s),
        skills=list(candidate.skills),
        busy=candidate.busy,
        walk_s=_whole(candidate.walk_s),
        eta_s=_whole(candidate.eta_s),
        asked=candidate.asked,
        accepted=candidate.accepted,
        call_outs=candidate.call_outs,
        chance_pct=_percent(candidate.chance),
        need=candidate.need,
    )


def _interest(candidate: Candidate) -> tuple[bool, float, str]:
    """The called first, then the nearest; ties by id, so that every screen agrees."""
    away_m = float("inf") if candidate.distance_m is None else candidate.distance_m
    return candidate.verdict is not Verdict.CALLED, away_m, candidate.unit


def _percent(chance: float | None) -> int | None:
    return None if chance is None else round(100 * chance)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
