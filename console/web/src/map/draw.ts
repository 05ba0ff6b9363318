// Draws the scene on a canvas: many units cheaply, alarms last and above everything.
// Names are written in the order of their weight; what does not fit is left out.

import { HitGrid } from './hit';
import { Labels, type Place } from './labels';
import { levelPath, rolePath } from './marks';
import {
  DRILL_COLOUR,
  DRILL_GROUND,
  FONT,
  HALO,
  LABEL,
  LABEL_STRONG,
  LEVEL_COLOUR,
  ROLE_COLOUR,
} from './palette';
import type { AlarmMark, Scene, UnitMark } from './scene';

export type Hit = { what: 'unit'; id: string } | { what: 'alarm'; key: string };
export type ToPixel = (x: number, y: number) => readonly [number, number];

type Context = CanvasRenderingContext2D;

/** Call signs of all units, and key units, are written below this scale, metres a pixel. */
const LABELS_BELOW_RESOLUTION = 2.6;
const GRID_NAMES_BELOW_RESOLUTION = 30;
/** More labels than this in view would hide the map. */
const LABELS_MAX = 120;
const UNIT_PX = 5;
/** Where a grid's name may stand beside the middle of the grid: the nearest free place is taken. */
const GRID_NAME_OFF_PX = [0, -17, 17, -34, 34, -51, 51, -68, 68].flatMap((dy) =>
  [0, -26, 26].map((dx): [number, number] => [dx, dy]),
);

export interface Picture {
  readonly ctx: Context;
  readonly width: number;
  readonly height: number;
  /** Mercator metres a pixel. */
  readonly resolution: number;
  readonly toPixel: ToPixel;
  /** What lies over the map, in pixels: no name is written there. */
  readonly covered: readonly { left: number; top: number; right: number; bottom: number }[];
}

export function draw(picture: Picture, scene: Scene, hits: HitGrid<Hit>): void {
  const { ctx } = picture;
  hits.clear();
  ctx.lineJoin = 'round';
  const inView = scene.units.filter((mark) => seen(picture, mark));
  drawKeyUnits(picture, scene);
  drawLinks(picture, scene);
  drawAccuracy(picture, scene.alarms);
  for (const role of ['volunteer', 'guard', 'police'] as const) {
    drawUnits(picture, inView, role, hits);
  }
  for (const { mark, coming, onScene } of scene.called) drawRing(picture, mark, coming, onScene);
  for (const near of scene.near) drawNumber(picture, near.mark, near.number, near.picked);
  writeNames(picture, scene, inView);
  if (scene.shown) drawShown(picture, scene.shown);
  if (scene.pointed) drawPin(picture, scene.pointed);
  for (const alarm of scene.alarms) drawAlarm(picture, alarm, hits);
}

function writeNames(picture: Picture, scene: Scene, inView: readonly UnitMark[]): void {
  const labels = new Labels(picture.ctx, picture.width, picture.height);
  const close = picture.resolution <= LABELS_BELOW_RESOLUTION;
  const few = inView.length <= LABELS_MAX;
  const units = close && few ? inView : [];
  const around = (mark: { x: number; y: number }, off: number): [Place, ...Place[]] => {
    const [x, y] = at(picture, mark);
    return [
      [x, y + off],
      [x, y - off],
      [x + off * 0.6, y, 1],
      [x - off * 0.6, y, -1],
    ];
  };
  for (const { left, top, right, bottom } of picture.covered) {
    labels.keepFreeBox(left, top, right, bottom);
  }
  for (const alarm of scene.alarms) labels.keepFree(...at(picture, alarm), 22);
  for (const mark of [...scene.called, ...scene.near].map((each) => each.mark)) {
    labels.keepFree(...at(picture, mark), 10);
  }
  for (const mark of few ? inView : []) labels.keepFree(...at(picture, mark), 5);
  // Who called for help is named whatever lies below; the one that is looked at first of all.
  for (const alarm of [...scene.alarms].reverse()) {
    if (!alarm.selected && !alarm.calling) continue;
    const label = [alarm.label, alarm.note].filter(Boolean).join(' · ');
    labels.writeAnyhow(label, around(alarm, 32), { colour: '#ffffff', size_px: 14, bold: true });
  }
  for (const { mark } of scene.called) {
    labels.write(mark.label, around(mark, 18), { colour: LABEL_STRONG, size_px: 12 });
  }
  if (picture.resolution < GRID_NAMES_BELOW_RESOLUTION) {
    for (const grid of scene.grids) {
      const [x, y] = at(picture, grid);
      const places = GRID_NAME_OFF_PX.map(([dx, dy]): Place => [x + dx, y + dy]);
      const colour = grid.strong ? LABEL_STRONG : '#a3b3be';
      labels.write(grid.name, places, { colour, size_px: 14, bold: true });
    }
  }
  for (const { mark } of scene.near) {
    labels.write(mark.label, around(mark, 20), { colour: LABEL, size_px: 12 });
  }
  const named = new Set(scene.alarms.map((alarm) => alarm.sender));
  for (const mark of units) {
    if (named.has(mark.id)) continue;
    labels.write(mark.label, around(mark, 14), { colour: LABEL, size_px: 12 });
  }
  if (!close) return;
  for (const unit of scene.keyUnits) {
    const [x, y] = at(picture, unit);
    labels.write(unit.name, [[x, y - 11], [x, y + 12]], { colour: '#73828d', size_px: 11 });
  }
}

/** Places that everybody knows: a small square each, quieter than any unit. */
function drawKeyUnits(picture: Picture, scene: Scene): void {
  const { ctx } = picture;
  if (picture.resolution > LABELS_BELOW_RESOLUTION * 2) return;
  ctx.beginPath();
  for (const unit of scene.keyUnits) {
    const [x, y] = at(picture, unit);
    ctx.rect(x - 2.5, y - 2.5, 5, 5);
  }
  ctx.fillStyle = '#55636d';
  ctx.fill();
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
  const colour = alarm.drill ? DRILL_COLOUR : (LEVEL_COLOUR[alarm.level] ?? LABEL);
  const r = alarm.selected || alarm.calling ? 19 : 13;
  hits.put(x, y, { what: 'alarm', key: alarm.key });
  levelPath(ctx, alarm.level, x, y, r + 3);
  ctx.fillStyle = HALO;
  ctx.fill();
  levelPath(ctx, alarm.level, x, y, r);
  const filled = alarm.calling && !alarm.vague && !alarm.drill;
  ctx.fillStyle = alarm.drill ? DRILL_GROUND : filled ? colour : '#1a1416';
  ctx.fill();
  if (alarm.drill) hatch(ctx, alarm.level, x, y, r);
  ctx.setLineDash(alarm.vague ? [4, 3] : []);
  ctx.strokeStyle = filled ? '#ffffff' : colour;
  ctx.lineWidth = 2;
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = '#ffffff';
  ctx.font = `700 ${alarm.text.length > 1 ? Math.round(r * 0.55) : Math.round(r * 0.8)}px ${FONT}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(alarm.text, x, y + (alarm.level === 2 ? 3 : 1));
}

/** Stripes within the shape that was just drawn; the shape is the path again afterwards. */
function hatch(ctx: Context, level: number, x: number, y: number, r: number): void {
  ctx.save();
  ctx.clip();
  ctx.beginPath();
  for (let off = -2 * r; off <= 2 * r; off += 6) {
    ctx.moveTo(x + off - r, y + r);
    ctx.lineTo(x + off + r, y - r);
  }
  ctx.strokeStyle = DRILL_COLOUR;
  ctx.globalAlpha = 0.35;
  ctx.lineWidth = 2;
  ctx.stroke();
  ctx.restore();
  levelPath(ctx, level, x, y, r);
}
