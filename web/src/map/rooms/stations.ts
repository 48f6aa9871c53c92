// Stations, and the friendly scenes that they stand in.
import type { ExpressionSpecification } from 'maplibre-gl';
import type { Palette } from '../palette.ts';
import { plain, strong, zoomed, type Layer } from './expressions.ts';

export function sceneLayers(palette: Palette): Layer[] {
  const base = { source: 'stations', 'source-layer': 'friendly_scenes' } as const;
  return [
    {
      id: 'scene-areas',
      type: 'fill',
      ...base,
      paint: { 'fill-color': palette.scene, 'fill-opacity': 0.1 },
    },
    {
      id: 'scene-lines',
      type: 'line',
      ...base,
      paint: { 'line-color': palette.scene, 'line-width': 1.5, 'line-dasharray': [3, 2] },
    },
  ];
}

export function stationLayers(palette: Palette): Layer[] {
  const active: ExpressionSpecification = ['==', ['get', 'status'], 'active'];
  const base = { source: 'stations', 'source-layer': 'stations' } as const;
  // Far out a unit stands for its stations, with their number.
  const merged: ExpressionSpecification = ['has', 'merged'];
  return [
    {
      id: 'stations-merged',
      type: 'circle',
      ...base,
      filter: merged,
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'stations']], 1, 7, 10, 16],
        'circle-color': palette.station,
        'circle-stroke-color': palette.stationRing,
        'circle-stroke-width': 1.5,
      },
    },
    {
      id: 'station-counts',
      type: 'symbol',
      ...base,
      filter: merged,
      layout: {
        'text-field': ['to-string', ['get', 'stations']],
        'text-font': strong,
        'text-size': 12,
        'text-padding': 0,
      },
      paint: { 'text-color': palette.stationRing },
    },
    {
      id: 'stations',
      type: 'circle',
      ...base,
      filter: ['!', merged],
      paint: {
        'circle-radius': zoomed([4, 1.8], [8, 3], [11, 4.5], [15, 7]),
        // A station out of service is a ring: shape tells it apart, not colour alone.
        'circle-color': ['case', active, palette.station, palette.stationRing],
        'circle-stroke-color': ['case', active, palette.stationRing, palette.stationIdle],
        'circle-stroke-width': zoomed([4, 0.6], [11, 1.5]),
      },
    },
    {
      id: 'station-names',
      type: 'symbol',
      ...base,
      minzoom: 13,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': plain,
        'text-size': 13,
        'text-anchor': 'top',
        'text-offset': [0, 0.8],
        'text-max-width': 9,
        'text-optional': true,
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.8 },
    },
  ];
}
