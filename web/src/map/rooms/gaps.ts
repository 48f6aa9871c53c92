// The outline of a gap in coverage.
import type { LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { LayerId } from '../layers.ts';
import type { Palette } from '../palette.ts';

/** A multipolygon in lng, lat. */
export type GapArea = readonly (readonly (readonly (readonly number[])[])[])[];

export function gapSource(gap: GapArea | null): SourceSpecification {
  const coordinates = (gap ?? []) as number[][][][];
  return { type: 'geojson', data: { type: 'MultiPolygon', coordinates } };
}

export function gapLayers(palette: Palette): (LayerSpecification & { id: LayerId })[] {
  return [
    {
      id: 'gap-halo',
      type: 'line',
      source: 'gap',
      paint: { 'line-color': palette.selectedHalo, 'line-width': 6, 'line-opacity': 0.85 },
    },
    { id: 'gap', type: 'line', source: 'gap', paint: { 'line-color': palette.selected, 'line-width': 3 } },
  ];
}
