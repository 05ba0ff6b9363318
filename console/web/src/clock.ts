// The hub's clock, read between messages: ages are counted by it, never by this PC's clock.

export class HubClock {
  #heard_ms = 0;
  #at_ms = 0;
  #speed = 1;
  #set = false;

  /** The hub said `hub_ms` when our monotonic clock showed `local_ms`. */
  hear(hub_ms: number, local_ms: number): void {
    // Messages queue on their way here, so the furthest-ahead reading is the best one;
    // a step back of over 2 s is a new server or a restored machine, and is believed.
    const guess = this.#set ? this.read(local_ms) : -Infinity;
    if (hub_ms < guess && guess - hub_ms < 2_000 * this.#speed) return;
    this.#heard_ms = hub_ms;
    this.#at_ms = local_ms;
    this.#set = true;
  }

  /** Drills and replays run the hub's clock faster. */
  runAt(speed: number): void {
    this.#speed = speed;
  }

  read(local_ms: number): number {
    return this.#heard_ms + (local_ms - this.#at_ms) * this.#speed;
  }
}
