import { expect, test } from 'vitest';
import { delivery, reached } from '../src/delivery';
import { incident } from './samples';
import type { AssignmentDoc } from '../src/wire';

const [asked] = incident().assignments;
const called = (changes: Partial<AssignmentDoc>): AssignmentDoc => ({
  ...asked!,
  offered_t: 100,
  times: { offered: 100 },
  ...changes,
});
const steps = (changes: Partial<AssignmentDoc>): string =>
  delivery(called(changes)).map(({ reached }) => (reached ? 'x' : '.')).join('');

test('the ladder is climbed step by step', () => {
  expect(steps({})).toBe('x....');
  expect(steps({ at_broker_t: 110 })).toBe('xx...');
  expect(steps({ at_broker_t: 110, times: { offered: 100, received: 120 } })).toBe('xxx..');
  expect(steps({ at_broker_t: 110, times: { received: 120 }, shown_t: 130 })).toBe('xxxx.');
  expect(steps({ times: { received: 120, accepted: 140 }, shown_t: 130 })).toBe('xxxxx');
});

test('a step that was reached has reached all before it, though nobody knows when', () => {
  /* After a restart the broker's receipt is forgotten; the radio's is not. */
  const marks = delivery(called({ times: { received: 120 } }));

  expect(marks[1]).toEqual({ step: 'at_broker', reached: true, t: null });
  expect(marks[2]).toEqual({ step: 'received', reached: true, t: 120 });
});

test('a no is an answer, and the first answer is when it was answered', () => {
  expect(reached(delivery(called({ times: { declined: 140 } })))).toBe('answered');
  expect(delivery(called({ times: { on_scene: 300, accepted: 140 } }))[4]?.t).toBe(140);
});

test('running out of time is no answer', () => {
  expect(reached(delivery(called({ state: 'expired', times: { offered: 100, expired: 130 } })))).toBe('queued');
});
