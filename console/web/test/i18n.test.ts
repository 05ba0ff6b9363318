import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, gridWords, markWords, nearWords, needWords, placeWords, refusalWords, refusedPhase, rungWords, storyWords, whyWords, word } from '../src/i18n';
import { en } from '../src/i18n/en';
import { ago, calendar, countdown, span, stopwatch } from '../src/i18n/time';
import { zh } from '../src/i18n/zh';
import { REFUSALS } from '../src/i18n/zh-codes';
import { told } from '../src/story';
import * as vocabulary from '../src/words';
import { readIncident, type IncidentDoc, type StoryDoc } from '../src/wire';
import { ROOT, sample, sampleNames, sampleText } from './samples';

const NAMES = { callSign: (unit: string) => unit, item: (item: string) => item };

/** A line that carries nothing. */
const NOTHING: StoryDoc = readIncident(
  JSON.stringify({ ...sample<object>('incident-received'), story: [{ t: 0, what: '' }] }),
).story[0]!;

const python = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');

/** The values of a StrEnum of dispatch/words.py. */
function codes(name: string): string[] {
  const body = python('dispatch/words.py').split(`class ${name}(StrEnum):`)[1]?.split(/\n(?=\S)/)[0] ?? '';
  return [...body.matchAll(/^ {4}[A-Z_]+ = "([a-z_0-9]+)"/gm)].map((match) => match[1] ?? '');
}

test.each([
  ['zh', zh],
  ['en', en],
] as const)('in %s no choice and no deed of a dialog is named like leaving it', (_lang, words) => {
  /* Who means to leave must not end an incident, nor the other way round. */
  const { cancel, merge, split, handover, plan, call, revise, place, callback, shift } = words.dialogs;
  const { disposition, false_reason, satisfaction, kind, role, agency } = words;
  const choices = [disposition, false_reason, satisfaction, kind, role, agency, cancel.replies, merge.hows].flatMap(
    (each) => Object.values<string>(each),
  );
  const deeds = [
    ...[words.open, words.close, words.reopen, cancel, handover, plan, call, revise, place, callback, shift].map(
      ({ submit }) => submit,
    ),
    ...Object.values<string>(merge.submits),
    split.submit(0),
  ];

  for (const named of [...choices, ...deeds]) {
    expect(named.toLowerCase()).not.toContain(words.common.cancel.toLowerCase());
    expect(named).not.toBe(words.common.close);
  }
});

describe('every code has words', () => {
  test.each([
    ['Kind', vocabulary.KINDS],
    ['Role', vocabulary.ROLES],
    ['Phase', vocabulary.PHASES],
    ['Disposition', vocabulary.DISPOSITIONS],
    ['AssignmentState', vocabulary.ASSIGNMENT_STATES],
    ['Rung', vocabulary.RUNGS],
    ['EscalationReason', vocabulary.ESCALATION_REASONS],
    ['Verdict', vocabulary.VERDICTS],
    ['WithdrawReason', vocabulary.WITHDRAW_REASONS],
    ['PlaceSource', vocabulary.PLACE_SOURCES],
    ['FalseReason', vocabulary.FALSE_REASONS],
    ['Satisfaction', vocabulary.SATISFACTIONS],
    ['Agency', vocabulary.AGENCIES],
    ['Tier', vocabulary.TIERS],
    ['Linked', vocabulary.LINKS],
    ['Step', vocabulary.DELIVERY],
  ])('%s is the hub’s own list', (name, known) => {
    /* The tables of words are typed by these lists, so a code without words does not build. */
    expect([...known].sort()).toEqual(codes(name).sort());
  });

  test('every fact that stands in a story', () => {
    const source = python('dispatch/events.py');
    const facts = [...source.matchAll(/^class (\w+)\((?:Incident|Assignment)Event\):/gm)]
      .map((match) => match[1] ?? '')
      .filter((name) => name !== 'AssignmentEvent');

    expect(facts.length).toBeGreaterThan(15);
    for (const fact of facts) expect(zh.story).toHaveProperty(fact);
  });

  test('every interval', () => {
    const named = [...python('dispatch/intervals.py').matchAll(/^ {4}\("([a-z_]+)",/gm)];

    expect(vocabulary.INTERVALS).toEqual(named.map((match) => match[1]));
  });

  test('every skill of the demo and of the plans that come with Yihu', () => {
    const text = python('dispatch/demo/community.toml') + python('dispatch/plans/default.toml');
    const lists = [...text.matchAll(/^skills = \[([^\]]*)\]/gm)].map((match) => match[1] ?? '');
    const wanted = [...text.matchAll(/skill = "([a-z_]+)"/g)].map((match) => match[1] ?? '');
    const skills = [...lists.flatMap((list) => list.match(/[a-z_]+/g) ?? []), ...wanted];
    const paper = python('console/casefile_words.py');

    expect(skills).toContain('sign_language');
    expect(skills).toContain('medical');
    for (const skill of new Set(skills)) {
      for (const words of [zh, en]) expect(words.skill).toHaveProperty(skill);
      expect(paper).toContain(`"skill.${skill}"`);
    }
  });

  test('every refusal', () => {
    const errors = [...python('dispatch/errors.py').matchAll(/^ {4}code(?:: str)? = "([a-z_]+)"/gm)];
    const door = ['devices/routes.py', 'console/asking.py', 'console/guard.py', 'console/looking.py', 'console/requests.py', 'console/filing.py', 'console/routes.py', 'console/login/guarding.py']
      .map(python)
      .flatMap((source) => [
        ...source.matchAll(/RequestRefusedError\(\s*[\w.]+,\s*"([a-z_]+)"/g),
        ...source.matchAll(/_?refus(?:ed|al)\((?:\d+, )?"([a-z_]+)"/g),
      ]);
    const found = [...errors, ...door].map((match) => match[1] ?? '');

    expect(found).toContain('stale_version');
    expect(found).toContain('no_csrf');
    for (const code of [...found, 'not_logged_in', 'no_right']) expect(REFUSALS).toContain(code);
  });
});

/** Every leaf of a table of words, with its path. */
function leaves(table: object, path = ''): [string, unknown][] {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? leaves(value as object, `${path}.${key}`) : [[`${path}.${key}`, value]],
  );
}

test('both languages have the same keys, and no word is empty', () => {
  /* The compiler holds the first; this holds it also for those who do not compile. */
  const paths = (table: object) => leaves(table).map(([path]) => path).sort();

  expect(paths(en)).toEqual(paths(zh));
  for (const [path, value] of [...leaves(en), ...leaves(zh)]) {
    if (typeof value === 'string') expect(value, path).not.toBe('');
  }
});

test('English has no Chinese left in it but the way back', () => {
  const chinese = leaves(en).filter(([, value]) => typeof value === 'string' && /[\u4e00-\u9fff]/.test(value));

  expect(chinese.map(([path]) => path)).toEqual(['.other_language', '.top.language']);
});

describe('places and stories in words', () => {
  const place = sample<IncidentDoc>('incident-received').place;

  test('a place is told by its grid, key unit, metres and bearing', () => {
    const names = { grid_name: '一格', grid_name_en: 'Grid 1', key_unit: '幼儿园', key_unit_en: 'Kindergarten' };
    const near = { ...place, ...names, key_unit_m: 42, bearing: 'NE' };

    expect(placeWords(zh, near)).toBe('一格 · 幼儿园东北侧 42 米');
    expect(placeWords(en, near)).toBe('Grid 1 · 42 m north-east of Kindergarten');
    expect(nearWords(en, { ...near, bearing: 'at', key_unit_m: 2 })).toBe('at Kindergarten');
  });

  test('a place without an English name keeps its own in English', () => {
    const near = { ...place, grid_name: '一格', grid_name_en: '', key_unit: '幼儿园', key_unit_en: '' };

    expect(placeWords(en, near)).toContain('一格');
    expect(nearWords(en, near)).toContain('幼儿园');
  });

  test('an unknown place is said to be unknown, or told as the operator said it', () => {
    const unnamed = { grid_name: '', grid_name_en: '', key_unit: '', key_unit_en: '' };
    const nowhere = { ...place, ...unnamed, words: '' };

    expect(placeWords(zh, { ...nowhere, lon: null, lat: null })).toBe('位置不明');
    expect(placeWords(zh, nowhere), 'a point in a community without grids').toBe('网格未知');
    expect(placeWords(zh, { ...nowhere, words: '桥下' })).toBe('桥下');
  });

  test('a point in no grid is told from the nearest one', () => {
    const unnamed = { grid: null, grid_name: '', grid_name_en: '', key_unit: '', key_unit_en: '' };
    const outside = { outside: '一格', outside_en: 'Grid 1', outside_m: 120, outside_bearing: 'E' };
    const beyond = { ...place, ...unnamed, ...outside };

    expect(gridWords(zh, beyond)).toBe('网格外，一格东侧约 120 米');
    expect(placeWords(en, beyond)).toBe('outside the grids, 120 m east of Grid 1');
    expect(placeWords(en, { ...beyond, outside_bearing: 'at', outside_m: 9 })).toBe(
      'just outside the grids, beside Grid 1',
    );
  });

  test.each(sampleNames().filter((name) => /^incident-(?!row)/.test(name)))(
    'the story of %s is told in both languages',
    (file) => {
      const { story } = sample<IncidentDoc>(file.replace('.json', ''));
      for (const words of Object.values(LANGUAGES)) {
        for (const { line, units } of told(story)) {
          const said = storyWords(words, line, NAMES, units);
          expect(said).not.toMatch(/undefined|null|NaN/);
          expect(said).not.toBe(line.what);
        }
      }
    },
  );

  test('every fact is told in both languages, whatever it carries or leaves out', () => {
    const bare = { ...sample<IncidentDoc>('incident-received').story[0]!, volunteered: false, duress: false };
    const rich = { by: '甲', other: 'xizi-20251121-003', how: 'linked', tier: 'street', agency: '110', item: 'speak' };
    for (const what of vocabulary.STORY_FACTS) {
      for (const words of Object.values(LANGUAGES)) {
        for (const line of [bare, { ...bare, ...rich }, { ...bare, ...rich, how: 'brand_new' }]) {
          const said = storyWords(words, { ...NOTHING, ...line, what }, NAMES);
          expect(said, what).not.toMatch(/undefined|null|NaN|\[object/);
          expect(said, what).not.toBe(what);
        }
      }
    }
  });

  test('another incident is told by its number, another person by name', () => {
    const line = { ...NOTHING, t: 0, by: '甲席' };

    expect(storyWords(zh, { ...line, what: 'IncidentLinked', how: 'apart', other: 'xizi-20251121-003' }, NAMES)).toBe(
      '甲席 认定与 #003 不是同一起',
    );
    expect(storyWords(zh, { ...line, what: 'IncidentTaken', other: '乙席', words: '去吃饭' }, NAMES)).toBe(
      '甲席 从 乙席 接过：去吃饭',
    );
    expect(storyWords(en, { ...line, what: 'PersonTold', other: 'supervisor', gateway: 'sms', ok: true }, NAMES)).toBe(
      'By sms to supervisor: sent',
    );
  });

  test('why a message did not go out is told in words, whatever docs/gateways.md names', () => {
    const [, table = ''] = python('docs/gateways.md').split('## What became of a message');
    const rows = (table.split('\n## ')[0] ?? '').split('\n').filter((row) => row.startsWith('| `'));
    const found = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, code]) => code ?? ''));

    expect(found).toContain('unreachable');
    expect(found).toContain('http_500');
    for (const code of found) {
      for (const words of [zh, en]) expect(whyWords(words, code), code).not.toBe(code);
    }
    expect(whyWords(zh, 'http_500')).toBe('服务返回 500');
    expect(whyWords(zh, 'of_a_newer_server')).toBe('of_a_newer_server');
  });

  test('the head of an SOS says so once', () => {
    expect(markWords(zh, 'sos', 1)).toBe('SOS');
    expect(markWords(en, 'sos', 1)).toBe('1');
  });

  test('a need is told by role and skill', () => {
    expect(needWords(zh, 'volunteer+first_aid')).toBe('会急救的志愿者');
    expect(needWords(zh, 'any+medical')).toBe('会医护的人');
    expect(needWords(en, 'guard')).toBe('Guard');
    expect(needWords(en, 'any+diving')).toBe('anybody with diving');
  });

  test('a refusal says who holds it, and of a field what is wrong with it', () => {
    expect(refusalWords(zh, { code: 'held', facts: { held_by: '李强' } })).toContain('由 李强 负责');
    expect(refusalWords(en, { code: 'stale_lease', facts: { held_by: '李强' } })).toBe('李强 has taken it over');
    expect(refusalWords(en, { code: 'stale_lease', facts: { held_by: null } })).toBe(en.refusal.stale_lease);
    expect(refusalWords(zh, { code: 'unfit', facts: { field: 'count' } })).toBe(zh.unfit['count']);
    expect(refusalWords(zh, { code: 'unfit', facts: { field: 'toString' } })).toBe(zh.refusal.unfit);
  });

  test('a refusal of an order is told of the order, of a state by a sentence, and never by a code', () => {
    const sign = (of: string): string => (of === 'i-003/7' || of === 'r01' ? '西子一间' : '');
    const of = (subject: string, phase: string, words = zh) =>
      refusalWords(words, { code: 'wrong_phase', facts: { subject, phase } }, sign);

    expect(of('i-003/7', 'en_route')).toBe('西子一间 已是“途中”，不能再这样做');
    expect(of('i-003/8', 'declined', en)).toContain('This order is “declined”');
    expect(of('unit r01 at i-003', 'on_scene')).toBe('西子一间 已经派到这起事件（到场）');
    expect(of('i-003', 'at the last step')).toContain('最后一级');
    expect(of('i-003', 'closed')).toBe(zh.refusal.wrong_phase);
    expect(refusedPhase(zh, { subject: 'i-003', phase: 'closed' })).toBe(zh.phase.closed);
    for (const [subject, phase] of [['i-003/7', 'on_scene'], ['unit r01 at i-003', 'accepted'], ['i-003', 'of_a_newer_hub']]) {
      expect(refusedPhase(zh, { subject, phase })).toBe('');
    }
  });

  test('every state in words that the hub refuses with has a sentence', () => {
    const sources = ['steering', 'calling_off', 'together', 'after', 'units'].map((name) => python(`dispatch/by_hand/${name}.py`));
    const said = sources.flatMap((source) => [...source.matchAll(/phase="([^"]+)"/g)].map((match) => match[1] ?? ''));

    expect(said).toContain('at the last step');
    for (const phase of said) for (const words of [zh, en]) expect(words.refused.state).toHaveProperty([phase]);
  });

  test('a supervisor who could not be told is not said to be told', () => {
    const told = (ok: boolean) => ({ t: 0, gateway: 'sms', ok, why: '', person: 'supervisor', recall: false });
    const doc = readIncident(sampleText('incident-received'));

    expect(rungWords(zh, { ...doc, told: [] }, 'supervisor')).toBe(zh.rung.supervisor);
    expect(rungWords(zh, { ...doc, told: [told(false), told(true)] }, 'supervisor')).toBe(zh.rung.supervisor);
    expect(rungWords(zh, { ...doc, told: [told(false)] }, 'supervisor')).toBe('主管没有通知到');
    expect(rungWords(en, { ...doc, told: [told(false)] }, 'louder')).toBe('louder');
  });

  test('an erased note says that it was erased', () => {
    const note = sample<IncidentDoc>('incident-erased').story.find((line) => line.what === 'NoteAdded');
    if (!note) throw new Error('the sample has no note');

    expect(storyWords(zh, note, NAMES)).toContain('已按规定删除');
  });

  test('a code from a newer hub is shown as it is, a refusal by a general word', () => {
    expect(word(zh.kind, 'flood')).toBe('flood');
    expect(word(zh.kind, 'toString')).toBe('toString');
    expect(refusalWords(zh, { code: 'brand_new' })).toBe(zh.refusal.refused);
  });
});

test('the same fact about many units in one breath is one line', () => {
  const { story } = readIncident(sampleText('incident-en-route'));
  const assigned = story.filter((line) => line.what === 'UnitAssigned');

  const lines = told(story).filter(({ line }) => line.what === 'UnitAssigned');

  expect(assigned.length).toBeGreaterThan(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.units).toEqual(assigned.map((line) => line.unit));
});

describe('times', () => {
  test('an age is exact while it is young', () => {
    expect(ago(zh, 1_000, 2_500)).toBe('刚刚');
    expect(ago(zh, 0, 8_000)).toBe('8 秒前');
    expect(ago(en, 0, 185_000)).toBe('3 min 5 s ago');
    expect(span(en, 7_500_000)).toBe('2 h 5 min');
    expect(span(zh, 3 * 86_400_000)).toBe('3 天');
    expect(span(zh, -5_000)).toBe('0 秒');
  });

  test('a countdown says what is left until it is over', () => {
    expect([72_000, 71_200, 200, 0, -5_000].map(countdown)).toEqual(['1:12', '1:12', '0:01', '0:00', '0:00']);
  });

  test('the stopwatch runs past an hour', () => {
    expect([0, 7_900, 760_000, 11_100_000].map(stopwatch)).toEqual(['0:00', '0:07', '12:40', '3:05:00']);
  });

  test("the time is the community's, whatever this PC's zone", () => {
    const noon_utc = Date.UTC(2025, 10, 21, 4, 0, 0);

    expect(calendar('zh-CN', 'Asia/Shanghai').time(noon_utc)).toBe('12:00:00');
    expect(calendar('en', 'Europe/London').time(noon_utc)).toBe('04:00:00');
  });

  test('a zone that the browser does not know does not stop the page', () => {
    expect(calendar('en', 'Nowhere/Town').time(0)).toMatch(/^\d\d:\d\d:\d\d$/);
  });

  test('a moment of another day carries its day', () => {
    const { moment } = calendar('en', 'UTC');

    expect(moment(0, 3_600_000)).toBe('00:00');
    expect(moment(0, 90_000_000)).toBe('Jan 1 00:00');
  });
});
