// Whether positions give way under load just now: the hub only counts those it gave up. Pure.

import type { State } from './state';

/** The hub counts once a second; said for so long after the last, the words do not flicker. */
export const SAID_FOR_MS = 5_000;

/** When positions last gave way while this page looked on, by the hub's clock; null for never. */
export function shedAt(before: State, after: State, was: number | null): number | null {
  if (before.seq < 0 || !before.status || !after.status) return was; // another hub counts anew
  return after.status.positions_shed > before.status.positions_shed ? after.now : was;
}

export function givesWay(at: number | null, now: number): boolean {
  return at !== null && now - at < SAID_FOR_MS;
}
