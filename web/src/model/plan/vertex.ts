// Places on the grid of 1e-7 degrees on which all geometry is kept, and exact questions about them.
//
// A vertex is one number, so that it can be a key: neighbours share a vertex exactly if the numbers are
// equal. It counts the steps of the grid east and north of the corner of a frame. A frame spans less than
// 2^26 steps (6.7 degrees) each way, so differences fit into 26 bits, their products into 52 and what is
// computed from two products into 53: plain numbers answer exactly.
import type { LngLat } from '../../geo/distance.ts';

export type Vertex = number;

/** Where the counting begins, in steps of the grid. */
export interface Frame {
  readonly x: number;
  readonly y: number;
}

export const STEPS_PER_DEGREE = 1e7;
const span = 2 ** 26;
const margin = 2 ** 24; // what is drawn may lead out of the community

/** The frame of what lies within bounds; null where that is too large for exact answers. */
export function frameOf([west, south, east, north]: readonly [number, number, number, number]): Frame | null {
  const frame = {
    x: Math.round(west * STEPS_PER_DEGREE) - margin,
    y: Math.round(south * STEPS_PER_DEGREE) - margin,
  };
  const reach = Math.max(east * STEPS_PER_DEGREE - frame.x, north * STEPS_PER_DEGREE - frame.y);
  return reach + margin < span ? frame : null;
}

export function vertexAt(x: number, y: number): Vertex {
  return x * span + y;
}

export function xOf(vertex: Vertex): number {
  return Math.floor(vertex / span);
}

export function yOf(vertex: Vertex): number {
  return vertex % span;
}

/** The vertex nearest to a place; null where that is out of the frame. */
export function snapTo({ x, y }: Frame, [lng, lat]: LngLat): Vertex | null {
  return within(Math.round(lng * STEPS_PER_DEGREE) - x, Math.round(lat * STEPS_PER_DEGREE) - y);
}

/** The vertex some steps away; null where that is out of the frame. */
export function shifted(vertex: Vertex, east: number, north: number): Vertex | null {
  return within(xOf(vertex) + east, yOf(vertex) + north);
}

function within(x: number, y: number): Vertex | null {
  return x >= 0 && x < span && y >= 0 && y < span ? vertexAt(x, y) : null;
}

/** The very numbers that the server sends: a quotient of integers is rounded as a decimal is read. */
export function lngLatOf({ x, y }: Frame, vertex: Vertex): LngLat {
  return [(xOf(vertex) + x) / STEPS_PER_DEGREE, (yOf(vertex) + y) / STEPS_PER_DEGREE];
}

/** Above zero where c lies left of the way from a to b, zero where it lies on the line. Exact. */
export function turn(a: Vertex, b: Vertex, c: Vertex): number {
  const ax = xOf(a);
  const ay = yOf(a);
  return (xOf(b) - ax) * (yOf(c) - ay) - (yOf(b) - ay) * (xOf(c) - ax);
}

/** Whether c, known to lie on the line through a and b, lies between them. */
function between(a: Vertex, b: Vertex, c: Vertex): boolean {
  return (
    Math.min(xOf(a), xOf(b)) <= xOf(c) &&
    xOf(c) <= Math.max(xOf(a), xOf(b)) &&
    Math.min(yOf(a), yOf(b)) <= yOf(c) &&
    yOf(c) <= Math.max(yOf(a), yOf(b))
  );
}

/** Whether c lies on the segment from a to b, ends included. */
export function onSegment(a: Vertex, b: Vertex, c: Vertex): boolean {
  return turn(a, b, c) === 0 && between(a, b, c);
}

/** Whether two segments have a point in common that is not an end of both. */
export function clash(a: Vertex, b: Vertex, c: Vertex, d: Vertex): boolean {
  if (a === c || a === d) return clashAt(a, b, a === c ? d : c);
  if (b === c || b === d) return clashAt(b, a, b === c ? d : c);
  const [ofC, ofD] = [turn(a, b, c), turn(a, b, d)];
  const [ofA, ofB] = [turn(c, d, a), turn(c, d, b)];
  if (crosses(ofC, ofD) && crosses(ofA, ofB)) return true;
  return (
    (ofC === 0 && between(a, b, c)) ||
    (ofD === 0 && between(a, b, d)) ||
    (ofA === 0 && between(c, d, a)) ||
    (ofB === 0 && between(c, d, b))
  );
}

/** Two segments from one end clash only where one runs along the other. */
function clashAt(end: Vertex, b: Vertex, d: Vertex): boolean {
  return turn(end, b, d) === 0 && (between(end, b, d) || between(end, d, b));
}

export function crosses(one: number, other: number): boolean {
  return (one > 0 && other < 0) || (one < 0 && other > 0);
}

/**
 * Of the directions from `at`, the first that is met when turning clockwise from `from`; what lies in the
 * direction of `from` itself is met last, after a whole turn.
 */
export function firstClockwise(at: Vertex, from: Vertex, directions: Iterable<Vertex>): Vertex | undefined {
  let best: Vertex | undefined;
  let quarter = 0;
  for (const to of directions) {
    const other = sector(at, from, to);
    if (best === undefined || other < quarter || (other === quarter && turn(at, best, to) > 0)) {
      best = to;
      quarter = other;
    }
  }
  return best;
}

// 1 within half a turn clockwise, 2 straight back, 3 beyond, 4 the same direction.
function sector(at: Vertex, from: Vertex, to: Vertex): number {
  const side = turn(at, from, to);
  if (side !== 0) return side < 0 ? 1 : 3;
  return between(at, from, to) || between(at, to, from) ? 4 : 2;
}
