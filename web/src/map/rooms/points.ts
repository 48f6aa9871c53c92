// Places that a page marks itself: numbered results, and where one is.
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
        'circle-color': palette.station,
        'circle-stroke-color': palette.stationRing,
        'circle-stroke-width': 2,
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
      paint: { 'text-color': palette.stationRing },
    },
  ];
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
