import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../src/i18n';
import { en } from '../src/i18n/en';
import { zh } from '../src/i18n/zh';
import { Login, revoked, takeLink, takeWord } from '../src/login';
import { toldWords, waitWords } from '../src/panels/login/told';

const ME = {
  name: '调度一席',
  by: 'session',
  csrf: 't-1',
  rights: { handle: ['*'], see_situation: ['xizi'] },
  offices: [{ office: 'operator', where: '*' }],
  second_factor: false,
  recovery_codes: 0,
  unit: null,
  provider: false,
  tokens: [],
  until: 1,
  now: 0,
};
const DOOR = { known: true, first: false, provider: '', authority: false, password_length_min: 10 };

/** Answers by address; anything else is a network that fails. */
function answering(answers: Record<string, [number, unknown]>) {
  const asked: { url: string; init: RequestInit }[] = [];
  const login = new Login((url, init) => {
    asked.push({ url, init });
    const answer = answers[url];
    if (!answer) return Promise.reject(new TypeError('network'));
    return Promise.resolve(new Response(JSON.stringify(answer[1]), { status: answer[0] }));
  });
  return { login, asked };
}

const at = (hash: string) => {
  const shown: string[] = [];
  const location = { hash, pathname: '/', search: '?a=1' } as Location;
  const history = { replaceState: (_: unknown, __: string, url: string) => shown.push(url) };
  return { world: { location, history: history as unknown as History }, shown };
};

describe('a login', () => {
  test('is asked for at the door, so that a browser notes no fault', async () => {
    const { login, asked } = answering({ 'api/v1/login': [200, { ...DOOR, known: false }] });

    expect(await login.who()).toEqual({ kind: 'refused', code: 'not_logged_in', facts: {} });
    expect(asked.map(({ url }) => url)).toEqual(['api/v1/login']);
  });

  test('names each asking, so that one that is sent twice is done once', async () => {
    const { login, asked } = answering({ 'api/v1/radios/r1/revoke': [200, { subject: 'r1' }] });

    await login.post('radios/r1/revoke', {}, revoked);
    await login.post('radios/r1/revoke', {}, revoked);

    const keys = asked.map(({ init }) => new Headers(init.headers).get('Idempotency-Key') ?? '');
    expect(new Set(keys).size).toBe(2);
    expect(keys.every((key) => /^[0-9a-f-]{36}$/.test(key))).toBe(true);
  });

  test('gives the token that goes with whatever changes something', async () => {
    const { login, asked } = answering({
      'api/v1/login': [200, ME],
      'api/v1/me/password': [200, { account: '调度一席' }],
    });
    expect(login.headers()).toEqual({});

    await login.logIn('调度一席', 'x', '');
    await login.post('me/password', {}, () => null);

    expect((asked[1]?.init.headers as Record<string, string>)['X-CSRF']).toBe('t-1');
    expect(login.may('handle')).toBe(true);
    expect(login.may('manage_people')).toBe(false);
  });

  test('knows how long it lasts, by the page’s own clock', async () => {
    let now = 5_000;
    const told = { ...ME, until: 1_000_000, now: 400_000 };
    const login = new Login(
      () => Promise.resolve(new Response(JSON.stringify(told))),
      () => now,
    );
    expect(login.endsIn_ms()).toBeNull();

    await login.logIn('a', 'b', '');
    now += 100_000;

    expect(login.endsIn_ms()).toBe(500_000);
  });

  test('that a newer server tells of in other words is no login', async () => {
    const { login } = answering({ 'api/v1/login': [200, { name: 7 }] });

    expect((await login.logIn('a', 'b', '')).kind).toBe('unreachable');
    expect(login.me).toBeNull();
  });
});

describe('the address of the page', () => {
  test('gives up a one-time link, and keeps it in no history', () => {
    const { world, shown } = at('#link=abcdefghij_-KLMN');

    expect(takeLink(world)).toBe('abcdefghij_-KLMN');
    expect(shown).toEqual(['/?a=1']);
  });

  test.each(['', '#', '#link=', '#link=<script>', '#other=abcdefghijkl', '#link=short'])(
    'holds none in %j',
    (hash) => {
      expect(takeLink(at(hash).world)).toBe('');
    },
  );

  test('tells what came of another server', () => {
    expect(takeWord(at('#provider=linked').world)).toBe('linked');
    expect(takeWord(at('#provider=<b>').world)).toBe('');
  });
});

describe('a refusal', () => {
  const refused = (code: string, facts: Record<string, string> = {}) =>
    ({ kind: 'refused', code, facts }) as const;

  test('says how long to wait', () => {
    expect(toldWords(zh, refused('wait', { wait_s: '5' }))).toContain('5 秒');
    expect(toldWords(en, refused('wait', { wait_s: '480' }))).toContain('8 minutes');
    expect(waitWords(en, 0.2)).toBe('1 second');
  });

  test('counts the tries only when few are left', () => {
    expect(toldWords(en, refused('wrong_login', { tries_left: '4' }))).not.toContain('4');
    expect(toldWords(en, refused('wrong_login', { tries_left: '1' }))).toContain('1 more');
  });

  test('says why a password is none', () => {
    for (const why of ['short', 'long', 'digits', 'pattern', 'common', 'name']) {
      for (const words of Object.values(LANGUAGES)) expect(words.login.bad_password).toHaveProperty(why);
    }
  });

  test.each(['constructor', '__proto__', 'other', 'toString'])('of a code like %s is still a sentence', (code) => {
    expect(toldWords(en, refused(code))).toContain(code);
  });

  test('of a server that is away', () => {
    expect(toldWords(zh, { kind: 'unreachable' })).toContain('没有应答');
    expect(toldWords(zh, { kind: 'done', value: 1 })).toBe('');
  });
});
