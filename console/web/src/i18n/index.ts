// The two languages, and how documents become words in them. The server sends codes only.

import type { PlaceDoc, StoryDoc } from '../wire';
import { en } from './en';
import { zh, type RefusalCode, type Told, type Words } from './zh';

export type { Words } from './zh';
export type Lang = 'zh-CN' | 'en';

export const LANGUAGES: Readonly<Record<Lang, Words>> = { 'zh-CN': zh, en };

/** The word for a code; a code from a newer server is shown as it is. */
export function word(table: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(table, code) ? (table[code] ?? code) : code;
}

/** A place's name in the page's language; in the other one where it has none. */
export function nameIn(words: Words, zh: string, en: string): string {
  return words.lang === 'en' ? en || zh : zh || en;
}

export const gridWords = (words: Words, place: PlaceDoc): string =>
  nameIn(words, place.grid_name, place.grid_name_en);

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
  return place.words || words.source.none;
}

export function storyWords(
  words: Words,
  line: StoryDoc,
  callSign: (unit: string) => string,
  units: readonly string[] = line.unit ? [line.unit] : [],
): string {
  if (!Object.hasOwn(words.story, line.what)) return line.what;
  const told: Told = {
    unit: words.common.list(units.map(callSign)),
    by: line.by ?? '',
    words: line.words ?? (line.erased ? words.log.erased : ''),
    wave: line.wave ?? 0,
    called: line.called ?? 0,
    count: line.count ?? 0,
    reason: reasonWords(words, line.reason ?? ''),
    rung: word(words.rung, line.rung ?? ''),
    disposition: word(words.disposition, line.disposition ?? ''),
  };
  return words.story[line.what as keyof Words['story']](told);
}

function reasonWords(words: Words, reason: string): string {
  const known: Record<string, string> = { ...words.withdrawal, ...words.escalation };
  return word(known, reason);
}

export function refusalWords(words: Words, code: string): string {
  return Object.hasOwn(words.refusal, code)
    ? words.refusal[code as RefusalCode]
    : words.refusal.refused;
}
