"""What the hub tells its pages: documents, and the messages of the stream.

What a page asks of the hub is in bodies.py, what it is told only when it asks in
lookups.py. The shapes of the three are the one source of the OpenAPI page, of the JSON
samples in ``tests/wire`` and (by those samples) of ``web/src/wire.ts``. Only codes and facts
travel; sentences are made by the pages. Instants are milliseconds UTC (a
JavaScript number holds them exactly), lengths metres, angles degrees, WGS-84.

The stream (``GET /api/v1/stream``, WebSocket), of what whoever is logged in may see:

    server: hello -> snapshot, then change | beat | part | binary position frames, in any order
    client: resync | view | beat

A snapshot tells how many ``part`` follow it: more incidents and units, each as it is when
it is sent, so that it never undoes a change that came before. What a page held and neither
the snapshot, nor a part, nor a change since told is gone once the last part is there.

A change comes at once after a quiet moment; those that follow within a tenth of a second
come together in one, each document as it stands by then. A new incident, a further press,
a taking and each step of an emergency are not held back, nor is what a command did: its
change is sent before its answer.

``seq`` grows by one with every change; a gap means: ask ``resync``, and a new
snapshot comes. Snapshot + changes = fresh snapshot. A reader too slow for the feed is
told ``{"type": "behind"}``, what was queued for it is dropped, and a snapshot follows.

A position frame, little-endian:

    u8 version = 2 | u8 flags | u16 0 | u32 count | f64 now_ms
    then ``count`` records of 32 bytes:
    u32 row | i16 grid | i8 battery_pct | u8 state | i32 lon_e7 | i32 lat_e7 | f64 t_ms
    u16 acc_dm | u16 speed_cmps | u16 course_ddeg | u16 0
    then, with flag 2: i32 west_e7 | i32 south_e7 | i32 east_e7 | i32 north_e7

``grid`` is the index in the community's ``grids`` (-1 outside), battery -1 unknown,
65535 unknown in the last three; ``state`` bit 0 on duty, bit 1 online, bit 2 busy.
A unit that has no fix has no record, nor has one off duty unless it sent or answers an
open alarm. Units outside the view are not sent, but for senders and called units.

A *look* tells all units within a box: as a stream begins (the box is the world), when the
map shows another place, and to a reader who missed too much. Flag 1 begins one, flag 2 ends
it; often both are on one frame. A unit whose last known place is inside that box, and
which no frame since flag 1 told, is not there any more: where it is is unknown.
"""

import struct
from typing import Final

import msgspec

STREAM_VERSION: Final = 2
FRAME_HEAD: Final = struct.Struct("<BBHId")
FRAME_RECORD_SIZE: Final = 32


class Doc(msgspec.Struct, kw_only=True, omit_defaults=False):
    """Base of every document."""


class Name(Doc):
    """A name in both languages."""

    zh: str
    en: str


class CommunityDoc(Doc):
    """One community: its grids come apart, by ``GET /api/v1/communities/{id}/grids``."""

    id: str
    name: Name
    zone: str
    bbox: list[float]
    """west, south, east, north"""
    grids: list[str]
    """Grid ids in the order that position frames count them."""
    has_streets: bool


class Waits(Doc):
    """The waits that a page counts down (seconds)."""

    louder_s: float
    second_console_s: float
    supervisor_s: float
    wave_s: float
    urgent_s: float
    watch_s: float
    lease_s: float


class Hello(Doc, tag_field="type", tag="hello"):
    """The first message of a stream."""

    version: int
    server: str
    now: int
    clock_speed: float
    fresh_s: float
    report_interval_s: float
    demo: bool
    """The demo's simulated radios are there: ``POST /demo/press`` works."""
    operator: str
    communities: list[CommunityDoc]
    waits: Waits


class PlaceDoc(Doc, omit_defaults=True):
    """Where, and how well that is known. ``outside...`` are there for a point in no grid only."""

    source: str
    """fix | last_fix | post | operator | none"""
    lon: float | None
    lat: float | None
    acc_m: float | None
    fix_t: int | None
    grid: str | None
    grid_name: str
    grid_name_en: str
    """English names are empty where the community's file has none: then show the other."""
    key_unit: str
    """Nearest key unit's name; empty where none is near."""
    key_unit_en: str
    key_unit_m: int | None
    bearing: str
    """From the key unit to the place: N NE E SE S SW W NW, at, or empty."""
    words: str
    outside: str = ""
    """The grid that a point outside all grids is nearest to, by its name."""
    outside_en: str = ""
    outside_m: int | None = None
    """From that grid's border."""
    outside_bearing: str = ""
    """From there to the place, as ``bearing``."""


class GatewayTryDoc(Doc, omit_defaults=True):
    """Somebody was told by SMS, voice or a chat, or that failed."""

    t: int
    gateway: str
    ok: bool
    why: str = ""
    person: str = ""
    """A name of the gateways' file; empty where it was the unit's bearer."""
    recall: bool = False
    """They were told that they need not come after all."""


class AssignmentDoc(Doc, omit_defaults=True):
    """One unit asked to this incident. What is as usual is left out."""

    id: str
    unit: str
    role: str
    wave: int
    by: str | None
    distance_m: int | None
    state: str
    offered_t: int
    answer_by_t: int
    state_t: int
    times: dict[str, int]
    need: str = ""
    """What it was called for: ``volunteer+medical``, ``guard``, ``any``."""
    walk_s: int | None = None
    """On foot by the streets, where they are known."""
    volunteered: bool = False
    """It offered to go by itself."""
    carried_from: str | None = None
    """The order it goes on from, where incidents were merged."""
    at_broker_t: int | None = None
    shown_t: int | None = None
    """When its radio put the order before its bearer's eyes."""
    gateways: list[GatewayTryDoc] = []


class CandidateDoc(Doc, omit_defaults=True):
    """Why a unit was called, or why not. What is as usual is left out."""

    unit: str
    verdict: str
    role: str
    ring: int
    distance_m: int | None
    fix_age_s: int | None
    skills: list[str] = []
    busy: int = 0
    """Priority of what it was on (9: an exercise); 0: free."""
    walk_s: int | None = None
    eta_s: int | None = None
    """Expected seconds until it is there."""
    asked: int = 0
    """Orders of the last 90 days that it could have answered, and those it accepted."""
    accepted: int = 0
    call_outs: int = 0
    """Accepted in the last 7 days: makes it count as farther away."""
    chance_pct: int | None = None
    """How likely it accepts and is there within the plan's target."""
    need: str = ""


class DecisionDoc(Doc):
    """One wave.

    The newest wave of an incident tells at most 30 candidates, the called first, then the
    nearest; an older one none, only ``called``. ``verdicts`` counts them all, so it is empty
    where they were erased. All whom the journal tells of: ``GET .../decisions/{wave}``; those
    behind them are in ``verdicts`` alone.
    """

    id: str
    wave: int
    t: int
    called: list[str]
    missing: dict[str, int]
    short: dict[str, int]
    candidates: list[CandidateDoc]
    verdicts: dict[str, int]
    """How many units got each verdict."""
    step: str = ""
    """The plan's step; empty where an operator asked for more people."""
    chance_pct: int | None = None
    """How likely somebody is there within the target: of those called, or coming then."""
    all_asked: bool = False
    """Of some need everybody who was free was asked, and too few of them are likely to come."""
    by: str | None = None
    """Who asked for more people; null: the plan did."""


class StoryDoc(Doc, omit_defaults=True):
    """One line of the incident's story: a fact's name and what it carries for people.

    What a fact does not carry is left out: a line is mostly such members.
    """

    t: int
    what: str
    """The fact's name, such as ``UnitAccepted``."""
    unit: str | None = None
    by: str | None = None
    words: str | None = None
    wave: int | None = None
    called: int | None = None
    reason: str | None = None
    rung: str | None = None
    alarm: str | None = None
    disposition: str | None = None
    count: int | None = None
    """Of a repeated press: how often it was heard; of one undecided: how often it was tried;
    of a shift handed over: how many incidents."""
    other: str | None = None
    """Another incident, or another operator."""
    how: str | None = None
    """How two incidents stand to one another; whether something was granted, held or done; of a
    press that joined: ``reporter`` where its sender is another one; of an order: ``carried``
    where it goes on from one of a merged incident; of a gateway: ``recall``."""
    step: str | None = None
    tier: str | None = None
    agency: str | None = None
    plan: str | None = None
    item: str | None = None
    kind: str | None = None
    priority: int | None = None
    gateway: str | None = None
    ok: bool | None = None
    volunteered: bool = False
    duress: bool = False
    erased: bool = False


class AlarmDoc(Doc, omit_defaults=True):
    """A press."""

    id: str
    unit: str
    kind: str
    covert: bool
    late: bool
    stored: bool
    device_t: int
    received_t: int
    repeats: int
    conflicts: int
    undecided: str
    """Why deciding failed; empty where it has not."""
    reporter: bool = False
    """Its sender told of a matter that another had pressed for."""
    drill: bool = False


class LinkDoc(Doc):
    """How this incident stands to another."""

    id: str
    how: str
    """offered | linked | apart | merged | split"""


class StepDoc(Doc):
    """A step of the plan that the response entered."""

    t: int
    plan: str
    step: str
    tier: str
    """grid | community | street | agency"""
    due_t: int | None
    """When the next begins unless enough are on scene."""
    reason: str | None
    by: str | None
    tell: list[str]
    agency: str | None
    """To whom handing over is proposed: 110 | 119 | 120 | 12345"""


class CheckedDoc(Doc):
    """An item of the checklist that is done."""

    t: int
    by: str


class CancelDoc(Doc):
    """The sender's wish to call it off."""

    t: int
    alarm: str
    duress: bool
    """Somebody forces them. Never say so aloud, never to their radio."""
    granted: bool | None
    """null while no operator has answered"""
    answered_t: int | None


class GivenDoc(Doc):
    """It was told to an agency."""

    t: int
    agency: str
    by: str
    contact: str
    words: str


class CallbackDoc(Doc):
    """What the one who reported said afterwards."""

    t: int
    satisfaction: str
    by: str
    words: str


class EscalationDoc(Doc):
    """A rung that was reached."""

    t: int
    rung: str
    reason: str


class IncidentDoc(Doc, omit_defaults=True):
    """An incident: whole by ``GET /api/v1/incidents/{id}``; elsewhere what a card shows of it.

    Lists that grow all night hold their newest there, and how many were left out stands beside.
    """

    id: str
    community: str
    version: int
    kind: str
    priority: int
    covert: bool
    phase: str
    opened_t: int
    sender: str | None
    opened_by: str | None
    linked_to: str | None
    place: PlaceDoc
    plan: str
    alarms: list[AlarmDoc]
    """Oldest first; the newest 50."""
    alarms_left_out: int
    """How many older presses are not here."""
    rings: int
    """How many different presses rang for it: a growing number rings again. Presses brought
    here by merging or splitting rang where they came from."""
    last_press_t: int | None
    taken_by: str | None
    taken_t: int | None
    assignments: list[AssignmentDoc]
    """In the order asked: all that are asked or coming, and the 40 that ended last."""
    assignments_left_out: int
    """How many that ended earlier are not here."""
    decisions: list[DecisionDoc]
    escalations: list[EscalationDoc]
    story: list[StoryDoc]
    """Oldest first; the newest 80 lines, the others by the API."""
    story_left_out: int
    """How many older lines are not here."""
    phase_times: dict[str, int]
    closed_t: int | None
    closed_by: str | None
    disposition: str | None
    duplicate_of: str | None
    in_danger: bool = False
    """Its sender was answering another incident when they pressed."""
    drill: str | None = None
    """The exercise it belongs to: everything about it must look different."""
    caller_name: str = ""
    caller_phone: str = ""
    links: list[LinkDoc] = []
    tier: str = "grid"
    steps: list[StepDoc] = []
    """Oldest first; the last is where the response stands."""
    step_due_t: int | None = None
    """When the next step begins; null while enough are there, or calls are held."""
    calls_held: bool = False
    checked: dict[str, CheckedDoc] = {}
    lease: int = 0
    """Say it with commands once you hold the incident."""
    lease_due_t: int | None = None
    """When its holder, who is at no console, loses it."""
    cancel: CancelDoc | None = None
    given: list[GivenDoc] = []
    told: list[GatewayTryDoc] = []
    false_reason: str | None = None
    callbacks: list[CallbackDoc] = []
    intervals: dict[str, int] = {}
    """Milliseconds between its steps, of an ended one (dispatch/intervals.py)."""


class UnitDoc(Doc, omit_defaults=True):
    """A unit and what changes slowly about it; place, battery and age are in the frames."""

    id: str
    row: int
    """Its number in position frames; -1 for none."""
    community: str
    call_sign: str
    role: str
    skills: list[str]
    post: str | None
    on_duty: bool
    online: bool
    revoked: bool
    incident: str | None
    """The incident it is asked or coming to."""
    assignment_state: str | None
    false_alarms: int = 0
    """For the radio's sake, in the last 90 days: three and it wants looking after."""


class DrillDoc(Doc):
    """An exercise that is on."""

    id: str
    community: str
    name: str


class TrialDoc(Doc, omit_defaults=True):
    """The doctor's last trial press: no alarm, and on no page. Programs see how far it came."""

    press: str
    """``boot:counter``."""
    decided: bool = False
    would_call: int = 0
    fault: str = ""
    """What deciding failed with."""


class StatusDoc(Doc, omit_defaults=True):
    """The links, and who is here."""

    store_down: str
    broker_down: str
    operators: list[str]
    units_on_duty: int
    units_online: int
    positions_shed: int
    """Superseded positions given up under load since the start."""
    drills: list[DrillDoc] = []
    trial: TrialDoc | None = None
    restored_until: int | None = None
    """This centre was restored from a backup lately: what was done after this time is missing."""


class Snapshot(Doc, tag_field="type", tag="snapshot"):
    """Everything a page shows, positions apart."""

    seq: int
    now: int
    incidents: list[IncidentDoc]
    """Open ones and then those closed in the last hours, each newest first."""
    undecided: list[AlarmDoc]
    units: list[UnitDoc]
    status: StatusDoc
    parts: int = 0
    """How many messages with more incidents and units follow."""


class Part(Doc, tag_field="type", tag="part"):
    """More of the snapshot."""

    left: int
    """How many follow yet."""
    incidents: list[IncidentDoc] = []
    units: list[UnitDoc] = []


class Change(Doc, tag_field="type", tag="change"):
    """These documents replace the ones with the same id; absent lists changed nothing."""

    seq: int
    now: int
    incidents: list[IncidentDoc] = []
    incidents_gone: list[str] = []
    units: list[UnitDoc] = []
    undecided: list[AlarmDoc] | None = None
    """The whole list, where it changed."""
    status: StatusDoc | None = None


class Beat(Doc, tag_field="type", tag="beat"):
    """Each second, so that a page sees a dead server within three."""

    seq: int
    now: int


class Behind(Doc, tag_field="type", tag="behind"):
    """You read too slowly; a snapshot follows."""


ServerMessage = Hello | Snapshot | Part | Change | Beat | Behind


class Resync(Doc, tag_field="type", tag="resync"):
    """Send me a snapshot."""


class View(Doc, tag_field="type", tag="view"):
    """The map shows this now: west, south, east, north."""

    bbox: tuple[float, float, float, float]


class ClientBeat(Doc, tag_field="type", tag="beat"):
    """I am here; the operator is, too."""


ClientMessage = Resync | View | ClientBeat
