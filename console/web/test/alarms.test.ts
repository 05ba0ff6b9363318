import { describe, expect, test } from 'vitest';
import { alarmsLately, queue, undecidedKey } from '../src/alarms';
import { NOTHING_YET, fold, type State } from '../src/state';
import { incident, sample, snapshot } from './samples';
import type { IncidentDoc } from '../src/wire';

const ME = '调度一席';
const NOBODY = new Map<string, number>();
const EVERYWHERE = (): boolean => true;
const NOWHERE = (): boolean => false;

const having = (...incidents: IncidentDoc[]): State =>
  fold(NOTHING_YET, snapshot({ incidents })).state;
const keys = (state: State, heard = NOBODY): string[] =>
  queue(state, ME, heard, EVERYWHERE).map((item) => item.key);
const calling = (state: State, heard = NOBODY): string[] =>
  queue(state, ME, heard, EVERYWHERE).flatMap((item) => (item.calling ? [item.key] : []));

test('what calls comes first, then the level, then the newest', () => {
  const state = having(
    incident({ id: 'taken', taken_by: 'B', opened_t: 50 }),
    incident({ id: 'watch', priority: 3, opened_t: 40 }),
    incident({ id: 'old', opened_t: 10 }),
    incident({ id: 'new', opened_t: 20 }),
  );

  expect(keys(state)).toEqual(['new', 'old', 'watch', 'taken']);
});

test('what has ended is not in the queue', () => {
  for (const phase of ['closed', 'cancelled', 'false', 'duplicate']) {
    expect(keys(having(incident({ phase })))).toEqual([]);
  }
});

describe('an exercise', () => {
  const drill = 'xizi-drill-1';

  test('stands behind everything real, though it calls and that does not', () => {
    const state = having(
      incident({ id: 'drill', drill, opened_t: 90 }),
      incident({ id: 'note', priority: 4, taken_by: 'B', opened_t: 10 }),
    );

    expect(keys(state)).toEqual(['note', 'drill']);
    expect(queue(state, ME, NOBODY, EVERYWHERE).map((item) => item.drill)).toEqual([false, true]);
  });

  test('is in no count of alarms', () => {
    const real = incident({ id: 'real' });
    const t = real.alarms[0]?.received_t ?? 0;

    expect(alarmsLately(having(real, incident({ id: 'drill', drill })), t)).toBe(1);
  });
});

describe('a press again', () => {
  const mine = incident({ id: 'i', taken_by: ME, taken_t: 100, last_press_t: 90, rings: 1 });

  test('calls the operator who has the incident', () => {
    expect(calling(having(mine))).toEqual([]);
    expect(calling(having({ ...mine, last_press_t: 120, rings: 2 }))).toEqual(['i']);
  });

  test('is silent once answered, until the next one', () => {
    const again = { ...mine, last_press_t: 120, rings: 2 };
    const heard = new Map([['i', 2]]);

    expect(calling(having(again), heard)).toEqual([]);
    expect(calling(having({ ...again, rings: 3 }), heard)).toEqual(['i']);
  });

  test("leaves another operator's desk alone", () => {
    expect(calling(having({ ...mine, taken_by: 'B', last_press_t: 120, rings: 2 }))).toEqual([]);
  });
});

test('who may only look on hears each press once they say so, and the operators there until it is taken', () => {
  const untaken = incident({ id: 'i', taken_by: null, rings: 1 });
  const rings = (incident: IncidentDoc, takes: () => boolean): boolean[] =>
    queue(having(incident), ME, new Map([['i', 1]]), takes).map((item) => item.calling);

  expect(rings(untaken, NOWHERE)).toEqual([false]);
  expect(rings({ ...untaken, rings: 2 }, NOWHERE)).toEqual([true]);
  expect(rings(untaken, EVERYWHERE)).toEqual([true]);
});

test('an alarm that could not be decided calls at level 1 until answered', () => {
  const [alarm] = sample<IncidentDoc>('incident-received').alarms;
  if (!alarm) throw new Error('the sample has no alarm');
  const state = fold(NOTHING_YET, snapshot({ undecided: [{ ...alarm, undecided: 'KeyError' }] })).state;

  expect(queue(state, ME, NOBODY, EVERYWHERE)).toMatchObject([{ what: 'undecided', level: 1, calling: true }]);
  expect(calling(state, new Map([[undecidedKey(alarm), 1]]))).toEqual([]);
});

test('an incident whose first wave could not be decided says so until it is', () => {
  const opened = sample<IncidentDoc>('incident-received');
  const failed = opened.alarms.map((alarm) => ({ ...alarm, undecided: 'KeyError' }));

  expect(queue(having({ ...opened, alarms: failed }), ME, NOBODY, EVERYWHERE)).toMatchObject([{ what: 'incident', undecided: true }]);
  expect(queue(having(opened), ME, NOBODY, EVERYWHERE)).toMatchObject([{ undecided: false }]);
});

test('the rate counts presses of the last ten minutes', () => {
  const held = incident();
  const at = held.alarms[0]?.received_t ?? 0;

  expect(alarmsLately(having(held), at + 599_000)).toBe(1);
  expect(alarmsLately(having(held), at + 601_000)).toBe(0);
});
