// The names of sources and layers of the map, in one typed place.

/** The tile sets a page may ask for; the base map is always there. */
export const TILE_SETS = ['base', 'units', 'micro_grids', 'stations', 'coverage'] as const;
export type TileSet = (typeof TILE_SETS)[number];

/** The zooms of tiles of coverage, as their TileJSON says; a journey holds the two together. */
export const COVERAGE_ZOOMS = { minzoom: 0, maxzoom: 15 } as const;

/** Sources of the style: the tile sets, and what a page draws itself. */
export const SOURCES = [
  ...TILE_SETS,
  'results',
  'position',
  'gap',
  'changes',
  'sketch-areas',
  'overlay',
  'indicator',
  'places',
] as const;
export type SourceId = (typeof SOURCES)[number];

/** Layers of the style from the ground up. The style test holds that they are drawn in this order. */
export const LAYERS = [
  'background',
  'land',
  'urban',
  'lakes',
  'rivers',
  'unit-areas',
  'unit-fill',
  'unit-fill-none',
  'indicator-far',
  'indicator-far-none',
  'indicator-far-lines',
  'indicator-near',
  'indicator-near-none',
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
  'pointed-unit',
  'selected-unit-halo',
  'selected-unit',
  'selected-grid-halo',
  'selected-grid',
  'gap-halo',
  'gap',
  'coverage-hover',
  'sketch-areas',
  'sketch-lines',
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
  'place-marks',
  'place-mark-names',
  'change-moves',
  'change-places',
  'change-marks',
  'results',
  'result-numbers',
  'position-halo',
  'position',
  'overlay-areas',
  'overlay-lines',
  'overlay-points',
  'overlay-labels',
  'sketch-labels',
] as const;
export type LayerId = (typeof LAYERS)[number];
