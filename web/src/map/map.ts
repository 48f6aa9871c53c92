// The map, behind a facade of our own nouns: this folder alone knows MapLibre.
import {
  AttributionControl,
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type MapGeoJSONFeature,
  type MapMouseEvent,
  type StyleSpecification,
  type VectorTileSource,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Bounds } from '../geo/bounds.ts';
import type { LngLat } from '../geo/distance.ts';
import type { Attribution } from '../model/city.ts';
import type { GapArea } from './rooms/gaps.ts';
import { provideHatch } from './hatch.ts';
import type { LayerId, TileSet } from './layers.ts';
import type { IndicatorFill } from './rooms/indicators.ts';
import type { MarkedPlace } from './rooms/places.ts';
import type { OverlayShape } from './rooms/overlay.ts';
import './map.css';
import { pickOf, type Pick } from './pick.ts';
import { layOver, type Sheet } from './sheet.ts';
import { beginSketch, type Sketch } from './sketch.ts';
import type { SketchListener } from './sketch-pointer.ts';
import { pictureOf, type MapPicture } from './picture.ts';
import { placePin, type Pin, type PinLook } from './pin.ts';
import { noChanges, type StationChanges } from './rooms/changes.ts';
import type { UnitFill } from './rooms/units.ts';
import { buildStyle, type CoverageView, type ResultPoint, type StyleState } from './style.ts';
import type { TileId, Touched } from './touched.ts';

export type { StationChanges } from './rooms/changes.ts';
export type { IndicatorFill } from './rooms/indicators.ts';
export type { MarkedPlace } from './rooms/places.ts';
export type { GapArea } from './rooms/gaps.ts';
export type { Pick } from './pick.ts';
export type { Sheet, SketchArea, SketchMark } from './sheet.ts';
export type { Sketch } from './sketch.ts';
export type { SketchListener, SketchPointer } from './sketch-pointer.ts';
export type { MapPicture } from './picture.ts';
export type { Pin, PinLook } from './pin.ts';
export type { UnitFill } from './rooms/units.ts';
export type { CoverageView, ResultPoint } from './style.ts';

// Without this MapLibre 6 waits for its worker for ever, and says nothing.
setWorkerUrl(workerUrl);

export interface Camera {
  center: LngLat;
  zoom: number;
}

/** What the map shows; all of it can change later through `show`. */
export interface MapView {
  theme: 'day' | 'night';
  lang: 'zh-CN' | 'en';
  coverage: CoverageView;
  selectedUnit: string | null;
  selectedGrid: string | null;
  results: readonly ResultPoint[];
  position: LngLat | null;
  /** The outline of the gap that is looked at. */
  gap: GapArea | null;
  /** Stations that a scenario closes, and whence it moves others; where they go are pins. */
  changes: StationChanges;
  /** Units by a value, in the place of hexagons. */
  unitFill: UnitFill | null;
  /** Units by the figures of an indicator, in the place of hexagons. */
  indicator?: IndicatorFill | null | undefined;
  /** Places that people added to look at. */
  places?: readonly MarkedPlace[] | undefined;
  /** The unit that the pointer is on in a table. */
  pointedUnit?: string | null | undefined;
  /** What is laid over everything, such as what an import would change. */
  overlay?: readonly OverlayShape[] | undefined;
}

/** A hexagon that is in sight. */
export interface SeenCell {
  households: number;
  covered: number;
}

/** What the controls say, in the language of the reader. */
export interface MapLabels {
  map: string;
  zoomIn: string;
  zoomOut: string;
  resetNorth: string;
  attribution: string;
}

export interface MapOptions {
  tileSets: readonly TileSet[];
  view?: Partial<MapView>;
  /** Where to begin. Without it the map shows `bounds`. */
  camera?: Camera | undefined;
  bounds?: Bounds | undefined;
  /** Where the city is. */
  city?: Bounds | undefined;
  labels: MapLabels;
  attribution?: readonly Attribution[] | undefined;
  /**
   * Whether the map will be told which tiles change. Tiles out of sight cannot be: what comes back into sight
   * is asked for again then, which costs a 304.
   */
  live?: boolean | undefined;
  /** Whether it is for paper: sharper, still, and to be taken as a picture. */
  printed?: boolean | undefined;
}

export interface CityMap {
  /** Changes what is shown. What is not named stays. */
  show(view: Partial<MapView>): void;
  relabel(labels: MapLabels): void;
  fit(bounds: Bounds, options?: { maxZoom?: number; still?: boolean }): void;
  moveTo(camera: Camera): void;
  camera(): Camera;
  bounds(): Bounds;
  /** Asks for the tiles again, showing the old ones meanwhile. */
  refresh(...tileSets: TileSet[]): void;
  /** The same for the tiles that changed. */
  refreshTouched(touched: Touched): void;
  onMove(listener: (camera: Camera) => void): void;
  /** A click or tap, and the topmost thing there. */
  onPick(listener: (pick: Pick) => void): void;
  /** What the pointer is on; null when it leaves. */
  onHover(listener: (pick: Pick | null) => void): void;
  /** While the camera moves, for a map that follows. */
  onCamera(listener: (camera: Camera) => void): void;
  /** Goes there at once. */
  follow(camera: Camera): void;
  /** Each time that everything asked for is drawn. */
  onSettled(listener: () => void): void;
  /** When everything that is asked for now is drawn. */
  whenSettled(): Promise<void>;
  /** The hexagons of the heat map that are in sight, each once. */
  cellsInSight(): SeenCell[];
  /** The same each time that they are others, soon after they are drawn. */
  onCells(listener: (cells: SeenCell[]) => void): void;
  /** What is drawn as a picture, with the scale of it. Only right after everything is drawn. */
  picture(): MapPicture;
  /** The first time that everything asked for is drawn. */
  onReady(listener: () => void): void;
  /** A tile or source did not arrive. */
  onTrouble(listener: (message: string) => void): void;
  /** Begins to draw over a community. Clicks and the pointer then go to the listener and nobody else. */
  sketch(community: string, listener: SketchListener): Sketch;
  /** A sheet to draw on, over the map. */
  layOver(): Sheet;
  /** Puts a pin there that can be dragged, or moved by the arrow keys. */
  placePin(at: LngLat, look: PinLook, onMove: (at: LngLat) => void): Pin;
  resize(): void;
  destroy(): void;
}

/** Whether this device can draw the map at all. */
export function canDrawMap(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/** Puts a map into the element. Throws where the device has no WebGL2: ask canDrawMap first. */
export function createMap(container: HTMLElement, options: MapOptions): CityMap {
  let state: StyleState = {
    origin: location.origin,
    tileSets: options.tileSets,
    bounds: options.city,
    credited: (options.attribution ?? []).length > 0,
    theme: 'day',
    lang: 'zh-CN',
    coverage: { question: { radius_m: 1000 }, measure: 'share' },
    selectedUnit: null,
    selectedGrid: null,
    results: [],
    position: null,
    gap: null,
    sketch: null,
    changes: noChanges,
    unitFill: null,
    ...options.view,
  };
  const map = new MapLibre({
    container,
    style: buildStyle(state),
    ...startOf(options, container),
    minZoom: 2,
    maxZoom: 18,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    canvasContextAttributes: { preserveDrawingBuffer: options.printed ?? false },
    ...(options.printed ? { pixelRatio: 2, interactive: false } : {}),
    fadeDuration: reducedMotion() ? 0 : 150,
    ...(options.live ? { maxTileCacheSize: 0 } : {}),
    locale: localeOf(options.labels),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(
    new AttributionControl({ customAttribution: (options.attribution ?? []).map(creditOf) }),
    'bottom-right',
  );
  map.addControl(new ScaleControl({ maxWidth: 96 }), 'bottom-right');

  // A style can only be compared with one that is loaded.
  let loaded = false;
  const restyle = () => {
    if (!loaded) return;
    const style = buildStyle(state);
    replaceTiles(map, style);
    map.setStyle(style, { diff: true });
  };
  map.once('style.load', () => {
    loaded = true;
    foldCredits(container);
    restyle();
  });

  const sheets = new Set<Sheet>();
  const lay = (): Sheet => {
    const sheet = layOver(map, state.theme);
    const own: Sheet = {
      ...sheet,
      remove() {
        sheets.delete(own);
        sheet.remove();
      },
    };
    sheets.add(own);
    return own;
  };
  let sketching = false;
  const pointer = followPointer(map, () => !sketching);
  provideHatch(map);
  const relabel = (labels: MapLabels) => {
    labelControls(container, labels);
  };
  relabel(options.labels);

  return {
    show(view) {
      if (view.theme && view.theme !== state.theme) for (const sheet of sheets) sheet.recolour(view.theme);
      state = { ...state, ...view };
      restyle();
    },
    relabel,
    fit(bounds, { maxZoom = 16, still = false } = {}) {
      map.fitBounds([...bounds] as [number, number, number, number], {
        padding: paddingOf(container),
        maxZoom,
        animate: !still && !reducedMotion(),
        duration: 600,
      });
    },
    moveTo({ center, zoom }) {
      map.easeTo({ center: [...center] as [number, number], zoom, animate: !reducedMotion(), duration: 400 });
    },
    camera: () => cameraOf(map),
    bounds: () => map.getBounds().toArray().flat() as unknown as Bounds,
    refresh(...tileSets) {
      for (const set of tileSets) refreshSource(map, set);
    },
    refreshTouched(touched) {
      refreshTouched(map, touched);
    },
    onMove(listener) {
      map.on('moveend', () => {
        listener(cameraOf(map));
      });
    },
    onPick(listener) {
      map.on('click', (event) => {
        if (sketching) return;
        const { feature, unit } = topmost(map, event);
        listener(pickOf(feature, event, unit));
      });
    },
    onHover: pointer.onHover,
    onCamera(listener) {
      map.on('move', () => {
        listener(cameraOf(map));
      });
    },
    follow({ center: [lng, lat], zoom }) {
      const now = cameraOf(map);
      if (now.zoom === zoom && now.center[0] === lng && now.center[1] === lat) return;
      map.jumpTo({ center: [lng, lat], zoom });
    },
    onSettled(listener) {
      map.on('idle', listener);
    },
    whenSettled: () =>
      new Promise((resolve) => {
        map.once('idle', () => {
          resolve();
        });
        map.triggerRepaint();
      }),
    cellsInSight: () => cellsInSight(map),
    onCells(listener) {
      followCells(map, listener);
    },
    picture: () => pictureOf(map),
    onReady(listener) {
      map.once('idle', listener);
    },
    onTrouble(listener) {
      map.on('error', ({ error }) => {
        listener(error.message);
      });
    },
    sketch(community, listener) {
      sketching = true;
      return beginSketch(map, community, listener, {
        lay,
        restyle(sketch) {
          state = { ...state, sketch };
          restyle();
        },
        keep(sketch) {
          state = { ...state, sketch };
        },
        ended() {
          sketching = false;
        },
      });
    },
    layOver: lay,
    placePin: (at, look, onMove) => placePin(map, at, look, onMove),
    resize() {
      map.resize();
    },
    destroy() {
      map.remove();
    },
  };
}

// A hexagon may be in several tiles.
function cellsInSight(map: MapLibre): SeenCell[] {
  if (!map.getLayer('coverage-cells')) return [];
  const cells = new Map<unknown, SeenCell>();
  for (const { id, properties } of map.queryRenderedFeatures({ layers: ['coverage-cells'] })) {
    cells.set(id, { households: Number(properties.households), covered: Number(properties.covered) });
  }
  return [...cells.values()];
}

// To go through thousands of hexagons takes longer than a frame: it waits until their picture is on the screen, and
// is not done again for a picture in which they are the same.
function followCells(map: MapLibre, listener: (cells: SeenCell[]) => void): void {
  let told = false;
  let gone = false;
  const tellAgain = () => (told = false);
  map.on('moveend', tellAgain);
  map.on('resize', tellAgain);
  map.on('styledata', tellAgain);
  map.on('sourcedata', ({ sourceId }) => {
    if (sourceId === 'coverage') tellAgain();
  });
  map.on('remove', () => (gone = true));
  map.on('idle', () => {
    if (told) return;
    told = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (!gone) listener(cellsInSight(map));
      }),
    );
  });
}

// Gives a source that stays other tiles. MapLibre, left alone, would take it away with all its layers, lay all
// anew and place each label again; so the old picture stays until the new one is there. But a tile that is on its
// way is not asked for again, and would answer the old question for good: while there are any, MapLibre does as it does.
function replaceTiles(map: MapLibre, style: StyleSpecification): void {
  const wanted = style.sources.coverage;
  const source = map.getSource<VectorTileSource>('coverage');
  const now = source?.serialize();
  if (!source || wanted?.type !== 'vector' || !wanted.tiles || !now?.tiles) return;
  if (wanted.tiles[0] !== now.tiles[0] && map.isSourceLoaded('coverage')) source.setTiles(wanted.tiles);
}

// A source that never learnt where its tiles are has none to refresh: it asks again from the start.
function refreshSource(map: MapLibre, set: TileSet): void {
  const source = map.getSource<VectorTileSource>(set);
  if (!source) return;
  if (source.loaded() && source.tiles) map.refreshTiles(set);
  else if (source.url) source.setUrl(source.url);
}

function refreshTouched(map: MapLibre, touched: Touched): void {
  for (const [set, tiles] of touched) {
    if (tiles === 'all') refreshSource(map, set);
    else if (map.getSource(set)) refreshTiles(map, set, [...tiles]);
  }
}

// MapLibre passes over tiles that are on their way, and those may be from before the change.
function refreshTiles(map: MapLibre, set: TileSet, tiles: TileId[]): void {
  const onTheirWay = !map.isSourceLoaded(set);
  map.refreshTiles(set, tiles);
  if (onTheirWay) map.once('idle', () => map.getSource(set) && map.refreshTiles(set, tiles));
}

// On a small map the credits would hide half of it: they open at a touch of their button.
function foldCredits(container: HTMLElement): void {
  if (container.clientWidth >= 640) return;
  const credits = container.querySelector('details.maplibregl-ctrl-attrib');
  credits?.classList.remove('maplibregl-compact-show');
  credits?.removeAttribute('open');
}

function startOf({ camera, bounds }: MapOptions, container: HTMLElement) {
  if (camera) return { center: [...camera.center] as [number, number], zoom: camera.zoom };
  if (bounds)
    return {
      bounds: [...bounds] as [number, number, number, number],
      fitBoundsOptions: { padding: paddingOf(container) },
    };
  return {};
}

/** Room around what is shown; more below, where the sources of the data are named. */
function paddingOf({ clientWidth, clientHeight }: HTMLElement) {
  const side = Math.min(40, clientWidth / 12, clientHeight / 12);
  return { top: side, right: side, left: side, bottom: Math.min(1.8 * side, clientHeight / 6) };
}

function cameraOf(map: MapLibre): Camera {
  const { lng, lat } = map.getCenter();
  return { center: [lng, lat], zoom: map.getZoom() };
}

/** Layers that answer the pointer. */
const answering: readonly LayerId[] = [
  'results',
  'place-marks',
  'stations',
  'coverage-cells',
  'micro-grid-areas',
  'indicator-far',
  'indicator-far-none',
  'indicator-near',
  'indicator-near-none',
  'unit-areas',
];

/** Points, which are small. */
const small: ReadonlySet<LayerId> = new Set<LayerId>(['results', 'place-marks', 'stations']);

/** The topmost thing there, and the smallest unit that the place lies in. */
interface Found {
  feature: MapGeoJSONFeature | undefined;
  unit: string;
}

function topmost(map: MapLibre, event: MapMouseEvent): Found {
  const layers = answering.filter((id) => map.getLayer(id));
  // A finger is not a pixel: small points answer a little around themselves.
  const { x, y } = event.point;
  const near = map.queryRenderedFeatures(
    [
      [x - 6, y - 6],
      [x + 6, y + 6],
    ],
    { layers: layers.filter((id) => small.has(id)) },
  );
  const here = map.queryRenderedFeatures(event.point, { layers });
  const units = here.flatMap(({ layer, properties }) =>
    layer.id === 'unit-areas' ? [String(properties.code)] : [],
  );
  const unit = units.reduce((most, code) => (code.length > most.length ? code : most), '');
  return { feature: near[0] ?? here[0], unit };
}

// Marks what the pointer is on, and tells who listens.
function followPointer(map: MapLibre, heeded: () => boolean) {
  const listeners: ((pick: Pick | null) => void)[] = [];
  let marked: { source: string; sourceLayer: string; id: string | number } | undefined;

  const mark = (feature: MapGeoJSONFeature | undefined) => {
    if (marked && map.getSource(marked.source)) map.removeFeatureState(marked, 'hover');
    marked = undefined;
    if (feature?.id === undefined || !feature.sourceLayer) return;
    marked = { source: feature.source, sourceLayer: feature.sourceLayer, id: feature.id };
    map.setFeatureState(marked, { hover: true });
  };
  const leave = () => {
    mark(undefined);
    for (const listener of listeners) listener(null);
  };
  map.on('mousemove', (event) => {
    if (!heeded()) {
      leave();
      return;
    }
    const { feature, unit } = topmost(map, event);
    mark(feature);
    const pick = pickOf(feature, event, unit);
    map.getCanvas().style.cursor = pick.kind === 'place' ? '' : 'pointer';
    for (const listener of listeners) listener(pick);
  });
  map.on('mouseout', leave);
  return {
    onHover(listener: (pick: Pick | null) => void) {
      listeners.push(listener);
    },
  };
}

function localeOf(labels: MapLabels): Record<string, string> {
  return {
    'Map.Title': labels.map,
    'NavigationControl.ZoomIn': labels.zoomIn,
    'NavigationControl.ZoomOut': labels.zoomOut,
    'NavigationControl.ResetBearing': labels.resetNorth,
    'AttributionControl.ToggleAttribution': labels.attribution,
  };
}

// MapLibre reads its locale once; a page changes its language at any time.
function labelControls(container: HTMLElement, labels: MapLabels): void {
  const named: [selector: string, label: string][] = [
    ['.maplibregl-canvas', labels.map],
    ['.maplibregl-ctrl-zoom-in', labels.zoomIn],
    ['.maplibregl-ctrl-zoom-out', labels.zoomOut],
    ['.maplibregl-ctrl-attrib-button', labels.attribution],
  ];
  for (const [selector, label] of named) {
    const element = container.querySelector(selector);
    element?.setAttribute('aria-label', label);
    if (element instanceof HTMLButtonElement) element.title = label;
  }
}

function creditOf({ text, url }: Attribution): string {
  const shown = escapeHtml(text);
  if (!url || !/^https?:/.test(url)) return `<span class="map-credit">${shown}</span>`;
  return `<a class="map-credit" href="${escapeHtml(url)}" target="_blank" rel="noopener">${shown}</a>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
