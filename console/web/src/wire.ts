// What may be said between the hub and this page: the shapes of console/wire.py, bodies.py and
// lookups.py, read and checked. Instants are milliseconds UTC, lengths metres, places WGS-84
// degrees. What it means: state.ts.

import { amount, flag, list, literal, maybe, struct, table, text, whole, withDefault } from './shape';
import { ShapeError, type Read } from './shape';

/** The stream version this page speaks; another one means that the page must be reloaded. */
export const STREAM_VERSION = 2;

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
  urgent_s: withDefault(amount, 300),
  watch_s: withDefault(amount, 900),
  lease_s: withDefault(amount, 60),
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
  outside: withDefault(text, ''),
  outside_en: withDefault(text, ''),
  outside_m: withDefault(maybe(amount), null),
  outside_bearing: withDefault(text, ''),
});

/** Somebody was told by SMS, voice or a chat, or that failed. */
const gatewayTry = struct({
  t: amount,
  gateway: text,
  ok: flag,
  why: withDefault(text, ''),
  person: withDefault(text, ''),
  recall: withDefault(flag, false),
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
  need: withDefault(text, ''),
  walk_s: maybe(amount),
  volunteered: withDefault(flag, false),
  carried_from: maybe(text),
  at_broker_t: maybe(amount),
  shown_t: maybe(amount),
  gateways: withDefault(list(gatewayTry), []),
});

const candidateDoc = struct({
  unit: text,
  verdict: text,
  role: text,
  ring: whole,
  distance_m: maybe(amount),
  fix_age_s: maybe(amount),
  skills: withDefault(list(text), []),
  busy: withDefault(whole, 0),
  walk_s: maybe(amount),
  eta_s: maybe(amount),
  asked: withDefault(whole, 0),
  accepted: withDefault(whole, 0),
  call_outs: withDefault(whole, 0),
  chance_pct: maybe(whole),
  need: withDefault(text, ''),
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
  step: withDefault(text, ''),
  chance_pct: maybe(whole),
  all_asked: withDefault(flag, false),
  by: maybe(text),
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
  other: maybe(text),
  how: maybe(text),
  step: maybe(text),
  tier: maybe(text),
  agency: maybe(text),
  plan: maybe(text),
  item: maybe(text),
  kind: maybe(text),
  priority: maybe(whole),
  gateway: maybe(text),
  ok: maybe(flag),
  volunteered: withDefault(flag, false),
  duress: withDefault(flag, false),
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
  reporter: withDefault(flag, false),
  drill: withDefault(flag, false),
});

const linkDoc = struct({ id: text, how: text });
const stepDoc = struct({
  t: amount,
  plan: text,
  step: text,
  tier: text,
  due_t: maybe(amount),
  reason: maybe(text),
  by: maybe(text),
  tell: list(text),
  agency: maybe(text),
});
const checkedDoc = struct({ t: amount, by: text });
const cancelDoc = struct({
  t: amount,
  alarm: text,
  duress: flag,
  granted: maybe(flag),
  answered_t: maybe(amount),
});
const givenDoc = struct({ t: amount, agency: text, by: text, contact: text, words: text });
const callbackDoc = struct({ t: amount, satisfaction: text, by: text, words: text });
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
  alarms_left_out: withDefault(whole, 0),
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
  /** Its sender was answering another incident when they pressed. */
  in_danger: withDefault(flag, false),
  drill: maybe(text),
  caller_name: withDefault(text, ''),
  caller_phone: withDefault(text, ''),
  links: withDefault(list(linkDoc), []),
  tier: withDefault(text, 'grid'),
  steps: withDefault(list(stepDoc), []),
  step_due_t: maybe(amount),
  calls_held: withDefault(flag, false),
  checked: withDefault(table(checkedDoc), {}),
  lease: withDefault(whole, 0),
  lease_due_t: maybe(amount),
  cancel: maybe(cancelDoc),
  given: withDefault(list(givenDoc), []),
  told: withDefault(list(gatewayTry), []),
  false_reason: maybe(text),
  callbacks: withDefault(list(callbackDoc), []),
  intervals: withDefault(table(amount), {}),
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
  false_alarms: withDefault(whole, 0),
});

const drillDoc = struct({ id: text, community: text, name: text });

const statusDoc = struct({
  store_down: text,
  broker_down: text,
  operators: list(text),
  units_on_duty: whole,
  units_online: whole,
  positions_shed: whole,
  drills: withDefault(list(drillDoc), []),
  restored_until: maybe(whole),
});

const snapshot = struct({
  type: literal('snapshot'),
  seq: whole,
  now: amount,
  incidents: list(incidentDoc),
  undecided: list(alarmDoc),
  units: list(unitDoc),
  status: statusDoc,
  /** How many `part` follow. */
  parts: withDefault(whole, 0),
});

const part = struct({
  type: literal('part'),
  left: whole,
  incidents: withDefault(list(incidentDoc), []),
  units: withDefault(list(unitDoc), []),
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
export type GatewayTryDoc = Read<typeof gatewayTry>;
export type StepDoc = Read<typeof stepDoc>;
export type LinkDoc = Read<typeof linkDoc>;
export type CancelDoc = Read<typeof cancelDoc>;
export type GivenDoc = Read<typeof givenDoc>;
export type CallbackDoc = Read<typeof callbackDoc>;
export type DrillDoc = Read<typeof drillDoc>;
export type UnitDoc = Read<typeof unitDoc>;
export type StatusDoc = Read<typeof statusDoc>;
export type Snapshot = Read<typeof snapshot>;
export type Part = Read<typeof part>;
export type Change = Read<typeof change>;
export type Beat = Read<typeof beat>;
export type ServerMessage = Hello | Snapshot | Part | Change | Beat | Read<typeof behind>;

const MESSAGES = { hello, snapshot, part, change, beat, behind } as const;

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
  changed: withDefault(list(storyDoc), []),
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
  drill: maybe(text),
});

// --- plan books: what a kind means, and how it is answered ---

const needDoc = struct({ label: text, count: whole, role: maybe(text), skill: text });
const planStepDoc = struct({
  step: text,
  tier: text,
  needs: list(needDoc),
  rings: maybe(whole),
  wave_s: maybe(amount),
  hold_s: maybe(amount),
  then: text,
  tell: list(text),
  agency: maybe(text),
});
const planDoc = struct({
  id: text,
  kinds: list(text),
  classes: list(text),
  hours: list(text),
  target_s: amount,
  sure_pct: whole,
  on_scene: whole,
  steps: list(planStepDoc),
});
const kindDoc = struct({
  kind: text,
  priority: whole,
  nearby: text,
  near_m: amount,
  near_s: amount,
  checklist: list(struct({ item: text, name })),
});
const bookDoc = struct({
  name: text,
  version: whole,
  begins: text,
  ends: text,
  serving: flag,
  kinds: list(kindDoc),
  plans: list(planDoc),
});
const booksDoc = struct({ books: list(bookDoc) });

export type PlanStepDoc = Read<typeof planStepDoc>;
export type PlanDoc = Read<typeof planDoc>;
export type KindDoc = Read<typeof kindDoc>;
export type BookDoc = Read<typeof bookDoc>;
export type BooksDoc = Read<typeof booksDoc>;

export const readBooks = (data: string): BooksDoc => booksDoc(parsed(data), '');

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
