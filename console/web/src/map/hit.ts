// Which drawn thing lies under the pointer: a hash of square cells, filled anew with each picture.

/** Larger than any mark, so that only neighbouring cells need a look. */
const CELL_PX = 24;
/** A finger or a hurried mouse may miss by this much. */
const REACH_PX = 14;

export class HitGrid<T> {
  readonly #cells = new Map<number, { x: number; y: number; what: T }[]>();

  clear(): void {
    this.#cells.clear();
  }

  put(x: number, y: number, what: T): void {
    const key = cellKey(Math.floor(x / CELL_PX), Math.floor(y / CELL_PX));
    const cell = this.#cells.get(key);
    if (cell) cell.push({ x, y, what });
    else this.#cells.set(key, [{ x, y, what }]);
  }

  /** The nearest thing within reach, or null. */
  at(x: number, y: number): T | null {
    const [column, row] = [Math.floor(x / CELL_PX), Math.floor(y / CELL_PX)];
    let best: T | null = null;
    let best_px2 = REACH_PX ** 2;
    for (let dx = -1; dx <= 1; dx += 1) {
      for (let dy = -1; dy <= 1; dy += 1) {
        for (const held of this.#cells.get(cellKey(column + dx, row + dy)) ?? []) {
          const px2 = (held.x - x) ** 2 + (held.y - y) ** 2;
          if (px2 < best_px2) [best, best_px2] = [held.what, px2];
        }
      }
    }
    return best;
  }
}

const cellKey = (column: number, row: number): number => column * 65_536 + row;
