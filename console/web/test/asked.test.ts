import { expect, test } from 'vitest';
import { notAskedAgain } from '../src/asked';
import { incident } from './samples';
import type { AssignmentDoc, DecisionDoc, StoryDoc } from '../src/wire';

const { assignments, decisions, story, alarms } = incident();
const asked = (unit: string, state: string, changes: Partial<AssignmentDoc> = {}): AssignmentDoc => ({
  ...assignments[0]!,
  unit,
  state,
  offered_t: 10,
  ...changes,
});
const line = (what: string, changes: Partial<StoryDoc> = {}): StoryDoc => ({
  ...story[0]!,
  unit: null,
  reason: null,
  t: 20,
  ...changes,
  what,
});
const wave = (called: string[], t = 10): DecisionDoc => ({ ...decisions[0]!, called, t });
const bare = { assignments: [], decisions: [], story: [], alarms: [] };

test.each(['declined', 'expired', 'clear', 'accepted', 'withdrawn'])('one whose order is %s is asked no more', (state) => {
  const doc = incident({ ...bare, assignments: [asked('r1', state)] });

  expect([...notAskedAgain(doc)]).toEqual(['r1']);
});

test('whoever was let go because enough came may be asked again', () => {
  const withdrawn = line('AssignmentWithdrawn', { unit: 'r1', reason: 'enough' });
  const recalled = line('AssignmentWithdrawn', { unit: 'r2', reason: 'by_operator' });
  const doc = incident({
    ...bare,
    assignments: [asked('r1', 'withdrawn'), asked('r2', 'withdrawn')],
    story: [withdrawn, recalled],
  });

  expect([...notAskedAgain(doc)]).toEqual(['r2']);
  const again = { ...doc, assignments: [...doc.assignments, asked('r1', 'expired')] };
  expect([...notAskedAgain(again)].sort()).toEqual(['r1', 'r2']);
});

test('one that the stream leaves out still stands in its wave', () => {
  expect([...notAskedAgain(incident({ ...bare, decisions: [wave(['r1', 'r2'])] }))]).toEqual(['r1', 'r2']);
});

test('those who pressed are not sent to their own alarm', () => {
  const doc = incident({ ...bare, alarms: [{ ...alarms[0]!, unit: 'r9' }] });

  expect([...notAskedAgain(doc)]).toEqual(['r9']);
});

test('once it is opened again everybody may be asked anew', () => {
  const doc = incident({
    ...bare,
    assignments: [asked('r1', 'declined'), asked('r2', 'declined', { offered_t: 60 })],
    decisions: [wave(['r1'])],
    story: [line('IncidentReopened', { t: 50 })],
  });

  expect([...notAskedAgain(doc)]).toEqual(['r2']);
});
