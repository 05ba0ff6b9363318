// Whom a wave called, with what is known of each: an older wave tells only their names. Pure.

import type { CandidateDoc, DecisionDoc, IncidentDoc } from './wire';

/** A unit that a wave looked at; null where this page was not told. */
export interface Looked {
  readonly unit: string;
  readonly verdict: string;
  readonly role: string | null;
  readonly ring: number | null;
  readonly distance_m: number | null;
  readonly fix_age_s: number | null;
  readonly walk_s: number | null;
  /** What it was called for; empty for nothing, or unknown. */
  readonly need: string;
  /** All that the wave knew of it; null where this page was told only its name. */
  readonly candidate: CandidateDoc | null;
}

export const lookedAt = (candidate: CandidateDoc): Looked => ({ ...candidate, candidate });

/** Nearest first, those without a distance last, as the hub orders candidates. */
export function calledIn(decision: DecisionDoc, incident: IncidentDoc): readonly Looked[] {
  const told = new Map(decision.candidates.map((candidate) => [candidate.unit, candidate]));
  const asked = new Map(
    incident.assignments
      .filter(({ wave }) => wave === decision.wave)
      .map((assignment) => [assignment.unit, assignment]),
  );
  const looked = decision.called.map((unit): Looked => {
    const candidate = told.get(unit);
    if (candidate) return lookedAt(candidate);
    const { role = null, distance_m = null, walk_s = null, need = '' } = asked.get(unit) ?? {};
    const unknown = { ring: null, fix_age_s: null, candidate: null };
    return { unit, verdict: 'called', role, distance_m, walk_s, need, ...unknown };
  });
  return looked.sort(
    (a, b) =>
      (a.distance_m ?? Infinity) - (b.distance_m ?? Infinity) || (a.unit < b.unit ? -1 : 1),
  );
}
