import { describe, expect, test, vi } from 'vitest';
import { Api, newId, type ApiWorld } from '../src/api';
import { sampleText } from './samples';

interface Asked {
  url: string;
  init: RequestInit;
}

/** Answers each call with the next of the given answers; null is a network that fails. */
function world(...answers: (Response | null)[]): ApiWorld & { asked: Asked[]; slept: number[] } {
  const asked: Asked[] = [];
  const slept: number[] = [];
  let ids = 0;
  return {
    asked,
    slept,
    fetch: (url, init) => {
      asked.push({ url, init });
      const answer = answers.shift() ?? null;
      return answer ? Promise.resolve(answer) : Promise.reject(new TypeError('network'));
    },
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    newId: () => `id-${(ids += 1)}`,
  };
}

const accepted = () => new Response(sampleText('accepted'));
const header = (asked: Asked | undefined, name: string) =>
  (asked?.init.headers as Record<string, string>)[name];

describe('a command', () => {
  test('carries the token of this login, and an id', async () => {
    const net = world(accepted());

    const answer = await new Api(net, () => ({ 'X-CSRF': 't-1' })).note('xizi-20251121-001', '有人受伤');

    expect(answer.kind).toBe('done');
    expect(net.asked[0]?.url).toBe('api/v1/incidents/xizi-20251121-001/notes');
    expect(header(net.asked[0], 'X-CSRF')).toBe('t-1');
    expect(header(net.asked[0], 'Idempotency-Key')).toBe('id-1');
    expect(net.asked[0]?.init.body).toBe('{"words":"有人受伤"}');
  });

  test('is repeated under the same id where the network fails', async () => {
    /* The hub may have done it: with another id a unit would be sent twice. */
    const net = world(null, null, accepted());

    const answer = await new Api(net, () => ({})).assign('i', 'u');

    expect(answer.kind).toBe('done');
    expect(new Set(net.asked.map((asked) => header(asked, 'Idempotency-Key')))).toEqual(new Set(['id-1']));
    expect(net.asked).toHaveLength(3);
  });

  test('gives up after some seconds and says so', async () => {
    const net = world();

    expect(await new Api(net, () => ({})).assign('i', 'u')).toEqual({ kind: 'unreachable' });
    expect(net.asked).toHaveLength(4);
    expect(net.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(5_000);
  });

  test('that is refused is not repeated', async () => {
    const net = world(new Response(sampleText('refusal'), { status: 409 }));

    const answer = await new Api(net, () => ({})).take('i', { based_on: 3 });

    expect(answer).toMatchObject({ kind: 'refused', refusal: { code: 'stale_version' } });
    expect(net.asked).toHaveLength(1);
  });

  test('answered by a stranger between us and the hub counts as not answered', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const portal = () => new Response('<html>log in</html>', { status: 200 });
    const net = world(portal(), portal(), portal(), portal());

    expect(await new Api(net, () => ({})).take('i', { based_on: 3 })).toEqual({ kind: 'unreachable' });
  });
});

test('an id is a UUID, never the same twice, also without randomUUID', () => {
  const ids = new Set(Array.from({ length: 200 }, newId));

  expect(ids.size).toBe(200);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test('looking back says null, not an error, where the hub is away', async () => {
  expect(await new Api(world(), () => ({})).ended(0, 10)).toBeNull();
});
