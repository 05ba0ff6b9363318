// The steps of an ended incident and how long each took, in the order in which they happen. Pure.

import { INTERVALS } from './words';

export interface Bar {
  readonly name: string;
  readonly ms: number;
  /** Of the longest that is drawn, 0 to 1. */
  readonly share: number;
}

export function bars(intervals: Readonly<Record<string, number>>): readonly Bar[] {
  // A newer hub's own come last.
  const names = [...new Set([...INTERVALS, ...Object.keys(intervals)])];
  const known = names.flatMap((name) => {
    const ms = intervals[name];
    return ms === undefined ? [] : [{ name, ms }];
  });
  const longest = Math.max(1, ...known.map(({ ms }) => ms));
  return known.map((each) => ({ ...each, share: each.ms / longest }));
}
