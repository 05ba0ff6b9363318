import { expect, test } from 'vitest';
import { completed } from '../src/whole';
import { readIncident, type AssignmentDoc, type IncidentDoc } from '../src/wire';
import { sampleText } from './samples';

const WHOLE = readIncident(sampleText('incident-en-route'));

const units = (doc: IncidentDoc): string[] => doc.assignments.map(({ unit }) => unit);
const asked = (unit: string, state: string): AssignmentDoc => ({
  ...WHOLE.assignments[0]!,
  id: `${WHOLE.id}/${unit}`,
  unit,
  state,
});

test('what the stream leaves out comes from the whole, what it tells stays as it tells it', () => {
  const [first, ...rest] = WHOLE.story;
  const fresh = { ...WHOLE.story.at(-1)!, words: 'said since' };
  const now = { ...WHOLE, story: [...rest, fresh], story_left_out: 1 };

  expect(completed(now, WHOLE).story).toEqual([first, ...rest, fresh]);
  expect(completed(now, WHOLE).story_left_out).toBe(0);
});

test('a whole that was read before more was left out is not taken for all', () => {
  const short = { ...WHOLE, story: WHOLE.story.slice(0, 2) };
  const now = { ...WHOLE, story: WHOLE.story.slice(5), story_left_out: 5 };

  expect(completed(now, short).story).toEqual(now.story);
  expect(completed(now, short).story_left_out).toBe(5);
});

test('a unit that was live then and has ended since is not shown as live', () => {
  /* Only its end could have moved it out of what the stream tells. */
  const whole = { ...WHOLE, assignments: [asked('a', 'expired'), asked('b', 'offered')] };
  const now = { ...WHOLE, assignments: [asked('c', 'en_route')], assignments_left_out: 2 };

  const shown = completed(now, whole);

  expect(units(shown)).toEqual(['a', 'c']);
  expect(shown.assignments_left_out).toBe(1);
});

test('a unit that accepted late is shown once, as it stands now', () => {
  const whole = { ...WHOLE, assignments: [asked('a', 'expired')] };
  const now = { ...WHOLE, assignments: [asked('a', 'accepted')], assignments_left_out: 0 };

  expect(completed(now, whole).assignments).toEqual(now.assignments);
});

test('the whole of another incident is no help', () => {
  const now = { ...WHOLE, story_left_out: 3 };

  expect(completed(now, { ...WHOLE, id: 'other' })).toBe(now);
  expect(completed(now, null)).toBe(now);
});
