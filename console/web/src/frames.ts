// Binary position frames (drawn in console/wire.py) into columns, one row a unit.
// No object per position survives: the map redraws from the columns.

import { ShapeError } from './shape';

const VERSION = 2;
const HEAD_BYTES = 16;
const RECORD_BYTES = 32;
const FIRST_OF_LOOK = 1;
const LAST_OF_LOOK = 2;
/** West, south, east, north behind the last frame of a look. */
const SIDES_BYTES = 16;
/** Rows we would make room for; a district has 100,000 units. */
const ROW_MAX = 1_000_000;
const U16_UNKNOWN = 65_535;

export const ON_DUTY = 1;
export const ONLINE = 2;
export const BUSY = 4;

/** Where every unit is, as last heard. `t_ms` 0 means that nothing was heard of this row. */
export class Positions {
  lon = new Float64Array(0);
  lat = new Float64Array(0);
  /** Web Mercator metres, computed once a fix instead of once a drawn picture. */
  x = new Float64Array(0);
  y = new Float64Array(0);
  t_ms = new Float64Array(0);
  grid = new Int16Array(0);
  battery_pct = new Int8Array(0);
  state = new Uint8Array(0);
  acc_m = new Float64Array(0);
  /** The frame that last told of each row, by number. */
  #toldBy = new Uint32Array(0);
  #frames = 0;
  /** The number of the frame that the present look began with. */
  #lookedSince = 0;
  /** Rows ever seen are below this. */
  rows = 0;

  /** Forget everything: after a new hello the rows may mean other units. */
  clear(): void {
    this.t_ms.fill(0);
    this.rows = 0;
  }

  known(row: number): boolean {
    return row < this.rows && (this.t_ms[row] ?? 0) > 0;
  }

  /** Take one frame in. Raises ShapeError and changes nothing where it is not one. */
  feed(data: ArrayBuffer): { count: number; now_ms: number } {
    const view = new DataView(data);
    if (view.byteLength < HEAD_BYTES) throw new ShapeError('frame', 'a position frame');
    if (view.getUint8(0) !== VERSION) throw new ShapeError('frame.version', `${VERSION}`);
    const flags = view.getUint8(1);
    const last = (flags & LAST_OF_LOOK) !== 0;
    const count = view.getUint32(4, true);
    const now_ms = view.getFloat64(8, true);
    const end = HEAD_BYTES + count * RECORD_BYTES;
    if (view.byteLength !== end + (last ? SIDES_BYTES : 0)) {
      throw new ShapeError('frame.count', 'the number of records that follow');
    }
    const rows = highestRow(view, count) + 1;
    if (rows > ROW_MAX) throw new ShapeError('frame.row', `below ${ROW_MAX}`);
    this.#grow(rows);
    this.#frames += 1;
    if ((flags & FIRST_OF_LOOK) !== 0) this.#lookedSince = this.#frames;
    for (let i = 0; i < count; i += 1) this.#put(view, HEAD_BYTES + i * RECORD_BYTES);
    if (last) this.#forgetUntold(view, end);
    return { count, now_ms };
  }

  /** Whoever was within these sides and is not among those just told is not there any more. */
  #forgetUntold(view: DataView, at: number): void {
    const [west, south, east, north] = [0, 4, 8, 12].map((side) => view.getInt32(at + side, true) / 1e7);
    for (let row = 0; row < this.rows; row += 1) {
      if ((this.#toldBy[row] ?? 0) >= this.#lookedSince) continue;
      const [lon, lat] = [this.lon[row] ?? 0, this.lat[row] ?? 0];
      const inside = lon >= west! && lon <= east! && lat >= south! && lat <= north!;
      if (inside) this.t_ms[row] = 0;
    }
  }

  #put(view: DataView, at: number): void {
    const row = view.getUint32(at, true);
    const lon = view.getInt32(at + 8, true) / 1e7;
    const lat = view.getInt32(at + 12, true) / 1e7;
    const acc_dm = view.getUint16(at + 24, true);
    this.#toldBy[row] = this.#frames;
    this.grid[row] = view.getInt16(at + 4, true);
    this.battery_pct[row] = view.getInt8(at + 6);
    this.state[row] = view.getUint8(at + 7);
    this.lon[row] = lon;
    this.lat[row] = lat;
    this.x[row] = mercatorX(lon);
    this.y[row] = mercatorY(lat);
    this.t_ms[row] = view.getFloat64(at + 16, true);
    this.acc_m[row] = acc_dm === U16_UNKNOWN ? NaN : acc_dm / 10;
  }

  #grow(rows: number): void {
    this.rows = Math.max(this.rows, rows);
    if (rows <= this.t_ms.length) return;
    const room = Math.max(64, rows * 2);
    this.lon = grown(this.lon, new Float64Array(room));
    this.lat = grown(this.lat, new Float64Array(room));
    this.x = grown(this.x, new Float64Array(room));
    this.y = grown(this.y, new Float64Array(room));
    this.t_ms = grown(this.t_ms, new Float64Array(room));
    this.acc_m = grown(this.acc_m, new Float64Array(room));
    this.#toldBy = grown(this.#toldBy, new Uint32Array(room));
    this.grid = grown(this.grid, new Int16Array(room));
    this.battery_pct = grown(this.battery_pct, new Int8Array(room));
    this.state = grown(this.state, new Uint8Array(room));
  }
}

const EARTH_RADIUS_M = 6_378_137;

export function mercatorX(lon: number): number {
  return (lon * Math.PI * EARTH_RADIUS_M) / 180;
}

export function mercatorY(lat: number): number {
  return EARTH_RADIUS_M * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
}

/** Great-circle metres between two places. */
export function distanceM(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const toRad = Math.PI / 180;
  const dLat = ((lat2 - lat1) * toRad) / 2;
  const dLon = ((lon2 - lon1) * toRad) / 2;
  const a =
    Math.sin(dLat) ** 2 + Math.cos(lat1 * toRad) * Math.cos(lat2 * toRad) * Math.sin(dLon) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(a)));
}

function highestRow(view: DataView, count: number): number {
  let highest = -1;
  for (let i = 0; i < count; i += 1) {
    highest = Math.max(highest, view.getUint32(HEAD_BYTES + i * RECORD_BYTES, true));
  }
  return highest;
}

function grown<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from);
  return into;
}
