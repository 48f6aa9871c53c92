// What a page lays over the map for a while: records of a file in the datums that it may be in, what an import
// would change, where something is wrong. Never told by colour alone: a point carries its letter.
import type { LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { LayerId } from '../layers.ts';
import type { MapTheme, Palette } from '../palette.ts';
import { strong } from './expressions.ts';

export const TONES = ['a', 'b', 'c', 'd', 'create', 'update', 'delete', 'fault'] as const;
export type Tone = (typeof TONES)[number];

export interface OverlayShape {
  tone: Tone;
  /** A letter or a sign, for a point. */
  label?: string;
  /** A point that is drawn as a ring, with its label below: one that lies on it stays in sight. */
  ring?: boolean;
  /** Whether it is the one that is looked at. */
  focus?: boolean;
  /** GeoJSON in lng, lat. */
  geometry: { type: string; coordinates: unknown };
}

/** The colours of the tones, which legends use as well. */
export const TONE_COLOURS: Readonly<Record<MapTheme, Readonly<Record<Tone, string>>>> = {
  day: {
    a: '#0b57d0',
    b: '#b3261e',
    c: '#7a4d00',
    d: '#6a1b9a',
    create: '#146c2e',
    update: '#0b57d0',
    delete: '#b3261e',
    fault: '#b3261e',
  },
  night: {
    a: '#9cc4ff',
    b: '#ffb3a6',
    c: '#f4b860',
    d: '#dcb8ff',
    create: '#8fdc9f',
    update: '#9cc4ff',
    delete: '#ffb3a6',
    fault: '#ffb3a6',
  },
};

export function overlaySource(shapes: readonly OverlayShape[]): SourceSpecification {
  return {
    type: 'geojson',
    data: {
      type: 'FeatureCollection',
      features: shapes.map(({ tone, label = '', ring = false, focus = false, geometry }) => ({
        type: 'Feature' as const,
        properties: { tone, label, ring, focus },
        geometry: geometry as GeoJSON.Geometry,
      })),
    },
  };
}

export function overlayLayers(theme: MapTheme, palette: Palette): (LayerSpecification & { id: LayerId })[] {
  const colours = TONE_COLOURS[theme];
  const colour = [
    'match',
    ['get', 'tone'],
    ...TONES.flatMap((tone) => [tone, colours[tone]]),
    colours.a,
  ] as unknown as string;
  const isPoint = ['==', ['geometry-type'], 'Point'] as ['==', ['geometry-type'], string];
  const focus = ['get', 'focus'] as unknown as boolean;
  const ring = ['get', 'ring'] as unknown as boolean;
  return [
    {
      id: 'overlay-areas',
      type: 'fill',
      source: 'overlay',
      filter: ['!', isPoint],
      paint: { 'fill-color': colour, 'fill-opacity': ['case', focus, 0.4, 0.18] },
    },
    {
      id: 'overlay-lines',
      type: 'line',
      source: 'overlay',
      filter: ['!', isPoint],
      paint: { 'line-color': colour, 'line-width': ['case', focus, 4, 2] },
    },
    {
      id: 'overlay-points',
      type: 'circle',
      source: 'overlay',
      filter: isPoint,
      paint: {
        'circle-radius': ['case', ring, ['case', focus, 18, 11], ['case', focus, 11, 6]],
        'circle-color': colour,
        'circle-opacity': ['case', ring, 0, 1],
        'circle-stroke-color': ['case', ring, colour, palette.halo],
        'circle-stroke-width': ['case', ring, 3, 1.5],
      },
    },
    {
      id: 'overlay-labels',
      type: 'symbol',
      source: 'overlay',
      filter: isPoint,
      layout: {
        'text-field': ['get', 'label'],
        'text-font': strong,
        'text-size': 12,
        'text-anchor': ['case', ring, 'top', 'center'],
        'text-offset': [
          'case',
          ring,
          ['literal', [0, 1.6]],
          focus,
          ['literal', [0, -1.9]],
          ['literal', [0, -1.1]],
        ],
      },
      paint: { 'text-color': colour, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
    },
  ];
}
