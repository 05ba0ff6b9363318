// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/svelte';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Api, type ApiWorld } from '../src/api';
import { Commands } from '../src/commands.svelte';
import { Desk } from '../src/desk.svelte';
import { zh } from '../src/i18n/zh';
import Dialogs from '../src/panels/dialogs/Dialogs.svelte';
import { ROOT, sample, snapshot } from './samples';
import type { Hello } from '../src/wire';
import { EVERY_RIGHT } from './world';

const GRIDS = readFileSync(`${ROOT}/dispatch/demo/grids.geojson`, 'utf8');
const world: ApiWorld = {
  fetch: () => Promise.resolve(new Response(GRIDS)),
  sleep: () => Promise.resolve(),
  newId: () => 'id',
};
const api = new Api(world, () => ({}));
let desk: Desk;

beforeEach(() => {
  desk = new Desk();
  desk.rights = EVERY_RIGHT;
  desk.link = 'live';
  desk.message(sample<Hello>('hello'));
  desk.message(snapshot({ seq: 1 }));
});
afterEach(cleanup);

async function said(lon: number, lat: number): Promise<string | null> {
  desk.dialog = { name: 'open', alarm: null, unit: null };
  render(Dialogs, { desk, onleave: () => {}, commands: new Commands(desk, api) });
  desk.pointed = { lon, lat, unit: null };
  return (await screen.findByText(/^已选/)).textContent;
}

test('of a place pointed at the grid is told in which the incident will be', async () => {
  await desk.loadGrids(api);

  // The middle of grid 6 is nearer.
  expect(await said(112.937669, 28.200041)).toBe(`已选 ${desk.gridName('g10')}`);
});

test('outside every grid none is told, nor where they could not be read', async () => {
  const unknown = `已选 ${zh.card.grid_unknown}`;

  expect(await said(112.937669, 28.200041)).toBe(unknown);
  cleanup();
  await desk.loadGrids(api);
  expect(await said(112.9, 28.2)).toBe(unknown);
});
