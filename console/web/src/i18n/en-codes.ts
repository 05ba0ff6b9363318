// What the hub's codes are called in English, with the keys of zh-codes.ts.

import type { Told } from './zh-codes';
import type { Words } from './zh';

const because = (text: string): string => (text ? `: ${text}` : '');
const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

const LINKED: Record<string, (f: Told) => string> = {
  offered: (f) => `May be the same as ${f.other}: an operator decides`,
  linked: (f) => `Linked to ${f.other}${f.by ? ` by ${f.by}` : ''}`,
  apart: (f) => `${f.by} found it is not ${f.other}`,
  merged: (f) => `${f.by} merged it with ${f.other}`,
  split: (f) => `${f.by} split it: the other part is ${f.other}`,
};

/** The part of the words that names codes. */
type Codes = Pick<
  Words,
  | 'kind'
  | 'role'
  | 'phase'
  | 'disposition'
  | 'false_reason'
  | 'satisfaction'
  | 'agency'
  | 'tier'
  | 'linked'
  | 'assignment'
  | 'assignmentShort'
  | 'delivery'
  | 'rung'
  | 'escalation'
  | 'verdict'
  | 'withdrawal'
  | 'source'
  | 'bearing'
  | 'interval'
  | 'skill'
  | 'step'
  | 'person'
  | 'gateway_why'
  | 'gateway_answer'
  | 'story'
  | 'refusal'
  | 'unfit'
>;

export const codes: Codes = {
  kind: {
    sos: 'SOS',
    medical: 'Medical',
    fire: 'Fire',
    dispute: 'Dispute',
    suspicious: 'Suspicious',
    missing: 'Missing person',
    hazard: 'Hazard',
    nuisance: 'Nuisance',
    other: 'Other',
  },
  role: { volunteer: 'Volunteer', guard: 'Guard', police: 'Police' },
  phase: {
    received: 'Not taken',
    acknowledged: 'Taken',
    dispatched: 'Units called',
    accepted: 'Answered',
    en_route: 'Units en route',
    on_scene: 'Units on scene',
    closed: 'Closed',
    cancelled: 'Called off',
    false: 'False alarm',
    duplicate: 'Duplicate',
    reopened: 'Reopened',
  },
  disposition: {
    resolved: 'Resolved',
    resolved_on_spot: 'Settled on the spot',
    warned: 'Warned',
    handed_over: 'Handed over',
    gone_on_arrival: 'Gone on arrival',
    no_action: 'No action needed',
    false_alarm: 'False alarm',
    cancelled: 'Called off',
    duplicate: 'Duplicate',
    by_phone: 'Settled by phone',
    cancelled_before_arrival: 'Called off before arrival',
    referred: 'Referred',
  },
  false_reason: {
    by_accident: 'pressed by accident',
    radio_fault: 'radio fault',
    test: 'test',
    mistaken: 'meant, but there was nothing',
    prank: 'prank',
  },
  satisfaction: {
    very_satisfied: 'very satisfied',
    satisfied: 'satisfied',
    unsatisfied: 'not satisfied',
    not_reached: 'not reached',
  },
  agency: {
    '110': '110 police',
    '119': '119 fire service',
    '120': '120 ambulance',
    '12345': '12345 hotline',
  },
  tier: { grid: 'Grid', community: 'Community', street: 'Street', agency: 'Agency' },
  linked: {
    offered: 'may be one',
    linked: 'linked',
    apart: 'not the same',
    merged: 'merged',
    split: 'split from',
  },
  assignment: {
    offered: 'Sent',
    received: 'Received',
    accepted: 'Accepted',
    declined: 'Declined',
    en_route: 'En route',
    on_scene: 'On scene',
    clear: 'Clear',
    withdrawn: 'Recalled',
    expired: 'No answer',
  },
  assignmentShort: {
    offered: 'called',
    received: 'received',
    accepted: 'accepted',
    declined: 'declined',
    en_route: 'left',
    on_scene: 'on scene',
    clear: 'clear',
    withdrawn: 'recalled',
    expired: 'no answer',
  },
  delivery: {
    queued: 'queued',
    at_broker: 'at the broker',
    received: 'on the device',
    shown: 'shown',
    answered: 'answered',
  },
  rung: { louder: 'louder', second_console: 'second console', supervisor: 'supervisor' },
  escalation: {
    not_taken: 'nobody took it',
    unattended: 'no operator present',
    nobody_left: 'nobody left to call',
    by_operator: "the operator's decision",
    nobody_there: 'too few on scene in time',
  },
  verdict: {
    called: 'Called',
    not_needed: 'Not needed',
    sender: 'The sender',
    already_asked: 'Asked before',
    off_duty: 'Off duty',
    offline: 'Offline',
    no_fix: 'No fix',
    stale: 'Fix too old',
    busy: 'On another incident',
    wrong_role: 'Wrong role',
    lacks_skill: 'Lacks a skill',
    too_far: 'Beyond this step',
  },
  withdrawal: {
    by_operator: 'recalled by the operator',
    enough: 'enough have answered',
    replaced: 'has a newer order',
    incident_ended: 'incident ended',
    off_duty: 'went off duty',
    revoked: 'radio revoked',
    preempted: 'needed at something more urgent',
    merged: 'incidents merged, goes on there',
    moved: 'the place was corrected, they are not there',
  },
  source: {
    fix: 'Fix sent with the press',
    last_fix: 'No fix with the press: last known fix',
    post: 'No fix: grid of the post',
    operator: 'Given by the operator',
    none: 'Place unknown',
  },
  bearing: {
    N: 'north',
    NE: 'north-east',
    E: 'east',
    SE: 'south-east',
    S: 'south',
    SW: 'south-west',
    W: 'west',
    NW: 'north-west',
    at: 'at',
  },
  interval: {
    device_to_received: 'Press to received',
    received_to_decided: 'Received to called',
    received_to_taken: 'Received to taken',
    received_to_first_order_heard: 'Received to first on a device',
    received_to_first_accepted: 'Received to first accepted',
    accepted_to_en_route: 'Accepted to leaving',
    en_route_to_on_scene: 'On the way',
    received_to_on_scene: 'Received to first on scene',
    on_scene_to_clear: 'On scene',
    received_to_closed: 'Received to closed',
  },
  skill: {
    medical: 'medical',
    first_aid: 'first aid',
    fire: 'fire',
    childcare: 'childcare',
    mediation: 'mediation',
    counselling: 'counselling',
    english: 'English',
    sign_language: 'sign language',
    water_rescue: 'water rescue',
  },
  step: { near: 'near', wider: 'wider', street: 'street', agency: 'agency' },
  person: { supervisor: 'supervisor' },
  gateway_why: {
    limited: 'over its limit',
    full: 'too many messages wait',
    unreachable: 'no connection to the service',
    certificate: "the certificate is not the service's",
    timeout: 'no answer in time',
    answer_unclear: "the service's answer does not say",
    answer_too_long: "the service's answer is too long",
    cut_off: "the service's answer broke off",
    bad_url: 'its url does not fit this contact',
    failed: 'not sent, the service does not say why',
    unknown_gateway: 'no such gateway',
    no_contact: 'no contact on file',
    worker_died: 'the sending program ended: it may have gone out or not',
    no_worker: 'the sending program does not run',
    too_old: 'it waited too long and was not sent',
    busy: 'the sending program is busy',
    dropped: 'answered before it was sent',
    twice: 'submitted already',
    closed: 'Yihu is ending',
  },
  gateway_answer: {
    http: (number) => `the service answered ${number}`,
    answer: (number) => `refused by the service with code ${number}`,
  },
  story: {
    AlarmReceived: (f) => `Alarm from ${f.unit} received`,
    AlarmRepeated: (f) => `${f.unit || 'The radio'} keeps repeating the alarm${f.count ? `, ${f.count} times` : ''}`,
    AlarmConflicted: () => 'The same press came with other content: first kept, second on record',
    AlarmUndecided: (f) => `No automatic decision, call by hand${because(f.reason)}`,
    IncidentOpened: (f) =>
      f.by ? `${f.by} opened it by hand${because(f.words)}` : `${f.unit} pressed; opened automatically`,
    AlarmJoined: (f) => `${f.unit || 'The sender'} pressed again`,
    AlarmLeft: (f) => `The press of ${f.unit || 'a radio'} went to ${f.other}`,
    IncidentLinked: (f) => (LINKED[f.how] ?? LINKED['linked']!)(f),
    StepBegun: (f) =>
      `${f.reason ? `Carried up to ${f.tier.toLowerCase()}` : `Plan begins with ${f.tier.toLowerCase()}`}${f.by ? ` by ${f.by}` : because(f.reason)}${f.agency ? `; hand over to ${f.agency}?` : ''}`,
    PlanChanged: (f) => `${f.by} changed to plan ${f.plan}${because(f.words)}`,
    CallsHeld: (f) =>
      f.how === 'held' ? `${f.by} held the calls${because(f.words)}` : `${f.by} let calls go on${because(f.words)}`,
    IncidentRevised: (f) => `${f.by} revised it: ${f.kind}, level ${f.priority}${because(f.words)}`,
    PlaceRevised: (f) => `${f.by} corrected the place${because(f.words)}`,
    ChecklistTicked: (f) => `${f.by} ${f.how === 'done' ? 'ticked' : 'unticked'}: ${f.item}`,
    ResponseDecided: (f) =>
      f.by
        ? `${f.by} called ${plural(f.called, 'more', 'more')}`
        : `Wave ${f.wave}: ${plural(f.called, 'unit', 'units')} called`,
    UnitAssigned: (f) =>
      f.how === 'carried'
        ? `${f.unit} goes on from the merged incident`
        : f.volunteered ? `${f.unit} offered to go` : f.by ? `${f.by} added ${f.unit}` : `${f.unit} called`,
    OrderReceived: (f) => `${f.unit} received the order`,
    OrderShown: (f) => `${f.unit} has it on screen`,
    GatewayTried: (f) =>
      `By ${f.gateway} to ${f.unit}${f.how === 'recall' ? ' not to go' : ''}${f.ok ? ': sent' : ` failed${because(f.reason)}`}`,
    UnitAccepted: (f) => `${f.unit} accepted`,
    UnitDeclined: (f) => `${f.unit} declined${because(f.reason || f.words)}`,
    UnitEnRoute: (f) => `${f.unit} is en route`,
    UnitArrived: (f) => `${f.unit} is on scene`,
    UnitCleared: (f) => `${f.unit} is clear`,
    AssignmentExpired: (f) => `${f.unit} did not answer`,
    AssignmentWithdrawn: (f) =>
      `${f.unit} recalled${f.by ? ` by ${f.by}` : ''}${because(f.reason)}`,
    ResponseLapsed: () => 'Nobody is asked or coming any more',
    IncidentTaken: (f) =>
      f.other ? `${f.by} took it over from ${f.other}${because(f.words)}` : `${f.by} took it`,
    LeaseLapsed: (f) => `${f.by} was away too long: it is nobody's again`,
    HandedOver: (f) => `${f.by} told ${f.agency}${because(f.words)}`,
    PersonTold: (f) => `By ${f.gateway} to ${f.other}${f.ok ? ': sent' : ` failed${because(f.reason)}`}`,
    CancelRequested: (f) =>
      f.duress ? `${f.unit} was forced to call it off: duress` : `${f.unit} asks to call it off`,
    CancelAnswered: (f) =>
      `${f.by} ${f.how === 'granted' ? 'agreed to call it off' : 'did not call it off'}${because(f.words)}`,
    SeenConfirmed: () => "The sender's radio shows who took it",
    NoteAdded: (f) => `${f.by}: ${f.words}`,
    IncidentEscalated: (f) => `Escalated: ${f.rung} (${f.reason})`,
    IncidentClosed: (f) =>
      `${f.by} closed it: ${f.disposition}${f.reason ? ` (${f.reason})` : ''}${f.words ? `, ${f.words}` : ''}`,
    IncidentReopened: (f) => `${f.by} reopened it${because(f.words)}`,
    CallbackMade: (f) => `${f.by} called back: ${f.how}${f.words ? `, ${f.words}` : ''}`,
    IncidentExported: (f) =>
      `${f.by} exported its file ${f.how === 'whole' ? 'with names' : 'without names'}`,
  },
  refusal: {
    refused: 'The server did not accept this',
    unknown_incident: 'There is no such incident; it may have been archived',
    unknown_unit: 'No such unit is on the roster',
    unknown_assignment: 'The incident has no such assignment',
    unknown_drill: 'No such exercise is on; it may have ended',
    stale_version: 'The incident changed while you were acting; look again, then retry',
    stale_lease: 'You no longer hold it; take it again',
    held: 'Somebody else handles it; take it over first',
    key_reused: "That request's id was used for something else; try again",
    wrong_phase: 'Not possible as the incident stands now',
    unfit: 'That cannot be done; look again, then retry',
    unknown_community: 'There is no such community',
    unknown_decision: 'There is no record of that wave',
    unknown_kind: 'The server does not know that kind; reload the page',
    unknown_role: 'The server does not know that role; reload the page',
    unknown_disposition: 'The server does not know that outcome; reload the page',
    unknown_agency: 'The server does not know that agency; reload the page',
    unknown_false_reason: 'The server does not know that reason; reload the page',
    unknown_satisfaction: 'The server does not know that answer; reload the page',
    bad_body: 'The server could not read this; reload the page',
    bad_community: 'The community is not right',
    bad_grid: 'The grid is not right',
    bad_incident: "The incident's number is not right",
    bad_unit: 'The unit is not right',
    bad_assignment: "The assignment's number is not right",
    bad_radio: "The radio's number is not right",
    bad_place: 'The place is not right',
    bad_plan: 'The plan is not right',
    bad_item: 'The item is not right; reload the page',
    bad_alarm: "The alarm's number is not right",
    bad_alarms: 'Choose the alarms to split off',
    bad_drill: "The exercise's number is not right",
    bad_version: "The page's data is not right; reload the page",
    bad_query: 'That cannot be looked for',
    bad_operator: 'The name is empty, too long or cannot be printed',
    not_logged_in: 'Your login has ended: log in again',
    no_right: 'You may not do this',
    no_csrf: 'Your login has changed: open the page anew',
    no_rule: 'The server has no rule who may do this, so nobody may',
    no_command_id: 'The page went wrong; reload it',
    no_words: 'Write something',
    too_long: 'The text is too long',
    too_large: 'The text is too long',
    too_slow: 'The network was too slow to send it all; try again',
    not_json: 'The page went wrong; reload it',
    head_too_long: 'The head of the request is too long; clear the cookies of this site and try again',
    unreadable: 'The server cannot read this request; reload the page',
    encoded: 'The page went wrong; reload it',
    not_found: 'Not found',
    method_not_allowed: 'Page and server do not fit; reload the page',
    wrong_host: 'Open this page by the address that the server printed',
    wrong_origin: 'Open this page by the address that the server printed',
    archive_slow: 'Looking took too long; try again later',
    busy: 'The server is too busy; try again',
    no_answer: 'The server did not confirm in time; check before trying again',
    store_down: 'The server cannot write for now; try again. Alarms are still shown and called',
    wrong_body: 'The server could not read this; reload the page',
    no_simulator: 'The simulated radios are not running',
    not_stored: 'Not stored yet; the radio goes on repeating',
    internal: 'The server went wrong; it is in its log',
  },
  unfit: {
    count: 'Nobody fit is left to call; add units by call sign',
    plan: 'That plan cannot be used: not of this community, or the present one',
    to: 'They are at no console',
    grid: 'That grid does not fit: of another community, or the place is not in it',
    unit: 'That unit cannot be sent: of another community, revoked, or the sender',
    held: 'Calls are like that already',
    granted: 'The sender is forced: the radio can only look called off, and it goes on covertly',
    kind: 'Kind and level are what they were',
    other: 'Not possible with these two: of different communities, merged or split',
    alarms: 'Not possible: at least one press must stay',
    false_reason: 'A false alarm needs a reason, other outcomes have none',
    duplicate_of: 'Say which one it duplicates',
    community: 'An exercise is on already',
  },
};
