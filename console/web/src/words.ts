// The closed vocabularies of dispatch/words.py, as the page knows them. A test compares the two.

export const KINDS = [
  'sos',
  'medical',
  'fire',
  'dispute',
  'suspicious',
  'missing',
  'hazard',
  'nuisance',
  'other',
] as const;
export const ROLES = ['volunteer', 'guard', 'police'] as const;
export const PHASES = [
  'received',
  'acknowledged',
  'dispatched',
  'accepted',
  'en_route',
  'on_scene',
  'closed',
  'cancelled',
  'false',
  'duplicate',
  'reopened',
] as const;
export const DISPOSITIONS = [
  'resolved',
  'resolved_on_spot',
  'warned',
  'handed_over',
  'gone_on_arrival',
  'no_action',
  'false_alarm',
  'cancelled',
  'duplicate',
  'by_phone',
  'cancelled_before_arrival',
  'referred',
] as const;
export const FALSE_REASONS = ['by_accident', 'radio_fault', 'test', 'mistaken', 'prank'] as const;
export const SATISFACTIONS = ['very_satisfied', 'satisfied', 'unsatisfied', 'not_reached'] as const;
export const AGENCIES = ['110', '119', '120', '12345'] as const;
export const TIERS = ['grid', 'community', 'street', 'agency'] as const;
export const LINKS = ['offered', 'linked', 'apart', 'merged', 'split'] as const;
export const ASSIGNMENT_STATES = [
  'offered',
  'received',
  'accepted',
  'declined',
  'en_route',
  'on_scene',
  'clear',
  'withdrawn',
  'expired',
] as const;
export const RUNGS = ['louder', 'second_console', 'supervisor'] as const;
export const ESCALATION_REASONS = [
  'not_taken',
  'unattended',
  'nobody_left',
  'by_operator',
  'nobody_there',
] as const;
export const VERDICTS = [
  'called',
  'not_needed',
  'sender',
  'already_asked',
  'off_duty',
  'offline',
  'no_fix',
  'stale',
  'busy',
  'wrong_role',
  'lacks_skill',
  'too_far',
] as const;
export const WITHDRAW_REASONS = [
  'by_operator',
  'enough',
  'replaced',
  'incident_ended',
  'off_duty',
  'revoked',
  'preempted',
  'moved',
  'merged',
] as const;
export const PLACE_SOURCES = ['fix', 'last_fix', 'post', 'operator', 'none'] as const;

/** How far a call to one person has come on its way, in this order. */
export const DELIVERY = ['queued', 'at_broker', 'received', 'shown', 'answered'] as const;

/** Of dispatch/intervals.py, in the order in which they happen. */
export const INTERVALS = [
  'device_to_received',
  'received_to_decided',
  'received_to_taken',
  'received_to_first_order_heard',
  'received_to_first_accepted',
  'accepted_to_en_route',
  'en_route_to_on_scene',
  'received_to_on_scene',
  'on_scene_to_clear',
  'received_to_closed',
] as const;

/** Facts of dispatch/events.py that can stand in an incident's story. */
export const STORY_FACTS = [
  'AlarmReceived',
  'AlarmRepeated',
  'AlarmConflicted',
  'AlarmUndecided',
  'IncidentOpened',
  'AlarmJoined',
  'AlarmLeft',
  'IncidentLinked',
  'StepBegun',
  'PlanChanged',
  'CallsHeld',
  'IncidentRevised',
  'PlaceRevised',
  'ChecklistTicked',
  'ResponseDecided',
  'UnitAssigned',
  'OrderReceived',
  'OrderShown',
  'GatewayTried',
  'UnitAccepted',
  'UnitDeclined',
  'UnitEnRoute',
  'UnitArrived',
  'UnitCleared',
  'AssignmentExpired',
  'AssignmentWithdrawn',
  'ResponseLapsed',
  'IncidentTaken',
  'LeaseLapsed',
  'HandedOver',
  'PersonTold',
  'CancelRequested',
  'CancelAnswered',
  'SeenConfirmed',
  'NoteAdded',
  'IncidentEscalated',
  'IncidentClosed',
  'IncidentReopened',
  'CallbackMade',
  'IncidentExported',
] as const;

export const BEARINGS = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW', 'at'] as const;

export type Delivery = (typeof DELIVERY)[number];
export type Interval = (typeof INTERVALS)[number];
export type FalseReason = (typeof FALSE_REASONS)[number];
export type Satisfaction = (typeof SATISFACTIONS)[number];
export type Agency = (typeof AGENCIES)[number];
export type Tier = (typeof TIERS)[number];
export type Link = (typeof LINKS)[number];
export type Kind = (typeof KINDS)[number];
export type Role = (typeof ROLES)[number];
export type Phase = (typeof PHASES)[number];
export type Disposition = (typeof DISPOSITIONS)[number];
export type AssignmentState = (typeof ASSIGNMENT_STATES)[number];
export type Rung = (typeof RUNGS)[number];
export type EscalationReason = (typeof ESCALATION_REASONS)[number];
export type Verdict = (typeof VERDICTS)[number];
export type WithdrawReason = (typeof WITHDRAW_REASONS)[number];
export type PlaceSource = (typeof PLACE_SOURCES)[number];
export type StoryFact = (typeof STORY_FACTS)[number];
export type Bearing = (typeof BEARINGS)[number];

const ENDED: ReadonlySet<string> = new Set(['closed', 'cancelled', 'false', 'duplicate']);
const ASKED: ReadonlySet<string> = new Set(['offered', 'received']);
const COMING: ReadonlySet<string> = new Set(['accepted', 'en_route', 'on_scene']);

export const hasEnded = (phase: string): boolean => ENDED.has(phase);
export const isAsked = (state: string): boolean => ASKED.has(state);
export const isComing = (state: string): boolean => COMING.has(state);
export const isLive = (state: string): boolean => isAsked(state) || isComing(state);
