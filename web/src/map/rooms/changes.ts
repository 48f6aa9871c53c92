// What a scenario does to stations that there are: a cross over those that close, and a line from where a
// station was to the pin where it goes.
import type { SourceSpecification } from 'maplibre-gl';
import type { LngLat } from '../../geo/distance.ts';
import type { Palette } from '../palette.ts';
import { strong, type Layer } from './expressions.ts';

export interface StationChanges {
  readonly closed: readonly LngLat[];
  readonly moves: readonly (readonly [from: LngLat, to: LngLat])[];
}

export const noChanges: StationChanges = { closed: [], moves: [] };

export function changeSource({ closed, moves }: StationChanges): SourceSpecification {
  const point = (kind: string) => (at: LngLat) => ({
    type: 'Feature' as const,
    properties: { kind },
    geometry: { type: 'Point' as const, coordinates: [...at] },
  });
  const lines = moves.map(([from, to]) => ({
    type: 'Feature' as const,
    properties: { kind: 'move' },
    geometry: { type: 'LineString' as const, coordinates: [[...from], [...to]] },
  }));
  const features = [...closed.map(point('closed')), ...moves.map(([from]) => point('left')(from)), ...lines];
  return { type: 'geojson', data: { type: 'FeatureCollection', features } };
}

export function changeLayers(palette: Palette): Layer[] {
  return [
    {
      id: 'change-moves',
      type: 'line',
      source: 'changes',
      filter: ['==', ['get', 'kind'], 'move'],
      paint: { 'line-color': palette.station, 'line-width': 2, 'line-dasharray': [2, 2] },
    },
    {
      id: 'change-places',
      type: 'circle',
      source: 'changes',
      filter: ['!=', ['get', 'kind'], 'move'],
      paint: {
        'circle-radius': 9,
        'circle-color': palette.halo,
        'circle-stroke-color': palette.stationIdle,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'change-marks',
      type: 'symbol',
      source: 'changes',
      filter: ['==', ['get', 'kind'], 'closed'],
      layout: { 'text-field': '×', 'text-font': strong, 'text-size': 18, 'text-allow-overlap': true },
      paint: { 'text-color': palette.label },
    },
  ];
}
