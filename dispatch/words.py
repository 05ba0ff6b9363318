"""The closed vocabularies: kinds, roles, phases, states, dispositions. No behaviour but the tables.

Every word here travels on the wire as its lower-case value; the pages say it
in Chinese and English.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What an alarm or incident is about."""

    SOS = "sos"
    MEDICAL = "medical"
    FIRE = "fire"
    DISPUTE = "dispute"
    SUSPICIOUS = "suspicious"
    MISSING = "missing"
    HAZARD = "hazard"
    NUISANCE = "nuisance"
    OTHER = "other"


DRILL_PRIORITY = 9
"""Priorities are 1 emergency, 2 urgent, 3 watch, 4 note. An exercise is behind them all: it
gives way to anything real, and calls nobody off anything."""


class Nearby(StrEnum):
    """What becomes of a press near an open incident of the same kind, soon after it."""

    JOIN = "join"
    """Its sender is a further reporter of the same matter."""
    OFFER = "offer"
    """It opens an incident of its own, and the operator is asked whether the two are one."""
    APART = "apart"
    """It opens an incident of its own."""


class Tier(StrEnum):
    """How high a matter has been carried, lowest first: small ones stay in the grid."""

    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    AGENCY = "agency"
    """Police, fire service or ambulance."""


class Agency(StrEnum):
    """Who a matter is handed over to, by the number one calls."""

    POLICE = "110"
    FIRE = "119"
    AMBULANCE = "120"
    HOTLINE = "12345"


class Role(StrEnum):
    """What a unit's bearer is."""

    VOLUNTEER = "volunteer"
    GUARD = "guard"
    POLICE = "police"


class Phase(StrEnum):
    """Where an incident stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    FALSE = "false"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"


ENDED: frozenset[Phase] = frozenset({Phase.CLOSED, Phase.CANCELLED, Phase.FALSE, Phase.DUPLICATE})


class Disposition(StrEnum):
    """How an incident ended, as the person closing it says."""

    RESOLVED = "resolved"
    RESOLVED_ON_SPOT = "resolved_on_spot"
    WARNED = "warned"
    HANDED_OVER = "handed_over"
    GONE_ON_ARRIVAL = "gone_on_arrival"
    NO_ACTION = "no_action"
    FALSE_ALARM = "false_alarm"
    CANCELLED = "cancelled"
    """There was something; whoever reported it called it off."""
    DUPLICATE = "duplicate"
    BY_PHONE = "by_phone"
    """Settled by speaking, nobody had to go."""
    CANCELLED_BEFORE_ARRIVAL = "cancelled_before_arrival"
    REFERRED = "referred"
    """Told to somebody whose matter it is, not urgent."""


EIDO_OF: dict[Disposition, str] = {
    Disposition.BY_PHONE: "05",
    Disposition.CANCELLED: "10",
    Disposition.GONE_ON_ARRIVAL: "14",
    Disposition.REFERRED: "15",
    Disposition.FALSE_ALARM: "17",
    Disposition.DUPLICATE: "22",
    Disposition.CANCELLED_BEFORE_ARRIVAL: "32",
}
"""Codes of NENA-STA-021.1 (EIDO), for those that have the same meaning there."""


class FalseReason(StrEnum):
    """Why an alarm was false. The first two speak of the radio, and count toward its care."""

    BY_ACCIDENT = "by_accident"
    """The button was pressed by a pocket, a fall, a hand that slipped."""
    RADIO_FAULT = "radio_fault"
    TEST = "test"
    MISTAKEN = "mistaken"
    """It was meant, but there was nothing."""
    PRANK = "prank"


COUNTS_FOR_CARE: frozenset[FalseReason] = frozenset(
    {FalseReason.BY_ACCIDENT, FalseReason.RADIO_FAULT}
)


class Satisfaction(StrEnum):
    """What the one who reported says afterwards, when called back."""

    VERY = "very_satisfied"
    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    NOT_REACHED = "not_reached"


END_OF: dict[Disposition, Phase] = {
    Disposition.RESOLVED: Phase.CLOSED,
    Disposition.RESOLVED_ON_SPOT: Phase.CLOSED,
    Disposition.WARNED: Phase.CLOSED,
    Disposition.HANDED_OVER: Phase.CLOSED,
    Disposition.GONE_ON_ARRIVAL: Phase.CLOSED,
    Disposition.NO_ACTION: Phase.CLOSED,
    Disposition.FALSE_ALARM: Phase.FALSE,
    Disposition.CANCELLED: Phase.CANCELLED,
    Disposition.DUPLICATE: Phase.DUPLICATE,
    Disposition.BY_PHONE: Phase.CLOSED,
    Disposition.CANCELLED_BEFORE_ARRIVAL: Phase.CANCELLED,
    Disposition.REFERRED: Phase.CLOSED,
}


class AssignmentState(StrEnum):
    """Where one unit's answer to one incident stands."""

    OFFERED = "offered"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLEAR = "clear"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


ASKED: frozenset[AssignmentState] = frozenset({AssignmentState.OFFERED, AssignmentState.RECEIVED})
COMING: frozenset[AssignmentState] = frozenset(
    {AssignmentState.ACCEPTED, AssignmentState.EN_ROUTE, AssignmentState.ON_SCENE}
)
LIVE: frozenset[AssignmentState] = ASKED | COMING


class Rung(StrEnum):
    """How loudly an incident calls for an operator: what nobody takes is carried up."""

    LOUDER = "louder"
    SECOND_CONSOLE = "second_console"
    SUPERVISOR = "supervisor"


class EscalationReason(StrEnum):
    """Why a rung was reached."""

    NOT_TAKEN = "not_taken"
    UNATTENDED = "unattended"
    NOBODY_LEFT = "nobody_left"
    BY_OPERATOR = "by_operator"
    NOBODY_THERE = "nobody_there"
    """Nobody was on scene in the time that the plan gives a step."""


class Verdict(StrEnum):
    """Why a unit was called, or was not. The facts stand beside it in the candidate."""

    CALLED = "called"
    NOT_NEEDED = "not_needed"
    SENDER = "sender"
    ALREADY_ASKED = "already_asked"
    OFF_DUTY = "off_duty"
    OFFLINE = "offline"
    NO_FIX = "no_fix"
    STALE = "stale"
    BUSY = "busy"
    WRONG_ROLE = "wrong_role"
    LACKS_SKILL = "lacks_skill"
    TOO_FAR = "too_far"
    """Outside the rings of grids that this step of the plan asks."""


class WithdrawReason(StrEnum):
    """Why an order was taken back."""

    BY_OPERATOR = "by_operator"
    ENOUGH = "enough"
    INCIDENT_ENDED = "incident_ended"
    OFF_DUTY = "off_duty"
    REVOKED = "revoked"
    REPLACED = "replaced"
    """The unit never answered this one and now has a newer order."""
    PREEMPTED = "preempted"
    """Something more urgent needed the unit."""
    MERGED = "merged"
    """The incident was found to be another one; the unit goes on to that."""
    MOVED = "moved"
    """The place was corrected, and the unit, which was at the old one, is far from it."""


class PlaceSource(StrEnum):
    """Where an incident's place comes from, best first."""

    FIX = "fix"
    """The fix the press carried."""
    LAST_FIX = "last_fix"
    """The unit's last fix, with its age."""
    POST = "post"
    """No fix at all: the grid of the unit's post."""
    OPERATOR = "operator"
    """Pointed at or said by the operator."""
    NONE = "none"


class Linked(StrEnum):
    """How two incidents stand to one another."""

    OFFERED = "offered"
    """They may be one: the operator is asked."""
    LINKED = "linked"
    APART = "apart"
    """Somebody has looked: they are two."""
    MERGED = "merged"
    SPLIT = "split"


class Step(StrEnum):
    """How far a call to one person has come on its way, in this order."""

    QUEUED = "queued"
    AT_BROKER = "at_broker"
    RECEIVED = "received"
    SHOWN = "shown"
    ANSWERED = "answered"
