// Draws the scene on a canvas: many units cheaply, alarms last and above everything.

import { HitGrid } from './hit';
import { levelPath, rolePath } from './marks';
import { FONT, HALO, LABEL, LABEL_STRONG, LEVEL_COLOUR, ROLE_COLOUR } from './palette';
import type { AlarmMark, Scene, UnitMark } from './scene';

export type Hit = { what: 'unit'; id: string } | { what: 'alarm'; key: string };
export type ToPixel = (x: number, y: number) => readonly [number, number];

type Context = CanvasRenderingContext2D;

/** Call signs of all units are written from this scale on, metres a pixel. */
const LABELS_FROM_RESOLUTION = 2.6;
/** More labels than this in view would hide the map. */
const LABELS_MAX = 120;
const UNIT_PX = 5;

export interface Picture {
  readonly ctx: Context;
  readonly width: number;
  readonly height: number;
  /** Mercator metres a pixel. */
  readonly resolution: number;
  readonly toPixel: ToPixel;
}

export function draw(picture: Picture, scene: Scene, hits: HitGrid<Hit>): void {
  const { ctx } = picture;
  hits.clear();
  ctx.lineJoin = 'round';
  const special = new Set([
    ...scene.called.map((called) => called.mark.id),
    ...scene.near.map((near) => near.mark.id),
  ]);
  const inView = scene.units.filter((mark) => seen(picture, mark));
  drawLinks(picture, scene);
  drawAccuracy(picture, scene.alarms);
  for (const role of ['volunteer', 'guard', 'police'] as const) {
    drawUnits(picture, inView, role, hits);
  }
  const labels = new Labels(ctx);
  for (const alarm of scene.alarms) labels.keepFree(...at(picture, alarm), 22);
  for (const { mark, coming, onScene } of scene.called) {
    drawRing(picture, mark, coming, onScene);
    labels.write(mark.label, ...at(picture, mark), LABEL_STRONG, 10);
  }
  for (const near of scene.near) drawNumber(picture, near.mark, near.number, near.picked);
  for (const near of scene.near) labels.write(near.mark.label, ...at(picture, near.mark), LABEL, 13);
  if (picture.resolution <= LABELS_FROM_RESOLUTION && inView.length <= LABELS_MAX) {
    for (const mark of inView) {
      if (!special.has(mark.id)) labels.write(mark.label, ...at(picture, mark), LABEL, 8);
    }
  }
  if (scene.shown) drawShown(picture, scene.shown);
  if (scene.pointed) drawPin(picture, scene.pointed);
  for (const alarm of scene.alarms) drawAlarm(picture, alarm, hits);
}

function at(picture: Picture, mark: { x: number; y: number }): readonly [number, number] {
  return picture.toPixel(mark.x, mark.y);
}

function seen(picture: Picture, mark: UnitMark): boolean {
  const [x, y] = at(picture, mark);
  return x > -20 && y > -20 && x < picture.width + 20 && y < picture.height + 20;
}

/** One path for all units of a role, filled and hollow apart: thousands cost two calls. */
function drawUnits(
  picture: Picture,
  marks: readonly UnitMark[],
  role: keyof typeof ROLE_COLOUR,
  hits: HitGrid<Hit>,
): void {
  const { ctx } = picture;
  const mine = marks.filter((mark) => (mark.role in ROLE_COLOUR ? mark.role : 'volunteer') === role);
  for (const hollow of [true, false]) {
    ctx.beginPath();
    for (const mark of mine) {
      if (mark.hollow !== hollow) continue;
      const [x, y] = at(picture, mark);
      rolePath(ctx, role, x, y, hollow ? UNIT_PX - 1 : UNIT_PX);
      hits.put(x, y, { what: 'unit', id: mark.id });
    }
    ctx.lineWidth = 1.5;
    if (hollow) {
      ctx.fillStyle = HALO;
      ctx.fill();
      ctx.strokeStyle = '#7b8a95';
    } else {
      ctx.fillStyle = ROLE_COLOUR[role];
      ctx.fill();
      ctx.strokeStyle = HALO;
    }
    ctx.stroke();
  }
  ctx.beginPath();
  for (const mark of mine) {
    if (!mark.busy) continue;
    const [x, y] = at(picture, mark);
    ctx.moveTo(x + 9, y);
    ctx.arc(x, y, 9, 0, Math.PI * 2);
  }
  ctx.strokeStyle = LABEL_STRONG;
  ctx.lineWidth = 1.25;
  ctx.stroke();
}

function drawLinks(picture: Picture, scene: Scene): void {
  const target = scene.alarms.find((alarm) => alarm.selected);
  if (!target) return;
  const { ctx } = picture;
  const [tx, ty] = at(picture, target);
  for (const { mark, coming, onScene } of scene.called) {
    if (onScene) continue;
    const [x, y] = at(picture, mark);
    ctx.beginPath();
    ctx.setLineDash(coming ? [] : [3, 5]);
    ctx.strokeStyle = coming ? 'rgba(221,228,233,.75)' : 'rgba(148,163,174,.45)';
    ctx.lineWidth = coming ? 1.5 : 1;
    ctx.moveTo(x, y);
    ctx.lineTo(tx, ty);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function drawAccuracy(picture: Picture, alarms: readonly AlarmMark[]): void {
  const { ctx } = picture;
  for (const alarm of alarms) {
    if (!alarm.selected || alarm.acc_m === null) continue;
    const [x, y] = at(picture, alarm);
    const metresAPixel = picture.resolution * Math.cos((alarm.lat * Math.PI) / 180);
    ctx.beginPath();
    ctx.arc(x, y, alarm.acc_m / metresAPixel, 0, Math.PI * 2);
    ctx.fillStyle = 'rgba(226,59,59,.12)';
    ctx.fill();
    ctx.strokeStyle = 'rgba(226,59,59,.6)';
    ctx.lineWidth = 1;
    ctx.stroke();
  }
}

function drawRing(picture: Picture, mark: UnitMark, coming: boolean, onScene: boolean): void {
  const { ctx } = picture;
  const [x, y] = at(picture, mark);
  ctx.beginPath();
  ctx.arc(x, y, 9, 0, Math.PI * 2);
  ctx.setLineDash(coming ? [] : [3, 3]);
  ctx.strokeStyle = LABEL_STRONG;
  ctx.lineWidth = onScene ? 3 : coming ? 2 : 1.25;
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawNumber(picture: Picture, mark: UnitMark, number: number, picked: boolean): void {
  const { ctx } = picture;
  const [x, y] = at(picture, mark);
  ctx.beginPath();
  ctx.arc(x, y, 11, 0, Math.PI * 2);
  ctx.fillStyle = picked ? LABEL_STRONG : '#1b232a';
  ctx.fill();
  ctx.strokeStyle = ROLE_COLOUR[mark.role as keyof typeof ROLE_COLOUR] ?? LABEL;
  ctx.lineWidth = 2;
  ctx.stroke();
  ctx.fillStyle = picked ? '#0e1317' : LABEL_STRONG;
  ctx.font = `700 12px ${FONT}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(String(number), x, y + 0.5);
}

function drawShown(picture: Picture, mark: UnitMark): void {
  const { ctx } = picture;
  const [x, y] = at(picture, mark);
  ctx.beginPath();
  ctx.arc(x, y, 13, 0, Math.PI * 2);
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 2;
  ctx.stroke();
}

function drawPin(picture: Picture, point: { x: number; y: number }): void {
  const { ctx } = picture;
  const [x, y] = at(picture, point);
  ctx.beginPath();
  ctx.moveTo(x - 14, y);
  ctx.lineTo(x + 14, y);
  ctx.moveTo(x, y - 14);
  ctx.lineTo(x, y + 14);
  ctx.arc(x, y, 7, 0, Math.PI * 2);
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 2;
  ctx.stroke();
}

function drawAlarm(picture: Picture, alarm: AlarmMark, hits: HitGrid<Hit>): void {
  const { ctx } = picture;
  const [x, y] = at(picture, alarm);
  const colour = LEVEL_COLOUR[alarm.level] ?? LABEL;
  const r = alarm.selected || alarm.calling ? 19 : 13;
  hits.put(x, y, { what: 'alarm', key: alarm.key });
  levelPath(ctx, alarm.level, x, y, r + 3);
  ctx.fillStyle = HALO;
  ctx.fill();
  levelPath(ctx, alarm.level, x, y, r);
  ctx.fillStyle = alarm.vague || !alarm.calling ? '#1a1416' : colour;
  ctx.fill();
  ctx.setLineDash(alarm.vague ? [4, 3] : []);
  ctx.strokeStyle = alarm.calling && !alarm.vague ? '#ffffff' : colour;
  ctx.lineWidth = 2;
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = '#ffffff';
  ctx.font = `700 ${alarm.text.length > 1 ? Math.round(r * 0.55) : Math.round(r * 0.8)}px ${FONT}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(alarm.text, x, y + (alarm.level === 2 ? 3 : 1));
  if (alarm.selected || alarm.calling) {
    const label = [alarm.label, alarm.note].filter(Boolean).join(' · ');
    haloed(ctx, label, x, y + r + 12, '#ffffff', `700 14px ${FONT}`);
  }
}

function haloed(ctx: Context, text: string, x: number, y: number, colour: string, font: string): void {
  ctx.font = font;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.strokeStyle = HALO;
  ctx.lineWidth = 4;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

/** Writes labels below their marks, and leaves out those that would lie on one written before. */
class Labels {
  readonly #boxes: (readonly [number, number, number, number])[] = [];

  constructor(private readonly ctx: Context) {}

  keepFree(x: number, y: number, r: number): void {
    this.#boxes.push([x - r, y - r, x + r, y + r + 16]);
  }

  write(text: string, x: number, y: number, colour: string, below: number): void {
    const font = `12px ${FONT}`;
    this.ctx.font = font;
    const half = this.ctx.measureText(text).width / 2 + 2;
    const top = y + below;
    const box = [x - half, top, x + half, top + 14] as const;
    const clash = this.#boxes.some(
      (held) => box[0] < held[2] && box[2] > held[0] && box[1] < held[3] && box[3] > held[1],
    );
    if (clash) return;
    this.#boxes.push(box);
    haloed(this.ctx, text, x, top + 7, colour, font);
  }
}
