// Commands to the hub. Each has an id of its own and is repeated under the same id when the
// network fails, so that asking twice is harmless. What the answers mean is the caller's work.

import { ShapeError } from './shape';
import {
  readAccepted,
  readBooks,
  readDecision,
  readIncident,
  readRefusal,
  readPage,
  type Accepted,
  type BooksDoc,
  type DecisionDoc,
  type IncidentDoc,
  type IncidentPage,
  type Refusal,
} from './wire';

/** Waits between tries, ms: an operator gives up on a button after some five seconds. */
const RETRY_MS = [300, 900, 2_000] as const;
const TIMEOUT_MS = 8_000;
/** The server does not know who asks, or they may not (any more). */
const DOUBTED: readonly number[] = [401, 403];

export type Answer =
  | { kind: 'done'; accepted: Accepted }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'unreachable' };

export interface ApiWorld {
  fetch(url: string, init: RequestInit): Promise<Response>;
  sleep(ms: number): Promise<void>;
  newId(): string;
}

export class Api {
  constructor(
    private readonly world: ApiWorld,
    /** What says that the request comes from this page's own login. */
    private readonly headers: () => Readonly<Record<string, string>>,
    /** Who asks, or what they may, is another thing than this page believes. */
    private readonly onDoubt: () => void = () => {},
  ) {}

  /** Words are needed where somebody else holds it. */
  take = (incident: string, body: { words?: string } & Based) => this.#about(incident, 'take', body);

  revise = (incident: string, body: { kind?: string; priority?: number; words?: string } & Based) =>
    this.#about(incident, 'revise', body);

  place = (incident: string, body: PlaceBody & Based) => this.#about(incident, 'place', body);

  plan = (incident: string, body: { plan: string; words: string } & Based) =>
    this.#about(incident, 'plan', body);

  hold = (incident: string, body: { held: boolean; words?: string } & Based) =>
    this.#about(incident, 'hold', body);

  /** The next step of the plan, or the one that is named. */
  step = (incident: string, body: { step?: string; words?: string } & Based) =>
    this.#about(incident, 'step', body);

  callMore = (incident: string, body: { count: number; role?: string; skill?: string } & Based) =>
    this.#about(incident, 'call', body);

  tick = (incident: string, item: string, done: boolean) =>
    this.#about(incident, 'checklist', { item, done });

  link = (incident: string, body: { other: string; linked: boolean } & Based) =>
    this.#about(incident, 'link', body);

  merge = (incident: string, body: { into: string } & Based) =>
    this.#about(incident, 'merge', body);

  split = (incident: string, body: { alarms: readonly string[] } & Based) =>
    this.#about(incident, 'split', body);

  handOver = (incident: string, body: { agency: string; contact: string; words: string } & Based) =>
    this.#about(incident, 'hand-over', body);

  answerCancel = (
    incident: string,
    body: { granted: boolean; false_reason?: string; words?: string } & Based,
  ) => this.#about(incident, 'cancel', body);

  callback = (incident: string, body: { satisfaction: string; words: string } & Based) =>
    this.#about(incident, 'callback', body);

  handOverShift = (community: string, to: string, words: string) =>
    this.#command(`api/v1/communities/${part(community)}/shift`, { to, words });

  startDrill = (community: string, name: string) =>
    this.#command(`api/v1/communities/${part(community)}/drills`, { name });

  endDrill = (drill: string) => this.#command(`api/v1/drills/${part(drill)}/end`, {});

  /** The plan books of a community, or null where they cannot be had. */
  async books(community: string): Promise<BooksDoc | null> {
    const data = await this.#get(`api/v1/communities/${part(community)}/plans`);
    return data === null ? null : readBooks(data);
  }

  /** Notes only add, so they are never refused for being based on an older version. */
  note = (incident: string, words: string) =>
    this.#command(`api/v1/incidents/${part(incident)}/notes`, { words });

  assign = (incident: string, unit: string) =>
    this.#command(`api/v1/incidents/${part(incident)}/assignments`, { unit });

  withdraw = (incident: string, assignment: string) =>
    this.#command(`api/v1/incidents/${part(incident)}/withdraw`, { assignment });

  close = (incident: string, body: CloseBody & Based) => this.#about(incident, 'close', body);

  reopen = (incident: string, body: { words: string } & Based) =>
    this.#about(incident, 'reopen', body);

  open = (body: OpenBody) => this.#command('api/v1/incidents', body);

  press = (unit: string, kind: string, covert: boolean) =>
    this.#command('demo/press', { unit, kind, covert });

  /** Ended incidents, newest first, that were opened before `before_ms`. */
  async ended(before_ms: number, count: number): Promise<IncidentPage | null> {
    const data = await this.#get(`api/v1/incidents?before=${Math.floor(before_ms)}&count=${count}`);
    return data === null ? null : readPage(data);
  }

  /** An incident with nothing left out. */
  async incident(id: string): Promise<IncidentDoc | null> {
    const data = await this.#get(`api/v1/incidents/${part(id)}`);
    return data === null ? null : readIncident(data);
  }

  /** One wave with every candidate. */
  async decision(incident: string, wave: number): Promise<DecisionDoc | null> {
    const data = await this.#get(`api/v1/incidents/${part(incident)}/decisions/${wave}`);
    return data === null ? null : readDecision(data);
  }

  /** A GeoJSON document of a community, or null where it cannot be had. */
  async geojson(community: string, what: 'grids' | 'streets'): Promise<unknown> {
    const data = await this.#get(`api/v1/communities/${part(community)}/${what}`);
    return data === null ? null : (JSON.parse(data) as unknown);
  }

  #about(incident: string, what: string, body: object): Promise<Answer> {
    return this.#command(`api/v1/incidents/${part(incident)}/${what}`, body);
  }

  async #get(url: string): Promise<string | null> {
    try {
      const response = await this.world.fetch(url, timeout());
      if (DOUBTED.includes(response.status)) this.onDoubt();
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  async #command(url: string, body: object): Promise<Answer> {
    const headers = {
      'Content-Type': 'application/json',
      'Idempotency-Key': this.world.newId(),
      ...this.headers(),
    };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    for (const wait_ms of [...RETRY_MS, null]) {
      const answer = await this.#once(url, init);
      if (answer.kind !== 'unreachable' || wait_ms === null) return answer;
      await this.world.sleep(wait_ms);
    }
    return { kind: 'unreachable' };
  }

  async #once(url: string, init: RequestInit): Promise<Answer> {
    try {
      const response = await this.world.fetch(url, { ...init, ...timeout() });
      const data = await response.text();
      if (DOUBTED.includes(response.status)) this.onDoubt();
      return response.ok
        ? { kind: 'done', accepted: readAccepted(data) }
        : { kind: 'refused', refusal: readRefusal(data) };
    } catch (error) {
      // An answer we cannot read came from something between us and the hub: no answer.
      if (error instanceof ShapeError) console.error('unreadable answer:', url, error.message);
      return { kind: 'unreachable' };
    }
  }
}

export interface OpenBody {
  community: string;
  kind: string;
  words: string;
  lon?: number;
  lat?: number;
  grid?: string;
  unit?: string;
  priority?: number;
  plan?: string;
  caller_name?: string;
  caller_phone?: string;
  drill?: boolean;
}

/** What an operator saw when they asked, and the lease they hold it under (0: whatever is). */
export interface Based {
  based_on: number;
  lease?: number;
}

export interface PlaceBody {
  words?: string;
  lon?: number;
  lat?: number;
  grid?: string;
  unit?: string;
}

export interface CloseBody {
  disposition: string;
  words: string;
  duplicate_of?: string;
  false_reason?: string;
}

/**
 * A random id of 128 bits as a UUID. `crypto.randomUUID` is missing where the page came over
 * plain http from another machine; `getRandomValues` is there always.
 */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const BROWSER_API: ApiWorld = {
  fetch: (url, init) => fetch(url, init),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  newId,
};

const part = encodeURIComponent;
const timeout = () => ({ signal: AbortSignal.timeout(TIMEOUT_MS) });
