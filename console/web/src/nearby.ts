// Which units an operator could add by hand, nearest first. A hint beside the hub's own choice.

import { distanceM, type Positions } from './frames';
import { isLive } from './words';
import type { IncidentDoc, UnitDoc } from './wire';

/** Digits 1 to 9 pick. */
export const PICKS_MAX = 9;

export interface Point {
  readonly lon: number;
  readonly lat: number;
}

export interface Nearby {
  readonly unit: UnitDoc;
  readonly distance_m: number | null;
  readonly age_ms: number | null;
}

export interface Freshness {
  readonly now: number;
  readonly fresh_s: number;
}

/** A unit whose place is not to be relied on: drawn hollow. */
export function isStale(unit: UnitDoc, positions: Positions, at: Freshness): boolean {
  if (!unit.online || !positions.known(unit.row)) return true;
  return at.now - (positions.t_ms[unit.row] ?? 0) > at.fresh_s * 1000;
}

/** The nearest of those who are free to go: as many as digits pick. */
export function nearestFree(...of: Parameters<typeof everybodyFree>): readonly Nearby[] {
  return everybodyFree(...of).slice(0, PICKS_MAX);
}

/** Free to go now: on duty, reachable, freshly located, not asked anywhere, not in need itself. */
export function everybodyFree(
  units: Iterable<UnitDoc>,
  positions: Positions,
  incident: IncidentDoc,
  place: Point | null,
  at: Freshness,
  inNeed: ReadonlySet<string> = new Set(),
): readonly Nearby[] {
  const asked = new Set(
    incident.assignments.filter((a) => isLive(a.state)).map((a) => a.unit),
  );
  const free: Nearby[] = [];
  for (const unit of units) {
    if (!unit.on_duty || unit.revoked || unit.incident !== null) continue;
    if (unit.id === incident.sender || inNeed.has(unit.id) || asked.has(unit.id)) continue;
    if (unit.community !== incident.community || isStale(unit, positions, at)) continue;
    free.push(measured(unit, positions, place, at));
  }
  return sorted(free);
}

/** Everybody whose call sign holds the typed text, reachable or not. */
export function byCallSign(
  units: Iterable<UnitDoc>,
  positions: Positions,
  typed: string,
  place: Point | null,
  at: Freshness,
  count_max: number,
): readonly Nearby[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [];
  const found: Nearby[] = [];
  for (const unit of units) {
    if (unit.revoked) continue;
    if (!unit.call_sign.toLowerCase().includes(wanted) && !unit.id.includes(wanted)) continue;
    found.push(measured(unit, positions, place, at));
  }
  return sorted(found).slice(0, count_max);
}

function measured(
  unit: UnitDoc,
  positions: Positions,
  place: Point | null,
  at: Freshness,
): Nearby {
  if (!positions.known(unit.row)) return { unit, distance_m: null, age_ms: null };
  const [lon, lat] = [positions.lon[unit.row] ?? 0, positions.lat[unit.row] ?? 0];
  return {
    unit,
    distance_m: place && distanceM(place.lon, place.lat, lon, lat),
    age_ms: at.now - (positions.t_ms[unit.row] ?? 0),
  };
}

function sorted(found: Nearby[]): Nearby[] {
  return found.sort(
    (a, b) =>
      (a.distance_m ?? Infinity) - (b.distance_m ?? Infinity) || (a.unit.id < b.unit.id ? -1 : 1),
  );
}
