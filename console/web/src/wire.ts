// What may be said between the hub and this page: the shapes of console/wire.py, read and checked.
// Instants are milliseconds UTC, lengths metres, places WGS-84 degrees. What it means: state.ts.

import { amount, flag, list, literal, maybe, struct, table, text, whole, withDefault } from './shape';
import { ShapeError, type Read } from './shape';

/** The stream version this page speaks; another one means that the page must be reloaded. */
export const STREAM_VERSION = 1;

const name = struct({ zh: text, en: text });

const communityDoc = struct({
  id: text,
  name,
  zone: text,
  bbox: list(amount),
  grids: list(text),
  has_streets: flag,
});

const waits = struct({
  louder_s: amount,
  second_console_s: amount,
  supervisor_s: amount,
  wave_s: amount,
});

const hello = struct({
  type: literal('hello'),
  version: whole,
  server: text,
  now: amount,
  clock_speed: amount,
  fresh_s: amount,
  report_interval_s: amount,
  demo: flag,
  operator: text,
  communities: list(communityDoc),
  waits,
});

const placeDoc = struct({
  source: text,
  lon: maybe(amount),
  lat: maybe(amount),
  acc_m: maybe(amount),
  fix_t: maybe(amount),
  grid: maybe(text),
  grid_name: text,
  grid_name_en: withDefault(text, ''),
  key_unit: text,
  key_unit_en: withDefault(text, ''),
  key_unit_m: maybe(amount),
  bearing: text,
  words: text,
});

const assignmentDoc = struct({
  id: text,
  unit: text,
  role: text,
  wave: whole,
  by: maybe(text),
  distance_m: maybe(amount),
  state: text,
  offered_t: amount,
  answer_by_t: amount,
  state_t: amount,
  times: table(amount),
});

const candidateDoc = struct({
  unit: text,
  verdict: text,
  role: text,
  ring: whole,
  distance_m: maybe(amount),
  fix_age_s: maybe(amount),
});

const decisionDoc = struct({
  id: text,
  wave: whole,
  t: amount,
  called: list(text),
  missing: table(whole),
  short: table(whole),
  candidates: list(candidateDoc),
  verdicts: table(whole),
});

const storyDoc = struct({
  t: amount,
  what: text,
  unit: maybe(text),
  by: maybe(text),
  words: maybe(text),
  wave: maybe(whole),
  called: maybe(whole),
  count: maybe(whole),
  reason: maybe(text),
  rung: maybe(text),
  alarm: maybe(text),
  disposition: maybe(text),
  erased: withDefault(flag, false),
});

const alarmDoc = struct({
  id: text,
  unit: text,
  kind: text,
  covert: flag,
  late: flag,
  stored: flag,
  device_t: amount,
  received_t: amount,
  repeats: whole,
  conflicts: whole,
  undecided: text,
});

const escalationDoc = struct({ t: amount, rung: text, reason: text });

export const incidentDoc = struct({
  id: text,
  community: text,
  version: whole,
  kind: text,
  priority: whole,
  covert: flag,
  phase: text,
  opened_t: amount,
  sender: maybe(text),
  opened_by: maybe(text),
  linked_to: maybe(text),
  place: placeDoc,
  plan: text,
  alarms: list(alarmDoc),
  rings: whole,
  last_press_t: maybe(amount),
  taken_by: maybe(text),
  taken_t: maybe(amount),
  assignments: list(assignmentDoc),
  assignments_left_out: withDefault(whole, 0),
  decisions: list(decisionDoc),
  escalations: list(escalationDoc),
  story: list(storyDoc),
  story_left_out: withDefault(whole, 0),
  phase_times: table(amount),
  closed_t: maybe(amount),
  closed_by: maybe(text),
  disposition: maybe(text),
  duplicate_of: maybe(text),
});

const unitDoc = struct({
  id: text,
  row: whole,
  community: text,
  call_sign: text,
  role: text,
  skills: list(text),
  post: maybe(text),
  on_duty: flag,
  online: flag,
  revoked: flag,
  incident: maybe(text),
  assignment_state: maybe(text),
});

const statusDoc = struct({
  store_down: text,
  broker_down: text,
  operators: list(text),
  units_on_duty: whole,
  units_online: whole,
  positions_shed: whole,
});

const snapshot = struct({
  type: literal('snapshot'),
  seq: whole,
  now: amount,
  incidents: list(incidentDoc),
  undecided: list(alarmDoc),
  units: list(unitDoc),
  status: statusDoc,
});

const change = struct({
  type: literal('change'),
  seq: whole,
  now: amount,
  incidents: withDefault(list(incidentDoc), []),
  incidents_gone: withDefault(list(text), []),
  units: withDefault(list(unitDoc), []),
  undecided: maybe(list(alarmDoc)),
  status: maybe(statusDoc),
});

const beat = struct({ type: literal('beat'), seq: whole, now: amount });
const behind = struct({ type: literal('behind') });

export type CommunityDoc = Read<typeof communityDoc>;
export type Waits = Read<typeof waits>;
export type Hello = Read<typeof hello>;
export type PlaceDoc = Read<typeof placeDoc>;
export type AssignmentDoc = Read<typeof assignmentDoc>;
export type CandidateDoc = Read<typeof candidateDoc>;
export type DecisionDoc = Read<typeof decisionDoc>;
export type StoryDoc = Read<typeof storyDoc>;
export type AlarmDoc = Read<typeof alarmDoc>;
export type IncidentDoc = Read<typeof incidentDoc>;
export type UnitDoc = Read<typeof unitDoc>;
export type StatusDoc = Read<typeof statusDoc>;
export type Snapshot = Read<typeof snapshot>;
export type Change = Read<typeof change>;
export type Beat = Read<typeof beat>;
export type ServerMessage = Hello | Snapshot | Change | Beat | Read<typeof behind>;

const MESSAGES = { hello, snapshot, change, beat, behind } as const;

/** One text message of the stream. Raises ShapeError for anything it should not be. */
export function readMessage(data: string): ServerMessage {
  const value = parsed(data);
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(MESSAGES, type)) {
    throw new ShapeError('type', 'a message we know');
  }
  return MESSAGES[type as keyof typeof MESSAGES](value, '');
}

// --- what this page says on the stream ---

export type Bbox = readonly [west: number, south: number, east: number, north: number];
export type ClientMessage =
  | { type: 'resync' }
  | { type: 'view'; bbox: Bbox }
  | { type: 'beat' };

// --- answers to commands, and looking back ---

const accepted = struct({ subject: text, version: whole });

const fact = (value: unknown, path: string): string | number | null => {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new ShapeError(path, 'a text, a number or null');
};

const refusal = struct({
  code: text,
  detail: text,
  facts: withDefault(table(fact), {}),
  incident: maybe(incidentDoc),
});

const incidentRow = struct({
  id: text,
  community: text,
  kind: text,
  priority: whole,
  phase: text,
  opened_t: amount,
  closed_t: maybe(amount),
  sender: maybe(text),
  grid: text,
  taken_by: text,
  disposition: text,
});

const incidentPage = struct({ incidents: list(incidentRow), more: flag });

export type IncidentPage = Read<typeof incidentPage>;
export type Accepted = Read<typeof accepted>;
export type Refusal = Read<typeof refusal>;
export type IncidentRow = Read<typeof incidentRow>;

export const readAccepted = (data: string): Accepted => accepted(parsed(data), '');
export const readRefusal = (data: string): Refusal => refusal(parsed(data), '');
export const readIncident = (data: string): IncidentDoc => incidentDoc(parsed(data), '');
export const readDecision = (data: string): DecisionDoc => decisionDoc(parsed(data), '');
export const readPage = (data: string): IncidentPage => incidentPage(parsed(data), '');

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new ShapeError('', 'JSON');
  }
}
