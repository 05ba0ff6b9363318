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
] as const;
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
export const ESCALATION_REASONS = ['not_taken', 'unattended', 'nobody_left'] as const;
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
] as const;
export const WITHDRAW_REASONS = [
  'by_operator',
  'enough',
  'replaced',
  'incident_ended',
  'off_duty',
  'revoked',
] as const;
export const PLACE_SOURCES = ['fix', 'last_fix', 'post', 'operator', 'none'] as const;

/** Facts of dispatch/events.py that can stand in an incident's story. */
export const STORY_FACTS = [
  'AlarmReceived',
  'AlarmRepeated',
  'AlarmConflicted',
  'AlarmUndecided',
  'IncidentOpened',
  'AlarmJoined',
  'ResponseDecided',
  'UnitAssigned',
  'OrderReceived',
  'UnitAccepted',
  'UnitDeclined',
  'UnitEnRoute',
  'UnitArrived',
  'UnitCleared',
  'AssignmentExpired',
  'AssignmentWithdrawn',
  'ResponseLapsed',
  'IncidentTaken',
  'SeenConfirmed',
  'NoteAdded',
  'IncidentEscalated',
  'IncidentClosed',
  'IncidentReopened',
] as const;

export const BEARINGS = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW', 'at'] as const;

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
