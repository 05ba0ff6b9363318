// What the server says of sealed tips, and how its refusals are said.

import type { Words } from './i18n';
import { place, type Told } from './login';
import { amount, flag, list, maybe, struct, text, whole, type Read } from './shape';
import { toldWords } from './panels/login/told';

export const tipDoor = struct({
  communities: list(place),
  kinds: list(text),
  words_max: whole,
  place_max: whole,
  days: whole,
});
export const given = struct({ code: text });
export const tipState = struct({ state: text });
export const waiting = struct({ count: whole });
export const tip = struct({
  tip: text,
  community: text,
  kind: maybe(text),
  sealed: flag,
  way: text,
  anonymous: flag,
  given: whole,
  state: text,
  readers: list(text),
  closed_by: text,
  outcome: maybe(text),
});
export const tips = struct({ tips: list(tip), more: flag, communities: list(place) });
const readBefore = struct({ t: whole, by: text, why: maybe(text) });
const note = struct({ t: whole, by: text, acted: flag, outcome: maybe(text), words: maybe(text) });
const teller = struct({ account: maybe(text), unit: maybe(text), caller: text });
export const openTip = struct({
  tip,
  words: text,
  place: text,
  lon: maybe(amount),
  lat: maybe(amount),
  teller: maybe(teller),
  taken_by: text,
  reads: list(readBefore),
  notes: list(note),
});

export type TipDoor = Read<typeof tipDoor>;
export type Tip = Read<typeof tip>;
export type OpenTip = Read<typeof openTip>;

/** Empty where it was done. */
export function tipWords(words: Words, told: Told<unknown>): string {
  if (told.kind === 'refused') {
    const code = told.code === 'unknown_tip_code' ? (told.facts['why'] ?? 'unknown') : told.code;
    const said = words.tips.refusal[code];
    if (said !== undefined) return said;
  }
  return toldWords(words, told);
}

/** The same of giving one: whoever gives it must know whether it is there. */
export function givenWords(words: Words, told: Told<unknown>): string {
  const uncertain =
    told.kind === 'unreachable' || (told.kind === 'refused' && ['store_down', 'store_failed', 'busy'].includes(told.code));
  return uncertain ? (words.tips.refusal['tip_not_kept'] ?? '') : tipWords(words, told);
}
