// What the map should show of an incident: its place, who comes to it, and little empty ground.
// Pure; in Web Mercator metres and screen pixels.

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Pixels at each edge that are covered by something. */
export interface Insets {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export interface Framed {
  readonly x: number;
  readonly y: number;
  readonly resolution: number;
}

/** Metres a pixel: close enough to tell one house from the next; far enough to leave names out. */
const FINEST = 1.6;
const COARSEST = 2;
/** The place itself is never nearer to an edge, pixels: its mark and name must fit. */
const EDGE_PX = 60;
/** So much of the ground beyond the communities may be seen, pixels. */
const SHORE_PX = 36;

/**
 * `others` are added in their order for as long as they fit. Beyond `home` there is nothing to
 * see, so the picture is moved inwards as far as the place allows.
 */
export function framed(
  place: Spot,
  others: readonly Spot[],
  home: Box | null,
  size: readonly [width: number, height: number],
  insets: Insets,
): Framed {
  const [width, height] = size;
  const inner_px = [
    Math.max(1, width - insets.left - insets.right),
    Math.max(1, height - insets.top - insets.bottom),
  ] as const;
  const needed = (box: Box): number =>
    Math.max(
      (box.east - box.west) / Math.max(1, inner_px[0] - 2 * EDGE_PX),
      (box.north - box.south) / Math.max(1, inner_px[1] - 2 * EDGE_PX),
    );
  let box: Box = { west: place.x, south: place.y, east: place.x, north: place.y };
  for (const spot of others) {
    const wider = around(box, spot);
    if (needed(wider) <= COARSEST) box = wider;
  }
  const resolution = Math.max(FINEST, needed(box));
  const middle = (axis: 0 | 1): number => {
    const half = (inner_px[axis] / 2) * resolution;
    const [low, high] = axis === 0 ? [box.west, box.east] : [box.south, box.north];
    const at = axis === 0 ? place.x : place.y;
    const inwards = home ? within((low + high) / 2, half, home, axis, resolution) : (low + high) / 2;
    const room = Math.max(0, half - EDGE_PX * resolution);
    return clamp(inwards, at - room, at + room);
  };
  return {
    x: middle(0) - ((insets.left - insets.right) / 2) * resolution,
    y: middle(1) + ((insets.top - insets.bottom) / 2) * resolution,
    resolution,
  };
}

function around(box: Box, { x, y }: Spot): Box {
  return {
    west: Math.min(box.west, x),
    south: Math.min(box.south, y),
    east: Math.max(box.east, x),
    north: Math.max(box.north, y),
  };
}

/** The middle moved so that little of what is seen lies beyond home. */
function within(middle: number, half: number, home: Box, axis: 0 | 1, resolution: number): number {
  const [low, high] = axis === 0 ? [home.west, home.east] : [home.south, home.north];
  const shore = SHORE_PX * resolution;
  const [least, most] = [low - shore + half, high + shore - half];
  return least > most ? (low + high) / 2 : clamp(middle, least, most);
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);
