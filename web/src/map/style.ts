// The whole map as a function of its state: MapLibre finds the difference to what it shows.
import type { SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { Bounds } from '../geo/bounds.ts';
import type { LngLat } from '../geo/distance.ts';
import { COVERAGE_ZOOMS, type SourceId, type TileSet } from './layers.ts';
import { indicatorLayers, indicatorSource, type IndicatorFill } from './rooms/indicators.ts';
import { placeLayers, placeSource, type MarkedPlace } from './rooms/places.ts';
import { gapLayers, gapSource, type GapArea } from './rooms/gaps.ts';
import { PALETTES, type MapTheme } from './palette.ts';
import type { Measure } from './ramps.ts';
import { changeLayers, changeSource, type StationChanges } from './rooms/changes.ts';
import { coverageHover, coverageLayers } from './rooms/coverage.ts';
import type { Layer } from './rooms/expressions.ts';
import { overlayLayers, overlaySource, type OverlayShape } from './rooms/overlay.ts';
import { gridHover, gridNames, microGridLayers, selectedGrid } from './rooms/grids.ts';
import { frontiers, ground, lines, names } from './rooms/ground.ts';
import { positionLayers, resultLayers } from './rooms/points.ts';
import { sketchAreaLayers, sketchLabels, sketchSource } from './rooms/sketch.ts';
import { sceneLayers, stationLayers } from './rooms/stations.ts';
import type { SketchData } from './sketch.ts';
import {
  cityLine,
  pointedUnit,
  selectedUnit,
  unitAreas,
  unitFillLayers,
  unitLines,
  unitNames,
  type UnitFill,
} from './rooms/units.ts';

export interface CoverageView {
  /** The parameters of the question, as the server takes them. */
  question: Readonly<Record<string, string | number>>;
  measure: Measure;
  /** Lower ends of all classes but the first; null for the standard ones. */
  breaks?: readonly number[] | null;
  /** Whether something else is shown in its place; its tiles are then not asked for. */
  hidden?: boolean | undefined;
}

/** A numbered place, such as the third nearest station. */
export interface ResultPoint {
  code: string;
  at: LngLat;
  label: string;
  /** A station that is not there, but might be. */
  proposed?: boolean;
}

export interface StyleState {
  /** Where the tiles come from, such as https://example.org; workers need whole addresses. */
  origin: string;
  tileSets: readonly TileSet[];
  /** Of the city, beyond which there is no coverage to ask for; undefined where it is not known. */
  bounds?: Bounds | undefined;
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
  /** What is being drawn, over the micro-grids of one community; null for nothing. */
  sketch: SketchData | null;
  /** What a scenario does to stations. */
  changes: StationChanges;
  /** Units by a value, in the place of hexagons; null for those. */
  unitFill: UnitFill | null;
  /** Units by the figures of an indicator, in the place of both. */
  indicator?: IndicatorFill | null | undefined;
  /** Places that people added to look at. */
  places?: readonly MarkedPlace[] | undefined;
  /** The unit that the pointer is on in a table. */
  pointedUnit?: string | null | undefined;
  /** What a page lays over everything; not given by one that never does. */
  overlay?: readonly OverlayShape[] | undefined;
}

type Sources = Partial<Record<SourceId, SourceSpecification>>;

/** No glyphs: the faces of the device draw the labels, Chinese ones too, and nothing is fetched. */
export function buildStyle(state: StyleState): StyleSpecification {
  const palette = PALETTES[state.theme];
  const has = (set: TileSet) => set === 'base' || state.tileSets.includes(set);
  const layers: Layer[] = [
    ...ground(palette),
    ...(has('units') ? [...unitAreas(), ...unitFillLayers(state), ...indicatorLayers(state, palette)] : []),
    ...(has('coverage') ? coverageLayers(state, palette) : []),
    ...(has('micro_grids') ? microGridLayers(state, palette) : []),
    ...(has('stations') ? sceneLayers(palette) : []),
    ...lines(palette),
    ...(has('units') ? unitLines(palette) : []),
    ...frontiers(palette),
    ...(has('units') ? cityLine(palette) : []),
    ...(has('micro_grids') ? gridHover(state, palette) : []),
    ...(has('units') ? [...pointedUnit(state, palette), ...selectedUnit(state, palette)] : []),
    ...(has('micro_grids') ? selectedGrid(state, palette) : []),
    ...(has('coverage') ? [...gapLayers(palette), ...coverageHover(state, palette)] : []),
    ...(state.sketch ? sketchAreaLayers(state.theme, palette) : []),
    ...names(state, palette),
    ...(has('units') ? unitNames(state, palette) : []),
    ...(has('micro_grids') ? gridNames(state, palette) : []),
    ...(has('stations') ? stationLayers(palette) : []),
    ...(state.places ? placeLayers(palette) : []),
    ...changeLayers(palette),
    ...resultLayers(palette),
    ...positionLayers(palette),
    ...(state.overlay ? overlayLayers(state.theme, palette) : []),
    ...(state.sketch ? sketchLabels(palette) : []),
  ];
  return { version: 8, name: 'yizhan', sources: sourcesOf(state), layers };
}

function sourcesOf(state: StyleState): Record<string, SourceSpecification> {
  const sources: Sources = { base: vector(state, 'base') };
  for (const set of state.tileSets) sources[set] = vector(state, set);
  sources.results = points(
    state.results.map(({ code, at, label, proposed = false }) => ({
      at,
      properties: { code, label, proposed },
    })),
  );
  sources.changes = changeSource(state.changes);
  sources.position = points(state.position ? [{ at: state.position, properties: {} }] : []);
  if (state.sketch) sources['sketch-areas'] = sketchSource(state.sketch);
  if (state.tileSets.includes('coverage')) sources.gap = gapSource(state.gap);
  if (state.indicator) sources.indicator = indicatorSource(state.indicator);
  if (state.places) sources.places = placeSource(state.places);
  if (state.overlay) sources.overlay = overlaySource(state.overlay);
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
  const promoteId = identity[set];
  return {
    type: 'vector',
    ...(set === 'coverage' ? coverageAddress(state) : { url: `${state.origin}/api/tiles/${set}` }),
    ...(promoteId ? { promoteId } : {}),
    ...(state.credited ? { attribution: '' } : {}),
  };
}

// Each question has tiles of its own. That they are asked for by their own addresses, and not by those that a
// TileJSON gives, saves each question a request before the first tile. Two things only the TileJSON knows: the
// version of a saved scenario, and whom to credit.
function coverageAddress({ origin, credited, bounds, coverage: { question } }: StyleState) {
  const named = Object.entries(question).map(([name, value]) => [name, String(value)]);
  const asked = new URLSearchParams(named).toString();
  const address = `${origin}/api/tiles/coverage`;
  if ('scenario' in question || !credited) return { url: `${address}?${asked}` };
  return {
    tiles: [`${address}/{z}/{x}/{y}?${asked}`],
    ...COVERAGE_ZOOMS,
    ...(bounds ? { bounds: [...bounds] as [number, number, number, number] } : {}),
  };
}

function points(
  features: readonly { at: LngLat; properties: Record<string, string | boolean> }[],
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
