// How a sketch looks in the map: areas by their load as in the tiles. What moves is on the sheet above (sheet.ts).
import type { ExpressionSpecification, SourceSpecification } from 'maplibre-gl';
import type { MapTheme, Palette } from '../palette.ts';
import { loadRamp } from '../ramps.ts';
import { LABELS_FROM_ZOOM } from '../sheet.ts';
import { areaFeature, type SketchData } from '../sketch.ts';
import { stepped, strong, zoomed, type Layer } from './expressions.ts';

export function sketchSource(sketch: SketchData): SourceSpecification {
  return {
    type: 'geojson',
    promoteId: 'code',
    tolerance: 0, // what is drawn must be seen as it is
    data: { type: 'FeatureCollection', features: [...sketch.areas.values()].map(areaFeature) },
  };
}

const base = { source: 'sketch-areas' } as const;

/** Nothing for an area that the sheet shows instead. */
const below = (opacity: number): ExpressionSpecification => [
  'case',
  ['boolean', ['feature-state', 'over'], false],
  0,
  opacity,
];

export function sketchAreaLayers(theme: MapTheme, palette: Palette): Layer[] {
  return [
    {
      id: 'sketch-areas',
      type: 'fill',
      ...base,
      paint: {
        'fill-color': stepped(['get', 'households'], loadRamp(theme)),
        'fill-opacity': below(0.6),
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
        'line-opacity': below(1),
      },
    },
  ];
}

export function sketchLabels(palette: Palette): Layer[] {
  return [
    {
      id: 'sketch-labels',
      type: 'symbol',
      ...base,
      minzoom: LABELS_FROM_ZOOM,
      layout: { 'text-field': ['get', 'label'], 'text-font': strong, 'text-size': 12 },
      paint: {
        'text-color': palette.label,
        'text-halo-color': palette.halo,
        'text-halo-width': 1.5,
        'text-opacity': below(1),
      },
    },
  ];
}
