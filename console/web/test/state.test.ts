import { describe, expect, test } from 'vitest';
import { NOTHING_YET, fold, type State } from '../src/state';
import type { Change, IncidentDoc, ServerMessage, UnitDoc } from '../src/wire';
import { chance, change, incident, sample, snapshot, unit } from './samples';

const folded = (state: State, ...messages: ServerMessage[]): State =>
  messages.reduce((held, message) => fold(held, message).state, state);

/** Everything but the order in which things came. */
function plain(state: State): object {
  const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...state, incidents: sorted(state.incidents), units: sorted(state.units) };
}

describe('snapshot + changes = fresh snapshot', () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))('for any evening, seed %i', (seed) => {
    /* The law that spares us refetching lists: what a page folded is what a new page is given. */
    const next = chance(seed);
    const pick = (count: number) => Math.floor(next() * count);
    const incidents = new Map<string, IncidentDoc>();
    const units = new Map<string, UnitDoc>();
    let undecided = snapshot().undecided;
    let status = snapshot().status;
    let page = folded(NOTHING_YET, snapshot({ seq: 7 }));

    for (let seq = 8; seq < 48; seq += 1) {
      const docs = Array.from({ length: pick(3) }, () =>
        incident({ id: `i${pick(6)}`, version: seq, rings: pick(4) }),
      );
      const moved = Array.from({ length: pick(3) }, () => unit(`u${pick(6)}`, { online: next() < 0.5 }));
      const gone = [...incidents.keys()].filter(
        (id) => next() < 0.1 && !docs.some((doc) => doc.id === id),
      );
      const told: Partial<Change> = { incidents: docs, incidents_gone: gone, units: moved, now: seq };
      if (next() < 0.2) Object.assign(told, { undecided: (undecided = next() < 0.5 ? [] : incident().alarms) });
      if (next() < 0.2) Object.assign(told, { status: (status = { ...status, units_online: pick(9) }) });
      gone.forEach((id) => incidents.delete(id));
      docs.forEach((doc) => incidents.set(doc.id, doc));
      moved.forEach((doc) => units.set(doc.id, doc));

      page = folded(page, change(seq, told));

      const fresh = snapshot({
        seq,
        now: seq,
        incidents: [...incidents.values()],
        units: [...units.values()],
        undecided,
        status,
      });
      expect(plain(page)).toEqual(plain(folded(NOTHING_YET, fresh)));
    }
  });

  test('for the samples that the server made', () => {
    const before = sample<Parameters<typeof fold>[1]>('snapshot');
    const state = folded(NOTHING_YET, before);
    const news = { ...sample<Change>('change'), seq: state.seq + 1 };

    const after = folded(state, news);

    for (const doc of news.incidents) expect(after.incidents.get(doc.id)).toEqual(doc);
    expect(after.seq).toBe(news.seq);
  });
});

describe('a snapshot in parts', () => {
  const before = folded(
    NOTHING_YET,
    snapshot({ incidents: [incident({ id: 'a' }), incident({ id: 'b' })], units: [unit('u1'), unit('u2')] }),
  );
  const ids = (state: State) => [[...state.incidents.keys()].sort(), [...state.units.keys()].sort()];
  const more = snapshot({ seq: 5, parts: 2, incidents: [incident({ id: 'c' })] });

  test('nothing that was there goes before the last part: an alarm must not blink', () => {
    const state = folded(before, more, { type: 'part', left: 1, incidents: [incident({ id: 'a' })], units: [] });

    expect(ids(state)).toEqual([['a', 'b', 'c'], ['u1', 'u2']]);
  });

  test('what no part told, nor a change since, is gone with the last one', () => {
    const state = folded(
      before,
      more,
      { type: 'part', left: 1, incidents: [incident({ id: 'a' })], units: [] },
      change(6, { units: [unit('u2')] }),
      { type: 'part', left: 0, incidents: [], units: [unit('u3')] },
    );

    expect(ids(state)).toEqual([['a', 'c'], ['u2', 'u3']]);
    expect(state.seq).toBe(6);
    expect(state.unconfirmed.size).toBe(0);
  });

  test('one that comes whole leaves nothing over from one in parts', () => {
    const state = folded(before, more, snapshot({ seq: 6, units: [unit('u9')] }));

    expect(ids(state)).toEqual([[], ['u9']]);
    expect(state.unconfirmed.size).toBe(0);
  });
});

describe('gaps', () => {
  const state = folded(NOTHING_YET, snapshot({ seq: 3, units: [unit('u1')] }));

  test.each([2, 3, 5, 99])('change %i after 3 is a gap, and nothing of it is believed', (seq) => {
    const after = fold(state, change(seq, { units: [unit('u2')] }));

    expect(after).toEqual({ state, gap: true });
  });

  test('a beat with a number that we have not seen is a gap', () => {
    /* The last change before a silence would otherwise be missed until the next one. */
    expect(fold(state, { type: 'beat', seq: 4, now: 9 }).gap).toBe(true);
    expect(fold(state, { type: 'beat', seq: 3, now: 9 })).toMatchObject({ gap: false, state: { now: 9 } });
  });

  test('a change before any snapshot is a gap', () => {
    expect(fold(NOTHING_YET, change(1)).gap).toBe(true);
  });

  test('a snapshot mends it, whatever was held', () => {
    const after = folded(state, snapshot({ seq: 50, units: [unit('u9')] }));

    expect([...after.units.keys()]).toEqual(['u9']);
    expect(fold(after, change(51)).gap).toBe(false);
  });
});
