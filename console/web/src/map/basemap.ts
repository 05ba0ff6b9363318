// The plain basemap, with no internet: streets and grids from our own GeoJSON, on a dark ground.

import type { FeatureLike } from 'ol/Feature';
import GeoJSON from 'ol/format/GeoJSON';
import type { Geometry } from 'ol/geom';
import Point from 'ol/geom/Point';
import Feature from 'ol/Feature';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import { Circle, Fill, Stroke, Style, Text } from 'ol/style';
import { fromLonLat } from 'ol/proj';
import type { GridInfo } from '../grids';
import { FONT, HALO } from './palette';

const READ = new GeoJSON({ featureProjection: 'EPSG:3857' });

/** Words by which files of streets name the wider ones. */
const MAJOR = /^(motorway|trunk|primary|secondary|major)/;
const MIDDLE = /^(tertiary|middle|unclassified|collector)/;
const PATH = /^(footway|path|steps|cycleway|pedestrian|track|foot)/;

const line = (color: string, width: number) => new Style({ stroke: new Stroke({ color, width }) });
const STREET = {
  major: [line('#0a0e11', 7), line('#2a343c', 5)],
  middle: [line('#0a0e11', 5), line('#222b32', 3.5)],
  minor: [line('#1d252b', 2)],
  path: [line('#182026', 1)],
};

const ground = (fill: string, zIndex: number, edge = fill) =>
  new Style({ fill: new Fill({ color: fill }), stroke: new Stroke({ color: edge, width: 1 }), zIndex });

/** What a file of streets may draw besides, by `kind`: all of it quieter than the quietest street. */
const GROUND: Record<string, Style> = {
  green: ground('#111c19', -3),
  water: ground('#11222d', -2),
  building: ground('#151c22', -1, '#1c252c'),
};

/** Street names are read only where streets stand far enough apart. */
const NAME_RESOLUTION_MAX = 2.2;

const streetName = (name: string) =>
  new Style({
    text: new Text({
      text: name,
      placement: 'line',
      font: `11px ${FONT}`,
      fill: new Fill({ color: '#5f6e79' }),
      stroke: new Stroke({ color: HALO, width: 3 }),
    }),
  });

export function groundStyle(feature: FeatureLike, resolution: number): Style[] {
  if (feature.getGeometry()?.getType().endsWith('Polygon')) {
    const style = GROUND[String(feature.get('kind'))];
    return style ? [style] : [];
  }
  const name: unknown = feature.get('name');
  const named = typeof name === 'string' && name && resolution < NAME_RESOLUTION_MAX;
  return named ? [...streetStyle(feature), streetName(name)] : streetStyle(feature);
}

export function streetStyle(feature: FeatureLike): Style[] {
  const named = feature.get('highway') ?? feature.get('class') ?? feature.get('kind') ?? '';
  const kind = String(named);
  if (MAJOR.test(kind)) return STREET.major;
  if (MIDDLE.test(kind)) return STREET.middle;
  return PATH.test(kind) ? STREET.path : STREET.minor;
}

export function streetsLayer(): VectorLayer<VectorSource> {
  return new VectorLayer({ source: new VectorSource(), style: groundStyle, zIndex: 1, declutter: true });
}

/** Which grids stand out, and how. */
export interface GridLook {
  /** Grids of calling level 1 incidents. */
  readonly red: ReadonlySet<string>;
  /** The grid of the selected incident. */
  readonly marked: string | null;
}

export function gridsLayer(look: () => GridLook): VectorLayer<VectorSource> {
  const style = (feature: FeatureLike, resolution: number) => {
    const id = String(feature.get('yihu_id'));
    const { red, marked } = look();
    return gridStyle(String(feature.get('yihu_name')), resolution, red.has(id), marked === id);
  };
  return new VectorLayer({ source: new VectorSource(), style, zIndex: 2, declutter: true });
}

function gridStyle(name: string, resolution: number, red: boolean, marked: boolean): Style {
  const color = red ? '#e23b3b' : marked ? '#c9d4db' : '#3d4a54';
  const fill = red ? 'rgba(226,59,59,.13)' : marked ? 'rgba(201,212,219,.05)' : 'rgba(90,120,140,.045)';
  return new Style({
    stroke: new Stroke({ color, width: red ? 3 : marked ? 2 : 1.25 }),
    fill: new Fill({ color: fill }),
    text: new Text({
      text: resolution < 30 ? name : '',
      font: `${red || marked ? '700 ' : ''}13px ${FONT}`,
      fill: new Fill({ color: red || marked ? '#dde4e9' : '#83929d' }),
      stroke: new Stroke({ color: HALO, width: 3 }),
      overflow: true,
    }),
    zIndex: red ? 3 : marked ? 2 : 1,
  });
}

const KEY_UNIT = new Circle({
  radius: 3,
  fill: new Fill({ color: '#0e1317' }),
  stroke: new Stroke({ color: '#6d7c87', width: 1.5 }),
});

export function keyUnitsLayer(): VectorLayer<VectorSource> {
  const style = (feature: FeatureLike, resolution: number) =>
    new Style({
      image: KEY_UNIT,
      text: new Text({
        text: resolution < 5 ? String(feature.get('name')) : '',
        font: `11px ${FONT}`,
        offsetY: -11,
        fill: new Fill({ color: '#7c8b96' }),
        stroke: new Stroke({ color: HALO, width: 3 }),
      }),
    });
  return new VectorLayer({ source: new VectorSource(), style, zIndex: 3, declutter: true });
}

export function readStreets(document: unknown): Feature<Geometry>[] {
  return document ? READ.readFeatures(document) : [];
}

/** Grid outlines, carrying the id and name that grids.ts read for them. */
export function readGridShapes(document: unknown, infos: readonly GridInfo[]): Feature<Geometry>[] {
  const byName = new Map(infos.map((info) => [info.name, info]));
  const byId = new Map(infos.map((info) => [info.id, info]));
  return READ.readFeatures(document).flatMap((feature) => {
    const id = feature.get('id') ?? feature.getId() ?? feature.get('code');
    const info = byId.get(String(id)) ?? byName.get(String(feature.get('name')));
    if (!info || info.level === 'building') return [];
    feature.setProperties({ yihu_id: info.id, yihu_name: info.name });
    return [feature];
  });
}

export function keyUnitPoints(infos: readonly GridInfo[]): Feature<Geometry>[] {
  return infos.flatMap((info) =>
    info.keyUnits.map(
      (unit) => new Feature({ geometry: new Point(fromLonLat([unit.lon, unit.lat])), name: unit.name }),
    ),
  );
}
