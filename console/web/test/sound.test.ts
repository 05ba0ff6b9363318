import { describe, expect, test } from 'vitest';
import { Bell, QUIET, type Tune, type Wanted } from '../src/sound';

/** What sounds from second 0 to `seconds`, asked every 200 ms, with the time of each. */
function heard(wanted: Wanted, seconds: number, bell = new Bell()): [number, Tune][] {
  const tunes: [number, Tune][] = [];
  for (let ms = 0; ms < seconds * 1000; ms += 200) {
    const tune = bell.due(wanted, ms);
    if (tune) tunes.push([ms / 1000, tune]);
  }
  return tunes;
}

const level = (level: number): Wanted => ({ ...QUIET, level });

describe('an exercise', () => {
  test('sounds once for each newcomer, softly by a tune of its own', () => {
    const bell = new Bell();

    expect(heard({ ...QUIET, drill_ms: 0 }, 60, bell)).toEqual([[0, 'drill']]);
    expect(bell.due({ ...QUIET, drill_ms: 30 }, 60_000)).toBe('drill');
  });

  test('is silent while anything real sounds', () => {
    for (const real of [level(1), level(2), level(3), { ...QUIET, trouble: true }]) {
      expect(heard({ ...real, drill_ms: 0 }, 20).map(([, tune]) => tune)).not.toContain('drill');
    }
  });
});

describe('level 1', () => {
  test('sounds every 2 s until it is answered, louder after 15 s', () => {
    const tunes = heard(level(1), 21);

    expect(tunes.map(([at]) => at)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(tunes.filter(([at]) => at < 15).every(([, tune]) => tune === 'sos')).toBe(true);
    expect(tunes.filter(([at]) => at >= 15).every(([, tune]) => tune === 'sos_loud')).toBe(true);
  });

  test('wins over trouble, and trouble never sounds like an alarm', () => {
    expect(new Set(heard({ ...level(1), trouble: true }, 60).map(([, tune]) => tune))).toEqual(
      new Set(['sos', 'sos_loud']),
    );
    expect(new Set(heard({ ...QUIET, trouble: true }, 60).map(([, tune]) => tune))).toEqual(
      new Set(['trouble']),
    );
  });

  test('keeps its beat though it is always asked a little late', () => {
    const bell = new Bell();
    const asked = Array.from({ length: 150 }, (_, n) => n * 207);

    const tunes = asked.filter((ms) => bell.due(level(1), ms) !== null);

    expect(tunes).toHaveLength(16); // 30.8 s, one each 2 s
  });

  test("of another operator's incident pressed again sounds one round", () => {
    const bell = new Bell();

    expect(bell.due({ ...QUIET, once: true }, 0)).toBe('sos');
    expect(heard(QUIET, 10, bell)).toEqual([]);
  });
});

test('level 2 sounds at once and each 30 s, level 3 ticks once for each newcomer', () => {
  expect(heard(level(2), 61).map(([at, tune]) => [at, tune])).toEqual([
    [0, 'urgent'],
    [30, 'urgent'],
    [60, 'urgent'],
  ]);
  const bell = new Bell();
  expect(heard(level(3), 60, bell)).toEqual([[0, 'watch']]);
  expect(bell.due({ ...level(3), since_ms: 500 }, 60_000)).toBe('watch');
});

test('level 2 that was answered and comes back is heard at once', () => {
  const bell = new Bell();
  bell.due(level(2), 0);
  bell.due(QUIET, 1_000);

  expect(bell.due(level(2), 2_000)).toBe('urgent');
});

test('nothing and level 4 are silent', () => {
  expect(heard(QUIET, 60)).toEqual([]);
  expect(heard(level(4), 60)).toEqual([]);
});

test('a mute is silent until it ends by itself', () => {
  const bell = new Bell();
  bell.mute(60_000);

  expect(bell.due(level(1), 59_800)).toBeNull();
  expect(bell.mutedFor(59_000)).toBe(1_000);
  expect(bell.due(level(1), 60_000)).toBe('sos_loud');
});
