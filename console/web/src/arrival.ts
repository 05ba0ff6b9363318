// Roughly when somebody who is coming may arrive: an estimate, and told as one. Pure.

import { distanceM, type Positions } from './frames';
import { isStale, type Freshness, type Point } from './nearby';
import type { AssignmentDoc, UnitDoc } from './wire';

/** A hurried walk through a neighbourhood, straight over: nobody knows the way they take. */
export const WALK_MPS = 1.2;

export interface Arrival {
  readonly unit: string;
  readonly distance_m: number;
  readonly walk_s: number;
}

/** Of those who accepted or are on their way, the soonest first; none without a fresh fix. */
export function arrivals(
  assignments: readonly AssignmentDoc[],
  units: ReadonlyMap<string, UnitDoc>,
  positions: Positions,
  place: Point,
  at: Freshness,
): readonly Arrival[] {
  const coming = assignments.filter(({ state }) => state === 'accepted' || state === 'en_route');
  const found = coming.flatMap(({ unit: id }): Arrival[] => {
    const unit = units.get(id);
    if (!unit || isStale(unit, positions, at)) return [];
    const [lon, lat] = [positions.lon[unit.row] ?? 0, positions.lat[unit.row] ?? 0];
    const distance_m = distanceM(place.lon, place.lat, lon, lat);
    return [{ unit: id, distance_m, walk_s: distance_m / WALK_MPS }];
  });
  return found.sort((a, b) => a.walk_s - b.walk_s || (a.unit < b.unit ? -1 : 1));
}
