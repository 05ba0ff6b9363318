// The two languages, and how documents become words in them. The server sends codes only.

import type { IncidentDoc, PlaceDoc, StoryDoc } from '../wire';
import { en } from './en';
import { zh, type RefusalCode, type Told, type Words } from './zh';

export type { Words } from './zh';
export type Lang = 'zh-CN' | 'en';

export const LANGUAGES: Readonly<Record<Lang, Words>> = { 'zh-CN': zh, en };

/** The word for a code; a code from a newer server is shown as it is. */
export function word(table: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(table, code) ? (table[code] ?? code) : code;
}

/** What a mark of level says beside a kind: SOS, unless the kind is called just that. */
export const markWords = (words: Words, kind: string, level: number): string =>
  kind === 'sos' && words.kind.sos !== 'SOS' ? 'SOS' : String(level);

/** A place's name in the page's language; in the other one where it has none. */
export function nameIn(words: Words, zh: string, en: string): string {
  return words.lang === 'en' ? en || zh : zh || en;
}

/** The grid; of a point outside all grids, how far it is from the nearest one. */
export const gridWords = (words: Words, place: PlaceDoc): string =>
  nameIn(words, place.grid_name, place.grid_name_en) || outsideWords(words, place);

/** "outside the grids, 120 m east of Grid 3", or empty. */
function outsideWords(words: Words, place: PlaceDoc): string {
  const grid = nameIn(words, place.outside, place.outside_en);
  if (!grid || place.outside_m === null) return '';
  if (place.outside_bearing === 'at') return words.common.just_outside(grid);
  const metres = words.common.metres(place.outside_m);
  return words.common.outside(grid, metres, word(words.bearing, place.outside_bearing));
}

/** "Garden kindergarten, 40 m north-east": the place beside its nearest key unit, or empty. */
export function nearWords(words: Words, place: PlaceDoc): string {
  const unit = nameIn(words, place.key_unit, place.key_unit_en);
  if (!unit) return '';
  if (place.bearing === 'at' || place.key_unit_m === null || !place.bearing) {
    return words.common.on_key_unit(unit);
  }
  const metres = words.common.metres(place.key_unit_m);
  return words.common.at_key_unit(unit, metres, word(words.bearing, place.bearing));
}

/** Where, in one line. */
export function placeWords(words: Words, place: PlaceDoc): string {
  const parts = [gridWords(words, place), nearWords(words, place)].filter(Boolean);
  if (parts.length > 0) return parts.join(' · ');
  return place.words || unplacedWords(words, place);
}

/** For a place that has no words: whether at least a point is known. */
export const unplacedWords = (words: Words, place: PlaceDoc): string =>
  place.lon === null ? words.source.none : words.card.grid_unknown;

/** What a story names that only the page knows the words of. */
export interface Names {
  callSign(unit: string): string;
  /** An item of the checklist, short. */
  item(item: string): string;
}

export function storyWords(
  words: Words,
  line: StoryDoc,
  names: Names,
  units: readonly string[] = line.unit ? [line.unit] : [],
): string {
  if (!Object.hasOwn(words.story, line.what)) return line.what;
  const told: Told = {
    unit: words.common.list(units.map(names.callSign)),
    by: line.by ?? '',
    words: line.words ?? (line.erased ? words.log.erased : ''),
    wave: line.wave ?? 0,
    called: line.called ?? 0,
    count: line.count ?? 0,
    reason: ABOUT_GATEWAYS.has(line.what)
      ? whyWords(words, line.reason ?? '')
      : reasonWords(words, line.reason ?? ''),
    rung: word(words.rung, line.rung ?? ''),
    disposition: word(words.disposition, line.disposition ?? ''),
    other: otherWords(words, line),
    how: word(words.satisfaction, line.how ?? ''),
    tier: word(words.tier, line.tier ?? ''),
    agency: word(words.agency, line.agency ?? ''),
    plan: line.plan ?? '',
    item: names.item(line.item ?? ''),
    kind: word(words.kind, line.kind ?? ''),
    priority: line.priority ?? 0,
    gateway: line.gateway ?? '',
    ok: line.ok ?? false,
    volunteered: line.volunteered,
    duress: line.duress,
  };
  return words.story[line.what as keyof Words['story']](told);
}

/** An incident as people say it in a sentence: the day's running number. */
export const numberWords = (incident: string): string => `#${incident.split('-').at(-1) ?? incident}`;

/** What a need asks for, from the label that decisions keep: `volunteer+medical`, `guard`, `any`. */
export function needWords(words: Words, label: string): string {
  const [role = '', skill = ''] = label.split('+', 2);
  const who = role === 'any' ? words.called.any_role : word(words.role, role);
  return skill ? words.called.with_skill(who, word(words.skill, skill)) : who;
}

/** Facts whose `other` is an incident; elsewhere it is a person. */
const ABOUT_INCIDENTS: ReadonlySet<string> = new Set(['IncidentLinked', 'AlarmLeft']);

function otherWords(words: Words, line: StoryDoc): string {
  const other = line.other ?? '';
  return ABOUT_INCIDENTS.has(line.what) ? numberWords(other) : word(words.person, other);
}

/** Facts whose reason is what became of a message. */
const ABOUT_GATEWAYS: ReadonlySet<string> = new Set(['GatewayTried', 'PersonTold']);
/** `http_500`, `answer_93000`: what answered, and the service's own number. */
const ANSWERED = /^(http|answer)_(-?\d+)$/;

/** Why a message did not go out. */
export function whyWords(words: Words, why: string): string {
  const [, what = '', number = ''] = ANSWERED.exec(why) ?? [];
  return words.gateway_answer[what]?.(number) ?? word(words.gateway_why, why);
}

function reasonWords(words: Words, reason: string): string {
  return word({ ...words.withdrawal, ...words.escalation, ...words.false_reason }, reason);
}

/** Why something was refused, as far as it can be said in words: who holds it, which field. */
export function refusalWords(
  words: Words,
  { code, facts = {} }: { code: string; facts?: Readonly<Record<string, unknown>> },
  callSignOf: (unitOrAssignment: string) => string = () => '',
): string {
  const { held_by: holder, field } = facts;
  if (typeof holder === 'string' && holder) {
    if (code === 'held') return words.refused.held(holder);
    if (code === 'stale_lease') return words.refused.stale_lease(holder);
  }
  if (code === 'unfit' && typeof field === 'string' && Object.hasOwn(words.unfit, field)) {
    return words.unfit[field] ?? words.refusal.unfit;
  }
  if (code === 'wrong_phase') {
    const said = wrongPhaseWords(words, facts, callSignOf);
    if (said) return said;
  }
  return Object.hasOwn(words.refusal, code)
    ? words.refusal[code as RefusalCode]
    : words.refusal.refused;
}

/** An order, `incident/7`; and a unit that has one: `unit xizi-v07 at incident`. */
const ORDER = /^[^/]+\/\d+$/;
const UNIT_AT = /^unit (\S+) at \S+$/;

/** Where an order or a unit stands, or what else is in the way; empty where it is the incident's phase. */
function wrongPhaseWords(
  words: Words,
  { subject, phase }: Readonly<Record<string, unknown>>,
  callSignOf: (unitOrAssignment: string) => string,
): string {
  if (typeof phase !== 'string') return '';
  if (Object.hasOwn(words.refused.state, phase)) return words.refused.state[phase] ?? '';
  if (typeof subject !== 'string') return '';
  const state = word(words.assignment, phase);
  const unit = UNIT_AT.exec(subject)?.[1];
  if (unit) return words.refused.already(callSignOf(unit), state);
  return ORDER.test(subject) ? words.refused.assignment(callSignOf(subject), state) : '';
}

/** The phase that a refusal says the incident is in; empty where it speaks of something else. */
export function refusedPhase(words: Words, facts: Readonly<Record<string, unknown>>): string {
  const { subject, phase } = facts;
  if (typeof phase !== 'string' || (typeof subject === 'string' && /[/ ]/.test(subject))) return '';
  return Object.hasOwn(words.phase, phase) ? word(words.phase, phase) : '';
}

/** A rung of the ladder; of the supervisor's, whether any message went out at all. */
export function rungWords(words: Words, incident: IncidentDoc, rung: string): string {
  const tried = incident.told.filter(({ person }) => person === 'supervisor');
  const missed = rung === 'supervisor' && tried.length > 0 && tried.every(({ ok }) => !ok);
  return missed ? words.card.not_reached : word(words.rung, rung);
}
