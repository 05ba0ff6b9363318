// The shapes on the map: a path for each, so that colour never stands alone.

type Context = CanvasRenderingContext2D;

/** Circle, square and shield: told apart without colour. */
export function rolePath(ctx: Context, role: string, x: number, y: number, r: number): void {
  if (role === 'guard') {
    ctx.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  } else if (role === 'police') {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y - r);
    ctx.lineTo(x + r, y + r * 0.25);
    ctx.lineTo(x, y + r * 1.3);
    ctx.lineTo(x - r, y + r * 0.25);
    ctx.closePath();
  } else {
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, Math.PI * 2);
  }
}

/** Diamond, triangle, square, circle for levels 1 to 4. */
export function levelPath(ctx: Context, level: number, x: number, y: number, r: number): void {
  ctx.beginPath();
  if (level === 1) {
    ctx.moveTo(x, y - r);
    ctx.lineTo(x + r, y);
    ctx.lineTo(x, y + r);
    ctx.lineTo(x - r, y);
  } else if (level === 2) {
    ctx.moveTo(x, y - r);
    ctx.lineTo(x + r, y + r * 0.8);
    ctx.lineTo(x - r, y + r * 0.8);
  } else if (level === 3) {
    ctx.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
    return;
  } else {
    ctx.arc(x, y, r * 0.85, 0, Math.PI * 2);
  }
  ctx.closePath();
}
