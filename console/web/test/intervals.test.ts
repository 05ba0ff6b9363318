import { expect, test } from 'vitest';
import { bars } from '../src/intervals';

test('intervals stand in the order in which they happen, the longest drawn whole', () => {
  const drawn = bars({ received_to_closed: 60_000, device_to_received: 600, received_to_taken: 6_000 });

  expect(drawn).toEqual([
    { name: 'device_to_received', ms: 600, share: 0.01 },
    { name: 'received_to_taken', ms: 6_000, share: 0.1 },
    { name: 'received_to_closed', ms: 60_000, share: 1 },
  ]);
});

test('one that a newer hub tells comes last, and none at all draws nothing', () => {
  expect(bars({ brand_new: 5, received_to_taken: 10 }).map(({ name }) => name)).toEqual([
    'received_to_taken',
    'brand_new',
  ]);
  expect(bars({})).toEqual([]);
});
