import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Connection } from '../src/connection';
import { change, sample, snapshot } from './samples';
import { FakeWorld, Notebook } from './world';

let world: FakeWorld;
let heard: Notebook;
let connection: Connection;

beforeEach(() => {
  world = new FakeWorld();
  heard = new Notebook();
  connection = new Connection(world, 'ws://hub', heard);
  connection.start();
});

function live(): void {
  world.socket.accept();
  world.socket.hear(sample<object>('hello'));
  world.socket.hear(snapshot({ seq: 5 }));
}

const beat = { type: 'beat', seq: 5, now: 0 };

describe('a healthy stream', () => {
  test('is live from its first message on, and frames are handed over', () => {
    live();
    world.socket.hear(new ArrayBuffer(16));

    expect(heard.links).toEqual(['live']);
    expect(heard.messages.map((message) => message.type)).toEqual(['hello', 'snapshot']);
    expect(heard.frames).toBe(1);
  });

  test('tells the view once the socket is open, and again after a reconnect', () => {
    /* Without it a page that came back would get positions of nothing. */
    connection.view([1, 2, 3, 4]);
    live();
    expect(world.socket.types()).toContain('view');

    world.socket.drop();
    world.wind(1_000);
    world.socket.accept();

    expect(world.socket.types()).toEqual(['view']);
  });
});

describe('silence', () => {
  test('is late within 3 s, lost after 10 s, and any message ends it', () => {
    live();
    world.wind(2_600);
    expect(heard.links.at(-1)).toBe('live');

    world.wind(400);
    expect(heard.links.at(-1)).toBe('late');

    world.wind(7_000);
    expect(heard.links.at(-1)).toBe('lost');

    world.socket.accept();
    world.socket.hear(sample<object>('hello'));
    expect(heard.links.at(-1)).toBe('live');
  });

  test('of a socket that still claims to be open ends it and opens another', () => {
    /* A cable pulled between switches leaves both ends believing. */
    live();
    const first = world.socket;

    world.wind(6_000);

    expect(first.closed).toBe(true);
    expect(world.sockets.length).toBe(2);
  });

  test('a beat a second keeps it live', () => {
    live();
    for (let second = 0; second < 30; second += 1) {
      world.wind(1_000);
      world.socket.hear(beat);
    }

    expect(heard.links).toEqual(['live']);
    expect(world.sockets.length).toBe(1);
  });
});

describe('a lost stream', () => {
  test('is tried again ever more slowly, at most every 5 s', () => {
    live();
    const tries: number[] = [];
    world.socket.drop();
    for (let round = 0; round < 8; round += 1) {
      const before = world.time;
      const count = world.sockets.length;
      while (world.sockets.length === count) world.wind(50);
      tries.push(world.time - before);
      world.socket.drop();
    }

    expect(tries[0]).toBeLessThan(500);
    expect(tries[3]).toBeGreaterThan(2_000);
    expect(Math.max(...tries)).toBeLessThanOrEqual(5_050);
  });

  test('is not tried again once stopped', () => {
    live();
    connection.stop();

    world.wind(60_000);

    expect(world.sockets.length).toBe(1);
    expect(world.socket.closed).toBe(true);
  });

  test('messages of the old socket are not heard any more', () => {
    live();
    const old = world.socket;
    const said = old.onmessage;
    old.drop();
    world.wind(1_000);
    const count = heard.messages.length;

    said?.({ data: JSON.stringify(beat) });

    expect(heard.messages.length).toBe(count);
  });
});

describe('a gap', () => {
  test('asks for a snapshot once, and passes over changes until it comes', () => {
    live();
    heard.gap = true;
    world.socket.hear(change(9));
    heard.gap = false;
    world.socket.hear(change(10));
    world.socket.hear(change(11));

    expect(world.socket.types().filter((type) => type === 'resync')).toHaveLength(1);
    expect(heard.messages.filter((message) => message.type === 'change')).toHaveLength(1);

    world.socket.hear(snapshot({ seq: 11 }));
    world.socket.hear(change(12));

    expect(heard.messages.at(-1)).toMatchObject({ type: 'change', seq: 12 });
  });

  test('asks again where the snapshot does not come', () => {
    live();
    heard.gap = true;
    world.socket.hear({ ...beat, seq: 9 });
    world.wind(2_000);
    world.socket.hear({ ...beat, seq: 9 });
    world.wind(1_500);
    world.socket.hear({ ...beat, seq: 9 });

    expect(world.socket.types().filter((type) => type === 'resync')).toHaveLength(2);
  });

  test('so does a message that cannot be read, and nothing else stops', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    live();

    world.socket.hear('{"type":"change","seq":6}');
    world.socket.hear('nonsense');

    expect(world.socket.types()).toContain('resync');
    expect(error).toHaveBeenCalled();
  });
});

test('a hub of another version says so, and is not believed', () => {
  world.socket.accept();

  world.socket.hear({ ...sample<object>('hello'), version: 3 });
  world.socket.hear(beat);

  expect(heard.links).toEqual(['outdated']);
  expect(heard.messages.map((message) => message.type)).not.toContain('hello');
});
