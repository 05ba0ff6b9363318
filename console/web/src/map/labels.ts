// Writes names on the map, and leaves out those that would lie on one written before: who comes
// first is the drawer's choice. Measuring text is dear, so widths are kept.

import { FONT, HALO } from './palette';

type Context = CanvasRenderingContext2D;
/** Middle of the text; `shift` half widths to the right of it. */
export type Place = readonly [x: number, y: number, shift?: number];
type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Widths kept; a city's names all at once would be more than fit on a screen anyway. */
const WIDTHS_MAX = 5_000;
const widths = new Map<string, number>();

export class Labels {
  readonly #boxes: Box[] = [];

  constructor(
    private readonly ctx: Context,
    private readonly width: number,
    private readonly height: number,
  ) {}

  /** Nothing may be written here. */
  keepFree(x: number, y: number, r: number, below = 0): void {
    this.#boxes.push([x - r, y - r, x + r, y + r + below]);
  }

  keepFreeBox(left: number, top: number, right: number, bottom: number): void {
    this.#boxes.push([left, top, right, bottom]);
  }

  /** Write at the first of the places that is free; false where none is. */
  write(text: string, places: readonly Place[], look: LabelLook): boolean {
    for (const place of places) {
      const box = this.#box(text, place, look);
      if (!this.#inside(box) || this.#boxes.some((held) => clash(box, held))) continue;
      this.#put(text, box, look);
      return true;
    }
    return false;
  }

  /** `write`, and where no place is free at the first of them. */
  writeAnyhow(text: string, places: readonly [Place, ...Place[]], look: LabelLook): void {
    if (!this.write(text, places, look)) this.#put(text, this.#box(text, places[0], look), look);
  }

  #box(text: string, [middle, y, shift = 0]: Place, look: LabelLook): Box {
    const half = this.#width(text, fontOf(look)) / 2 + 2;
    const tall = look.size_px / 2 + 2;
    const x = middle + shift * half;
    return [x - half, y - tall, x + half, y + tall];
  }

  #put(text: string, box: Box, look: LabelLook): void {
    this.#boxes.push(box);
    const [left, top, right, bottom] = box;
    haloed(this.ctx, text, (left + right) / 2, (top + bottom) / 2, look.colour, fontOf(look));
  }

  /** A name cut by the edge reads as another name. */
  #inside([left, top, right, bottom]: Box): boolean {
    return left >= 0 && top >= 0 && right <= this.width && bottom <= this.height;
  }

  #width(text: string, font: string): number {
    const key = `${font} ${text}`;
    const kept = widths.get(key);
    if (kept !== undefined) return kept;
    this.ctx.font = font;
    const width = this.ctx.measureText(text).width;
    if (widths.size >= WIDTHS_MAX) widths.clear();
    widths.set(key, width);
    return width;
  }
}

export interface LabelLook {
  readonly colour: string;
  readonly size_px: number;
  readonly bold?: boolean;
}

const fontOf = (look: LabelLook): string =>
  `${look.bold ? '700 ' : ''}${look.size_px}px ${FONT}`;

function haloed(
  ctx: Context,
  text: string,
  x: number,
  y: number,
  colour: string,
  font: string,
): void {
  ctx.font = font;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.strokeStyle = HALO;
  ctx.lineWidth = 4;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

function clash(a: Box, b: Box): boolean {
  return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
}
