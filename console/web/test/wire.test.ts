import { describe, expect, test } from 'vitest';
import { Positions } from '../src/frames';
import { ShapeError } from '../src/shape';
import { readAccepted, readIncident, readMessage, readRefusal } from '../src/wire';
import { sample, sampleNames, sampleText } from './samples';

/** Samples of what the hub says on the stream. */
const MESSAGES = ['hello', 'snapshot', 'part', 'change', 'change-small', 'beat', 'behind'];

describe('what the hub says', () => {
  test.each(MESSAGES)('the sample %s is read whole', (name) => {
    const read = readMessage(sampleText(name));

    expect(read).toMatchObject(sample<object>(name));
  });

  test.each(sampleNames().filter((name) => name.startsWith('incident-') && !name.includes('row')))(
    'the incident %s is read whole',
    (file) => {
      const name = file.replace('.json', '');

      expect(readIncident(sampleText(name))).toMatchObject(sample<object>(name));
    },
  );

  test('answers to commands are read, the present state of a refusal too', () => {
    expect(readAccepted(sampleText('accepted')).version).toBeGreaterThan(0);
    const refusal = readRefusal(sampleText('refusal'));

    expect(refusal.code).toBe('stale_version');
    expect(refusal.incident?.version).toBe(refusal.facts['version']);
  });

  test('a member we do not know yet is passed over', () => {
    /* A newer hub must not stop an older page that is still open. */
    const text = JSON.stringify({ ...sample<object>('beat'), weather: 'rain' });

    expect(readMessage(text)).not.toHaveProperty('weather');
  });

  test.each([
    ['not JSON', '{'],
    ['no type', '{}'],
    ['a type nobody knows', '{"type":"sudden"}'],
    ['a type that every object has', '{"type":"toString"}'],
    ['a number as text', '{"type":"beat","seq":"1","now":0}'],
    ['not a number', '{"type":"beat","seq":1,"now":1e999}'],
    ['a list instead of an object', '[]'],
    ['null', 'null'],
  ])('%s is refused', (_what, text) => {
    expect(() => readMessage(text)).toThrow(ShapeError);
  });

  test('a refusal says where', () => {
    const text = sampleText('snapshot').replace('"version": ', '"version": "x", "was": ');

    expect(() => readMessage(text)).toThrow(/incidents\[0\]\.version is not a whole number/);
  });
});

interface FrameSample {
  hex: string;
  now: number;
  units: {
    row: number;
    grid: number;
    battery_pct: number;
    lon: number;
    lat: number;
    t: number;
    acc_m: number | null;
    on_duty: boolean;
    online: boolean;
    busy: boolean;
  }[];
}

const bytes = (hex: string): ArrayBuffer =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)).buffer;

describe('position frames', () => {
  const frame = sample<FrameSample>('frame');

  test('the sample frame fills the columns', () => {
    const positions = new Positions();

    const head = positions.feed(bytes(frame.hex));

    expect(head).toEqual({ count: frame.units.length, now_ms: frame.now });
    for (const unit of frame.units) {
      expect(positions.known(unit.row)).toBe(true);
      expect(positions.lon[unit.row]).toBeCloseTo(unit.lon, 7);
      expect(positions.lat[unit.row]).toBeCloseTo(unit.lat, 7);
      expect(positions.t_ms[unit.row]).toBe(unit.t);
      expect(positions.grid[unit.row]).toBe(unit.grid);
      expect(positions.battery_pct[unit.row]).toBe(unit.battery_pct);
      expect(positions.acc_m[unit.row]).toBe(unit.acc_m ?? NaN);
      const state = Number(unit.on_duty) + 2 * Number(unit.online) + 4 * Number(unit.busy);
      expect(positions.state[unit.row]).toBe(state);
    }
    expect(positions.known(1)).toBe(false);
    expect(positions.known(-1)).toBe(false);
  });

  /** A frame of nobody, and where it looked: degrees, west to north. */
  function nobody(flags: number, ...sides: number[]): ArrayBuffer {
    const view = new DataView(new ArrayBuffer(16 + sides.length * 4));
    view.setUint8(0, 2);
    view.setUint8(1, flags);
    sides.forEach((side, at) => view.setInt32(16 + at * 4, Math.round(side * 1e7), true));
    return view.buffer;
  }

  test('a look forgets whom it leaves out, within its box only', () => {
    /* A unit that walked away while the map showed another place must not stand there for ever. */
    const positions = new Positions();
    positions.feed(bytes(frame.hex));
    const [here, far] = frame.units.map((unit) => unit.row) as [number, number];

    positions.feed(nobody(3, 119, 29, 121, 31));

    expect(positions.known(here)).toBe(false);
    expect(positions.known(far)).toBe(true);
  });

  test('whom any frame of a look told is there, whichever frame ends it', () => {
    const positions = new Positions();
    positions.feed(bytes(frame.hex)); // begins a look and ends it
    positions.feed(nobody(1));
    const again = new Uint8Array(bytes(frame.hex)).slice(0, 16 + 64);
    again[1] = 0;
    positions.feed(again.buffer);

    positions.feed(nobody(2, -180, -90, 180, 90));

    expect(frame.units.every((unit) => positions.known(unit.row))).toBe(true);
  });

  test.each([
    ['cut', frame.hex.slice(0, -2)],
    ['too short for a head', '0201'],
    ['without the sides that it promises', frame.hex.slice(0, -32)],
    ['of another version', `01${frame.hex.slice(2)}`],
    ['claiming more than it holds', `${frame.hex.slice(0, 8)}ffffffff${frame.hex.slice(16)}`],
    ['naming a row beyond any', frame.hex.slice(0, 32) + 'ffffffff' + frame.hex.slice(40)],
  ])('a frame %s is refused and changes nothing', (_what, hex) => {
    const positions = new Positions();
    positions.feed(bytes(frame.hex));

    expect(() => positions.feed(bytes(hex))).toThrow(ShapeError);

    expect(positions.t_ms[0]).toBe(frame.units[0]?.t);
  });
});
