// Joins what calls, what is wrong and the loudspeaker: asked several times a second by the page.

import type { Desk } from './desk.svelte';
import { Bell, type Wanted } from './sound';
import { Speaker, type SpeakerState } from './speaker';

const MUTE_MS = 60_000;

export class Ringer {
  sound = $state<SpeakerState>('off');
  muted_s = $state(0);

  readonly #bell = new Bell();
  readonly #speaker = new Speaker((state) => {
    this.sound = state;
  });
  /** Since when, by the page's clock, each item of the queue has been calling. */
  #since = new Map<string, number>();
  #rings = new Map<string, number>();
  #onceUntil = 0;

  constructor(private readonly desk: Desk) {}

  unlock = (): Promise<boolean> => this.#speaker.unlock();

  test = async (): Promise<void> => {
    if (await this.#speaker.unlock()) this.#speaker.play('test');
  };

  toggleMute = (): void => {
    const now_ms = performance.now();
    this.#bell.mute(this.#bell.mutedFor(now_ms) > 0 ? now_ms : now_ms + MUTE_MS);
    this.muted_s = Math.ceil(this.#bell.mutedFor(now_ms) / 1000);
  };

  tick(now_ms: number): void {
    this.muted_s = Math.ceil(this.#bell.mutedFor(now_ms) / 1000);
    const tune = this.#bell.due(this.#wanted(now_ms), now_ms);
    if (tune) this.#speaker.play(tune);
  }

  #wanted(now_ms: number): Wanted {
    const calling = this.desk.queue.filter((item) => item.calling);
    this.#since = new Map(
      calling.map((item) => [item.key, this.#since.get(item.key) ?? now_ms]),
    );
    this.#noticeOthers(now_ms);
    const real = calling.filter((item) => !item.drill);
    const first = real[0];
    const same = real.filter((item) => item.level === first?.level);
    const drills = calling.filter((item) => item.drill);
    const drill_since = drills.map((item) => this.#since.get(item.key) ?? now_ms);
    // Level 3 ticks once for each newcomer, level 1 grows louder from the oldest.
    const sinces = same.map((item) => this.#since.get(item.key) ?? now_ms);
    const since_ms = first?.level === 3 ? Math.max(...sinces) : Math.min(...sinces);
    const { status } = this.desk.state;
    return {
      level: first?.level ?? null,
      since_ms: first ? since_ms : 0,
      trouble: this.desk.link === 'lost' || Boolean(status?.store_down || status?.broker_down),
      once: now_ms < this.#onceUntil,
      drill_ms: drills.length ? Math.max(...drill_since) : null,
    };
  }

  /** A new press of somebody else's incident is heard here once. */
  #noticeOthers(now_ms: number): void {
    for (const incident of this.desk.state.incidents.values()) {
      const before = this.#rings.get(incident.id);
      const grew = before !== undefined && incident.rings > before;
      const real = incident.drill === null && incident.priority === 1;
      if (grew && incident.taken_by !== null && real) {
        this.#onceUntil = now_ms + 300;
      }
      this.#rings.set(incident.id, incident.rings);
    }
  }
}
