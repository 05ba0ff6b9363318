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


PRIORITY_OF: dict[Kind, int] = {
    Kind.SOS: 1,
    Kind.MEDICAL: 1,
    Kind.FIRE: 1,
    Kind.DISPUTE: 2,
    Kind.SUSPICIOUS: 2,
    Kind.MISSING: 2,
    Kind.HAZARD: 3,
    Kind.NUISANCE: 3,
    Kind.OTHER: 3,
}
"""1 emergency, 2 urgent, 3 watch, 4 note."""


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
    DUPLICATE = "duplicate"


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
    """How far an incident nobody took or answered has been carried up."""

    LOUDER = "louder"
    SECOND_CONSOLE = "second_console"
    SUPERVISOR = "supervisor"


class EscalationReason(StrEnum):
    """Why a rung was reached."""

    NOT_TAKEN = "not_taken"
    UNATTENDED = "unattended"
    NOBODY_LEFT = "nobody_left"


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


class WithdrawReason(StrEnum):
    """Why an order was taken back."""

    BY_OPERATOR = "by_operator"
    ENOUGH = "enough"
    INCIDENT_ENDED = "incident_ended"
    OFF_DUTY = "off_duty"
    REVOKED = "revoked"
    REPLACED = "replaced"
    """The unit never answered this one and now has a newer order."""


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
