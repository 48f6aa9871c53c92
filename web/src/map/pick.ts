// What a click or the pointer found, in our own nouns.
import type { MapGeoJSONFeature, MapMouseEvent } from 'maplibre-gl';
import type { LngLat } from '../geo/distance.ts';
import { LEVELS, type Level, type Zone } from '../model/city.ts';

interface Found {
  code: string;
  /** The place itself. */
  at: LngLat;
  /** The same in pixels of the map. */
  point: { x: number; y: number };
  /** The code of the smallest unit that the place lies in, of those that the map has; empty for none. */
  unit: string;
}

export type Pick =
  | (Found & { kind: 'place' })
  | (Found & { kind: 'result' })
  | (Found & { kind: 'mark'; name: string })
  | (Found & { kind: 'station'; name: string })
  | (Found & { kind: 'micro_grid'; name: string; households: number; zone: Zone; community: string })
  | (Found & { kind: 'cell'; households: number; covered: number; share: number })
  | (Found & { kind: 'unit'; name: string; level: Level });

type Event = Readonly<{ lngLat: MapMouseEvent['lngLat']; point: { x: number; y: number } }>;

/** A place with nothing on it is a pick too: one may ask what is near it. */
export function pickOf(feature: MapGeoJSONFeature | undefined, { lngLat, point }: Event, unit = ''): Pick {
  const properties: Record<string, unknown> = feature?.properties ?? {};
  const text = (key: string) => String(properties[key] ?? '');
  const number = (key: string) => Number(properties[key] ?? 0);
  const found: Found = {
    code: text('code'),
    at: [lngLat.lng, lngLat.lat],
    point: { x: point.x, y: point.y },
    unit,
  };

  switch (feature?.layer.id) {
    case 'results':
      return { ...found, kind: 'result' };
    case 'place-marks':
      return { ...found, kind: 'mark', name: text('name') };
    case 'indicator-far':
    case 'indicator-far-none':
    case 'indicator-near':
    case 'indicator-near-none':
      return { ...found, kind: 'unit', name: text('name'), level: levelOfCode(text('code')) };
    case 'stations':
      return { ...found, kind: 'station', name: text('name') };
    case 'micro-grid-areas':
      return {
        ...found,
        kind: 'micro_grid',
        name: text('name'),
        households: number('households'),
        zone: text('zone') === 'core' ? 'core' : 'hinterland',
        community: text('community'),
      };
    case 'coverage-cells':
      return {
        ...found,
        kind: 'cell',
        code: text('cell'),
        households: number('households'),
        covered: number('covered'),
        share: number('share'),
      };
    case 'unit-areas':
      return { ...found, kind: 'unit', name: text('name'), level: levelOf(text('level')) };
    default:
      return { ...found, kind: 'place' };
  }
}

function levelOfCode(code: string): Level {
  return code.length === 6 ? 'banner' : code.length === 9 ? 'township' : 'community';
}

function levelOf(value: string): Level {
  return LEVELS.find((level) => level === value) ?? 'community';
}
