// How many of those who are free fit a wish, and how near: a hint before the hub is asked. Pure.

import type { Nearby } from '../../nearby';
import type { UnitDoc } from '../../wire';

export interface Fit {
  readonly count: number;
  readonly nearest_m: number | null;
}

/** `free` is sorted by nearness; an empty role or skill asks for none in particular. */
export function fit(free: readonly Nearby[], role: string, skill: string): Fit {
  const fitting = free.filter(
    ({ unit }) => (role === '' || unit.role === role) && (skill === '' || unit.skills.includes(skill)),
  );
  return { count: fitting.length, nearest_m: fitting[0]?.distance_m ?? null };
}

/** Every skill on a community's roster, in order. */
export function skillsOf(units: Iterable<UnitDoc>, community: string): readonly string[] {
  const found = new Set<string>();
  for (const unit of units) {
    if (unit.community === community && !unit.revoked) unit.skills.forEach((each) => found.add(each));
  }
  return [...found].sort();
}
