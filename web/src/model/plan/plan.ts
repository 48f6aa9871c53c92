// A community's micro-grids as they are drawn: faces that share vertices, and the arcs between them.
import type { GridStatus, Zone } from '../city.ts';
import type { LngLat } from '../../geo/distance.ts';
import { boundsOf } from '../../geo/bounds.ts';
import { Chain, edgesOf, unsound, type Edge, type Part, type Ring, type Shape } from './shape.ts';
import { clash, frameOf, lngLatOf, snapTo, xOf, yOf, type Frame, type Vertex } from './vertex.ts';

/** Coordinates as GeoJSON has them: rings closed, order lng, lat. */
export type Coordinates = readonly (readonly (readonly LngLat[])[])[];

/** A micro-grid as the server has it. */
export interface GridFeature {
  readonly code: string;
  readonly community: string;
  readonly name: string;
  readonly households: number;
  readonly zone: Zone;
  readonly status: GridStatus;
  readonly synthetic: boolean;
  readonly version: number;
  readonly coordinates: Coordinates;
}

/** A micro-grid in the plan. */
export interface Face {
  readonly code: string;
  readonly name: string;
  readonly households: number;
  readonly zone: Zone;
  readonly status: GridStatus;
  readonly shape: Shape;
  /** The households were shared out by area and nobody has confirmed them. */
  readonly estimated: boolean;
}

/** A state of the plan. Never written to: an action gives another one. */
export interface Plan {
  readonly community: string;
  readonly frame: Frame;
  readonly faces: ReadonlyMap<string, Face>;
  /** The last serial given; the next micro-grid gets a later one, so that no code comes to name another place. */
  readonly serial: number;
}

export type OpenFault =
  { fault: 'too_large' } | { fault: 'not_a_partition'; edges: readonly [LngLat, LngLat][] };

/** The plan of a community, or why it cannot be drawn: its micro-grids must be a partition of it. Plans  to be compared need one frame. */
export function openPlan(
  community: string,
  features: readonly GridFeature[],
  outline: Coordinates | null,
  within?: Frame,
): Plan | OpenFault {
  const frame = within ?? frameOf(boundsOf(features.map(({ coordinates }) => coordinates)) ?? [0, 0, 0, 0]);
  if (!frame) return { fault: 'too_large' };
  const faces = new Map(features.map((feature) => [feature.code, faceOf(feature, frame)]));
  const plan = { community, frame, faces, serial: lastSerial(faces.keys()) };
  const loose = new Chain([...faces.values()].flatMap(({ shape }) => [...edgesOf(shape)]));
  if (outline) for (const [from, to] of edgesOf(shapeIn(frame, outline))) loose.add([to, from]);
  const broken = [...faces.values()].some(({ shape }) => unsound(shape) !== null);
  if ((outline && !loose.empty) || broken) {
    const edges = [...loose.edges()].slice(0, 100);
    return {
      fault: 'not_a_partition',
      edges: edges.map(([from, to]) => [lngLatOf(frame, from), lngLatOf(frame, to)]),
    };
  }
  return plan;
}

function faceOf(feature: GridFeature, frame: Frame): Face {
  const { code, name, households, zone, status, coordinates } = feature;
  return { code, name, households, zone, status, estimated: false, shape: shapeIn(frame, coordinates) };
}

/** The shape of coordinates. Those out of the frame are none of ours. */
export function shapeIn(frame: Frame, coordinates: Coordinates): Shape {
  return coordinates.map((part) =>
    part.map((ring) => ring.slice(0, -1).map((place) => snapTo(frame, place) ?? 0)),
  );
}

/** A shape as GeoJSON has it, ring by ring and vertex by vertex as it came if nothing of it was changed. */
export function coordinatesOf(frame: Frame, shape: Shape): Coordinates {
  return shape.map((part) =>
    part.map((ring) => [...ring, ...ring.slice(0, 1)].map((vertex) => lngLatOf(frame, vertex))),
  );
}

function lastSerial(codes: Iterable<string>): number {
  let last = 0;
  for (const code of codes) last = Math.max(last, Number(code.slice(12)));
  return last;
}

/** The next free code: after the last serial, and past 999 the first gap; null where all are taken. */
export function nextCode(plan: Plan): { code: string; serial: number } | null {
  const codeOf = (serial: number) => plan.community + String(serial).padStart(3, '0');
  const serial = plan.serial + 1;
  if (serial <= 999) return { code: codeOf(serial), serial };
  for (let gap = 1; gap <= 999; gap++)
    if (!plan.faces.has(codeOf(gap))) return { code: codeOf(gap), serial: plan.serial };
  return null;
}

/** What leads on from a vertex, and whose area lies left of it. */
export interface HalfEdge {
  readonly to: Vertex;
  readonly face: string;
}

/** Which edges there are, from where to where. */
export interface Topology {
  readonly out: ReadonlyMap<Vertex, readonly HalfEdge[]>;
  /** Every edge once, for those that must look at all. */
  readonly edges: readonly Edge[];
}

const topologies = new WeakMap<Plan, Topology>();

/** The topology of a plan, made when it is first asked for. */
export function topologyOf(plan: Plan): Topology {
  const known = topologies.get(plan);
  if (known) return known;
  const out = new Map<Vertex, HalfEdge[]>();
  for (const { code, shape } of plan.faces.values()) {
    for (const [from, to] of edgesOf(shape)) {
      const leading = out.get(from);
      if (leading) leading.push({ to, face: code });
      else out.set(from, [{ to, face: code }]);
    }
  }
  const edges: Edge[] = [];
  for (const [from, leading] of out) {
    for (const { to } of leading) {
      const twin = out.get(to)?.some((back) => back.to === from);
      if (from < to || !twin) edges.push([from, to]);
    }
  }
  const topology = { out, edges };
  topologies.set(plan, topology);
  return topology;
}

/** The face left of the way from one vertex to the next; undefined where there is none. */
export function faceLeft(topology: Topology, from: Vertex, to: Vertex): string | undefined {
  return topology.out.get(from)?.find((one) => one.to === to)?.face;
}

/** All vertices that a border leads to from here. */
export function neighboursOf(topology: Topology, vertex: Vertex): Vertex[] {
  const out = topology.out.get(vertex) ?? [];
  // On the outer border one edge only comes in: its other end is found from there.
  const incoming = incomingOf(topology).get(vertex);
  return incoming === undefined ? out.map(({ to }) => to) : [...out.map(({ to }) => to), ...incoming];
}

const borders = new WeakMap<Topology, ReadonlyMap<Vertex, readonly Vertex[]>>();

/** Where the outer border of the community comes into each of its vertices from. */
function incomingOf(topology: Topology): ReadonlyMap<Vertex, readonly Vertex[]> {
  const known = borders.get(topology);
  if (known) return known;
  const incoming = new Map<Vertex, Vertex[]>();
  for (const [from, to] of topology.edges) {
    if (faceLeft(topology, to, from) !== undefined) continue;
    const others = incoming.get(to);
    if (others) others.push(from);
    else incoming.set(to, [from]);
  }
  borders.set(topology, incoming);
  return incoming;
}

/** Whether an edge is part of the outer border, which belongs to the neighbouring communities too. */
export function isLockedEdge(topology: Topology, a: Vertex, b: Vertex): boolean {
  return faceLeft(topology, a, b) === undefined || faceLeft(topology, b, a) === undefined;
}

export function isLocked(topology: Topology, vertex: Vertex): boolean {
  return incomingOf(topology).has(vertex);
}

/** The faces that meet at a vertex. */
export function facesAt(topology: Topology, vertex: Vertex): string[] {
  return [...new Set((topology.out.get(vertex) ?? []).map(({ face }) => face))];
}

/** A border between two faces, or between a face and what is outside: a way from node to node. */
export interface Arc {
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly vertices: readonly Vertex[];
}

/** A vertex at which borders meet. */
export function isNode(topology: Topology, vertex: Vertex): boolean {
  return neighboursOf(topology, vertex).length > 2;
}

/** All borders of a plan. One that goes round without a node begins anywhere on itself. */
export function arcsOf(plan: Plan): Arc[] {
  const topology = topologyOf(plan);
  const seen = new Set<string>();
  const arcs: Arc[] = [];
  const follow = (start: Vertex, second: Vertex) => {
    const vertices = [start, second];
    for (let [from, at] = [start, second]; at !== start && !isNode(topology, at);) {
      const next = neighboursOf(topology, at).find((one) => one !== from);
      if (next === undefined) break;
      vertices.push(next);
      [from, at] = [at, next];
    }
    for (const [index, vertex] of vertices.entries()) {
      const next = vertices[index + 1];
      if (next !== undefined) seen.add(edgeName(vertex, next));
    }
    arcs.push({
      left: faceLeft(topology, start, second),
      right: faceLeft(topology, second, start),
      vertices,
    });
  };
  const begin = (nodes: boolean) => {
    for (const [a, b] of topology.edges) {
      if (seen.has(edgeName(a, b))) continue;
      if (!nodes) follow(a, b);
      else if (isNode(topology, a)) follow(a, b);
      else if (isNode(topology, b)) follow(b, a);
    }
  };
  begin(true);
  begin(false);
  return arcs;
}

/** The same name for an edge and its reverse. */
export function edgeName(a: Vertex, b: Vertex): string {
  return a < b ? `${String(a)} ${String(b)}` : `${String(b)} ${String(a)}`;
}

export type Fault = 'clash' | 'empty' | 'repeats' | 'inverted' | 'nested';

/** What is wrong with faces that an action changed, and where; null for nothing. */
export function faultOf(
  before: Plan,
  after: Plan,
  changed: Iterable<string>,
): { fault: Fault; edge?: Edge; face: string } | null {
  const old = topologyOf(before);
  const fresh = new Map<string, Edge>();
  for (const code of changed) {
    const face = after.faces.get(code);
    if (!face) continue;
    const fault = unsound(face.shape);
    if (fault) return { fault, face: code };
    for (const [a, b] of edgesOf(face.shape)) {
      const known = faceLeft(old, a, b) !== undefined || faceLeft(old, b, a) !== undefined;
      if (!known) fresh.set(edgeName(a, b), [a, b]);
    }
  }
  for (const edge of fresh.values()) {
    const face = clashing(after, edge);
    if (face !== undefined) return { fault: 'clash', edge, face };
  }
  return null;
}

// The first face that has an edge which the given one crosses, touches or runs along.
function clashing({ faces }: Plan, [a, b]: Edge): string | undefined {
  const [west, east] = [Math.min(xOf(a), xOf(b)), Math.max(xOf(a), xOf(b))];
  const [south, north] = [Math.min(yOf(a), yOf(b)), Math.max(yOf(a), yOf(b))];
  for (const { code, shape } of faces.values()) {
    if (!boxesMeet(boxOf(shape), west, south, east, north)) continue;
    for (const [c, d] of edgesOf(shape)) {
      if ((a === c && b === d) || (a === d && b === c)) continue;
      if (clash(a, b, c, d)) return code;
    }
  }
  return undefined;
}

type Box = readonly [west: number, south: number, east: number, north: number];
const boxes = new WeakMap<Shape, Box>();

/** The bounds of a shape in steps of the frame. */
export function boxOf(shape: Shape): Box {
  const known = boxes.get(shape);
  if (known) return known;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [shell = []] of shape) {
    for (const vertex of shell) {
      [west, east] = [Math.min(west, xOf(vertex)), Math.max(east, xOf(vertex))];
      [south, north] = [Math.min(south, yOf(vertex)), Math.max(north, yOf(vertex))];
    }
  }
  const box = [west, south, east, north] as const;
  boxes.set(shape, box);
  return box;
}

export function boxesMeet(
  [w, s, e, n]: Box,
  west: number,
  south: number,
  east: number,
  north: number,
): boolean {
  return w <= east && e >= west && s <= north && n >= south;
}

/** The plan with other faces; null takes a face away. */
export function withFaces(
  plan: Plan,
  changes: Iterable<readonly [string, Face | null]>,
  serial = plan.serial,
): Plan {
  const faces = new Map(plan.faces);
  for (const [code, face] of changes) {
    if (face) faces.set(code, face);
    else faces.delete(code);
  }
  return { ...plan, faces, serial };
}

/** A shape in which rings were changed; the same shape where none was. */
export function mapRings(shape: Shape, change: (ring: Ring) => Ring): Shape {
  let any = false;
  const parts = shape.map((part): Part => {
    let here = false;
    const rings = part.map((ring) => {
      const other = change(ring);
      here ||= other !== ring;
      return other;
    });
    any ||= here;
    return here ? rings : part;
  });
  return any ? parts : shape;
}
