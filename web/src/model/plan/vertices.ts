// Actions on single vertices and edges. A vertex belongs to all the micro-grids that meet in it, so all move.
import { finish, refuse, type ActionName, type Outcome } from './action.ts';
import {
  faceLeft,
  facesAt,
  isLocked,
  mapRings,
  neighboursOf,
  topologyOf,
  withFaces,
  type Face,
  type Plan,
} from './plan.ts';
import type { Ring } from './shape.ts';
import { shifted, xOf, yOf, type Vertex } from './vertex.ts';

/** Moves a vertex of all the micro-grids that meet there. */
export function moveVertex(plan: Plan, vertex: Vertex, to: Vertex | null): Outcome {
  if (to === null) return refuse('out_of_reach', { vertex });
  return relocate('move_vertex', plan, new Map([[vertex, to]]));
}

/** Moves an edge as it is: both its ends go the same way. */
export function moveEdge(plan: Plan, a: Vertex, b: Vertex, east: number, north: number): Outcome {
  const topology = topologyOf(plan);
  if (faceLeft(topology, a, b) === undefined && faceLeft(topology, b, a) === undefined)
    return refuse('not_there');
  const [toA, toB] = [shifted(a, east, north), shifted(b, east, north)];
  if (toA === null || toB === null) return refuse('out_of_reach', { edge: [a, b] });
  return relocate('move_edge', plan, new Map([[a, toA], [b, toB]])); // prettier-ignore
}

function relocate(action: ActionName, plan: Plan, moves: ReadonlyMap<Vertex, Vertex>): Outcome {
  const topology = topologyOf(plan);
  const touched = new Set<string>();
  for (const [from, to] of moves) {
    if (!topology.out.has(from)) return refuse('not_there', { vertex: from });
    if (isLocked(topology, from)) return refuse('locked', { vertex: from });
    if (topology.out.has(to) && !moves.has(to)) return refuse('occupied', { vertex: to });
    for (const code of facesAt(topology, from)) touched.add(code);
  }
  const move = (ring: Ring) =>
    ring.some((vertex) => moves.has(vertex)) ? ring.map((vertex) => moves.get(vertex) ?? vertex) : ring;
  return finish(action, plan, withRings(plan, touched, move));
}

/** Puts a vertex on a border, for both its sides. */
export function insertVertex(plan: Plan, a: Vertex, b: Vertex, at: Vertex | null): Outcome {
  const topology = topologyOf(plan);
  const [left, right] = [faceLeft(topology, a, b), faceLeft(topology, b, a)];
  if (left === undefined && right === undefined) return refuse('not_there', { edge: [a, b] });
  if (left === undefined || right === undefined) return refuse('locked', { edge: [a, b] });
  if (at === null) return refuse('out_of_reach', { edge: [a, b] });
  if (topology.out.has(at)) return refuse('occupied', { vertex: at });
  const splits = new Map([[a, new Map([[b, [at]]])]]);
  return finish('insert_vertex', plan, splitEdges(plan, splits));
}

/** Vertices to put on edges: from one end, to the other, in this order. */
export type Splits = Map<Vertex, Map<Vertex, readonly Vertex[]>>;

/** The plan with vertices put on edges, on both their sides. */
export function splitEdges(plan: Plan, splits: Splits): Plan {
  const both: Splits = new Map();
  const topology = topologyOf(plan);
  const touched = new Set<string>();
  for (const [a, ends] of splits) {
    for (const [b, vertices] of ends) {
      for (const [from, to, way] of [
        [a, b, vertices],
        [b, a, [...vertices].reverse()],
      ] as const) {
        const face = faceLeft(topology, from, to);
        if (face !== undefined) touched.add(face);
        both.set(from, (both.get(from) ?? new Map()).set(to, way));
      }
    }
  }
  const split = (ring: Ring) => {
    if (!ring.some((vertex, index) => both.get(vertex)?.has(after(ring, index)))) return ring;
    return ring.flatMap((vertex, index) => [vertex, ...(both.get(vertex)?.get(after(ring, index)) ?? [])]);
  };
  return withRings(plan, touched, split);
}

function after(ring: Ring, index: number): Vertex {
  return ring[(index + 1) % ring.length] ?? 0;
}

/** Takes a vertex out of the one border that it is on. */
export function deleteVertex(plan: Plan, vertex: Vertex): Outcome {
  const topology = topologyOf(plan);
  if (!topology.out.has(vertex)) return refuse('not_there', { vertex });
  if (isLocked(topology, vertex)) return refuse('locked', { vertex });
  const [a, b, third] = neighboursOf(topology, vertex);
  if (third !== undefined || a === undefined || b === undefined) return refuse('several_borders', { vertex });
  if (neighboursOf(topology, a).includes(b)) return refuse('too_few_vertices', { vertex });
  const remove = (ring: Ring) => (ring.includes(vertex) ? ring.filter((one) => one !== vertex) : ring);
  return finish('delete_vertex', plan, withRings(plan, facesAt(topology, vertex), remove));
}

/** The vertices of an edge's middle, to offer a handle there. */
export function middleOf(a: Vertex, b: Vertex): Vertex | null {
  return shifted(a, Math.round((xOf(b) - xOf(a)) / 2), Math.round((yOf(b) - yOf(a)) / 2));
}

function withRings(plan: Plan, codes: Iterable<string>, change: (ring: Ring) => Ring): Plan {
  const changes: [string, Face][] = [];
  for (const code of codes) {
    const face = plan.faces.get(code);
    if (face) changes.push([code, { ...face, shape: mapRings(face.shape, change) }]);
  }
  return withFaces(plan, changes);
}
