// The heat map of coverage in hexagons.
import type { ExpressionSpecification, FilterSpecification } from 'maplibre-gl';
import type { Palette } from '../palette.ts';
import { rampOf } from '../ramps.ts';
import { CELL_SHADE, SHARE_FADING } from '../shades.ts';
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
        'fill-opacity': coverage.measure === 'share' ? byDemand : zoomed(...CELL_SHADE),
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

const byDemand = [
  'interpolate',
  ['linear'],
  ['zoom'],
  ...SHARE_FADING.flatMap(([zoom, fading]) => [
    zoom,
    ['interpolate', ['linear'], ['get', 'households'], ...fading.flat()],
  ]),
] as unknown as ExpressionSpecification;

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
