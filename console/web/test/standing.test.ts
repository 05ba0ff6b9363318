// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Api, type ApiWorld } from '../src/api';
import { Commands } from '../src/commands.svelte';
import { Desk, type Dialog } from '../src/desk.svelte';
import { zh } from '../src/i18n/zh';
import Dialogs from '../src/panels/dialogs/Dialogs.svelte';
import { obstacle } from '../src/panels/dialogs/standing';
import { change, incident, sample, sampleText, snapshot } from './samples';
import type { Hello, IncidentDoc } from '../src/wire';
import { EVERY_RIGHT } from './world';

const ME = '调度一席';
const doc = incident({ id: 'xizi-20251121-001', taken_by: ME, taken_t: 1 });
const ended: Partial<IncidentDoc> = { phase: 'closed', closed_by: '乙席', closed_t: 5, disposition: 'by_phone' };

describe('what stands in the way', () => {
  test.each([
    ['mine', { taken_by: ME }, 'steer', null],
    ["nobody's", { taken_by: null }, 'steer', null],
    ["another's", { taken_by: '乙席' }, 'steer', 'held'],
    ["another's, for all", { taken_by: '乙席' }, 'open', null],
    ['ended', ended, 'steer', 'ended'],
    ['ended, for all', ended, 'open', 'ended'],
    ['ended, to look back', ended, 'after', null],
    ['running, to look back', {}, 'after', 'running'],
  ] as const)('of one that is %s', (_what, changes, ask, expected) => {
    expect(obstacle({ ...doc, ...changes }, ME, ask)).toBe(expected);
  });
});

describe('an open dialog', () => {
  let desk: Desk;
  let asked: string[];
  let seq: number;

  const hears = (changes: Partial<IncidentDoc>): void => {
    seq += 1;
    desk.message(change(seq, { incidents: [{ ...doc, version: doc.version + seq, ...changes }] }));
  };
  const opens = (dialog: Dialog): HTMLElement => {
    desk.dialog = dialog;
    const world: ApiWorld = {
      fetch: (url) => {
        asked.push(url);
        return Promise.resolve(new Response(sampleText('accepted')));
      },
      sleep: () => Promise.resolve(),
      newId: () => 'id',
    };
    render(Dialogs, { desk, onleave: () => {}, commands: new Commands(desk, new Api(world, () => ({}))) });
    return screen.getByRole('dialog');
  };
  const submits = (dialog: HTMLElement): readonly Element[] => [...dialog.querySelectorAll('[type=submit]')];

  beforeEach(() => {
    localStorage.clear();
    seq = 1;
    asked = [];
    desk = new Desk();
    desk.rights = EVERY_RIGHT;
    desk.operator = ME;
    desk.link = 'live';
    desk.message(sample<Hello>('hello'));
    desk.message(snapshot({ seq, incidents: [doc] }));
  });
  afterEach(cleanup);

  const about = { incident: doc.id };
  const steering: readonly Dialog[] = [
    { name: 'close', ...about },
    { name: 'merge', ...about, other: null },
    { name: 'split', ...about },
    { name: 'plan', ...about },
    { name: 'call', ...about },
    { name: 'revise', ...about },
    { name: 'place', ...about },
    { name: 'cancel', ...about },
    { name: 'handover', ...about, agency: '110' },
    { name: 'takeover', ...about },
  ];

  test.each(steering)('to $name says who ended the incident meanwhile, and can only be left', async (which) => {
    const dialog = opens(which);
    expect(submits(dialog)).toHaveLength(1);

    hears(ended);

    await within(dialog).findByText(new RegExp(`乙席.*已结束这起事件：${zh.disposition.by_phone}`));
    expect(submits(dialog)).toEqual([]);
    expect(within(dialog).getByRole('button', { name: '返回' })).toBeTruthy();
  });

  test.each(['reopen', 'callback'] as const)('to %s is of no use once the incident is open again', async (name) => {
    hears(ended);
    const dialog = opens({ name, ...about });
    expect(submits(dialog)).toHaveLength(1);

    hears({ phase: 'reopened' });

    await within(dialog).findByText(/已重新打开/);
    expect(submits(dialog)).toEqual([]);
  });

  test('keeps what was typed when it can no longer be sent', async () => {
    const dialog = opens({ name: 'close', ...about });
    const remark = dialog.querySelector('textarea')!;
    await fireEvent.input(remark, { target: { value: '已打电话给家属' } });

    hears(ended);

    await within(dialog).findByText(/可以复制/);
    expect(dialog.querySelector('textarea')).toHaveProperty('value', '已打电话给家属');
    expect(remark.disabled).toBe(false);
  });

  test('takes the incident over where it stands, and goes on with its fields as they were', async () => {
    const dialog = opens({ name: 'close', ...about });
    await fireEvent.input(dialog.querySelector('textarea')!, { target: { value: '已打电话给家属' } });
    await fireEvent.click(within(dialog).getByRole('radio', { name: zh.disposition.by_phone }));
    hears({ taken_by: '乙席' });
    const reason = await within(dialog).findByLabelText('接过来的原因（必填）');
    expect(submits(dialog)).toEqual([]);

    await fireEvent.input(reason, { target: { value: '我在打电话' } });
    await fireEvent.keyDown(reason, { key: 'Enter' });
    await waitFor(() => expect(asked).toEqual([`api/v1/incidents/${doc.id}/take`]));
    hears({ taken_by: ME });

    await waitFor(() => expect(submits(dialog)).toHaveLength(1));
    expect(submits(dialog)[0]).toHaveProperty('disabled', false);
    expect(screen.getByRole('dialog')).toBe(dialog);
    expect(dialog.querySelector('textarea')).toHaveProperty('value', '已打电话给家属');
    expect(within(dialog).queryByLabelText('接过来的原因（必填）')).toBeNull();
  });

  test('says that the other one of a merge has ended', async () => {
    const other = incident({ id: 'xizi-20251121-002', taken_by: null });
    seq += 1;
    desk.message(change(seq, { incidents: [other] }));
    const dialog = opens({ name: 'merge', ...about, other: other.id });
    expect(submits(dialog)[0]).toHaveProperty('disabled', false);

    seq += 1;
    desk.message(change(seq, { incidents: [{ ...other, ...ended }] }));

    await within(dialog).findByText(/选中的那起已经结束/);
    expect(submits(dialog)[0]).toHaveProperty('disabled', true);
  });
});
