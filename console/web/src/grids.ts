// The grids of the communities: names for ids, centres for incidents without a fix. From GeoJSON.

import { distanceM } from './frames';

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
}

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
    return [
      { id: String(id), name, name_en, level, community, lon, lat, keyUnits: keyUnits(held['key_units']) },
    ];
  });
}

/** The grid whose middle is nearest: only a hint while pointing, the hub decides. */
export function nearestGrid(grids: Grids, lon: number, lat: number): GridInfo | null {
  let best: GridInfo | null = null;
  let best_m = Infinity;
  for (const grid of grids.values()) {
    const away_m = distanceM(lon, lat, grid.lon, grid.lat);
    if (away_m < best_m) [best, best_m] = [grid, away_m];
  }
  return best;
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
