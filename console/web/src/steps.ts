// How far the answer to an incident has come in its plan: tiers, needs, the step after. Pure.
// Mirrors dispatch/need.py and steps.py, which decide; this only tells.

import { TIERS, type Tier } from './words';
import type {
  AssignmentDoc,
  BookDoc,
  BooksDoc,
  IncidentDoc,
  KindDoc,
  PlanDoc,
  PlanStepDoc,
  StepDoc,
  UnitDoc,
} from './wire';

type Need = PlanStepDoc['needs'][number];

/** A need, and how many of those who come fill it. */
export interface Filled {
  readonly need: Need;
  readonly have: number;
}

export interface Standing {
  /** The step that was entered; null before the response began. */
  readonly begun: StepDoc | null;
  /** What the plan says of it, or of the step it would begin with. */
  readonly present: PlanStepDoc | null;
  readonly next: PlanStepDoc | null;
  readonly filled: readonly Filled[];
  readonly onScene: number;
  /** As many are on scene as the plan wants: no further step begins by itself. */
  readonly enough: boolean;
}

export interface TierMark {
  readonly tier: Tier;
  readonly state: 'past' | 'here' | 'ahead' | 'unused';
}

export function bookOf(books: BooksDoc | null, plan: string): BookDoc | null {
  const name = plan.split('/', 1)[0];
  return books?.books.find((book) => book.name === name) ?? null;
}

export function planOf(books: BooksDoc | null, plan: string): PlanDoc | null {
  return bookOf(books, plan)?.plans.find((each) => each.id === plan) ?? null;
}

/** What its kind means by the book that answers it. */
export function ruleOf(books: BooksDoc | null, plan: string, kind: string): KindDoc | null {
  return bookOf(books, plan)?.kinds.find((each) => each.kind === kind) ?? null;
}

export function standing(
  incident: IncidentDoc,
  plan: PlanDoc | null,
  units: ReadonlyMap<string, UnitDoc>,
): Standing {
  const since = roundSince(incident);
  const begun = incident.steps.filter((step) => step.t >= since).at(-1) ?? null;
  const named = plan?.steps.find((step) => step.step === begun?.step);
  const present = named ?? plan?.steps[0] ?? null;
  const next = (begun && plan?.steps.find((step) => step.step === present?.then)) || null;
  const asked = incident.assignments.filter((each) => each.offered_t >= since);
  const onScene = asked.filter(({ state }) => state === 'on_scene' || state === 'clear').length;
  return {
    begun,
    present,
    next,
    filled: filled(present?.needs ?? [], asked, units),
    onScene,
    enough: plan !== null && onScene >= plan.on_scene,
  };
}

/** Those coming, there, or done there count; one with a wanted skill for it before the role. */
export function filled(
  needs: readonly Need[],
  asked: readonly AssignmentDoc[],
  units: ReadonlyMap<string, UnitDoc>,
): readonly Filled[] {
  let coming = asked.filter(({ state }) => COUNTED.has(state));
  const have = new Map<Need, number>();
  for (const need of mostWantedFirst(needs)) {
    const fit = coming.filter((each) => fits(need, each, units)).slice(0, need.count);
    coming = coming.filter((each) => !fit.includes(each));
    have.set(need, fit.length);
  }
  return needs.map((need) => ({ need, have: have.get(need) ?? 0 }));
}

/** All tiers, lowest first; those that the plan leaves out are marked. */
export function tiers(incident: IncidentDoc, plan: PlanDoc | null): readonly TierMark[] {
  const used = new Set(plan?.steps.map((step) => step.tier) ?? TIERS);
  const here = TIERS.indexOf(incident.tier as Tier);
  return TIERS.map((tier, at): TierMark => {
    if (at === here) return { tier, state: 'here' };
    if (!used.has(tier)) return { tier, state: 'unused' };
    return { tier, state: at < here ? 'past' : 'ahead' };
  });
}

/** Agencies that the plan proposed and nobody has told yet, newest proposal last. */
export function proposed(incident: IncidentDoc): readonly string[] {
  const given = new Set(incident.given.map((each) => each.agency));
  const agencies = incident.steps.flatMap(({ agency }) => (agency ? [agency] : []));
  return [...new Set(agencies)].filter((agency) => !given.has(agency));
}

const COUNTED: ReadonlySet<string> = new Set(['accepted', 'en_route', 'on_scene', 'clear']);

const wanted = (need: Need): number => Number(!need.skill) * 2 + Number(need.role === null);

const mostWantedFirst = (needs: readonly Need[]): readonly Need[] =>
  [...needs].sort((a, b) => wanted(a) - wanted(b));

function fits(need: Need, each: AssignmentDoc, units: ReadonlyMap<string, UnitDoc>): boolean {
  const skills = units.get(each.unit)?.skills ?? [];
  return (need.role ?? each.role) === each.role && (!need.skill || skills.includes(need.skill));
}

/** When the present round began: at the opening, or at the last reopening. */
function roundSince(incident: IncidentDoc): number {
  const again = incident.story.findLast((line) => line.what === 'IncidentReopened');
  return again?.t ?? incident.phase_times['reopened'] ?? -Infinity;
}
