// Logging in and out, and everything about accounts. Who may do what is the server's to decide.

import { newId } from './api';
import { mayAnywhere, NO_RIGHTS, type Right } from './rights';
import { amount, flag, list, maybe, struct, table, text, whole, type Read } from './shape';

/** Long enough for a server that hashes one password after the other. */
const TIMEOUT_MS = 20_000;

export const office = struct({ office: text, where: text });
export const token = struct({
  id: text,
  label: text,
  rights: list(text),
  made: whole,
  expires: whole,
});
export const me = struct({
  name: text,
  by: text,
  csrf: text,
  rights: table(list(text)),
  offices: list(office),
  second_factor: flag,
  recovery_codes: whole,
  unit: maybe(text),
  provider: flag,
  tokens: list(token),
  until: whole,
  now: whole,
});
export const door = struct({ known: flag, first: flag, provider: text, authority: flag, password_length_min: whole });
export const linked = struct({ account: text });
export const factor = struct({ secret: text, address: text, qr: text });
export const codes = struct({ codes: list(text) });
export const newToken = struct({ id: text, token: text });
export const newLink = struct({ account: text, path: text, expires: whole });
export const session = struct({
  id: text,
  made: whole,
  seen: whole,
  until: whole,
  address: text,
  agent: text,
  streams: whole,
  this: flag,
});
export const sessions = struct({ sessions: list(session) });
export const person = struct({
  name: text,
  offices: list(office),
  closed: flag,
  password: flag,
  second_factor: flag,
  unit: maybe(text),
  sessions: whole,
  tokens: whole,
  opened: whole,
  wait_s: whole,
  manageable: flag,
});
export const place = struct({ id: text, zh: text, en: text });
export const people = struct({ people: list(person), communities: list(place), everywhere: flag });
export const radio = struct({
  radio: text,
  community: text,
  call_sign: text,
  role: text,
  state: text,
  enrolled: whole,
  code_by: text,
  code_expires: whole,
});
export const radios = struct({ radios: list(radio), communities: list(place), more: flag });
export const radioCode = struct({
  radio: text,
  call_sign: text,
  code: text,
  address: text,
  qr: text,
  expires: whole,
  web_here_only: flag,
  mqtt_here_only: flag,
});
export const revoked = struct({ subject: text });
const fact = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value as string | number | boolean);
export const auditRow = struct({
  seq: whole,
  t: whole,
  what: text,
  by: text,
  account: text,
  community: text,
  incident: text,
  facts: table(fact),
});
export const audit = struct({ rows: list(auditRow), before: maybe(whole), names: list(text) });
export const sentOff = struct({ url: text });
const consentState = {
  text,
  version: whole,
  purpose: text,
  state: text,
  said: maybe(whole),
  how: text,
  by: text,
};
export const consents = struct({ community: text, consents: list(struct({ ...consentState, zh: text, en: text })) });
const bearer = struct({ account: text, unit: text, community: text, consents: list(struct(consentState)) });
export const bearers = struct({ bearers: list(bearer) });
export const done = struct({ account: text });
const refusal = struct({ code: text, facts: table(fact) });

export type Me = Read<typeof me>;
export type Door = Read<typeof door>;
export type OfficeHeld = Read<typeof office>;
export type Person = Read<typeof person>;
export type RadioInfo = Read<typeof radio>;
export type RadioCode = Read<typeof radioCode>;
export type PlaceName = Read<typeof place>;
export type SessionInfo = Read<typeof session>;
export type ConsentInfo = Read<typeof consents>['consents'][number];
export type BearerInfo = Read<typeof bearer>;
export type AuditRow = Read<typeof auditRow>;
export type TokenInfo = Read<typeof token>;

/** What came of asking: the answer, a refusal with its code, or nobody there. */
export type Told<T> =
  | { kind: 'done'; value: T }
  | { kind: 'refused'; code: string; facts: Readonly<Record<string, string>> }
  | { kind: 'unreachable' };

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type Shape<T> = (value: unknown, path: string) => T;

export class Login {
  /** Who is logged in here; null: nobody, or it is not known yet. */
  me: Me | null = null;

  /** When this login ends at the latest, by the page's own clock. */
  #until: number | null = null;

  constructor(
    private readonly fetch: Fetch,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What is left of it; null where nobody is logged in. */
  endsIn_ms = (): number | null => (this.me === null || this.#until === null ? null : this.#until - this.now());

  /** Sent with whatever changes something. */
  headers = (): Record<string, string> => (this.me?.csrf ? { 'X-CSRF': this.me.csrf } : {});

  /** Asks at the door first: a browser notes each refusal as a fault of the page. */
  async who(): Promise<Told<Me>> {
    const told = await this.get('login', door);
    if (told.kind !== 'done') return told;
    if (!told.value.known) return { kind: 'refused', code: 'not_logged_in', facts: {} };
    return this.#remember(await this.get('me', me));
  }

  async logIn(name: string, password: string, code: string): Promise<Told<Me>> {
    return this.#remember(await this.post('login', { name, password, code }, me));
  }

  async follow(link: string, name: string, password: string): Promise<Told<Me>> {
    return this.#remember(await this.post('login/link', { link, name, password }, me));
  }

  async logOut(everywhere: boolean): Promise<Told<unknown>> {
    const told = await this.post('logout', { everywhere }, done);
    if (told.kind === 'done') this.me = null;
    return told;
  }

  get<T>(path: string, shape: Shape<T>): Promise<Told<T>> {
    return this.#ask(path, {}, shape);
  }

  post<T>(path: string, body: object, shape: Shape<T>): Promise<Told<T>> {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': newId(), ...this.headers() };
    return this.#ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, shape);
  }

  /** Whether whoever is logged in may do this anywhere. */
  may = (right: Right): boolean => mayAnywhere(this.me?.rights ?? NO_RIGHTS, right);

  #remember(told: Told<Me>): Told<Me> {
    if (told.kind !== 'done') return told;
    this.me = told.value;
    this.#until = told.value.until ? this.now() + told.value.until - told.value.now : null;
    return told;
  }

  async #ask<T>(path: string, init: RequestInit, shape: Shape<T>): Promise<Told<T>> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await this.fetch(`api/v1/${path}`, { ...init, signal });
      const data = await response.text();
      if (response.ok) return { kind: 'done', value: shape(JSON.parse(data), '') };
      const { code, facts } = refusal(JSON.parse(data), '');
      return { kind: 'refused', code, facts };
    } catch {
      return { kind: 'unreachable' };
    }
  }
}

/** What came of logging in by another server, which sent the browser back here with a word. */
export function takeWord(world: { location: Location; history: History }): string {
  const found = /^#provider=([a-z]{1,20})$/.exec(world.location.hash)?.[1] ?? '';
  if (found) world.history.replaceState(null, '', world.location.pathname + world.location.search);
  return found;
}

/** The one-time link in the page's address, which is taken out of it: it belongs in no history. */
export function takeLink(world: { location: Location; history: History }): string {
  const found = /^#link=([A-Za-z0-9_-]{10,100})$/.exec(world.location.hash)?.[1] ?? '';
  if (world.location.hash.startsWith('#link=')) {
    world.history.replaceState(null, '', world.location.pathname + world.location.search);
  }
  return found;
}

export const part = encodeURIComponent;
export const seconds = (facts: Readonly<Record<string, string>>): number => amount(Number(facts['wait_s'] ?? 0), '');
