import { describe, expect, test } from 'vitest';
import type { Nearby } from '../src/nearby';
import { ending, likely, somebodyCame, unlikely } from '../src/panels/dialogs/ending';
import { fit, skillsOf } from '../src/panels/dialogs/fit';
import { awaitsAnswer, maySplit, merging, others } from '../src/panels/dialogs/merging';
import { isChosen, nothingChosen, placeBody } from '../src/panels/dialogs/place';
import { choices, plansFor, proposedAgency, shortName } from '../src/panels/dialogs/plans';
import { openWork } from '../src/panels/dialogs/work';
import { hands } from '../src/hands';
import { DISPOSITIONS } from '../src/words';
import type { AssignmentDoc, BooksDoc, IncidentDoc, PlanDoc } from '../src/wire';
import { incident, unit } from './samples';

const [asked] = incident().assignments;
if (!asked) throw new Error('the sample has no assignment');
const inState = (state: string, changes: Partial<AssignmentDoc> = {}): AssignmentDoc => ({
  ...asked,
  state,
  times: {},
  ...changes,
});

describe('how an incident may end', () => {
  test('where nobody came, words on the telephone are the likeliest end', () => {
    const nobody = incident({ phase_times: { received: 0 }, assignments: [inState('accepted')] });

    expect(likely(nobody).slice(0, 2)).toEqual(['by_phone', 'cancelled_before_arrival']);
  });

  test('where somebody came, it was settled there', () => {
    for (const came of [
      incident({ assignments: [inState('on_scene')] }),
      incident({ assignments: [inState('clear', { times: { on_scene: 5 } })] }),
      incident({ assignments: [], phase_times: { on_scene: 5 } }),
    ]) {
      expect(somebodyCame(came)).toBe(true);
      expect(likely(came)[0]).toBe('resolved_on_spot');
    }
  });

  test('where an agency was told, handing over comes first', () => {
    const told = incident({ given: [{ t: 0, agency: '110', by: '', contact: '', words: '' }] });

    expect(likely(told)[0]).toBe('handed_over');
  });

  test('every outcome is offered once', () => {
    const doc = incident();

    expect([...likely(doc), ...unlikely(doc)].sort()).toEqual([...DISPOSITIONS].sort());
  });

  test('ending is told by whom it lets go and what no longer comes', () => {
    const assignments = ['offered', 'received', 'accepted', 'on_scene', 'declined'].map((state) => inState(state));

    expect(ending(incident({ assignments, step_due_t: 9 }))).toEqual({ coming: 2, asked: 2, step_due_t: 9 });
    expect(ending(incident({ step_due_t: 9, calls_held: true })).step_due_t).toBeNull();
  });
});

describe('two that may be one', () => {
  const at = (id: string, lon: number | null, changes: Partial<IncidentDoc> = {}): IncidentDoc => {
    const { place } = incident();
    return incident({ id, taken_by: null, place: { ...place, lon, lat: lon === null ? null : 30 }, ...changes });
  };
  const pointOf = ({ place: { lon, lat } }: IncidentDoc) => (lon === null || lat === null ? null : { lon, lat });
  const here = at('here', 120);
  const found = (...all: IncidentDoc[]) => others(here, [here, ...all], pointOf, '我');

  test('the nearest comes first, one without a place last', () => {
    const ids = found(at('lost', null), at('far', 120.1), at('near', 120.001)).map((each) => each.incident.id);

    expect(ids).toEqual(['near', 'far', 'lost']);
  });

  test('ended ones and those of other communities do not come into question', () => {
    expect(found(at('ended', 120, { phase: 'closed' }), at('abroad', 120, { community: 'other' }))).toEqual([]);
  });

  test('what the hub would refuse is said before it is asked', () => {
    const hindered = found(
      at('a-held', 120, { taken_by: '乙席' }),
      at('b-mine', 120, { taken_by: '我' }),
      at('c-covert', 120, { covert: true }),
      at('d-drill', 120, { drill: 'xizi-drill-1' }),
    );

    expect(hindered.map((each) => each.obstacle)).toEqual(['held', null, 'covert', 'drill']);
  });

  test('those on their way go along, those who have not answered are let go', () => {
    const assignments = ['offered', 'accepted', 'en_route', 'declined'].map((state) => inState(state));

    expect(merging(incident({ assignments }))).toEqual({ presses: 1, carried: 2, let_go: 1 });
  });

  test('one press stays behind when others are split off', () => {
    const [alarm] = incident().alarms;
    const alarms = ['a', 'b'].map((id) => ({ ...alarm!, id }));

    expect(maySplit(alarms, [])).toBe(false);
    expect(maySplit(alarms, ['a'])).toBe(true);
    expect(maySplit(alarms, ['a', 'b'])).toBe(false);
  });

  test('a wish that was answered waits no more', () => {
    const wish = { t: 0, alarm: 'a', duress: false, granted: null, answered_t: null };

    expect(awaitsAnswer(incident({ cancel: null }))).toBe(false);
    expect(awaitsAnswer(incident({ cancel: wish }))).toBe(true);
    expect(awaitsAnswer(incident({ cancel: { ...wish, granted: false } }))).toBe(false);
  });
});

describe('plans', () => {
  const plan = (id: string, kinds: string[]): PlanDoc => ({
    id,
    kinds,
    classes: [],
    hours: [],
    target_s: 180,
    sure_pct: 90,
    on_scene: 1,
    steps: [],
  });
  const book = { name: 'b', version: 1, begins: '', ends: '', kinds: [] };
  const books: BooksDoc = {
    books: [
      { ...book, serving: false, plans: [plan('old/fire', ['fire'])] },
      { ...book, serving: true, plans: [plan('b/fire', ['fire']), plan('b/sos', ['sos']), plan('b/any', [])] },
    ],
  };

  test('those of the serving book, the ones meant for the kind first', () => {
    const found = choices(books, incident({ kind: 'sos', plan: 'b/sos' }));

    expect(found.map((each) => each.plan.id)).toEqual(['b/sos', 'b/any', 'b/fire']);
    expect(found.map((each) => each.present)).toEqual([true, false, false]);
    expect(plansFor(null, 'sos')).toEqual([]);
  });

  test('a plan is called by the last piece of its name', () => {
    expect(shortName('default@1/sos-a')).toBe('sos-a');
  });

  test('the agency that a step proposed stands until another is proposed', () => {
    const step = { t: 0, plan: '', step: '', tier: '', due_t: null, reason: null, by: null, tell: [] };

    expect(proposedAgency(incident({ steps: [] }))).toBe('');
    expect(proposedAgency(incident({ steps: [{ ...step, agency: '120' }, { ...step, agency: null }] }))).toBe('120');
  });
});

describe('calling more', () => {
  const near = (id: string, role: string, skills: string[], distance_m: number): Nearby => ({
    unit: unit(id, { role, skills }),
    distance_m,
    age_ms: 0,
  });
  const free = [near('a', 'guard', [], 50), near('b', 'volunteer', ['medical'], 80), near('c', 'volunteer', [], 90)];

  test('counts those who fit, and how near the nearest is', () => {
    expect(fit(free, '', '')).toEqual({ count: 3, nearest_m: 50 });
    expect(fit(free, 'volunteer', '')).toEqual({ count: 2, nearest_m: 80 });
    expect(fit(free, 'guard', 'medical')).toEqual({ count: 0, nearest_m: null });
  });

  test('knows the skills of the community alone', () => {
    const units = [
      unit('a', { skills: ['medical', 'fire'] }),
      unit('b', { skills: ['english'], community: 'other' }),
      unit('c', { skills: ['dance'], revoked: true }),
    ];

    expect(skillsOf(units, 'xizi')).toEqual(['fire', 'medical']);
  });
});

test('a place is said in the way that was chosen last', () => {
  const point = { lon: 120, lat: 30 };
  const all = { point, grid: 'g1', unit: 'r01' };

  expect(placeBody({ ...all, by: 'point' })).toEqual(point);
  expect(placeBody({ ...all, by: 'grid' })).toEqual({ grid: 'g1' });
  expect(placeBody({ ...all, by: 'unit' })).toEqual({ unit: 'r01' });
  expect(placeBody({ ...all, by: 'none' })).toEqual({});
  expect(isChosen(nothingChosen())).toBe(false);
  expect(isChosen(nothingChosen('r01'))).toBe(true);
});

describe('the end of a shift', () => {
  test('hands over what is mine, the most urgent first, and tells of what is nobody’s', () => {
    const all = [
      incident({ id: 'late', taken_by: '我', priority: 3, opened_t: 1 }),
      incident({ id: 'urgent', taken_by: '我', priority: 1, opened_t: 2, assignments: [inState('on_scene'), inState('accepted')] }),
      incident({ id: 'done', taken_by: '我', phase: 'closed' }),
      incident({ id: 'other', taken_by: '乙席' }),
      incident({ id: 'nobody', taken_by: null }),
    ];

    const { mine, untaken } = openWork(all, '我');

    expect(mine.map((each) => each.incident.id)).toEqual(['urgent', 'late']);
    expect(mine[0]).toMatchObject({ on_scene: 1, coming: 1, asked: 0 });
    expect(untaken.map((each) => each.incident.id)).toEqual(['nobody']);
  });
});

describe('who hears of a change of hands', () => {
  const [line] = incident().story;
  const held = (taken_by: string | null, words = ''): ReadonlyMap<string, IncidentDoc> => {
    const story = [{ ...line!, what: 'IncidentTaken', words }];
    const doc = incident({ id: 'a', taken_by, story });
    return new Map([[doc.id, doc]]);
  };
  const none: ReadonlySet<string> = new Set();

  test('the one who is given it, by whom and with what words', () => {
    const { given, taken } = hands(held('甲'), held('我', '看住门口'), '我', none);

    expect(given.map(({ other, words }) => [other, words])).toEqual([['甲', '看住门口']]);
    expect(taken).toEqual([]);
  });

  test('the one from whom it is taken', () => {
    expect(hands(held('我'), held('乙', '我在现场'), '我', none).taken).toMatchObject([{ other: '乙', words: '我在现场' }]);
  });

  test('nobody who asked for it, nobody else, and nobody when it was free', () => {
    for (const [before, after, asked] of [
      [held('甲'), held('我'), new Set(['a'])],
      [held('甲'), held('乙'), none],
      [held(null), held('我'), none],
      [held('我'), held(null), none],
    ] as const) {
      expect(hands(before, after, '我', asked)).toEqual({ given: [], taken: [] });
    }
  });

  test('a first picture tells no news', () => {
    expect(hands(new Map(), held('我'), '我', none)).toEqual({ given: [], taken: [] });
  });
});
