// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk } from '../src/desk.svelte';
import { DRAFTS_MAX, NOTE_LENGTH_MAX, keepDrafts, keptDrafts, withDraft } from '../src/drafts';
import { change, incident, snapshot } from './samples';

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

const stored = (): string => sessionStorage.getItem('yihu.drafts') ?? '';

describe('drafts of notes', () => {
  test('are bounded, and the oldest give way', () => {
    let drafts = {};
    for (let n = 0; n < DRAFTS_MAX + 3; n += 1) drafts = withDraft(drafts, `i${n}`, 'x'.repeat(NOTE_LENGTH_MAX + 1));
    keepDrafts(drafts);

    expect(Object.keys(keptDrafts())).toHaveLength(DRAFTS_MAX);
    expect(Object.keys(keptDrafts())).not.toContain('i2');
    expect(keptDrafts()[`i${DRAFTS_MAX + 2}`]).toHaveLength(NOTE_LENGTH_MAX);
  });

  test.each(['', 'no json', '[1]', '{"a":5}', 'null'])('what is no draft is not read: %s', (text) => {
    sessionStorage.setItem('yihu.drafts', text);

    expect(keptDrafts()).toEqual({});
  });
});

describe('a note being typed', () => {
  const shown = (): Desk => {
    const desk = new Desk();
    desk.message(snapshot({ seq: 1, incidents: [incident({ id: 'a' })] }));
    return desk;
  };

  test('is there again after the page was loaded anew, in this tab alone', () => {
    shown().setDraft('a', '家属已到');

    expect(shown().drafts).toEqual({ a: '家属已到' });
    expect(stored()).not.toBe('');
    expect(Object.values({ ...localStorage }).join()).not.toContain('家属');
  });

  test('is kept no more once it was sent', () => {
    const desk = shown();
    desk.setDraft('a', '家属已到');

    desk.setDraft('a', '');

    expect(stored()).toBe('');
  });

  test('is kept no more once its incident ends, and stays on the screen', () => {
    const desk = shown();
    desk.setDraft('a', '家属已到');

    desk.message(change(2, { incidents: [incident({ id: 'a', phase: 'closed' })] }));

    expect(stored()).toBe('');
    expect(desk.drafts).toEqual({ a: '家属已到' });
  });

  test('is kept no more where its incident ended while the page was away, and not before that is known', () => {
    shown().setDraft('a', '家属已到');
    const desk = new Desk();

    desk.message(snapshot({ seq: 5, parts: 1 }));
    expect(stored()).not.toBe('');

    desk.message({ type: 'part', left: 0, incidents: [incident({ id: 'b' })], units: [] });
    expect(stored()).toBe('');
  });
});
