// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import { Api } from '../src/api';
import { Commands } from '../src/commands.svelte';
import { Desk } from '../src/desk.svelte';
import Callback from '../src/panels/dialogs/Callback.svelte';
import HandOver from '../src/panels/dialogs/HandOver.svelte';
import Where from '../src/panels/incident/Where.svelte';
import { incident, sample, snapshot } from './samples';
import type { Hello } from '../src/wire';
import { EVERY_RIGHT } from './world';

/** A name of the days before the hub took such marks out: from it on, all is read from the right. */
const NAME = '王\u202e';
const PHONE = '13800001234';

afterEach(cleanup);

test.each([
  ['the card', Where],
  ['the hand-over', HandOver],
  ['the callback', Callback],
])('in %s the number stands apart from the name, and is read from the left', (_where, Panel) => {
  /* In one run with the name it would be dialled backwards. */
  const doc = incident({ caller_name: NAME, caller_phone: PHONE });
  const desk = new Desk();
  desk.rights = EVERY_RIGHT;
  desk.message(sample<Hello>('hello'));
  desk.message(snapshot({ seq: 1, incidents: [doc] }));
  const world = { fetch: () => Promise.reject(new Error('no net')), sleep: () => Promise.resolve(), newId: () => '' };
  const commands = new Commands(desk, new Api(world, () => ({})));

  render(Panel, { desk, commands, incident: doc });

  const [name, phone] = [screen.getByText(NAME), screen.getByText(PHONE)];
  expect([name.tagName, phone.tagName]).toEqual(['BDI', 'BDI']);
  expect(phone.getAttribute('dir')).toBe('ltr');
});
