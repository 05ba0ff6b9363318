// A network and a clock that a test winds itself.

import type { Listener, LinkState, Socket, World } from '../src/connection';
import { RIGHTS, type Rights } from '../src/rights';
import type { ServerMessage } from '../src/wire';

/** Of an operator who may do anything anywhere. */
export const EVERY_RIGHT: Rights = Object.fromEntries(RIGHTS.map((right) => [right, ['*']]));

export class FakeSocket implements Socket {
  binaryType: BinaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly said: string[] = [];
  closed = false;
  #open = false;

  send(data: string): void {
    if (!this.#open) throw new Error('not open');
    this.said.push(data);
  }

  close(): void {
    this.closed = true;
  }

  /** The server lets us in. */
  accept(): void {
    this.#open = true;
    this.onopen?.();
  }

  hear(message: object | ArrayBuffer | string): void {
    const raw = typeof message === 'string' || message instanceof ArrayBuffer;
    this.onmessage?.({ data: raw ? message : JSON.stringify(message) });
  }

  /** The server or the network ends it. */
  drop(): void {
    this.#open = false;
    this.onclose?.();
  }

  types(): string[] {
    return this.said.map((text) => (JSON.parse(text) as { type: string }).type);
  }
}

export class FakeWorld implements World {
  time = 0;
  readonly sockets: FakeSocket[] = [];
  #timers: { at: number; then: () => void }[] = [];

  open = (_url: string): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };
  now = (): number => this.time;
  random = (): number => 1;
  after = (ms: number, then: () => void): (() => void) => {
    const timer = { at: this.time + ms, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((held) => held !== timer);
    };
  };

  /** Wind the clock on; timers fire in their order. */
  wind(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.time = due.at;
      due.then();
    }
    this.time = end;
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }
}

export class Notebook implements Listener {
  readonly messages: ServerMessage[] = [];
  readonly links: LinkState[] = [];
  frames = 0;
  gap = false;

  message(message: ServerMessage): boolean {
    this.messages.push(message);
    return this.gap;
  }

  frame(): void {
    this.frames += 1;
  }

  closed(): void {}

  link(state: LinkState): void {
    this.links.push(state);
  }
}
