// The grids of the communities: names for ids, centres for incidents without a
// fix, and which one a place is in. From GeoJSON.

export interface KeyUnit {
  readonly name: string;
  /** Empty where there is none. */
  readonly name_en: string;
  readonly lon: number;
  readonly lat: number;
}

export interface GridInfo {
  readonly id: string;
  readonly name: string;
  readonly name_en: string;
  readonly level: string;
  readonly community: string;
  /** Middle of its bounding box. */
  readonly lon: number;
  readonly lat: number;
  readonly keyUnits: readonly KeyUnit[];
  /** Every border, outer and inner, of all its pieces. */
  readonly rings: readonly Ring[];
}

type Corner = readonly [lon: number, lat: number];
type Ring = readonly Corner[];

export type Grids = ReadonlyMap<string, GridInfo>;

interface LooseFeature {
  id?: unknown;
  properties?: Record<string, unknown> | null;
  geometry?: { coordinates?: unknown } | null;
}

/** Grids of one community's document; features that name no grid are passed over. */
export function readGrids(community: string, document: unknown): GridInfo[] {
  const features = (document as { features?: unknown } | null)?.features;
  if (!Array.isArray(features)) return [];
  return features.flatMap((feature: LooseFeature) => {
    const held = feature.properties ?? {};
    const id = held['id'] ?? feature.id ?? held['code'];
    const box = bounds(feature.geometry?.coordinates);
    if (id === undefined || id === null || box === null) return [];
    const name = textOr(held['name'], String(id));
    const name_en = textOr(held['name_en'], '');
    const level = textOr(held['level'], 'grid');
    const [lon, lat] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const rings = ringsOf(feature.geometry?.coordinates);
    return [
      { id: String(id), name, name_en, level, community, lon, lat, keyUnits: keyUnits(held['key_units']), rings },
    ];
  });
}

/**
 * The grid that a place is in, or null in none: as the hub finds it (GridSet.locate in
 * geo/gridset.py). Of one level; what is on a common border is in the lowest id.
 */
export function gridAt(
  grids: readonly GridInfo[],
  community: string,
  lon: number,
  lat: number,
): GridInfo | null {
  let found: GridInfo | null = null;
  for (const grid of grids) {
    if (grid.community !== community || grid.level !== 'grid') continue;
    if ((found === null || grid.id < found.id) && holds(grid.rings, lon, lat)) found = grid;
  }
  return found;
}

/** Whether a ray to the east crosses the borders an odd number of times; a border itself is inside. */
function holds(rings: readonly Ring[], lon: number, lat: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let index = 1; index < ring.length; index += 1) {
      const [[x, y], [toX, toY]] = [ring[index - 1]!, ring[index]!];
      if (lon > Math.max(x, toX) || lat < Math.min(y, toY) || lat > Math.max(y, toY)) continue;
      const side = (toX - x) * (lat - y) - (toY - y) * (lon - x);
      if (side === 0 && lon >= Math.min(x, toX)) return true;
      // From its lower end, which counts, to its upper one, which does not: no corner counts twice.
      if (y > lat !== toY > lat && side > 0 === toY > y) inside = !inside;
    }
  }
  return inside;
}

function keyUnits(value: unknown): KeyUnit[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: Record<string, unknown>) =>
    typeof item?.['name'] === 'string' &&
    typeof item['lon'] === 'number' &&
    typeof item['lat'] === 'number'
      ? [{ name: item['name'], name_en: textOr(item['name_en'], ''), lon: item['lon'], lat: item['lat'] }]
      : [],
  );
}

const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);

/** A ring is what holds corners; how deep it lies tells a polygon from several. */
function ringsOf(coordinates: unknown): readonly Ring[] {
  if (!Array.isArray(coordinates)) return [];
  const [first] = coordinates as unknown[];
  const isRing = Array.isArray(first) && typeof first[0] === 'number';
  return isRing ? [coordinates as Ring] : coordinates.flatMap(ringsOf);
}

type Box = [west: number, south: number, east: number, north: number];

function bounds(coordinates: unknown): Box | null {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    const [lon, lat] = value as unknown[];
    if (typeof lon === 'number' && typeof lat === 'number') {
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    } else value.forEach(visit);
  };
  visit(coordinates);
  return Number.isFinite(box[0]) ? box : null;
}
