// @vitest-environment jsdom
import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Api, type ApiWorld } from '../src/api';
import { Commands } from '../src/commands.svelte';
import { Desk } from '../src/desk.svelte';
import { needWords } from '../src/i18n';
import { zh } from '../src/i18n/zh';
import { Banner, Bars, IncidentCard, Queue } from '../src/panels';
import { Ringer } from '../src/ringer.svelte';
import { change, incident, sample, sampleText, snapshot, unit } from './samples';
import { readIncident, type Hello, type IncidentDoc, type Snapshot } from '../src/wire';
import { EVERY_RIGHT } from './world';

let desk: Desk;
let asked: { url: string; body: string }[];
let answers: string[];

const world: ApiWorld = {
  fetch: (url, init) => {
    asked.push({ url, body: String(init.body) });
    const answer = answers.shift();
    const refused = answer?.includes('"code"') ?? false;
    return Promise.resolve(new Response(answer ?? sampleText('accepted'), { status: refused ? 409 : 200 }));
  },
  sleep: () => Promise.resolve(),
  newId: () => 'id',
};

function made(): { desk: Desk; api: Api; commands: Commands } {
  const api = new Api(world, () => ({}));
  return { desk, api, commands: new Commands(desk, api) };
}

function shows(...incidents: IncidentDoc[]): void {
  desk.message(sample<Hello>('hello'));
  desk.message(snapshot({ seq: 1, now: incidents[0]?.opened_t ?? 0, incidents }));
}

beforeEach(() => {
  localStorage.clear();
  desk = new Desk();
  desk.rights = EVERY_RIGHT;
  desk.operator = '调度一席';
  desk.link = 'live';
  asked = [];
  answers = [];
});
afterEach(cleanup);

describe('the queue', () => {
  test('says in words that nothing waits', () => {
    shows();
    render(Queue, made());

    expect(screen.getByText('没有待接手的报警')).toBeTruthy();
  });

  test('counts its rows for those who hear the page', () => {
    shows(incident({ id: 'a' }), incident({ id: 'b', priority: 2, kind: 'dispute' }));
    render(Queue, made());

    const rows = screen.getAllByRole('listitem');
    expect(rows.map((row) => row.getAttribute('aria-posinset'))).toEqual(['1', '2']);
    expect(rows.every((row) => row.getAttribute('aria-setsize') === '2')).toBe(true);
  });
});

describe('the banner', () => {
  test('stands for a level 1 that nobody took, and for no other', () => {
    shows(incident({ priority: 2 }));
    render(Banner, { desk, onanswer: () => {} });
    expect(screen.queryByRole('button')).toBeNull();
    cleanup();

    shows(incident());
    render(Banner, { desk, onanswer: () => {} });
    expect(screen.getByRole('button', { name: /接手/ })).toBeTruthy();
  });

  test('is disabled while the link is lost', () => {
    shows(incident());
    desk.link = 'lost';
    render(Banner, { desk, onanswer: () => {} });

    expect(screen.getByRole('button', { name: /接手/ })).toHaveProperty('disabled', true);
  });
});

test('an exercise is not ended while the link is lost', () => {
  shows();
  const drills = [{ id: 'd', community: 'xizi', name: '夜间演练' }];
  desk.message(snapshot({ seq: 2, status: { ...snapshot().status, drills } }));
  render(Bars, { desk, ringer: new Ringer(desk) });
  expect(screen.getByRole('button', { name: '结束演练' })).toHaveProperty('disabled', false);
  cleanup();

  desk.link = 'lost';
  render(Bars, { desk, ringer: new Ringer(desk) });
  expect(screen.getByRole('button', { name: '结束演练' })).toHaveProperty('disabled', true);
});

test('a page without a login claims neither a lost link nor that it connects again', () => {
  shows();
  desk.link = 'lost';
  desk.loggedOut = true;
  render(Bars, { desk, ringer: new Ringer(desk) });

  expect(screen.getByText(/已退出登录：这里收不到报警/)).toBeTruthy();
  expect(screen.queryByText(/失去连接|重新连接/)).toBeNull();
});

describe('the card', () => {
  const draw = (doc: IncidentDoc): void => {
    shows(doc);
    desk.select(doc.id);
    render(IncidentCard, { ...made(), onanswer: () => {} });
  };
  const later = (): IncidentDoc => readIncident(sampleText('incident-en-route'));

  test('tells who, where, and why these and not the others', () => {
    draw(incident());

    const card = screen.getByRole('region', { name: /事件/ });
    expect(within(card).getByText(/为什么是这些人/)).toBeTruthy();
    expect(within(card).getByText(/定位过旧 1 人/)).toBeTruthy();
    expect(within(card).getAllByText(/报警时定位/).length).toBe(1);
  });

  test('a sender who was answering another incident is a responder in danger; a mere link is none', () => {
    const other = 'xizi-20251121-003';
    draw(incident({ linked_to: other }));
    expect(screen.getByRole('button', { name: '关联事件 20251121-003' })).toBeTruthy();
    expect(screen.queryByText('出警人员遇险')).toBeNull();
    cleanup();

    draw(incident({ linked_to: other, in_danger: true }));
    expect(screen.getByText('出警人员遇险')).toBeTruthy();
  });

  test('marks a silent alarm, a late one, one not stored, one not decided', () => {
    const [alarm] = incident().alarms;
    if (!alarm) throw new Error('the sample has no alarm');
    draw(
      incident({
        covert: true,
        alarms: [{ ...alarm, late: true, stored: false, undecided: 'KeyError' }],
      }),
    );

    for (const words of ['静默报警：不要出声呼叫', '迟到的报警，非实时', '尚未存盘', '未能自动派警：请人工呼叫']) {
      expect(screen.getByText(words)).toBeTruthy();
    }
  });

  test('says of an older wave whom it called, and reads its candidates only when asked', async () => {
    const doc = later();
    const [older] = doc.decisions;
    if (!older) throw new Error('the sample has one wave only');
    draw(doc);
    const wave = screen.getByText(/第 1 波呼叫/).closest('details')!;
    expect(within(wave).getByText('r02')).toBeTruthy();
    expect(within(wave).getByText('120 米')).toBeTruthy();
    expect(within(wave).getByText(/定位过旧 1 人/)).toBeTruthy();
    expect(within(wave).queryByText('r03')).toBeNull();

    const { decisions } = readIncident(sampleText('incident-received'));
    answers = [JSON.stringify(decisions[0])];
    within(wave).getByRole('button', { name: '查看记录在案的每个人' }).click();

    expect(await within(wave).findByText('r03')).toBeTruthy();
    expect(asked.at(-1)?.url).toBe(`api/v1/incidents/${doc.id}/decisions/1`);
    expect(within(wave).queryByRole('button', { name: /查看记录/ })).toBeNull();
    expect(within(wave).queryByText(/只计人数/)).toBeNull();
  });

  test('says how many more there were for which reason where not all are on record', async () => {
    const doc = later();
    const { decisions } = readIncident(sampleText('incident-received'));
    const verdicts = { ...decisions[0]?.verdicts, off_duty: 700, stale: 31 };
    draw({ ...doc, decisions: doc.decisions.map((each) => ({ ...each, candidates: [], verdicts })) });
    const wave = screen.getByText(/第 1 波呼叫/).closest('details')!;

    answers = [JSON.stringify({ ...decisions[0], verdicts })];
    within(wave).getByRole('button', { name: '查看记录在案的每个人' }).click();

    expect(await within(wave).findByText(/只计人数：.*700 人.*30 人/)).toBeTruthy();
  });

  test('says of whom an older wave called how far they walk, and what they were called for', () => {
    const doc = later();
    const known = { walk_s: 95, need: 'volunteer+medical' };
    draw({ ...doc, assignments: doc.assignments.map((each) => (each.unit === 'r02' ? { ...each, ...known } : each)) });
    const wave = screen.getByText(/第 1 波呼叫/).closest('details')!;

    expect(within(wave).getByText('120 米 · 步行 2 分')).toBeTruthy();
    expect(within(wave).getByText(`本波需要${needWords(zh, known.need)}`)).toBeTruthy();
    expect(within(wave).getByText('310 米'), 'nothing is made up').toBeTruthy();
  });

  test('says that a wave was erased only where nothing was counted', () => {
    const doc = later();
    draw({ ...doc, decisions: doc.decisions.map((each) => ({ ...each, candidates: [], verdicts: {} })) });

    expect(screen.getAllByText('当时的依据已按规定删除。')).toHaveLength(2);
    expect(screen.getAllByText('r02').length).toBeGreaterThan(0);
  });

  test('counts what the stream leaves out, and shows it when asked', async () => {
    const doc = later();
    const [first, ...story] = doc.story;
    const assignments = doc.assignments.filter(({ state }) => state !== 'declined');
    expect(assignments).toHaveLength(doc.assignments.length - 1);
    draw({ ...doc, story, story_left_out: 1, assignments, assignments_left_out: 1 });
    expect(screen.getByText('未来或已完成 1 人')).toBeTruthy();
    expect(screen.getByText(`${doc.story.length} 条`)).toBeTruthy();

    answers = [JSON.stringify(doc)];
    screen.getByRole('button', { name: '更早的 1 条' }).click();

    await waitFor(() => expect(desk.incident?.story[0]).toEqual(first));
    expect(asked.at(-1)?.url).toBe(`api/v1/incidents/${doc.id}`);
    expect(desk.incident?.assignments).toHaveLength(doc.assignments.length);
    expect(screen.queryByRole('button', { name: /更早的/ })).toBeNull();
  });

  test('shows hostile words as words', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    draw(incident({ place: { ...incident().place, words: hostile, grid_name: hostile } }));

    expect(screen.getAllByText(hostile)).toHaveLength(2);
    expect(document.querySelector('img')).toBeNull();
  });
});

describe('taking', () => {
  test('is asked again where only the version moved', async () => {
    /* Thirteen answering units move it thirteen times; that is no reason to refuse an operator. */
    const known = incident({ version: 5 });
    shows(known);
    const stale = (present: IncidentDoc) =>
      JSON.stringify({ code: 'stale_version', detail: '', facts: {}, incident: present });
    answers = [stale({ ...known, version: 9 })];

    expect(await made().commands.take(known)).toBe(true);

    expect(asked.map(({ body }) => body)).toEqual([
      '{"words":"","based_on":5,"lease":0}',
      '{"words":"","based_on":9,"lease":0}',
    ]);
    expect(desk.notices).toEqual([]);
  });

  test('is refused in words where somebody else took it meanwhile', async () => {
    const known = incident();
    shows(known);
    const line = { ...known.story[0]!, what: 'IncidentTaken', by: '乙席' };
    const present = { ...known, version: 9, taken_by: '乙席', story: [...known.story, line] };
    answers = [JSON.stringify({ code: 'stale_version', detail: '', facts: {}, incident: present })];

    expect(await made().commands.take(known)).toBe(false);

    expect(asked).toHaveLength(1);
    expect(desk.notices[0]?.more).toContain('乙席 接手');
  });
});

describe('a refusal', () => {
  const refuses = (code: string, facts: object): void =>
    void answers.push(JSON.stringify({ code, detail: 'english', facts, incident: null }));

  test('about an order speaks of the order, in the words of its state', async () => {
    const doc = incident();
    const [order] = doc.assignments;
    shows(doc);
    desk.message(change(2, { units: [unit(order!.unit, { call_sign: '西子二间' })] }));
    refuses('wrong_phase', { subject: order!.id, phase: 'withdrawn', request: 'calling it back' });

    await made().commands.withdraw(doc.id, order!.id);

    expect(desk.notices[0]?.text).toBe('西子二间 已是“已召回”，不能再这样做');
    expect(desk.notices[0]?.more).not.toContain('withdrawn');
  });

  test('goes once the operator has succeeded with that incident, and no other does', async () => {
    shows(incident({ id: 'a' }), incident({ id: 'b' }));
    const { commands } = made();
    refuses('held', { held_by: '乙席' });
    refuses('held', { held_by: '乙席' });
    await commands.close(incident({ id: 'a' }), { disposition: 'by_phone', words: '' });
    await commands.close(incident({ id: 'b' }), { disposition: 'by_phone', words: '' });
    expect(desk.notices).toHaveLength(2);

    await commands.take(incident({ id: 'a' }));

    expect(desk.notices.map(({ about }) => about)).toEqual(['b']);
  });

  test('of one unit stays where others were sent in the same breath', async () => {
    shows(incident({ id: 'a' }));
    desk.picks = ['r1', 'r2'];
    refuses('unfit', { field: 'unit' });

    await made().commands.sendPicked('a');

    expect(desk.notices).toHaveLength(1);
  });
});

test('a responder in danger is named in the banner too', () => {
  shows(incident({ in_danger: true }));
  render(Banner, { desk, onanswer: () => {} });

  expect(screen.getByText('出警人员遇险')).toBeTruthy();
});

test('messages that failed are folded but for the last, and the badge says that nobody was reached', async () => {
  const failed = (t: number) => ({ t, gateway: 'sms', ok: false, why: 'timeout', person: 'supervisor', recall: false });
  const told = [1, 2, 3, 4, 5].map(failed);
  const doc = incident({ told, escalations: [{ t: 1, rung: 'supervisor', reason: 'not_taken' }] });
  shows(doc);
  desk.select(doc.id);
  render(IncidentCard, { ...made(), onanswer: () => {} });
  expect(screen.getAllByText(/服务没有及时答复/)).toHaveLength(3);
  expect(screen.getByText(/^主管没有通知到/)).toBeTruthy();

  screen.getByRole('button', { name: '另有 2 次没有通知到' }).click();

  await waitFor(() => expect(screen.getAllByText(/服务没有及时答复/)).toHaveLength(5));
});

test('ages stand still and become times once the link is lost', () => {
  desk.message(sample<Hello>('hello'));
  desk.message({ ...sample<Snapshot>('snapshot'), now: 1_763_697_600_000 });
  desk.heardLink('lost');

  expect(desk.age(1_763_697_590_000)).toBe('11:59:50 时');
  expect(desk.now).toBe(1_763_697_600_000);
});

test('a unit that nobody knows is called by its id', () => {
  shows();
  desk.message(snapshot({ units: [unit('r01', { call_sign: '西子一间' })] }));

  expect(desk.callSign('r01')).toBe('西子一间');
  expect(desk.callSign('r99')).toBe('r99');
});
