import { expect, test } from 'vitest';
import { framed, type Framed, type Spot } from '../src/map/framing';

const HOME = { west: 0, south: 0, east: 2_000, north: 2_000 };
const SIZE = [800, 800] as const;
const NONE = { top: 0, right: 0, bottom: 0, left: 0 };

/** Where a spot is on the screen, pixels from the upper left corner. */
function onScreen(view: Framed, { x, y }: Spot, [width, height]: readonly [number, number] = SIZE): [number, number] {
  return [width / 2 + (x - view.x) / view.resolution, height / 2 - (y - view.y) / view.resolution];
}

test('a place in the middle of the community stands in the middle of the map', () => {
  const view = framed({ x: 1_000, y: 1_000 }, [], HOME, SIZE, NONE);

  expect(onScreen(view, { x: 1_000, y: 1_000 })).toEqual([400, 400]);
});

test.each([
  ['north-east', { x: 1_990, y: 1_990 }],
  ['south-west', { x: 5, y: 5 }],
  ['east', { x: 2_000, y: 1_000 }],
])('at the %s edge no third of the map is empty', (_where, place) => {
  const view = framed(place, [], HOME, SIZE, NONE);

  const [left, top] = onScreen(view, { x: HOME.west, y: HOME.north });
  const [right, bottom] = onScreen(view, { x: HOME.east, y: HOME.south });
  expect(Math.max(left, top, 800 - right, 800 - bottom)).toBeLessThanOrEqual(60);
  const [x, y] = onScreen(view, place);
  expect(Math.min(x, y, 800 - x, 800 - y)).toBeGreaterThanOrEqual(59);
});

test('those who come are seen as well, but for one who is too far', () => {
  const place = { x: 1_000, y: 1_000 };
  const near = { x: 500, y: 1_000 };
  const far = { x: 1_000, y: -9_000 };

  const view = framed(place, [near, far], HOME, SIZE, NONE);

  expect(onScreen(view, near)[0]).toBeGreaterThanOrEqual(0);
  expect(onScreen(view, far)[1]).toBeGreaterThan(800);
  expect(view.resolution).toBeLessThanOrEqual(2);
});

test('nothing that matters lies under the banner or beside the tools', () => {
  const place = { x: 1_000, y: 1_990 };
  const insets = { top: 80, right: 60, bottom: 50, left: 20 };

  const view = framed(place, [], HOME, SIZE, insets);

  expect(onScreen(view, place)[1]).toBeGreaterThanOrEqual(80 + 59);
  expect(onScreen(view, { x: 0, y: HOME.north })[1]).toBeGreaterThanOrEqual(80);
});

test('an incident in another town is shown there', () => {
  const place = { x: 90_000, y: 1_000 };

  const [x, y] = onScreen(framed(place, [], HOME, SIZE, NONE), place);

  expect(Math.min(x, 800 - x)).toBeGreaterThanOrEqual(59);
  expect(y).toBe(400);
});

test('a map that is not laid out yet gives a picture all the same', () => {
  const view = framed({ x: 1, y: 1 }, [{ x: 5, y: 5 }], null, [0, 0], NONE);

  expect(Number.isFinite(view.x + view.y + view.resolution)).toBe(true);
});
