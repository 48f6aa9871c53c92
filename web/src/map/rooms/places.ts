// The places of a layer: squares, which no station is.
import type { SourceSpecification } from 'maplibre-gl';
import type { LngLat } from '../../geo/distance.ts';
import type { Palette } from '../palette.ts';
import { plain, type Layer } from './expressions.ts';

export interface MarkedPlace {
  readonly name: string;
  readonly at: LngLat;
  /** Whether it is the one that is looked at. */
  readonly chosen: boolean;
}

export function placeSource(places: readonly MarkedPlace[]): SourceSpecification {
  return {
    type: 'geojson',
    data: {
      type: 'FeatureCollection',
      features: places.map(({ name, at, chosen }, index) => ({
        type: 'Feature',
        properties: { code: String(index), name, chosen },
        geometry: { type: 'Point', coordinates: [...at] },
      })),
    },
  };
}

export function placeLayers(palette: Palette): Layer[] {
  return [
    {
      id: 'place-marks',
      type: 'symbol',
      source: 'places',
      layout: {
        'text-field': '◆',
        'text-font': plain,
        'text-size': ['case', ['get', 'chosen'], 30, 20],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
        'symbol-sort-key': ['case', ['get', 'chosen'], 1, 0],
      },
      paint: {
        'text-color': palette.scene,
        'text-halo-color': palette.halo,
        'text-halo-width': 2,
      },
    },
    {
      id: 'place-mark-names',
      type: 'symbol',
      source: 'places',
      minzoom: 9,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': plain,
        'text-size': 13,
        'text-anchor': 'top',
        'text-offset': [0, 0.8],
        'text-optional': true,
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.8 },
    },
  ];
}
