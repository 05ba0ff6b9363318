// Two incidents that may be one: which others come into question, what merging does, what
// splitting may take. Pure; the hub decides.

import { distanceM } from '../../frames';
import type { Point } from '../../nearby';
import { hasEnded, isAsked, isComing } from '../../words';
import type { AlarmDoc, IncidentDoc } from '../../wire';

/** Why the hub would refuse to merge these two, where the page can see it. */
export type Obstacle = 'held' | 'covert' | 'drill';

export interface Other {
  readonly incident: IncidentDoc;
  readonly away_m: number | null;
  readonly obstacle: Obstacle | null;
}

/** Open incidents of the same community, nearest first, those without a place last. */
export function others(
  incident: IncidentDoc,
  incidents: Iterable<IncidentDoc>,
  pointOf: (incident: IncidentDoc) => Point | null,
  operator: string,
): readonly Other[] {
  const here = pointOf(incident);
  const found: Other[] = [];
  for (const each of incidents) {
    if (each.id === incident.id || each.community !== incident.community) continue;
    if (hasEnded(each.phase)) continue;
    const there = pointOf(each);
    const away_m = here && there && distanceM(here.lon, here.lat, there.lon, there.lat);
    found.push({ incident: each, away_m, obstacle: obstacle(incident, each, operator) });
  }
  return found.sort(
    (a, b) =>
      (a.away_m ?? Infinity) - (b.away_m ?? Infinity) ||
      b.incident.opened_t - a.incident.opened_t ||
      (a.incident.id < b.incident.id ? -1 : 1),
  );
}

function obstacle(one: IncidentDoc, other: IncidentDoc, operator: string): Obstacle | null {
  if (other.taken_by !== null && other.taken_by !== operator) return 'held';
  if (one.covert !== other.covert) return 'covert';
  return one.drill === other.drill ? null : 'drill';
}

/** What goes along, and what does not. */
export interface Merging {
  readonly presses: number;
  /** On their way or there: they go on, to the other one. */
  readonly carried: number;
  /** Asked and not answered yet: let go. */
  readonly let_go: number;
}

export function merging(incident: IncidentDoc): Merging {
  const states = incident.assignments.map((each) => each.state);
  return {
    presses: incident.alarms.length,
    carried: states.filter(isComing).length,
    let_go: states.filter(isAsked).length,
  };
}

/** A sender who asked to call it off is answered first: the hub moves no such press. */
export const awaitsAnswer = (incident: IncidentDoc): boolean =>
  incident.cancel !== null && incident.cancel.granted === null;

/** Some presses may leave, one stays: with all of them gone nothing would be left behind. */
export const maySplit = (alarms: readonly AlarmDoc[], chosen: readonly string[]): boolean =>
  chosen.length > 0 && chosen.length < alarms.length;
