// Why somebody near was left out of a wave that called others: what tells them apart. Pure.
// The hub's order is ring, then who is there soonest, call-outs and errands counted as distance.

import type { CandidateDoc, DecisionDoc } from './wire';

export type Difference =
  | { what: 'ring'; more: number }
  | { what: 'outside' }
  | { what: 'later'; more_s: number }
  | { what: 'call_outs'; more: number }
  | { what: 'busy' };

/** Those free and nearer than the farthest who was called, by unit: why not they. */
export function passedOver(decision: DecisionDoc): ReadonlyMap<string, readonly Difference[]> {
  const called = decision.candidates.filter(({ verdict }) => verdict === 'called');
  const found = decision.candidates
    .filter(({ verdict }) => verdict === 'not_needed')
    .flatMap((candidate): [string, readonly Difference[]][] => {
      const last = farthest(called.filter(({ role }) => role === candidate.role));
      if (!last || away(candidate) >= away(last)) return [];
      const said = differences(candidate, last);
      return said.length ? [[candidate.unit, said]] : [];
    });
  return new Map(found);
}

/** What was wanted for its role in this wave and the unit does not have. */
export function lackedSkills(candidate: CandidateDoc, missing: Readonly<Record<string, number>>): readonly string[] {
  const skills = Object.keys(missing).flatMap((label) => {
    const [role, skill] = label.split('+', 2);
    return skill && (role === 'any' || role === candidate.role) ? [skill] : [];
  });
  return [...new Set(skills)].filter((skill) => !candidate.skills.includes(skill));
}

function differences(candidate: CandidateDoc, called: CandidateDoc): readonly Difference[] {
  const said: Difference[] = [];
  if (candidate.ring < 0 && called.ring >= 0) said.push({ what: 'outside' });
  else if (called.ring >= 0 && candidate.ring > called.ring) {
    said.push({ what: 'ring', more: candidate.ring - called.ring });
  }
  const later_s = (candidate.eta_s ?? 0) - (called.eta_s ?? 0);
  if (later_s > 0) said.push({ what: 'later', more_s: later_s });
  const outs = candidate.call_outs - called.call_outs;
  if (outs > 0) said.push({ what: 'call_outs', more: outs });
  if (candidate.busy && !called.busy) said.push({ what: 'busy' });
  return said;
}

const away = ({ distance_m }: CandidateDoc): number => distance_m ?? Infinity;

function farthest(called: readonly CandidateDoc[]): CandidateDoc | null {
  return [...called].sort((a, b) => away(b) - away(a))[0] ?? null;
}
