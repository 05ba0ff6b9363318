// @vitest-environment jsdom
// What is offered to whom: every button and link of the panels, by the right that it asks for.
import { cleanup, render, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Api, type ApiWorld } from '../src/api';
import { Commands } from '../src/commands.svelte';
import { Desk } from '../src/desk.svelte';
import { Banner, Bars, Demo, Dialogs, IncidentCard, Queue, TopBar, UnitCard } from '../src/panels';
import { mayAnywhere, mayIn, NO_RIGHTS, RIGHTS, type Right, type Rights } from '../src/rights';
import { Ringer } from '../src/ringer.svelte';
import { incident, sample, sampleText, snapshot, unit } from './samples';
import type { Hello, IncidentDoc } from '../src/wire';

const HERE = 'xizi';
const ELSEWHERE = 'hubin';
const ME = '调度一席';

const world: ApiWorld = {
  fetch: () => Promise.resolve(new Response(sampleText('accepted'))),
  sleep: () => Promise.resolve(),
  newId: () => 'id',
};

let desk: Desk;

const doc = incident();
const [alarm] = doc.alarms;
const busy = (changes: Partial<IncidentDoc> = {}): IncidentDoc => ({
  ...doc,
  alarms: [alarm!, { ...alarm!, id: 'second', reporter: true }],
  links: [{ id: 'other', how: 'offered' }],
  cancel: { alarm: alarm!.id, t: 0, duress: false, granted: null, answered_t: null } as unknown as IncidentDoc['cancel'],
  ...changes,
});
const DRILL = { id: 'xizi-drill-1', community: HERE, name: '夜间' };

function shows(shown: IncidentDoc): void {
  const hello = sample<Hello>('hello');
  const [community] = hello.communities;
  desk.message({ ...hello, communities: [community!, { ...community!, id: ELSEWHERE }] });
  const status = { ...snapshot().status!, drills: [DRILL] };
  const units = [unit('r01'), unit('r02', { row: 1 }), unit('r03', { row: 2 })];
  desk.message(snapshot({ seq: 1, incidents: [shown, incident({ id: 'other', taken_by: 'B' })], units, status }));
  desk.select(shown.id);
}

/** Everything that can be pressed, followed or written, by what it is called. */
function offered(): Set<string> {
  const all = document.body.querySelectorAll<HTMLElement>('button, a[href], input[type=checkbox], #note');
  const nameOf = (each: HTMLElement): string =>
    each.getAttribute('aria-label') || each.title || each.textContent || each.closest('label')?.textContent || '';
  return new Set([...all].map((each) => nameOf(each).replace(/\s+/g, ' ').trim()));
}

const DRAWN = ['open', 'ended', 'unit', 'around', 'file', 'hand over', 'drill', 'demo'] as const;
type Drawn = (typeof DRAWN)[number];

function draw(what: Drawn): void {
  const api = new Api(world, () => ({}));
  const commands = new Commands(desk, api);
  const made = { desk, api, commands };
  switch (what) {
    case 'open':
      shows(busy());
      render(Banner, { desk, onanswer: () => {} });
      render(IncidentCard, { ...made, onanswer: () => {} });
      return;
    case 'ended':
      shows(busy({ phase: 'closed', closed_by: ME, closed_t: 1, taken_by: ME, disposition: 'resolved' }));
      render(IncidentCard, { ...made, onanswer: () => {} });
      return;
    case 'unit':
      shows(busy());
      render(UnitCard, { ...made, unit: unit('r03', { row: 2 }) });
      return;
    case 'around':
      shows(busy());
      render(TopBar, { desk, ringer: new Ringer(desk), onoffice: () => {} });
      render(Bars, { desk, ringer: new Ringer(desk) });
      render(Queue, { desk, api });
      return;
    case 'demo':
      shows(busy());
      render(Demo, { desk, commands });
      screen.getByRole('button', { name: '演示' }).click();
      flushSync();
      return;
    case 'file':
    case 'hand over':
    case 'drill':
      shows(busy());
      desk.dialog =
        what === 'file'
          ? { name: 'export', incident: doc.id }
          : what === 'drill'
            ? { name: 'drill' }
            : { name: 'handover', incident: doc.id, agency: '110' };
      render(Dialogs, { ...made, onleave: () => {} });
  }
}

function offeredTo(rights: Rights, what: Drawn): Set<string> {
  cleanup();
  desk = new Desk();
  desk.operator = ME;
  desk.link = 'live';
  desk.rights = rights;
  draw(what);
  return offered();
}

const every = (where: string): Rights => Object.fromEntries(RIGHTS.map((right) => [right, [where]]));
const without = (right: Right): Rights => ({ ...every('*'), [right]: [ELSEWHERE] });
const missing = (what: Drawn, right: Right): string[] => {
  const all = offeredTo(every('*'), what);
  const rest = offeredTo(without(right), what);
  return [...all].filter((name) => !rest.has(name)).sort();
};

beforeEach(() => localStorage.clear());
afterEach(cleanup);

/** What is there for whoever has all rights, and not for whoever has this one elsewhere only. */
const TABLE: readonly (readonly [Drawn, Right, readonly string[]])[] = [
  [
    'open',
    'handle',
    [
      '不是',
      '保存',
      '停止呼叫',
      '关联',
      '新记录',
      '加叫',
      '召回 g01',
      '召回 r02',
      '合并',
      '合并/关联',
      '拆分',
      '换预案',
      '接手 Enter',
      '改类型或等级',
      '更正位置',
      '移交',
      '答复',
      '结束事件',
    ],
  ],
  ['open', 'export_file', ['导出']],
  ['ended', 'handle', ['保存', '新记录', '召回 g01', '召回 r02', '记回访', '重新打开']],
  ['ended', 'export_file', ['导出']],
  ['unit', 'handle', ['以此单元立案', '派往当前事件']],
  ['around', 'run_drill', ['结束演练']],
  ['file', 'see_track', ['包含姓名、电话、位置和文字']],
  ['hand over', 'print_sheet', ['打开移交单（可打印，有对方地图用的坐标）']],
  ['drill', 'run_drill', ['看到目前为止的演练报告', '结束演练']],
  ['drill', 'print_sheet', ['看到目前为止的演练报告']],
  ['demo', 'use_demo', ['按红键 r01', '按红键 r02', '按红键 r03']],
];

describe('who may do something elsewhere only', () => {
  test.each(TABLE)('is not offered it here: %s, %s', (what, right, gone) => {
    expect(missing(what, right)).toEqual([...gone].sort());
  });

  test('misses nothing else: no right but those above decides what is offered', () => {
    const known = new Set(TABLE.map(([what, right]) => `${what} ${right}`));
    for (const what of DRAWN) {
      for (const right of RIGHTS) {
        if (!known.has(`${what} ${right}`)) expect([what, right, missing(what, right)]).toEqual([what, right, []]);
      }
    }
  });
});

/** Whoever may only see is offered to look, to go there, and to say that they heard it. */
const LOOKING: Readonly<Record<'open' | 'ended' | 'unit' | 'around', readonly string[]>> = {
  open: ['g01', 'r01', 'r02', '打开 #other', '收起', '知道了 Enter', '转到现场 G'],
  ended: ['g01', 'other', 'r01', 'r02', '收起', '转到现场 G'],
  unit: ['关闭'],
  around: ['切换语言 Switch to English', '已结束', '帮助', '无声', '账号 · 在席：', '进行中 2'],
};

test.each(Object.entries(LOOKING))('whoever may only look on is offered to look: %s', (what, looks) => {
  const all = [...offeredTo({ see_situation: [HERE] }, what as Drawn)];

  // A row of the queue, and the banner, are called by what they tell.
  expect(all.filter((name) => !name.startsWith('SOS')).sort()).toEqual([...looks].sort());
});

test('before the server has said who sits here, nothing is offered', () => {
  for (const right of RIGHTS) {
    expect(mayIn(NO_RIGHTS, right, HERE)).toBe(false);
    expect(mayAnywhere(NO_RIGHTS, right)).toBe(false);
  }
  expect(mayIn({ handle: [HERE] }, 'handle', ELSEWHERE)).toBe(false);
  expect(mayIn({ handle: ['*'] }, 'handle', ELSEWHERE)).toBe(true);
});

test('an alarm of a radio that is not known here is offered to whoever may handle anywhere', () => {
  desk = new Desk();
  shows(busy());
  const strange = { ...alarm!, unit: 'r99', undecided: 'KeyError' };

  desk.rights = { see_situation: ['*'] };
  expect(desk.opens(strange)).toBe(false);
  desk.rights = { handle: [ELSEWHERE] };
  expect([desk.opens(strange), desk.opens(alarm!)]).toEqual([true, false]);
});
