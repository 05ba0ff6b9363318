import { describe, expect, test } from 'vitest';
import { filled, planOf, proposed, ruleOf, standing, tiers } from '../src/steps';
import { readBooks, type AssignmentDoc, type IncidentDoc, type PlanDoc, type StepDoc } from '../src/wire';
import { incident, unit } from './samples';

const need = (label: string, count: number) => {
  const [role = '', skill = ''] = label.split('+');
  return { label, count, role: role === 'any' ? null : role, skill };
};
const step = (name: string, changes: object = {}): PlanDoc['steps'][number] => ({
  step: name,
  tier: 'grid',
  needs: [],
  rings: null,
  wave_s: null,
  hold_s: 90,
  then: '',
  tell: [],
  agency: null,
  ...changes,
});
const PLAN: PlanDoc = {
  id: 'default-1/sos',
  kinds: ['sos'],
  classes: [],
  hours: [],
  target_s: 180,
  sure_pct: 90,
  on_scene: 2,
  steps: [
    step('near', { needs: [need('volunteer', 3), need('guard', 1)], then: 'wider' }),
    step('wider', { tier: 'community', needs: [need('volunteer', 5)], then: 'last' }),
    step('last', { tier: 'agency', agency: '110' }),
  ],
};
const begun = (name: string, t: number, changes: Partial<StepDoc> = {}): StepDoc => ({
  t,
  plan: PLAN.id,
  step: name,
  tier: 'grid',
  due_t: null,
  reason: null,
  by: null,
  tell: [],
  agency: null,
  ...changes,
});
const [asked] = incident().assignments;
const sent = (who: string, state: string, changes: Partial<AssignmentDoc> = {}): AssignmentDoc => ({
  ...asked!,
  id: who,
  unit: who,
  role: 'volunteer',
  state,
  ...changes,
});
const doc = (changes: Partial<IncidentDoc>): IncidentDoc => incident({ assignments: [], steps: [], ...changes });

describe('the needs of a step', () => {
  const have = (needs: ReturnType<typeof need>[], of: AssignmentDoc[], skills: Record<string, string[]> = {}) => {
    const units = new Map(of.map((each) => [each.unit, unit(each.unit, { skills: skills[each.unit] ?? [] })]));
    return filled(needs, of, units).map(({ need: { label }, have }) => [label, have]);
  };

  test('are filled by those who come, are there or are done, not by those who were only asked', () => {
    const of = [sent('a', 'accepted'), sent('b', 'on_scene'), sent('c', 'clear'), sent('d', 'offered'), sent('e', 'declined')];

    expect(have([need('volunteer', 4)], of)).toEqual([['volunteer', 3]]);
  });

  test('count one person once, for a wanted skill before the role', () => {
    /* As the hub counts: else a doctor would fill the role and the doctor would still be missing. */
    const of = [sent('doctor', 'accepted'), sent('b', 'accepted')];

    expect(
      have([need('volunteer', 2), need('any+medical', 1)], of, { doctor: ['medical'] }),
    ).toEqual([['volunteer', 1], ['any+medical', 1]]);
  });

  test('are never more than filled', () => {
    expect(have([need('volunteer', 1)], [sent('a', 'accepted'), sent('b', 'accepted')])).toEqual([['volunteer', 1]]);
  });
});

describe('where it stands', () => {
  test('before it began there is no next step, and the first is what it would begin with', () => {
    expect(standing(doc({}), PLAN, new Map())).toMatchObject({ begun: null, next: null, present: PLAN.steps[0] });
  });

  test('the step that was entered last, and the one after it by the plan', () => {
    const at = standing(doc({ steps: [begun('near', 1), begun('wider', 2)] }), PLAN, new Map());

    expect(at.begun?.step).toBe('wider');
    expect(at.next?.step).toBe('last');
  });

  test('enough are there once as many as the plan wants are, or were and are done', () => {
    const steps = [begun('near', 1)];
    const at = (...of: AssignmentDoc[]) => standing(doc({ steps, assignments: of }), PLAN, new Map()).enough;

    expect(at(sent('a', 'on_scene'), sent('b', 'en_route'))).toBe(false);
    expect(at(sent('a', 'on_scene'), sent('b', 'clear'))).toBe(true);
  });

  test('after a reopening the former round counts no more', () => {
    const since = 5_000;
    const line = { ...incident().story[0]!, t: since, what: 'IncidentReopened' };
    const old = sent('a', 'clear', { offered_t: since - 1 });
    const at = standing(doc({ steps: [begun('near', since - 2)], story: [line], assignments: [old] }), PLAN, new Map());

    expect(at).toMatchObject({ begun: null, onScene: 0 });
  });

  test('without the plan only what the incident says itself is told', () => {
    expect(standing(doc({ steps: [begun('near', 1)] }), null, new Map())).toMatchObject({
      present: null,
      next: null,
      filled: [],
      enough: false,
    });
  });
});

test('tiers are marked passed, present, to come, and those that the plan leaves out', () => {
  const states = (tier: string, plan: PlanDoc | null) => tiers(doc({ tier }), plan).map(({ state }) => state);

  expect(states('grid', PLAN)).toEqual(['here', 'ahead', 'unused', 'ahead']);
  expect(states('community', PLAN)).toEqual(['past', 'here', 'unused', 'ahead']);
  expect(states('agency', null)).toEqual(['past', 'past', 'past', 'here']);
});

test('an agency is proposed once, until somebody was told of it', () => {
  const steps = [begun('a', 1, { agency: '120' }), begun('b', 2, { agency: '110' }), begun('c', 3, { agency: '110' })];
  const given = { t: 1, agency: '120', by: 'x', contact: '', words: '' };

  expect(proposed(doc({ steps }))).toEqual(['120', '110']);
  expect(proposed(doc({ steps, given: [given] }))).toEqual(['110']);
});

test('a plan and what a kind means are found in the book that the incident names', () => {
  const kind = { kind: 'sos', priority: 1, nearby: 'offer', near_m: 1, near_s: 1, checklist: [] };
  const book = { name: 'default-1', version: 1, begins: '', ends: '', serving: true, kinds: [kind], plans: [PLAN] };
  const books = readBooks(JSON.stringify({ books: [{ ...book, name: 'own-2', plans: [] }, book] }));

  expect(planOf(books, 'default-1/sos')?.target_s).toBe(180);
  expect(planOf(books, 'own-2/sos')).toBeNull();
  expect(planOf(null, 'default-1/sos')).toBeNull();
  expect(ruleOf(books, 'default-1/sos', 'sos')?.nearby).toBe('offer');
  expect(ruleOf(books, 'default-1/sos', 'flood')).toBeNull();
});
