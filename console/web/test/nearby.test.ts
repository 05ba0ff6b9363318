import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { arrivals } from '../src/arrival';
import { HubClock } from '../src/clock';
import { Positions, distanceM } from '../src/frames';
import { gridAt, readGrids } from '../src/grids';
import { HitGrid } from '../src/map/hit';
import { byCallSign, isStale, nearestFree } from '../src/nearby';
import { ROOT, incident, sample, unit } from './samples';

const NOW = 1_000_000;
const AT = { now: NOW, fresh_s: 90 };
const PLACE = { lon: 120, lat: 30 };

/** A frame with one record a row: metres north of PLACE, age in seconds. */
function positions(...rows: [away_m: number, age_s: number][]): Positions {
  const view = new DataView(new ArrayBuffer(16 + rows.length * 32));
  view.setUint8(0, 2);
  view.setUint32(4, rows.length, true);
  rows.forEach(([away_m, age_s], row) => {
    const at = 16 + row * 32;
    view.setUint32(at, row, true);
    view.setUint8(at + 7, 3);
    view.setInt32(at + 8, 120e7, true);
    view.setInt32(at + 12, Math.round((30 + away_m / 111_195) * 1e7), true);
    view.setFloat64(at + 16, NOW - age_s * 1000, true);
    view.setUint16(at + 24, 65_535, true);
  });
  const held = new Positions();
  held.feed(view.buffer);
  return held;
}

const open = incident({ sender: 'sender', assignments: [] });

test('the nearest free come first, at most nine', () => {
  const held = positions(...Array.from({ length: 12 }, (_, row): [number, number] => [1_200 - row * 100, 1]));
  const units = Array.from({ length: 12 }, (_, row) => unit(`u${row}`, { row }));

  const near = nearestFree(units, held, open, PLACE, AT);

  expect(near.map((each) => each.unit.id).slice(0, 3)).toEqual(['u11', 'u10', 'u9']);
  expect(near).toHaveLength(9);
  expect(near[0]?.distance_m).toBeCloseTo(100, 0);
});

test('of those who are coming the soonest is first, those asked or there are not counted', () => {
  const states = ['accepted', 'en_route', 'offered', 'on_scene', 'en_route'];
  const units = new Map(states.map((_, row) => [`u${row}`, unit(`u${row}`, { row, incident: 'i' })]));
  const [some] = incident().assignments;
  const asked = states.map((state, row) => ({ ...some!, id: `i/${row}`, unit: `u${row}`, state }));
  const held = positions([600, 1], [240, 1], [10, 1], [5, 1], [100, 600]);

  const coming = arrivals(asked, units, held, PLACE, AT);

  expect(coming.map((each) => each.unit)).toEqual(['u1', 'u0']); // u4 has an old fix
  expect(coming[0]?.walk_s).toBeCloseTo(200, 0);
});

test('who called for help elsewhere is not offered', () => {
  const near = nearestFree([unit('u')], positions([10, 1]), open, PLACE, AT, new Set(['u']));

  expect(near).toEqual([]);
});

test.each([
  ['off duty', { on_duty: false }],
  ['offline', { online: false }],
  ['on another incident', { incident: 'other' }],
  ['revoked', { revoked: true }],
  ['of another community', { community: 'far' }],
  ['without a fix', { row: 7 }],
  ['the sender', { id: 'sender' }],
])('a unit %s is not offered', (_why, changes) => {
  expect(nearestFree([unit('u', changes)], positions([10, 1]), open, PLACE, AT)).toEqual([]);
});

test('a fix older than 90 s makes a unit hollow, and not offered', () => {
  const held = positions([10, 89], [10, 91]);

  expect(isStale(unit('a', { row: 0 }), held, AT)).toBe(false);
  expect(isStale(unit('b', { row: 1 }), held, AT)).toBe(true);
});

test('by call sign everybody is found, reachable or not', () => {
  const units = [unit('a', { call_sign: '西子一间' }), unit('b', { call_sign: '西子二间', row: 5, on_duty: false })];

  expect(byCallSign(units, positions([10, 1]), '二', PLACE, AT, 5).map((each) => each.unit.id)).toEqual(['b']);
  expect(byCallSign(units, positions([10, 1]), ' ', PLACE, AT, 5)).toEqual([]);
});

test('metres between two places', () => {
  expect(distanceM(120, 30, 120, 31)).toBeCloseTo(111_195, -1);
  expect(distanceM(179.9, 0, -179.9, 0)).toBeCloseTo(22_239, -1);
});

test('grids are read by name, id and key units, and a broken document is empty', () => {
  const grids = readGrids('xizi', sample<object>('grids'));

  expect(grids.map((grid) => grid.name)).toEqual(['西子小区一期', '西子小区二期']);
  expect(grids.map((grid) => grid.name_en)).toEqual(['Xizi Estate, Phase 1', '']);
  expect(grids[0]?.keyUnits[0]).toMatchObject({ name: '幼儿园', name_en: 'Kindergarten' });
  expect(grids[0]?.lon).toBeCloseTo(120.005, 6);
  expect(readGrids('xizi', null)).toEqual([]);
  expect(readGrids('xizi', { features: [{ properties: null }] })).toEqual([]);
});

test('a place is in the grid that the hub finds it in, on borders and in holes too', () => {
  type Told = readonly [lon: number, lat: number, grid: string | null];
  const told = sample<{ odd_grids: object; odd: readonly Told[]; demo: readonly Told[] }>('places');
  const demo: unknown = JSON.parse(readFileSync(`${ROOT}/dispatch/demo/grids.geojson`, 'utf8'));

  for (const [places, document] of [[told.odd, told.odd_grids], [told.demo, demo]] as const) {
    const grids = [...readGrids('elsewhere', document), ...readGrids('xizi', document)];
    const found = places.map(([lon, lat]) => [lon, lat, gridAt(grids, 'xizi', lon, lat)?.id ?? null]);
    expect(found).toEqual(places);
    expect(gridAt(grids, 'xizi', places[0]![0], places[0]![1])?.community).toBe('xizi');
  }
});

test('the pointer finds the nearest mark within reach, across cells', () => {
  const hits = new HitGrid<string>();
  hits.put(24, 24, 'a');
  hits.put(34, 24, 'b');

  expect(hits.at(22, 23)).toBe('a');
  expect(hits.at(33, 30)).toBe('b');
  expect(hits.at(60, 60)).toBeNull();
});

test("the hub's clock goes on between messages, at its own speed, and is not set back by a late one", () => {
  const clock = new HubClock();
  clock.runAt(20);
  clock.hear(1_000, 0);

  expect(clock.read(100)).toBe(3_000);

  clock.hear(2_500, 100);
  expect(clock.read(100)).toBe(3_000);

  clock.hear(-90_000, 100);
  expect(clock.read(100)).toBe(-90_000);
});
