import { describe, expect, test } from 'vitest';
import { actionOf, type Desktop, type Pressed } from '../src/keys';

const press = (key: string, changes: Partial<Pressed> = {}): Pressed => ({
  key,
  modified: false,
  repeated: false,
  typing: false,
  onControl: false,
  onMap: false,
  ...changes,
});
const desk = (changes: Partial<Desktop> = {}): Desktop => ({
  keysOn: true,
  dialogOpen: false,
  picks: 0,
  bannerSince_ms: null,
  now_ms: 10_000,
  ...changes,
});

describe('Enter', () => {
  test('takes what has been calling for 0.4 s, and not a moment before', () => {
    /* A keystroke meant for something else must not acknowledge an alarm nobody has read. */
    expect(actionOf(press('Enter'), desk({ bannerSince_ms: 9_700 }))).toBeNull();
    expect(actionOf(press('Enter'), desk({ bannerSince_ms: 9_600 }))).toEqual({ do: 'take' });
  });

  test.each<[string, Partial<Pressed>, Partial<Desktop>]>([
    ['while typing', { typing: true }, {}],
    ['held down', { repeated: true }, {}],
    ['with a modifier', { modified: true }, {}],
    ['on a button reached by keyboard', { onControl: true }, {}],
    ['with a dialog open', {}, { dialogOpen: true }],
    ['with nothing calling', {}, { bannerSince_ms: null }],
  ])('takes nothing %s', (_when, pressed, state) => {
    expect(actionOf(press('Enter', pressed), desk({ bannerSince_ms: 0, ...state }))).toBeNull();
  });

  test('sends those picked', () => {
    expect(actionOf(press('Enter'), desk({ picks: 2 }))).toEqual({ do: 'send' });
  });
});

test('letters do nothing while somebody types, and none where they are turned off', () => {
  for (const key of ['j', 'n', 'g', '1', '?']) {
    expect(actionOf(press(key), desk())).not.toBeNull();
    expect(actionOf(press(key, { typing: true }), desk())).toBeNull();
    expect(actionOf(press(key), desk({ keysOn: false }))).toBeNull();
    expect(actionOf(press(key, { modified: true }), desk())).toBeNull();
  }
});

test('Esc always leads back; arrows move the queue, but on the map they move the map', () => {
  expect(actionOf(press('Escape', { typing: true }), desk({ keysOn: false }))).toEqual({ do: 'back' });
  expect(actionOf(press('ArrowDown'), desk({ keysOn: false }))).toEqual({ do: 'step', by: 1 });
  expect(actionOf(press('ArrowUp', { onMap: true }), desk())).toBeNull();
});

test('digits pick by place', () => {
  expect(actionOf(press('1'), desk())).toEqual({ do: 'pick', index: 0 });
  expect(actionOf(press('9'), desk())).toEqual({ do: 'pick', index: 8 });
  expect(actionOf(press('0'), desk())).toBeNull();
});
