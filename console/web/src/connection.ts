// Keeps the stream to the hub alive: reconnects with backoff, asks again after a gap, watches
// for silence. The only module that holds a socket; what the messages mean is state.ts's work.

import { ShapeError } from './shape';
import { STREAM_VERSION, readMessage, type Bbox, type ClientMessage, type ServerMessage } from './wire';

/** The hub beats each second; two missed and the third late, and we say so: with the watch between,
 *  within three seconds of the last that was heard. */
export const LATE_AFTER_MS = 2_700;
/** Silent so long, a socket that still claims to be open is given up. */
export const GIVE_UP_AFTER_MS = 5_000;
/** From here on nothing on the page is trusted as live. */
export const LOST_AFTER_MS = 10_000;
/** A snapshot that was asked for and did not come is asked for again. */
export const ASK_AGAIN_AFTER_MS = 3_000;
const BEAT_EVERY_MS = 2_000;
const BACKOFF_FIRST_MS = 400;
/** An operator must not wait long for a hub that is back within 10 s. */
const BACKOFF_MAX_MS = 5_000;
const WATCH_EVERY_MS = 250;

export type LinkState = 'connecting' | 'live' | 'late' | 'lost' | 'outdated';

export interface Socket {
  binaryType: BinaryType;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(data: string): void;
  close(): void;
}

/** The outside, passed in: sockets, a monotonic clock, waiting and chance. */
export interface World {
  open(url: string): Socket;
  now(): number;
  /** Calls back after `ms`; returns the way to cancel. */
  after(ms: number, then: () => void): () => void;
  random(): number;
}

export interface Listener {
  /** Takes a message in; true means that something was missed before it. */
  message(message: ServerMessage): boolean;
  frame(data: ArrayBuffer): void;
  link(state: LinkState): void;
  /** The socket went, or never opened: the server may be away, or know us no more. */
  closed(): void;
}

export class Connection {
  #socket: Socket | null = null;
  #link: LinkState = 'connecting';
  #heardAt: number;
  #beatAt = 0;
  #askedAt: number | null = null;
  #tries = 0;
  #stopped = false;
  #cancelWatch: () => void = () => {};
  #cancelRetry: (() => void) | null = null;
  #view: Bbox | null = null;

  constructor(
    private readonly world: World,
    private readonly url: string,
    private readonly listener: Listener,
  ) {
    this.#heardAt = world.now();
  }

  start(): void {
    this.#open();
    this.#watch();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWatch();
    this.#cancelRetry?.();
    this.#drop();
  }

  /** The map shows this now; the hub sends positions for it. */
  view(bbox: Bbox): void {
    this.#view = bbox;
    this.#say({ type: 'view', bbox });
  }

  #open(): void {
    this.#cancelRetry = null;
    const socket = this.world.open(this.url);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => this.#heard(socket, event.data);
    socket.onclose = () => this.#closed(socket);
    socket.onopen = () => {
      if (this.#view) this.#say({ type: 'view', bbox: this.#view });
    };
    this.#socket = socket;
    this.#askedAt = null;
  }

  #heard(socket: Socket, data: unknown): void {
    if (socket !== this.#socket) return;
    this.#heardAt = this.world.now();
    try {
      if (typeof data === 'string') this.#take(readMessage(data));
      else if (data instanceof ArrayBuffer) this.listener.frame(data);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      console.error('unreadable message from the hub:', error.message);
      this.#ask();
    }
    if (this.#link !== 'outdated') this.#tell('live');
  }

  #take(message: ServerMessage): void {
    if (message.type === 'hello' && message.version !== STREAM_VERSION) {
      this.#tell('outdated');
      return;
    }
    if (message.type === 'snapshot') {
      this.#askedAt = null;
      this.#tries = 0;
    }
    // Between a gap and its snapshot the numbers cannot fit; they are not looked at.
    if (message.type === 'change' && this.#askedAt !== null) return;
    if (this.listener.message(message)) this.#ask();
  }

  /** Ask for a snapshot, once: the answer may be on its way already. */
  #ask(): void {
    if (this.#askedAt !== null && this.world.now() - this.#askedAt < ASK_AGAIN_AFTER_MS) return;
    this.#askedAt = this.world.now();
    this.#say({ type: 'resync' });
  }

  #say(message: ClientMessage): void {
    try {
      this.#socket?.send(JSON.stringify(message));
    } catch {
      // Not open (yet): the view is said again on opening, a resync is not needed then.
    }
  }

  #watch(): void {
    this.#cancelWatch = this.world.after(WATCH_EVERY_MS, () => {
      if (this.#stopped) return;
      this.#check();
      this.#watch();
    });
  }

  #check(): void {
    const now = this.world.now();
    const silent_ms = now - this.#heardAt;
    if (this.#link !== 'outdated') {
      if (silent_ms >= LOST_AFTER_MS) this.#tell('lost');
      else if (silent_ms >= LATE_AFTER_MS && this.#link === 'live') this.#tell('late');
    }
    if (this.#socket && silent_ms >= GIVE_UP_AFTER_MS && this.#tries === 0) this.#retry();
    if (this.#socket && now - this.#beatAt >= BEAT_EVERY_MS) {
      this.#beatAt = now;
      this.#say({ type: 'beat' });
    }
  }

  #closed(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.listener.closed();
    this.#retry();
  }

  #retry(): void {
    this.#drop();
    if (this.#stopped || this.#cancelRetry) return;
    const wait_ms = Math.min(BACKOFF_FIRST_MS * 2 ** this.#tries, BACKOFF_MAX_MS);
    this.#tries += 1;
    // Half to whole: consoles that lost one hub together do not all come back at once.
    this.#cancelRetry = this.world.after(wait_ms * (0.5 + this.world.random() / 2), () =>
      this.#open(),
    );
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = socket.onopen = null;
    socket.close();
  }

  #tell(state: LinkState): void {
    if (state === this.#link) return;
    this.#link = state;
    this.listener.link(state);
  }
}

/** The browser as a World. */
export const BROWSER: World = {
  open: (url) => new WebSocket(url) as Socket,
  now: () => performance.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
