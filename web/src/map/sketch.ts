// What a page draws itself while it edits, and the pointer that it draws with. Sources are changed feature by
// feature: the tiles below are not asked again.
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import type { LngLat } from '../geo/distance.ts';

export interface SketchArea {
  readonly code: string;
  readonly coordinates: readonly (readonly (readonly LngLat[])[])[];
  readonly households: number;
  /** How it is marked: selected, picked with others, changed by the preview, or wrong. */
  readonly mark: '' | 'selected' | 'picked' | 'piece' | 'fault';
  readonly label: string;
}

export type MarkKind =
  | 'line' // being drawn
  | 'refused' // the same where it cannot be done
  | 'edge' // under the pointer
  | 'handle'
  | 'middle'
  | 'locked'
  | 'held'
  | 'aim' // the pointer of the keyboard
  | 'base'
  | 'mine'
  | 'theirs';

export interface SketchMark {
  readonly kind: MarkKind;
  /** One place is a point; more are a line. */
  readonly places: readonly LngLat[];
}

export interface SketchPointer {
  readonly at: LngLat;
  readonly zoom: number;
}

/** Who listens to the pointer. */
export interface SketchListener {
  /** Says whether something is held now: the map then stays where it is. */
  onDown(pointer: SketchPointer): boolean;
  onMove(pointer: SketchPointer): void;
  onUp(pointer: SketchPointer): void;
  onClick(pointer: SketchPointer): void;
  onDouble(pointer: SketchPointer): void;
}

export interface SketchData {
  readonly community: string;
  readonly areas: ReadonlyMap<string, SketchArea>;
  readonly marks: readonly SketchMark[];
}

export interface Sketch {
  /** Shows these areas. Those that are the very same object as before are left alone. */
  showAreas(areas: ReadonlyMap<string, SketchArea>): void;
  showMarks(marks: readonly SketchMark[]): void;
  showPointer(pointer: 'default' | 'crosshair' | 'pointer' | 'move'): void;
  /** Takes all of it off the map again. */
  end(): void;
}

type Feature = GeoJSON.Feature;

export function areaFeature({ code, coordinates, households, mark, label }: SketchArea): Feature {
  return {
    type: 'Feature',
    properties: { code, households, mark, label },
    geometry: { type: 'MultiPolygon', coordinates: coordinates as unknown as number[][][][] },
  };
}

export function markFeature({ kind, places }: SketchMark): Feature {
  const coordinates = places as unknown as number[][];
  const [first = []] = coordinates;
  return {
    type: 'Feature',
    properties: { kind },
    geometry:
      coordinates.length > 1 ? { type: 'LineString', coordinates } : { type: 'Point', coordinates: first },
  };
}

/** What MapLibre needs of the sketch, from whoever holds the style. */
export interface SketchHost {
  /** The style with the sketch in it; null without. */
  restyle(data: SketchData | null): void;
  /** Keeps the data that the style is to be built with, and draws nothing. */
  keep(data: SketchData): void;
  ended(): void;
}

/** Begins a sketch over a community, whose micro-grids the tiles then leave to it. */
export function beginSketch(
  map: MapLibre,
  community: string,
  listener: SketchListener,
  host: SketchHost,
): Sketch {
  let data: SketchData = { community, areas: new Map(), marks: [] };
  host.restyle(data);
  const release = listen(map, listener);

  return {
    showAreas(areas) {
      const before = data.areas;
      data = { ...data, areas };
      host.keep(data);
      const add = [...areas.values()].filter((area) => before.get(area.code) !== area).map(areaFeature);
      const remove = [...before.keys()].filter((code) => !areas.has(code));
      if (add.length + remove.length === 0) return;
      const source = map.getSource<GeoJSONSource>('sketch-areas');
      if (before.size === 0) source?.setData({ type: 'FeatureCollection', features: add });
      else source?.updateData({ add, remove });
    },
    showMarks(marks) {
      data = { ...data, marks };
      host.keep(data);
      map
        .getSource<GeoJSONSource>('sketch-marks')
        ?.setData({ type: 'FeatureCollection', features: marks.map(markFeature) });
    },
    showPointer(pointer) {
      map.getCanvas().style.cursor = pointer === 'default' ? '' : pointer;
    },
    end() {
      release();
      host.restyle(null);
      host.ended();
    },
  };
}

function listen(map: MapLibre, listener: SketchListener): () => void {
  type PointerEvent = MapMouseEvent | MapTouchEvent;
  const pointerOf = ({ lngLat: { lng, lat } }: PointerEvent): SketchPointer => ({
    at: [lng, lat],
    zoom: map.getZoom(),
  });
  let held = false;
  let next: SketchPointer | undefined;
  let frame = 0;
  // The pointer may move several times a frame: the last counts.
  const flush = () => {
    frame = 0;
    const last = next;
    next = undefined;
    if (last) listener.onMove(last);
  };
  const down = (event: PointerEvent) => {
    if ('points' in event && event.points.length > 1) return;
    if ('button' in event.originalEvent && event.originalEvent.button !== 0) return;
    held = listener.onDown(pointerOf(event));
    if (held) event.preventDefault();
  };
  const move = (event: PointerEvent) => {
    next = pointerOf(event);
    frame ||= requestAnimationFrame(flush);
  };
  const up = (event: PointerEvent) => {
    if (!held) return;
    cancelAnimationFrame(frame);
    flush();
    held = false;
    listener.onUp(pointerOf(event));
  };
  const click = (event: PointerEvent) => {
    listener.onClick(pointerOf(event));
  };
  const double = (event: MapMouseEvent) => {
    event.preventDefault();
    listener.onDouble(pointerOf(event));
  };
  map.on('mousedown', down);
  map.on('touchstart', down);
  map.on('mousemove', move);
  map.on('touchmove', move);
  map.on('mouseup', up);
  map.on('touchend', up);
  map.on('click', click);
  map.on('dblclick', double);
  map.keyboard.disable();
  return () => {
    cancelAnimationFrame(frame);
    map.off('mousedown', down);
    map.off('touchstart', down);
    map.off('mousemove', move);
    map.off('touchmove', move);
    map.off('mouseup', up);
    map.off('touchend', up);
    map.off('click', click);
    map.off('dblclick', double);
    map.keyboard.enable();
    map.getCanvas().style.cursor = '';
  };
}
