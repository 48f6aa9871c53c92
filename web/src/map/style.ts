// The whole map as a function of its state: MapLibre finds the difference to what it shows.
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import type { LngLat } from '../geo/distance.ts';
import type { LayerId, SourceId, TileSet } from './layers.ts';
import { gapLayers, gapSource, type GapArea } from './gaps.ts';
import { PALETTES, type MapTheme, type Palette } from './palette.ts';
import { loadRamp, rampOf, type Measure, type Ramp } from './ramps.ts';

export interface CoverageView {
  /** The parameters of the question, as the server takes them. */
  question: Readonly<Record<string, string | number>>;
  measure: Measure;
}

/** A numbered place, such as the third nearest station. */
export interface ResultPoint {
  code: string;
  at: LngLat;
  label: string;
}

export interface StyleState {
  /** Where the tiles come from, such as https://example.org; workers need whole addresses. */
  origin: string;
  tileSets: readonly TileSet[];
  /** Whether the page itself names the sources of the data, so that the tile sets need not do it again. */
  credited: boolean;
  theme: MapTheme;
  lang: 'zh-CN' | 'en';
  coverage: CoverageView;
  selectedUnit: string | null;
  selectedGrid: string | null;
  results: readonly ResultPoint[];
  position: LngLat | null;
  /** The gap that is looked at. */
  gap: GapArea | null;
}

type Layer = LayerSpecification & { id: LayerId };
type Sources = Partial<Record<SourceId, SourceSpecification>>;

/** No glyphs: the faces of the device draw the labels, Chinese ones too, and nothing is fetched. */
export function buildStyle(state: StyleState): StyleSpecification {
  const palette = PALETTES[state.theme];
  const has = (set: TileSet) => set === 'base' || state.tileSets.includes(set);
  const layers: Layer[] = [
    ...ground(palette),
    ...(has('units') ? unitAreas() : []),
    ...(has('coverage') ? coverageLayers(state, palette) : []),
    ...(has('micro_grids') ? microGridLayers(state, palette) : []),
    ...(has('stations') ? sceneLayers(palette) : []),
    ...lines(palette),
    ...(has('units') ? unitLines(palette) : []),
    ...frontiers(palette),
    ...(has('units') ? cityLine(palette) : []),
    ...(has('micro_grids') ? gridHover(palette) : []),
    ...(has('units') ? selectedUnit(state, palette) : []),
    ...(has('micro_grids') ? selectedGrid(state, palette) : []),
    ...(has('coverage') ? [...gapLayers(palette), ...coverageHover(palette)] : []),
    ...names(state, palette),
    ...(has('units') ? unitNames(state, palette) : []),
    ...(has('micro_grids') ? gridNames(palette) : []),
    ...(has('stations') ? stationLayers(palette) : []),
    ...resultLayers(palette),
    ...positionLayers(palette),
  ];
  return { version: 8, name: 'yizhan', sources: sourcesOf(state), layers };
}

function sourcesOf(state: StyleState): Record<string, SourceSpecification> {
  const sources: Sources = { base: vector(state, 'base') };
  for (const set of state.tileSets) sources[set] = vector(state, set);
  sources.results = points(state.results.map(({ code, at, label }) => ({ at, properties: { code, label } })));
  sources.position = points(state.position ? [{ at: state.position, properties: {} }] : []);
  if (state.tileSets.includes('coverage')) sources.gap = gapSource(state.gap);
  return sources as Record<string, SourceSpecification>;
}

/** Which property names a feature, so that it can be told apart while the pointer is on it. */
const identity: Readonly<Partial<Record<TileSet, Record<string, string>>>> = {
  units: { units: 'code' },
  micro_grids: { micro_grids: 'code' },
  stations: { stations: 'code' },
  coverage: { coverage: 'cell' },
};

function vector(state: StyleState, set: TileSet): SourceSpecification {
  const url = `${state.origin}/api/tiles/${set}${set === 'coverage' ? coverageQuery(state.coverage) : ''}`;
  const promoteId = identity[set];
  return {
    type: 'vector',
    url,
    ...(promoteId ? { promoteId } : {}),
    ...(state.credited ? { attribution: '' } : {}),
  };
}

function coverageQuery({ question }: CoverageView): string {
  const named = Object.entries(question).map(([name, value]) => [name, String(value)]);
  return `?${new URLSearchParams(named).toString()}`;
}

function points(
  features: readonly { at: LngLat; properties: Record<string, string> }[],
): SourceSpecification {
  return {
    type: 'geojson',
    data: {
      type: 'FeatureCollection',
      features: features.map(({ at, properties }) => ({
        type: 'Feature',
        properties,
        geometry: { type: 'Point', coordinates: [...at] },
      })),
    },
  };
}

function ground(palette: Palette): Layer[] {
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

// Drawn only to be found under the pointer, and as the ground of the city.
function unitAreas(): Layer[] {
  return [
    {
      id: 'unit-areas',
      type: 'fill',
      source: 'units',
      'source-layer': 'units',
      paint: { 'fill-color': '#000000', 'fill-opacity': 0 },
    },
  ];
}

function coverageLayers({ coverage, theme }: StyleState, palette: Palette): Layer[] {
  const value: ExpressionSpecification =
    coverage.measure === 'share' ? ['get', 'share'] : ['-', ['get', 'households'], ['get', 'covered']];
  const base = { source: 'coverage', 'source-layer': 'coverage', filter: demanded } as const;
  return [
    {
      id: 'coverage-cells',
      type: 'fill',
      ...base,
      paint: {
        'fill-color': stepped(value, rampOf(coverage.measure, theme)),
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

function coverageHover(palette: Palette): Layer[] {
  return [
    {
      id: 'coverage-hover',
      type: 'line',
      source: 'coverage',
      'source-layer': 'coverage',
      filter: demanded,
      paint: { 'line-color': palette.gridHover, 'line-width': whenHovered(2.5) },
    },
  ];
}

/** Below, units stand for their micro-grids, and those are drawn by themselves: such tiles are not asked for. */
const microGrids = { source: 'micro_grids', 'source-layer': 'micro_grids', minzoom: 11 } as const;

function microGridLayers({ theme }: StyleState, palette: Palette): Layer[] {
  const base = microGrids;
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

function gridHover(palette: Palette): Layer[] {
  return [
    {
      id: 'micro-grid-hover',
      type: 'line',
      ...microGrids,
      paint: { 'line-color': palette.gridHover, 'line-width': whenHovered(2.5) },
    },
  ];
}

function sceneLayers(palette: Palette): Layer[] {
  const base = { source: 'stations', 'source-layer': 'friendly_scenes' } as const;
  return [
    {
      id: 'scene-areas',
      type: 'fill',
      ...base,
      paint: { 'fill-color': palette.scene, 'fill-opacity': 0.1 },
    },
    {
      id: 'scene-lines',
      type: 'line',
      ...base,
      paint: { 'line-color': palette.scene, 'line-width': 1.5, 'line-dasharray': [3, 2] },
    },
  ];
}

function lines(palette: Palette): Layer[] {
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

/** A border, thicker the higher its rank. */
function border(id: LayerId, level: string, color: string, ...widths: Stop[]): Layer {
  return {
    id,
    type: 'line',
    source: 'units',
    'source-layer': 'unit_lines',
    filter: ['==', ['get', 'level'], level],
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': color, 'line-width': zoomed(...widths) },
  };
}

function unitLines(palette: Palette): Layer[] {
  return [
    border('community-lines', 'community', palette.border, [10, 0.4], [12, 0.9], [15, 2]),
    border('township-lines', 'township', palette.border, [8, 0.4], [11, 1.2], [15, 2.6]),
    border('banner-lines', 'banner', palette.border, [4, 0.7], [8, 1.6], [12, 2.4], [15, 3.4]),
  ];
}

function cityLine(palette: Palette): Layer[] {
  return [border('city-lines', 'city', palette.cityBorder, [4, 1.4], [8, 2.4], [12, 3.4])];
}

function frontiers(palette: Palette): Layer[] {
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

// A line in the colour of the selection, on a wider one that parts it from what is below.
function selection(
  ids: readonly [LayerId, LayerId],
  from: { set: TileSet; code: string | null },
  palette: Palette,
) {
  const base = {
    type: 'line',
    source: from.set,
    'source-layer': from.set,
    filter: ['==', ['get', 'code'], from.code ?? ''] as FilterSpecification,
    layout: { 'line-join': 'round' },
  } as const;
  const [halo, line] = ids;
  return [
    {
      id: halo,
      ...base,
      paint: { 'line-color': palette.selectedHalo, 'line-width': 7, 'line-opacity': 0.85 },
    },
    { id: line, ...base, paint: { 'line-color': palette.selected, 'line-width': 3.5 } },
  ] satisfies Layer[];
}

function selectedUnit(state: StyleState, palette: Palette): Layer[] {
  return selection(
    ['selected-unit-halo', 'selected-unit'],
    { set: 'units', code: state.selectedUnit },
    palette,
  );
}

function selectedGrid(state: StyleState, palette: Palette): Layer[] {
  return selection(
    ['selected-grid-halo', 'selected-grid'],
    { set: 'micro_grids', code: state.selectedGrid },
    palette,
  ).map((layer) => ({ ...layer, minzoom: microGrids.minzoom }));
}

const plain = ['PingFang SC', 'HarmonyOS Sans SC', 'MiSans', 'Microsoft YaHei', 'Noto Sans CJK SC'];
/** MapLibre reads the weight from the first name. */
const strong = ['PingFang SC Semibold', ...plain];

function names({ lang }: StyleState, palette: Palette): Layer[] {
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

interface UnitName {
  id: LayerId;
  level: string;
  fonts: string[];
  sizes: Stop[];
  minzoom: number;
  maxzoom: number;
}

const anchors = ['bottom', 'top', 'left', 'right'] as const;
const besideSeat: ExpressionSpecification = ['step', ['zoom'], 1.2, 10, 0.4];

function unitNames({ lang }: StyleState, palette: Palette): Layer[] {
  const all: UnitName[] = [
    {
      id: 'community-names',
      level: 'community',
      fonts: plain,
      sizes: [
        [11, 11],
        [15, 14],
      ],
      minzoom: 11,
      maxzoom: 24,
    },
    {
      id: 'township-names',
      level: 'township',
      fonts: plain,
      sizes: [
        [8, 11],
        [12, 15],
      ],
      minzoom: 8.5,
      maxzoom: 14,
    },
    {
      id: 'banner-names',
      level: 'banner',
      fonts: strong,
      sizes: [
        [4, 12],
        [8, 17],
      ],
      minzoom: 3.5,
      maxzoom: 10,
    },
  ];
  return all.map(({ id, level, fonts, sizes, minzoom, maxzoom }) => ({
    id,
    type: 'symbol',
    source: 'units',
    'source-layer': 'unit_labels',
    minzoom,
    maxzoom,
    filter: ['==', ['get', 'level'], level],
    layout: {
      'text-field': localName(lang),
      'text-font': fonts,
      'text-size': zoomed(...sizes),
      'text-max-width': 7,
      'text-padding': 4,
      // Above the seat, where its stations are, or beside it; far out the number of those stands there.
      ...(level === 'community'
        ? {}
        : {
            'text-variable-anchor': [...anchors],
            'text-radial-offset': besideSeat,
          }),
    },
    paint: {
      'text-color': level === 'banner' ? palette.label : palette.labelQuiet,
      'text-halo-color': palette.halo,
      'text-halo-width': 1.8,
    },
  }));
}

function gridNames(palette: Palette): Layer[] {
  return [
    {
      id: 'micro-grid-names',
      type: 'symbol',
      source: 'micro_grids',
      'source-layer': 'micro_grids',
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

function stationLayers(palette: Palette): Layer[] {
  const active: ExpressionSpecification = ['==', ['get', 'status'], 'active'];
  const base = { source: 'stations', 'source-layer': 'stations' } as const;
  // Far out a unit stands for its stations, with their number.
  const merged: ExpressionSpecification = ['has', 'merged'];
  return [
    {
      id: 'stations-merged',
      type: 'circle',
      ...base,
      filter: merged,
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'stations']], 1, 7, 10, 16],
        'circle-color': palette.station,
        'circle-stroke-color': palette.stationRing,
        'circle-stroke-width': 1.5,
      },
    },
    {
      id: 'station-counts',
      type: 'symbol',
      ...base,
      filter: merged,
      layout: {
        'text-field': ['to-string', ['get', 'stations']],
        'text-font': strong,
        'text-size': 12,
        'text-padding': 0,
      },
      paint: { 'text-color': palette.stationRing },
    },
    {
      id: 'stations',
      type: 'circle',
      ...base,
      filter: ['!', merged],
      paint: {
        'circle-radius': zoomed([4, 1.8], [8, 3], [11, 4.5], [15, 7]),
        // A station out of service is a ring: shape tells it apart, not colour alone.
        'circle-color': ['case', active, palette.station, palette.stationRing],
        'circle-stroke-color': ['case', active, palette.stationRing, palette.stationIdle],
        'circle-stroke-width': zoomed([4, 0.6], [11, 1.5]),
      },
    },
    {
      id: 'station-names',
      type: 'symbol',
      ...base,
      minzoom: 13,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': plain,
        'text-size': 13,
        'text-anchor': 'top',
        'text-offset': [0, 0.8],
        'text-max-width': 9,
        'text-optional': true,
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.8 },
    },
  ];
}

function resultLayers(palette: Palette): Layer[] {
  return [
    {
      id: 'results',
      type: 'circle',
      source: 'results',
      paint: {
        'circle-radius': 13,
        'circle-color': palette.station,
        'circle-stroke-color': palette.stationRing,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'result-numbers',
      type: 'symbol',
      source: 'results',
      layout: {
        'text-field': ['get', 'label'],
        'text-font': strong,
        'text-size': 14,
        'text-allow-overlap': true,
      },
      paint: { 'text-color': palette.stationRing },
    },
  ];
}

function positionLayers(palette: Palette): Layer[] {
  return [
    {
      id: 'position-halo',
      type: 'circle',
      source: 'position',
      paint: { 'circle-radius': 18, 'circle-color': palette.position, 'circle-opacity': 0.2 },
    },
    {
      id: 'position',
      type: 'circle',
      source: 'position',
      paint: {
        'circle-radius': 8,
        'circle-color': palette.position,
        'circle-stroke-color': '#ffffff',
        'circle-stroke-width': 3,
      },
    },
  ];
}

type Stop = readonly [zoom: number, value: number];

function zoomed(...stops: Stop[]): ExpressionSpecification {
  return ['interpolate', ['linear'], ['zoom'], ...stops.flat()] as unknown as ExpressionSpecification;
}

function stepped(value: ExpressionSpecification, [lowest, ...rest]: Ramp): ExpressionSpecification {
  const steps = rest.flatMap(({ from, color }) => [from, color]);
  return ['step', value, lowest?.color ?? '#888888', ...steps] as unknown as ExpressionSpecification;
}

function whenHovered(width: number): ExpressionSpecification {
  return ['case', ['boolean', ['feature-state', 'hover'], false], width, 0];
}

function localName(lang: StyleState['lang']): ExpressionSpecification {
  const chinese: ExpressionSpecification = ['coalesce', ['get', 'name'], ''];
  if (lang === 'zh-CN') return chinese;
  return ['case', ['!=', ['coalesce', ['get', 'name_en'], ''], ''], ['get', 'name_en'], chinese];
}
