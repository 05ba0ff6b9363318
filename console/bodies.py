"""What a page may ask of the hub: the bodies of commands, and of their answers.

A command is a POST with the header ``Idempotency-Key`` = command id; who asks is who is
logged in, and their login's token stands in ``X-CSRF``. Its answer is ``Accepted`` (200) or
``Refusal`` (4xx, 503). Of a command about an incident, ``based_on`` is the version that its
operator looked at and ``lease`` the token of whoever holds it; 0 says nothing.

Each is turned into a command of the hub in requests.py.
"""

import msgspec

from console.wire import Doc, IncidentDoc, StoryDoc


class OpenBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents

    The grid of a point (lon, lat) follows from it. A grid named beside a point must hold it;
    another one is refused (unfit, field grid).
    """

    community: str
    kind: str
    words: str = ""
    lon: float | None = None
    lat: float | None = None
    grid: str | None = None
    unit: str | None = None
    priority: int | None = None
    plan: str = ""
    caller_name: str = ""
    caller_phone: str = ""
    drill: bool = False


class TakeBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/take; from somebody who holds it, only with words"""

    words: str = ""
    based_on: int = 0
    lease: int = 0


class ReviseBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/revise"""

    kind: str | None = None
    priority: int | None = None
    words: str = ""
    based_on: int = 0
    lease: int = 0


class PlaceBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/place; of a point and a grid as in OpenBody"""

    words: str = ""
    lon: float | None = None
    lat: float | None = None
    grid: str | None = None
    unit: str | None = None
    based_on: int = 0
    lease: int = 0


class PlanBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/plan"""

    plan: str
    words: str
    based_on: int = 0
    lease: int = 0


class HoldBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/hold"""

    held: bool
    words: str = ""
    based_on: int = 0
    lease: int = 0


class StepBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/step: the next one, or the one named"""

    step: str = ""
    words: str = ""
    based_on: int = 0
    lease: int = 0


class CallMoreBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/call"""

    count: int
    role: str | None = None
    skill: str = ""
    based_on: int = 0
    lease: int = 0


class TickBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/checklist"""

    item: str
    done: bool = True
    based_on: int = 0
    lease: int = 0


class LinkBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/link"""

    other: str
    linked: bool = True
    based_on: int = 0
    lease: int = 0


class MergeBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/merge"""

    into: str
    based_on: int = 0
    lease: int = 0


class SplitBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/split"""

    alarms: list[str]
    based_on: int = 0
    lease: int = 0


class HandOverBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/hand-over"""

    agency: str
    contact: str = ""
    words: str = ""
    based_on: int = 0
    lease: int = 0


class CancelAnswerBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/cancel: the answer to the sender's wish"""

    granted: bool
    false_reason: str | None = None
    words: str = ""
    based_on: int = 0
    lease: int = 0


class CallbackBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/callback"""

    satisfaction: str
    words: str = ""
    based_on: int = 0
    lease: int = 0


class ShiftBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/communities/{id}/shift: all my open work is the other's now"""

    to: str
    words: str = ""


class DrillBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/communities/{id}/drills"""

    name: str


class EndDrillBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/drills/{id}/end"""


class NoteBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/notes"""

    words: str
    based_on: int = 0
    lease: int = 0


class AssignBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/assignments"""

    unit: str
    based_on: int = 0
    lease: int = 0


class WithdrawBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/withdraw (an assignment id holds a slash, so it is said here)"""

    assignment: str
    based_on: int = 0
    lease: int = 0


class CloseBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/close"""

    disposition: str
    words: str = ""
    duplicate_of: str | None = None
    false_reason: str | None = None
    """Asked for with ``false_alarm``."""
    based_on: int = 0
    lease: int = 0


class ReopenBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/incidents/{id}/reopen"""

    words: str = ""
    based_on: int = 0
    lease: int = 0


class RevokeBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/radios/{id}/revoke"""


class Accepted(Doc):
    """The command was done (or had been done before, under the same id)."""

    subject: str
    version: int


class Refusal(Doc):
    """The command was not done: a code, its facts, and a sentence for logs."""

    code: str
    detail: str
    facts: dict[str, str | int | None]
    incident: IncidentDoc | None = None
    """The present state, where the refusal is about an incident."""
    changed: list[StoryDoc] = msgspec.field(default_factory=list)
    """What happened since the version that the command was based on: the newest 20 lines,
    people's deeds before what follows from them."""
