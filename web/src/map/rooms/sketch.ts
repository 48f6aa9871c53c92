// How a sketch looks: areas by their load as in the tiles, and what is drawn above them.
import type { ExpressionSpecification, FilterSpecification, SourceSpecification } from 'maplibre-gl';
import type { MapTheme, Palette } from '../palette.ts';
import { loadRamp } from '../ramps.ts';
import { areaFeature, markFeature, type MarkKind, type SketchData } from '../sketch.ts';
import { stepped, strong, zoomed, type Layer } from './expressions.ts';

export function sketchSources(
  sketch: SketchData,
): Record<'sketch-areas' | 'sketch-marks', SourceSpecification> {
  const collection = (features: GeoJSON.Feature[]) => ({ type: 'FeatureCollection' as const, features });
  return {
    'sketch-areas': {
      type: 'geojson',
      promoteId: 'code',
      tolerance: 0, // what is drawn must be seen as it is
      data: collection([...sketch.areas.values()].map(areaFeature)),
    },
    'sketch-marks': { type: 'geojson', tolerance: 0, data: collection(sketch.marks.map(markFeature)) },
  };
}

const marked = (...marks: string[]): FilterSpecification => ['in', ['get', 'mark'], ['literal', marks]];
const ofKind = (...kinds: MarkKind[]): FilterSpecification => ['in', ['get', 'kind'], ['literal', kinds]];

export function sketchAreaLayers(theme: MapTheme, palette: Palette): Layer[] {
  const base = { source: 'sketch-areas' } as const;
  const edge: ExpressionSpecification = [
    'match',
    ['get', 'mark'],
    'fault',
    palette.fault,
    'piece',
    palette.scene,
    palette.selected,
  ];
  return [
    {
      id: 'sketch-areas',
      type: 'fill',
      ...base,
      paint: {
        'fill-color': stepped(['get', 'households'], loadRamp(theme)),
        'fill-opacity': ['match', ['get', 'mark'], ['selected', 'picked', 'piece', 'fault'], 0.85, 0.6],
        'fill-antialias': false,
      },
    },
    {
      id: 'sketch-lines',
      type: 'line',
      ...base,
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': palette.sketchLine,
        'line-width': zoomed([11, 0.6], [16, 1.8]),
      },
    },
    {
      id: 'sketch-halo',
      type: 'line',
      ...base,
      filter: marked('selected', 'picked', 'piece', 'fault'),
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.selectedHalo, 'line-width': 7, 'line-opacity': 0.9 },
    },
    {
      id: 'sketch-marked',
      type: 'line',
      ...base,
      filter: marked('selected', 'picked', 'piece', 'fault'),
      layout: { 'line-join': 'round' },
      paint: { 'line-color': edge, 'line-width': 3 },
    },
  ];
}

export function sketchMarkLayers(palette: Palette): Layer[] {
  const base = { source: 'sketch-marks' } as const;
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const lineColor: ExpressionSpecification = [
    'match',
    ['get', 'kind'],
    'refused',
    palette.fault,
    'theirs',
    palette.scene,
    'base',
    palette.labelQuiet,
    palette.selected,
  ];
  return [
    {
      id: 'sketch-labels',
      type: 'symbol',
      source: 'sketch-areas',
      minzoom: 14,
      layout: {
        'text-field': ['get', 'label'],
        'text-font': strong,
        'text-size': ['match', ['get', 'mark'], ['piece', 'selected'], 15, 12],
        'symbol-sort-key': ['match', ['get', 'mark'], ['piece', 'selected'], 0, 1],
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
    },
    {
      id: 'sketch-line-halo',
      type: 'line',
      ...base,
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: round,
      paint: { 'line-color': palette.selectedHalo, 'line-width': 7, 'line-opacity': 0.9 },
    },
    {
      id: 'sketch-line-base',
      type: 'line',
      ...base,
      filter: ofKind('base'),
      layout: round,
      paint: { 'line-color': lineColor, 'line-width': 2.5, 'line-dasharray': [1, 2] },
    },
    {
      id: 'sketch-line',
      type: 'line',
      ...base,
      filter: ofKind('line', 'edge', 'mine', 'theirs'),
      layout: round,
      paint: { 'line-color': lineColor, 'line-width': ['match', ['get', 'kind'], 'edge', 5, 3] },
    },
    {
      id: 'sketch-line-refused',
      type: 'line',
      ...base,
      filter: ofKind('refused'),
      layout: round,
      paint: { 'line-color': lineColor, 'line-width': 3, 'line-dasharray': [2, 1.5] },
    },
    {
      id: 'sketch-handles',
      type: 'circle',
      ...base,
      filter: [
        'all',
        ['==', ['geometry-type'], 'Point'],
        ofKind('handle', 'middle', 'locked', 'held'),
      ] as FilterSpecification,
      paint: {
        'circle-radius': ['match', ['get', 'kind'], 'held', 9, 'handle', 6.5, 'middle', 4, 3],
        'circle-color': [
          'match',
          ['get', 'kind'],
          'held',
          palette.selected,
          'locked',
          palette.labelQuiet,
          palette.selectedHalo,
        ],
        'circle-stroke-color': ['match', ['get', 'kind'], 'locked', palette.selectedHalo, palette.selected],
        'circle-stroke-width': ['match', ['get', 'kind'], 'held', 3, 'handle', 2.5, 1.5],
      },
    },
    {
      id: 'sketch-aim',
      type: 'symbol',
      ...base,
      filter: ofKind('aim'),
      layout: {
        'text-field': '+',
        'text-font': strong,
        'text-size': 34,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.selectedHalo, 'text-halo-width': 2 },
    },
  ];
}
