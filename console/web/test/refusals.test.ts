import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en } from '../src/i18n/en';
import { zh } from '../src/i18n/zh';
import { REFUSALS } from '../src/i18n/zh-codes';
import { ROOT } from './samples';

const source = readFileSync(`${ROOT}/console/requests.py`, 'utf8');
const named = (pattern: RegExp): string[] => [...source.matchAll(pattern)].map((match) => match[1] ?? '');

test('every piece of a request that can be refused by name has words', () => {
  /* asking.py makes these codes of the piece's name: bad_grid of "grid", unknown_role of "role". */
  const ids = named(/name_of\([^\n]*, "([a-z_]+)"\)/g);
  const vocabularies = named(/\bword(?:_or_none)?\([^\n]*, "([a-z_]+)"\)/g);
  const codes = [...ids.map((what) => `bad_${what}`), ...vocabularies.map((what) => `unknown_${what}`)];

  expect(codes).toContain('bad_alarm');
  expect(codes).toContain('unknown_satisfaction');
  for (const code of codes) {
    expect(REFUSALS).toContain(code);
    for (const words of [zh, en]) expect(words.refusal).toHaveProperty(code);
  }
});
