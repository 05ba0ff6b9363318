import { describe, expect, test } from 'vitest';
import { lackedSkills, passedOver } from '../src/differences';
import { incident } from './samples';
import type { CandidateDoc, DecisionDoc } from '../src/wire';

const [decision] = incident().decisions;
const [known] = decision!.candidates;
const looked = (unit: string, changes: Partial<CandidateDoc>): CandidateDoc => ({
  ...known!,
  unit,
  verdict: 'not_needed',
  ring: 0,
  distance_m: 100,
  eta_s: 100,
  ...changes,
});
const wave = (...candidates: CandidateDoc[]): DecisionDoc => ({ ...decision!, candidates });
const called = looked('called', { verdict: 'called', distance_m: 300, eta_s: 200 });
const why = (changes: Partial<CandidateDoc>) => passedOver(wave(called, looked('near', changes))).get('near');

describe('somebody nearer who was left out', () => {
  test('had been called out more often', () => {
    expect(why({ call_outs: 3 })).toEqual([{ what: 'call_outs', more: 3 }]);
  });

  test('is in a ring farther out, or longer on the way round a wall', () => {
    expect(why({ ring: 1, eta_s: 350 })).toEqual([
      { what: 'ring', more: 1 },
      { what: 'later', more_s: 150 },
    ]);
    expect(why({ ring: -1 })).toEqual([{ what: 'outside' }]);
  });

  test('had something else to do', () => {
    expect(why({ busy: 3 })).toEqual([{ what: 'busy' }]);
  });

  test('is not told of where nothing tells them apart, or they are farther, or of another role', () => {
    expect(why({})).toBeUndefined();
    expect(why({ distance_m: 400, call_outs: 3 })).toBeUndefined();
    expect(why({ role: 'police', call_outs: 3 })).toBeUndefined();
    expect(why({ verdict: 'stale', call_outs: 3 })).toBeUndefined();
  });
});

test('a lacked skill is one that was wanted of its role or of anybody', () => {
  const missing = { 'any+medical': 1, 'guard+fire': 1, 'volunteer+first_aid': 1, volunteer: 3 };

  expect(lackedSkills(looked('v', { role: 'volunteer', skills: ['first_aid'] }), missing)).toEqual(['medical']);
  expect(lackedSkills(looked('g', { role: 'guard' }), missing)).toEqual(['medical', 'fire']);
});
