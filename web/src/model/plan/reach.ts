// What is under a pointer: vertices, edges and faces within so many pixels.
import type { LngLat } from '../../geo/distance.ts';
import { boxOf, facesAt, topologyOf, type Plan } from './plan.ts';
import { edgesOf, sideOfShape, type Edge, type Shape } from './shape.ts';
import { snapTo, STEPS_PER_DEGREE, vertexAt, xOf, yOf, type Vertex } from './vertex.ts';

/** A pointer on the map: where it is, and how many steps of the grid a pixel is wide and high. */
export interface Pointer {
  readonly at: LngLat;
  readonly stepsPerPixel: readonly [east: number, north: number];
}

const tile = 512; // pixels of the world at zoom 0

export function pointerAt(at: LngLat, zoom: number): Pointer {
  const east = (360 / (tile * 2 ** zoom)) * STEPS_PER_DEGREE;
  return { at, stepsPerPixel: [east, east * Math.cos((at[1] * Math.PI) / 180)] };
}

/** The nearest of some vertices within a number of pixels. */
export function nearestVertex(
  vertices: Iterable<Vertex>,
  place: Vertex,
  { stepsPerPixel }: Pointer,
  pixels: number,
): Vertex | null {
  let [best, least] = [null as Vertex | null, pixels];
  for (const vertex of vertices) {
    const far = pixelsBetween(vertex, place, stepsPerPixel);
    if (far <= least) [best, least] = [vertex, far];
  }
  return best;
}

export function pixelsBetween(a: Vertex, b: Vertex, [east, north]: Pointer['stepsPerPixel']): number {
  return Math.hypot((xOf(a) - xOf(b)) / east, (yOf(a) - yOf(b)) / north);
}

export interface NearEdge {
  readonly edge: Edge;
  /** The place on it that is nearest, to the grid. */
  readonly at: Vertex;
}

/** The nearest of some edges within a number of pixels. */
export function nearestEdge(
  edges: Iterable<Edge>,
  place: Vertex,
  { stepsPerPixel: [east, north] }: Pointer,
  pixels: number,
): NearEdge | null {
  let [best, least] = [null as NearEdge | null, pixels];
  for (const edge of edges) {
    const [a, b] = edge;
    const [ax, ay] = [(xOf(a) - xOf(place)) / east, (yOf(a) - yOf(place)) / north];
    const [dx, dy] = [(xOf(b) - xOf(a)) / east, (yOf(b) - yOf(a)) / north];
    const along = Math.max(0, Math.min(1, -(ax * dx + ay * dy) / (dx * dx + dy * dy || 1)));
    const far = Math.hypot(ax + along * dx, ay + along * dy);
    if (far > least) continue;
    least = far;
    best = {
      edge,
      at: vertexAt(
        Math.round(xOf(a) + along * (xOf(b) - xOf(a))),
        Math.round(yOf(a) + along * (yOf(b) - yOf(a))),
      ),
    };
  }
  return best;
}

/** The micro-grid at a place; null outside of the community. */
export function faceAt(plan: Plan, place: LngLat): string | null {
  const vertex = snapTo(plan.frame, place);
  if (vertex === null) return null;
  const [x, y] = [xOf(vertex), yOf(vertex)];
  for (const { code, shape } of plan.faces.values()) {
    const [west, south, east, north] = boxOf(shape);
    if (x < west || x > east || y < south || y > north) continue;
    if (sideOfShape(shape, vertex) >= 0) return code;
  }
  return null;
}

export function verticesOf(shape: Shape): Vertex[] {
  return [...new Set(shape.flat(2))];
}

/** Where a pointer means to be: on a vertex or an edge near it, or where it is. */
export function snapped(
  plan: Plan,
  pointer: Pointer,
  { snap, among }: { snap: boolean; among: Iterable<string> },
): Vertex | null {
  const place = snapTo(plan.frame, pointer.at);
  if (place === null || !snap) return place;
  const shapes = [...among].map((code) => plan.faces.get(code)?.shape ?? []);
  const vertex = nearestVertex(shapes.flatMap(verticesOf), place, pointer, 10);
  if (vertex !== null) return vertex;
  return nearestEdge(shapes.flatMap((shape) => [...edgesOf(shape)]), place, pointer, 8)?.at ?? place; // prettier-ignore
}

/** The micro-grid at a place and all that touch it; all of them where there is none. */
export function facesAround(plan: Plan, place: LngLat): string[] {
  const code = faceAt(plan, place);
  if (code === null) return [...plan.faces.keys()];
  const topology = topologyOf(plan);
  const corners = verticesOf(plan.faces.get(code)?.shape ?? []);
  return [...new Set(corners.flatMap((vertex) => facesAt(topology, vertex)))];
}
