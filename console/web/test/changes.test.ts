import { expect, test } from 'vitest';
import { CHANGES_TOLD_MAX, changesToTell } from '../src/changes';
import { incident } from './samples';
import type { StoryDoc } from '../src/wire';

const [line] = incident().story;
const fact = (what: string, changes: Partial<StoryDoc> = {}): StoryDoc => ({
  ...line!,
  by: null,
  unit: null,
  reason: null,
  t: 0,
  ...changes,
  what,
});
const recalled = (unit: string, t: number): StoryDoc =>
  fact('AssignmentWithdrawn', { unit, t, reason: 'incident_ended' });

test('who ended it comes before the recalls that follow from it', () => {
  /* The loser of a race must read who closed it, not which thirteen units were let go. */
  const recalls = Array.from({ length: 13 }, (_, n) => recalled(`r${n}`, n * 2_000));

  const [first, ...rest] = changesToTell([fact('IncidentClosed', { by: '乙席' }), ...recalls]);

  expect(first?.line).toMatchObject({ what: 'IncidentClosed', by: '乙席' });
  expect(rest).toHaveLength(CHANGES_TOLD_MAX - 1);
});

test('recalls of one breath are one line', () => {
  const [, recalls] = changesToTell([fact('IncidentClosed', { by: '乙席' }), recalled('r1', 0), recalled('r2', 5)]);

  expect(recalls?.units).toEqual(['r1', 'r2']);
});

test('a merge is told as one, with the other incident', () => {
  const lines = [
    fact('IncidentLinked', { by: '乙席', how: 'merged', other: 'x-2' }),
    ...['r1', 'r2', 'r3'].map((unit, n) => recalled(unit, n * 2_000)),
    fact('IncidentClosed', { by: '乙席', disposition: 'duplicate' }),
  ];

  expect(changesToTell(lines).map((each) => each.line.what).slice(0, 2)).toEqual(['IncidentLinked', 'IncidentClosed']);
});

test("a person's note comes before what a machine did, however much that was", () => {
  const sent = ['r1', 'r2', 'r3', 'r4'].map((unit, n) => fact('OrderReceived', { unit, t: n * 2_000 }));

  const lines = changesToTell([fact('NoteAdded', { by: '甲席', words: '看门' }), ...sent]);

  expect(lines.map((each) => each.line.what)).toEqual(['NoteAdded', 'OrderReceived', 'OrderReceived']);
  expect(lines.at(-1)?.units).toEqual(['r4']);
});
