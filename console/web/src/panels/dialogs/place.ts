// A place as an operator says it: a point, a grid, a unit, or that it is not known. Pure.

import type { PlaceBody } from '../../api';
import type { Point } from '../../nearby';

/** All three are kept while the operator looks for the way to say it; `by` is the one that counts. */
export interface Chosen {
  by: 'point' | 'grid' | 'unit' | 'none';
  point: Point | null;
  grid: string;
  unit: string;
}

export const nothingChosen = (unit = ''): Chosen => ({
  by: unit ? 'unit' : 'point',
  point: null,
  grid: '',
  unit,
});

export function isChosen(chosen: Chosen): boolean {
  switch (chosen.by) {
    case 'point':
      return chosen.point !== null;
    case 'grid':
      return chosen.grid !== '';
    case 'unit':
      return chosen.unit !== '';
    case 'none':
      return true;
    default:
      return chosen.by satisfies never;
  }
}

/** The piece of a request that says it; empty where it is not known. */
export function placeBody({ by, point, grid, unit }: Chosen): PlaceBody {
  if (by === 'point' && point) return { lon: point.lon, lat: point.lat };
  if (by === 'grid') return { grid };
  return by === 'unit' ? { unit } : {};
}
