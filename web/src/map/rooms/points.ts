// Places that a page marks itself: numbered results, and where one is.
import type { ExpressionSpecification } from 'maplibre-gl';
import type { Palette } from '../palette.ts';
import { strong, type Layer } from './expressions.ts';

export function resultLayers(palette: Palette): Layer[] {
  return [
    {
      id: 'results',
      type: 'circle',
      source: 'results',
      paint: {
        'circle-radius': 13,
        'circle-color': unlessProposed(palette.station, palette.stationRing),
        'circle-stroke-color': unlessProposed(palette.stationRing, palette.station),
        'circle-stroke-width': unlessProposed(2, 3),
      },
    },
    {
      id: 'result-numbers',
      type: 'symbol',
      source: 'results',
      layout: {
        'text-field': ['get', 'label'],
        'text-font': strong,
        'text-size': 14,
        'text-allow-overlap': true,
      },
      paint: { 'text-color': unlessProposed(palette.stationRing, palette.station) },
    },
  ];
}

// A station that is only proposed is hollow: clusters of stations have numbers, too.
function unlessProposed<T extends string | number>(there: T, proposed: T): ExpressionSpecification {
  return ['case', ['get', 'proposed'], proposed, there];
}

export function positionLayers(palette: Palette): Layer[] {
  return [
    {
      id: 'position-halo',
      type: 'circle',
      source: 'position',
      paint: { 'circle-radius': 18, 'circle-color': palette.position, 'circle-opacity': 0.2 },
    },
    {
      id: 'position',
      type: 'circle',
      source: 'position',
      paint: {
        'circle-radius': 8,
        'circle-color': palette.position,
        'circle-stroke-color': '#ffffff',
        'circle-stroke-width': 3,
      },
    },
  ];
}
