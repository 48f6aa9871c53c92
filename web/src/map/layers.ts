// The names of sources and layers of the map, in one typed place.

/** The tile sets a page may ask for; the base map is always there. */
export const TILE_SETS = ['base', 'units', 'micro_grids', 'stations', 'coverage'] as const;
export type TileSet = (typeof TILE_SETS)[number];

/** Sources of the style: the tile sets, and what a page draws itself. */
export const SOURCES = [...TILE_SETS, 'results', 'position', 'gap', 'sketch-areas', 'sketch-marks'] as const;
export type SourceId = (typeof SOURCES)[number];

/** Layers of the style from the ground up. The style test holds that they are drawn in this order. */
export const LAYERS = [
  'background',
  'land',
  'urban',
  'lakes',
  'rivers',
  'unit-areas',
  'coverage-cells',
  'coverage-outline',
  'micro-grid-areas',
  'micro-grid-lines',
  'scene-areas',
  'scene-lines',
  'roads',
  'railways',
  'community-lines',
  'township-lines',
  'banner-lines',
  'province-lines',
  'country-lines',
  'city-lines',
  'micro-grid-hover',
  'selected-unit-halo',
  'selected-unit',
  'selected-grid-halo',
  'selected-grid',
  'gap-halo',
  'gap',
  'coverage-hover',
  'sketch-areas',
  'sketch-lines',
  'sketch-halo',
  'sketch-marked',
  'river-names',
  'place-names',
  'community-names',
  'township-names',
  'banner-names',
  'micro-grid-names',
  'stations-merged',
  'station-counts',
  'stations',
  'station-names',
  'results',
  'result-numbers',
  'position-halo',
  'position',
  'sketch-labels',
  'sketch-line-halo',
  'sketch-line-base',
  'sketch-line',
  'sketch-line-refused',
  'sketch-handles',
  'sketch-aim',
] as const;
export type LayerId = (typeof LAYERS)[number];
