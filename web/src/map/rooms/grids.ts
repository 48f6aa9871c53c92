// Micro-grids, coloured by the households that one leader answers for.
import type { FilterSpecification } from 'maplibre-gl';
import { loadRamp } from '../ramps.ts';
import type { Palette } from '../palette.ts';
import type { StyleState } from '../style.ts';
import { plain, stepped, whenHovered, zoomed, type Layer } from './expressions.ts';
import { selection } from './units.ts';

/** Below, units stand for their micro-grids, and those are drawn by themselves: such tiles are not asked for. */
const microGrids = { source: 'micro_grids', 'source-layer': 'micro_grids', minzoom: 11 } as const;

/** The micro-grids that are being drawn are not the tiles' to show. */
function tiled({ sketch }: StyleState) {
  if (!sketch) return microGrids;
  const filter: FilterSpecification = ['!=', ['get', 'community'], sketch.community];
  return { ...microGrids, filter };
}

export function microGridLayers(state: StyleState, palette: Palette): Layer[] {
  const { theme } = state;
  const base = tiled(state);
  return [
    {
      id: 'micro-grid-areas',
      type: 'fill',
      ...base,
      paint: {
        'fill-color': stepped(['get', 'households'], loadRamp(theme)),
        'fill-opacity': ['interpolate', ['linear'], ['zoom'], 11, 0.45, 14, 0.6],
        'fill-antialias': false,
      },
    },
    {
      id: 'micro-grid-lines',
      type: 'line',
      ...base,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.gridLine, 'line-width': zoomed([11, 0.3], [13, 0.8], [16, 1.6]) },
    },
  ];
}

export function gridHover(state: StyleState, palette: Palette): Layer[] {
  return [
    {
      id: 'micro-grid-hover',
      type: 'line',
      ...tiled(state),
      paint: { 'line-color': palette.gridHover, 'line-width': whenHovered(2.5) },
    },
  ];
}

export function selectedGrid(state: StyleState, palette: Palette): Layer[] {
  return selection(
    ['selected-grid-halo', 'selected-grid'],
    { set: 'micro_grids', code: state.selectedGrid },
    palette,
  ).map((layer) => ({ ...layer, minzoom: microGrids.minzoom }));
}

export function gridNames(state: StyleState, palette: Palette): Layer[] {
  return [
    {
      id: 'micro-grid-names',
      type: 'symbol',
      ...tiled(state),
      minzoom: 15,
      layout: {
        'text-field': ['to-string', ['get', 'households']],
        'text-font': plain,
        'text-size': 12,
      },
      paint: { 'text-color': palette.labelQuiet, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
    },
  ];
}
