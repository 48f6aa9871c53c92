// The base map: land and water below all data, roads and frontiers over it, names on top.
import type { LayerId } from '../layers.ts';
import type { Palette } from '../palette.ts';
import type { StyleState } from '../style.ts';
import { localName, plain, zoomed, type Layer } from './expressions.ts';

export function ground(palette: Palette): Layer[] {
  return [
    { id: 'background', type: 'background', paint: { 'background-color': palette.outside } },
    {
      id: 'land',
      type: 'fill',
      source: 'base',
      'source-layer': 'land',
      paint: { 'fill-color': palette.land },
    },
    {
      id: 'urban',
      type: 'fill',
      source: 'base',
      'source-layer': 'urban_areas',
      paint: { 'fill-color': palette.urban, 'fill-opacity': zoomed([5, 0.9], [11, 0.9], [14, 0.4]) },
    },
    {
      id: 'lakes',
      type: 'fill',
      source: 'base',
      'source-layer': 'lakes',
      paint: { 'fill-color': palette.water },
    },
    {
      id: 'rivers',
      type: 'line',
      source: 'base',
      'source-layer': 'rivers',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': palette.water, 'line-width': zoomed([4, 0.6], [8, 1.4], [12, 3], [15, 6]) },
    },
  ];
}

export function lines(palette: Palette): Layer[] {
  return [
    {
      id: 'roads',
      type: 'line',
      source: 'base',
      'source-layer': 'roads',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': palette.road, 'line-width': zoomed([4, 0.5], [8, 1.6], [12, 3], [15, 6]) },
    },
    {
      id: 'railways',
      type: 'line',
      source: 'base',
      'source-layer': 'railways',
      paint: {
        'line-color': palette.rail,
        'line-width': zoomed([4, 0.6], [8, 1.2], [14, 2.4]),
        'line-dasharray': [5, 2],
      },
    },
  ];
}

export function frontiers(palette: Palette): Layer[] {
  const frontier = (id: LayerId, layer: string, dashes: number[]): Layer => ({
    id,
    type: 'line',
    source: 'base',
    'source-layer': layer,
    paint: {
      'line-color': palette.countryBorder,
      'line-width': zoomed([4, 0.8], [10, 1.6]),
      'line-dasharray': dashes,
      'line-opacity': 0.7,
    },
  });
  return [
    frontier('province-lines', 'province_lines', [4, 3]),
    frontier('country-lines', 'country_lines', [6, 2, 1, 2]),
  ];
}

export function names({ lang }: StyleState, palette: Palette): Layer[] {
  return [
    {
      id: 'river-names',
      type: 'symbol',
      source: 'base',
      'source-layer': 'rivers',
      minzoom: 7,
      layout: {
        'symbol-placement': 'line',
        'text-field': ['coalesce', ['get', 'name'], ''],
        'text-font': plain,
        'text-size': 12,
        'text-letter-spacing': 0.15,
      },
      paint: { 'text-color': palette.waterText, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
    },
    {
      id: 'place-names',
      type: 'symbol',
      source: 'base',
      'source-layer': 'places',
      layout: {
        'text-field': localName(lang),
        'text-font': plain,
        'text-size': zoomed([4, 11], [10, 14]),
        'symbol-sort-key': ['coalesce', ['get', 'rank'], 9],
        'text-max-width': 8,
        'text-padding': 6,
      },
      paint: { 'text-color': palette.labelQuiet, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
    },
  ];
}
