// What should sound now: one tune at a time, the highest wins. Pure; speaker.ts makes the air move.

export type Tune = 'sos' | 'sos_loud' | 'urgent' | 'watch' | 'drill' | 'trouble' | 'test';

/** Level 1 is repeated until somebody answers. */
export const SOS_EVERY_MS = 2_000;
/** Unanswered so long, it gets 6 dB louder. */
export const LOUDER_AFTER_MS = 15_000;
const URGENT_EVERY_MS = 30_000;
/** Trouble goes on for as long as the link or the store is down, but must not tire anybody. */
const TROUBLE_EVERY_MS = 20_000;

export interface Wanted {
  /** The highest level that calls for somebody; null where none does. */
  readonly level: number | null;
  /** When this call began, by the page's monotonic clock. */
  readonly since_ms: number;
  readonly trouble: boolean;
  /** Presses that were heard but are another operator's: one round of the level 1 tune. */
  readonly once: boolean;
  /** When the newest call of an exercise began; null where none calls. Never counted as a level. */
  readonly drill_ms: number | null;
}

export const QUIET: Wanted = { level: null, since_ms: 0, trouble: false, once: false, drill_ms: null };

/** Remembers what sounded when; asked several times a second. */
export class Bell {
  #sosAt = -Infinity;
  #urgentAt = -Infinity;
  #troubleAt = -Infinity;
  #watchSince = -1;
  #drillSince = -1;
  #mutedUntil = -Infinity;

  mute(until_ms: number): void {
    this.#mutedUntil = until_ms;
  }

  mutedFor(now_ms: number): number {
    return Math.max(0, this.#mutedUntil - now_ms);
  }

  /** The tune to start now, or null. */
  due(wanted: Wanted, now_ms: number): Tune | null {
    if (wanted.level !== 2) this.#urgentAt = -Infinity;
    if (!wanted.trouble) this.#troubleAt = -Infinity;
    if (now_ms < this.#mutedUntil) return null;
    if (wanted.level === 1 || wanted.once) return this.#sos(wanted, now_ms);
    if (wanted.level === 2) return this.#urgent(now_ms);
    if (wanted.trouble) return this.#trouble(now_ms);
    if (wanted.level === 3) return this.#watch(wanted, now_ms);
    return this.#drill(wanted.drill_ms);
  }

  #sos(wanted: Wanted, now_ms: number): Tune | null {
    const due_ms = this.#sosAt + SOS_EVERY_MS;
    if (now_ms < due_ms) return null;
    // Asked a little late each time, it keeps its beat all the same.
    this.#sosAt = now_ms - due_ms < SOS_EVERY_MS ? due_ms : now_ms;
    const old = wanted.level === 1 && now_ms - wanted.since_ms >= LOUDER_AFTER_MS;
    return old ? 'sos_loud' : 'sos';
  }

  #urgent(now_ms: number): Tune | null {
    if (now_ms - this.#urgentAt < URGENT_EVERY_MS) return null;
    this.#urgentAt = now_ms;
    return 'urgent';
  }

  #trouble(now_ms: number): Tune | null {
    if (now_ms - this.#troubleAt < TROUBLE_EVERY_MS) return null;
    this.#troubleAt = now_ms;
    return 'trouble';
  }

  /** Once for each newcomer, and only where nothing real wants to be heard. */
  #drill(since_ms: number | null): Tune | null {
    if (since_ms === null || this.#drillSince === since_ms) return null;
    this.#drillSince = since_ms;
    return 'drill';
  }

  #watch(wanted: Wanted, now_ms: number): Tune | null {
    if (this.#watchSince === wanted.since_ms || now_ms < wanted.since_ms) return null;
    this.#watchSince = wanted.since_ms;
    return 'watch';
  }
}
