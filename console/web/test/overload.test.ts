import { expect, test } from 'vitest';
import { SAID_FOR_MS, givesWay, shedAt } from '../src/overload';
import { NOTHING_YET, fold, type State } from '../src/state';
import type { ServerMessage } from '../src/wire';
import { change, sample, snapshot } from './samples';

/** Folds messages as the page does, and remembers when positions gave way. */
function looked(...messages: ServerMessage[]): number | null {
  let state: State = NOTHING_YET;
  let at: number | null = null;
  for (const message of messages) {
    const before = state;
    state = fold(before, message).state;
    at = shedAt(before, state, at);
  }
  return at;
}

const shed = (count: number) => ({ ...snapshot().status, positions_shed: count });

test('positions that gave way before the page opened are no news', () => {
  expect(looked(snapshot({ seq: 1, status: shed(500) }), change(2, { now: 9 }))).toBeNull();
});

test('a count that grows says that they give way now, until it has stood still for a while', () => {
  const at = looked(
    snapshot({ seq: 1, status: shed(500) }),
    change(2, { now: 1_000, status: shed(600) }),
    change(3, { now: 2_000 }),
  );

  expect(at).toBe(1_000);
  expect(givesWay(at, 1_000 + SAID_FOR_MS - 1)).toBe(true);
  expect(givesWay(at, 1_000 + SAID_FOR_MS)).toBe(false);
  expect(givesWay(null, 0)).toBe(false);
});

test('a hub that starts again counts anew: that is no overload', () => {
  const again = sample<ServerMessage>('hello');

  expect(looked(snapshot({ seq: 1, status: shed(5) }), again, snapshot({ seq: 0, status: shed(9) }))).toBeNull();
});
