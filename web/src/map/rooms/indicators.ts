// Units coloured by the figures of an indicator. The tiles have townships and communities only from some zoom
// on: farther out the outlines that came with the figures stand in for them.
import type { ExpressionSpecification, FilterSpecification, SourceSpecification } from 'maplibre-gl';
import { hatchOf } from '../hatch.ts';
import type { Palette } from '../palette.ts';
import type { Ramp } from '../ramps.ts';
import { FIGURE_SHADE } from '../shades.ts';
import type { StyleState } from '../style.ts';
import { stepped, zoomed, type Layer } from './expressions.ts';

export interface IndicatorFill {
  readonly level: 'banner' | 'township' | 'community';
  /** By code; null for a unit without data. */
  readonly values: ReadonlyMap<string, number | null>;
  readonly ramp: Ramp;
  /** Coarse outlines. */
  readonly areas: readonly { readonly code: string; readonly outline: number[][][][] }[];
}

/** From which zoom on the tiles have the units of a level. */
const tilesFrom = { banner: 0, township: 8, community: 10 } as const;

export function indicatorSource(fill: IndicatorFill | null): SourceSpecification {
  const areas = fill && tilesFrom[fill.level] > 0 ? fill.areas : [];
  return {
    type: 'geojson',
    data: {
      type: 'FeatureCollection',
      features: areas.map(({ code, outline }) => ({
        type: 'Feature',
        properties: { code },
        geometry: { type: 'MultiPolygon', coordinates: outline },
      })),
    },
  };
}

export function indicatorLayers({ indicator, theme }: StyleState, palette: Palette): Layer[] {
  if (!indicator) return [];
  const codes = [...indicator.values];
  const known = codes.flatMap(([code, value]) => (value === null ? [] : [code, value]));
  const unknown = codes.flatMap(([code, value]) => (value === null ? [code] : []));
  const color =
    known.length > 0
      ? stepped(['match', ['get', 'code'], ...known, 0] as unknown as ExpressionSpecification, indicator.ramp)
      : '#888888';
  const fill = { 'fill-color': color, 'fill-opacity': zoomed(...FIGURE_SHADE) };
  const hatch = { 'fill-pattern': hatchOf(theme), 'fill-opacity': 0.8 };
  const some = among(codes.flatMap(([code, value]) => (value === null ? [] : [code])));

  const from = tilesFrom[indicator.level];
  const far = { source: 'indicator', maxzoom: from } as const;
  const near = { source: 'units', 'source-layer': 'units', minzoom: from } as const;
  return [
    ...(from === 0
      ? []
      : ([
          { id: 'indicator-far', type: 'fill', ...far, filter: some, paint: fill },
          { id: 'indicator-far-none', type: 'fill', ...far, filter: among(unknown), paint: hatch },
          {
            id: 'indicator-far-lines',
            type: 'line',
            ...far,
            paint: { 'line-color': palette.halo, 'line-opacity': 0.5, 'line-width': 0.4 },
          },
        ] satisfies Layer[])),
    { id: 'indicator-near', type: 'fill', ...near, filter: some, paint: fill },
    { id: 'indicator-near-none', type: 'fill', ...near, filter: among(unknown), paint: hatch },
  ];
}

function among(codes: readonly string[]): FilterSpecification {
  return ['in', ['get', 'code'], ['literal', [...codes]]];
}
