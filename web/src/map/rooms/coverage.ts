// The heat map of coverage in hexagons.
import type { ExpressionSpecification, FilterSpecification } from 'maplibre-gl';
import type { Palette } from '../palette.ts';
import { rampOf } from '../ramps.ts';
import type { StyleState } from '../style.ts';
import { stepped, whenHovered, zoomed, type Layer } from './expressions.ts';

export function coverageLayers(state: StyleState, palette: Palette): Layer[] {
  const { coverage, theme } = state;
  const value: ExpressionSpecification =
    coverage.measure === 'share' ? ['get', 'share'] : ['-', ['get', 'households'], ['get', 'covered']];
  const base = {
    source: 'coverage',
    'source-layer': 'coverage',
    filter: demanded,
    layout: { visibility: visibilityOf(state) },
  } as const;
  return [
    {
      id: 'coverage-cells',
      type: 'fill',
      ...base,
      paint: {
        'fill-color': stepped(value, rampOf(coverage.measure, theme, coverage.breaks)),
        'fill-opacity': coverage.measure === 'share' ? byDemand : zoomed([5, 0.92], [10, 0.82], [14, 0.6]),
        'fill-antialias': false,
      },
    },
    {
      id: 'coverage-outline',
      type: 'line',
      ...base,
      paint: { 'line-color': palette.halo, 'line-opacity': 0.35, 'line-width': zoomed([5, 0.2], [11, 0.6]) },
    },
  ];
}

// A share weighs the same whether it is of three households or of three thousand: where few live it is drawn
// faintly, or empty steppe would shout louder than a town. Hexagons are smaller the further one is in.
const byDemand = [
  'interpolate',
  ['linear'],
  ['zoom'],
  5,
  faintBelow([1, 0.1], [30, 0.22], [300, 0.7], [2000, 0.95]),
  9,
  faintBelow([1, 0.14], [10, 0.35], [60, 0.8], [300, 0.95]),
  13,
  faintBelow([1, 0.2], [4, 0.4], [15, 0.65], [60, 0.75]),
] as unknown as ExpressionSpecification;

function faintBelow(...stops: (readonly [households: number, opacity: number])[]): ExpressionSpecification {
  return [
    'interpolate',
    ['linear'],
    ['get', 'households'],
    ...stops.flat(),
  ] as unknown as ExpressionSpecification;
}

/** A hexagon in which nobody lives is no gap: it is not drawn. */
const demanded: FilterSpecification = ['>', ['get', 'households'], 0];

// One thing at a time: units by a value, or figures that people added, take the place of hexagons.
function visibilityOf({ coverage, unitFill, indicator }: StyleState): 'none' | 'visible' {
  return unitFill || indicator || coverage.hidden ? 'none' : 'visible';
}

export function coverageHover(state: StyleState, palette: Palette): Layer[] {
  return [
    {
      id: 'coverage-hover',
      type: 'line',
      source: 'coverage',
      'source-layer': 'coverage',
      filter: demanded,
      layout: { visibility: visibilityOf(state) },
      paint: { 'line-color': palette.gridHover, 'line-width': whenHovered(2.5) },
    },
  ];
}
