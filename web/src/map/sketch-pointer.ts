// The pointer of whoever draws: mouse or finger, once a frame.
import type { Map as MapLibre, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import type { LngLat } from '../geo/distance.ts';

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

/** Gives the pointer to a listener, until what is returned is called. */
export function listen(map: MapLibre, listener: SketchListener): () => void {
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
  const heard = [
    map.on('mousedown', down),
    map.on('touchstart', down),
    map.on('mousemove', move),
    map.on('touchmove', move),
    map.on('mouseup', up),
    map.on('touchend', up),
    map.on('click', click),
    map.on('dblclick', double),
  ];
  map.keyboard.disable();
  return () => {
    cancelAnimationFrame(frame);
    for (const each of heard) each.unsubscribe();
    map.keyboard.enable();
    map.getCanvas().style.cursor = '';
  };
}
