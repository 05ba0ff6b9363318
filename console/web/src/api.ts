// Commands to the hub. Each has an id of its own and is repeated under the same id when the
// network fails, so that asking twice is harmless. What the answers mean is the caller's work.

import { ShapeError } from './shape';
import {
  readAccepted,
  readDecision,
  readIncident,
  readRefusal,
  readPage,
  type Accepted,
  type DecisionDoc,
  type IncidentDoc,
  type IncidentPage,
  type Refusal,
} from './wire';

/** Waits between tries, ms: an operator gives up on a button after some five seconds. */
const RETRY_MS = [300, 900, 2_000] as const;
const TIMEOUT_MS = 8_000;

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
    private readonly operator: () => string,
  ) {}

  take = (incident: string, based_on: number) =>
    this.#command(`api/v1/incidents/${part(incident)}/take`, { based_on });

  /** Notes only add, so they are never refused for being based on an older version. */
  note = (incident: string, words: string) =>
    this.#command(`api/v1/incidents/${part(incident)}/notes`, { words });

  assign = (incident: string, unit: string) =>
    this.#command(`api/v1/incidents/${part(incident)}/assignments`, { unit });

  withdraw = (incident: string, assignment: string) =>
    this.#command(`api/v1/incidents/${part(incident)}/withdraw`, { assignment });

  close = (incident: string, body: CloseBody) =>
    this.#command(`api/v1/incidents/${part(incident)}/close`, body);

  reopen = (incident: string, words: string, based_on: number) =>
    this.#command(`api/v1/incidents/${part(incident)}/reopen`, { words, based_on });

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

  async #get(url: string): Promise<string | null> {
    try {
      const response = await this.world.fetch(url, { headers: this.#who(), ...timeout() });
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  async #command(url: string, body: object): Promise<Answer> {
    const headers = {
      'Content-Type': 'application/json',
      'Idempotency-Key': this.world.newId(),
      ...this.#who(),
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
      return response.ok
        ? { kind: 'done', accepted: readAccepted(data) }
        : { kind: 'refused', refusal: readRefusal(data) };
    } catch (error) {
      // An answer we cannot read came from something between us and the hub: no answer.
      if (error instanceof ShapeError) console.error('unreadable answer:', url, error.message);
      return { kind: 'unreachable' };
    }
  }

  #who(): Record<string, string> {
    return { 'X-Operator': encodeURIComponent(this.operator()) };
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
}

export interface CloseBody {
  disposition: string;
  words: string;
  duplicate_of?: string;
  based_on: number;
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
