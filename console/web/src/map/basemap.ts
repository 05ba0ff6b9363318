// The plain basemap, with no internet: grounds, houses, streets and grids from our own GeoJSON.
// Names are not written here: one place decides which of them fit beside each other (labels.ts).

import type { FeatureLike } from 'ol/Feature';
import type Feature from 'ol/Feature';
import GeoJSON from 'ol/format/GeoJSON';
import type { Geometry } from 'ol/geom';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import { Fill, Stroke, Style } from 'ol/style';
import type { GridInfo } from '../grids';

const READ = new GeoJSON({ featureProjection: 'EPSG:3857' });

/** What our own files call `kind`; other files of streets name `highway` or `class` instead. */
const MAJOR = /^(motorway|trunk|primary|secondary|major|road)/;
const MIDDLE = /^(tertiary|middle|unclassified|collector|lane)/;
const PATH = /^(footway|path|steps|cycleway|pedestrian|track)/;

const area = (fill: string, zIndex: number, edge?: string) =>
  new Style({
    fill: new Fill({ color: fill }),
    zIndex,
    ...(edge ? { stroke: new Stroke({ color: edge, width: 1 }) } : {}),
  });
const line = (color: string, width: number, zIndex: number) =>
  new Style({ stroke: new Stroke({ color, width, lineCap: 'round', lineJoin: 'round' }), zIndex });

const GREEN = area('#121e1b', 0);
const WATER = area('#10212e', 1);
const BUILDING = area('#1a2229', 2, '#222c34');
const BUILDING_FAR = area('#192026', 2);
const STREETS = {
  major: [line('#0b0f12', 8, 3), line('#2b363f', 5.5, 5)],
  middle: [line('#0b0f12', 5, 3), line('#232d35', 3.5, 4)],
  minor: [line('#1d262d', 2, 3)],
  path: [line('#1c2429', 1, 3)],
};
/** From this scale on (metres a pixel) houses have edges. */
const EDGES_BELOW_RESOLUTION = 1.5;

export function streetStyle(feature: FeatureLike, resolution: number): Style | Style[] {
  const named = feature.get('kind') ?? feature.get('highway') ?? feature.get('class') ?? '';
  const kind = String(named);
  if (kind === 'building') return resolution < EDGES_BELOW_RESOLUTION ? BUILDING : BUILDING_FAR;
  if (kind === 'water') return WATER;
  if (kind === 'green') return GREEN;
  if (MAJOR.test(kind)) return STREETS.major;
  if (MIDDLE.test(kind)) return STREETS.middle;
  return PATH.test(kind) ? STREETS.path : STREETS.minor;
}

export function streetsLayer(): VectorLayer<VectorSource> {
  return new VectorLayer({ source: new VectorSource(), style: streetStyle, zIndex: 1 });
}

/** Which grids stand out, and how. */
export interface GridLook {
  /** Grids of calling level 1 incidents. */
  readonly red: ReadonlySet<string>;
  /** The grid of the selected incident. */
  readonly marked: string | null;
}

const gridStyle = (color: string, width: number, fill: string, zIndex: number) =>
  new Style({ stroke: new Stroke({ color, width }), fill: new Fill({ color: fill }), zIndex });
const PLAIN = gridStyle('#46545f', 1.25, 'rgba(90,120,140,.03)', 1);
const MARKED = gridStyle('#c9d4db', 2, 'rgba(201,212,219,.05)', 2);
const RED = gridStyle('#e23b3b', 3, 'rgba(226,59,59,.14)', 3);

export function gridsLayer(look: () => GridLook): VectorLayer<VectorSource> {
  const style = (feature: FeatureLike) => {
    const id = String(feature.get('yihu_id'));
    const { red, marked } = look();
    if (red.has(id)) return RED;
    return marked === id ? MARKED : PLAIN;
  };
  return new VectorLayer({ source: new VectorSource(), style, zIndex: 2 });
}

export function readStreets(document: unknown): Feature<Geometry>[] {
  return document ? READ.readFeatures(document) : [];
}

/** Grid outlines, carrying the id that grids.ts read for them. */
export function readGridShapes(document: unknown, infos: readonly GridInfo[]): Feature<Geometry>[] {
  const byId = new Map(infos.map((info) => [info.id, info]));
  return READ.readFeatures(document).flatMap((feature) => {
    const info = byId.get(String(feature.get('id') ?? feature.getId() ?? feature.get('code')));
    if (!info || info.level === 'building') return [];
    feature.set('yihu_id', info.id);
    return [feature];
  });
}
