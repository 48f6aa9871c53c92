// Slicing: what a line divides the micro-grids under it into. Cutting, drawing and reshaping are made of it.
import { refuse, type Refused } from './action.ts';
import {
  boxOf,
  boxesMeet,
  edgeName,
  faceLeft,
  isLockedEdge,
  neighboursOf,
  topologyOf,
  type Plan,
  type Topology,
} from './plan.ts';
import { Chain, edgesOf, shapeOf, sideOfShape, type Edge, type Part } from './shape.ts';
import { splitEdges, type Splits } from './vertices.ts';
import {
  clash,
  crosses,
  firstClockwise,
  onSegment,
  turn,
  vertexAt,
  xOf,
  yOf,
  type Vertex,
} from './vertex.ts';

/** Nearer than this to a vertex a line goes through the vertex: about 30 cm. */
const nearSteps = 30;
/** A place on an edge is kept to the nearest step each way. */
const roundingSteps = 1.5;
/** A line drawn by hand has hundreds of points; more is a fault of the input. */
const mostPoints = 2_000;

export interface Slices {
  /** The plan with vertices where the line meets borders. */
  readonly plan: Plan;
  /** The parts of every micro-grid that the line divides, or touches without dividing it. */
  readonly pieces: ReadonlyMap<string, readonly Part[]>;
  /** The line as it divides, in its direction. */
  readonly line: readonly Edge[];
}

/** Where a line meets the borders. */
interface Meeting {
  readonly segment: number;
  readonly along: number;
  readonly vertex: Vertex;
}

/** What the line divides `only` these micro-grids into, or all. A closed line ends where it begins. */
export function slice(plan: Plan, line: readonly Vertex[], only?: ReadonlySet<string>): Slices | Refused {
  const points = line.filter((vertex, index) => vertex !== line[index - 1]);
  if (points.length < 2 || points.length > mostPoints) return refuse('line_too_short');
  if (crossesItself(points)) return refuse('line_crosses_itself');

  const { meetings, splits } = meet(plan, points, only);
  const split = splitEdges(plan, splits);
  const topology = topologyOf(split);
  const path = withMeetings(points, meetings);
  const chains = chainsOf(split, topology, path);

  const divided = new Map<string, Edge[]>();
  const used: Edge[] = [];
  for (const { face, edges } of chains) {
    used.push(...edges);
    if (face === undefined || (only && !only.has(face))) continue;
    divided.set(face, [...(divided.get(face) ?? []), ...edges]);
  }
  const pieces = new Map<string, readonly Part[]>();
  for (const [code, edges] of divided) {
    const parts = piecesOf(split, code, edges);
    if (!parts) return refuse('does_not_divide', { face: code });
    pieces.set(code, parts);
  }
  return { plan: split, pieces, line: used };
}

function crossesItself(points: readonly Vertex[]): boolean {
  const closed = points[0] === points[points.length - 1];
  const segments = points.slice(1).map((to, index): Edge => [points[index] ?? 0, to]);
  return segments.some(([a, b], i) =>
    segments.slice(i + 1).some(([c, d], offset) => {
      const joined = offset === 0 || (closed && i === 0 && i + 1 + offset === segments.length - 1);
      if (!joined && (a === c || a === d || b === c || b === d)) return true;
      return clash(a, b, c, d);
    }),
  );
}

function meet(plan: Plan, points: readonly Vertex[], only?: ReadonlySet<string>) {
  const topology = topologyOf(plan);
  const meetings: Meeting[] = [];
  const cuts = new Map<string, { edge: Edge; vertices: Set<Vertex> }>();
  for (const edge of edgesUnder(plan, topology, points, only)) {
    for (let segment = 0; segment + 1 < points.length; segment++) {
      const [p, q] = [points[segment] ?? 0, points[segment + 1] ?? 0];
      for (const vertex of meetingsWith(topology, edge, p, q)) {
        meetings.push({ segment, along: alongOf(p, q, vertex), vertex });
        if (vertex === edge[0] || vertex === edge[1]) continue;
        const name = edgeName(...edge);
        const cut = cuts.get(name) ?? { edge, vertices: new Set() };
        cut.vertices.add(vertex);
        cuts.set(name, cut);
      }
    }
  }
  const splits: Splits = new Map();
  for (const {
    edge: [a, b],
    vertices,
  } of cuts.values()) {
    const ordered = [...vertices].sort((v, w) => alongOf(a, b, v) - alongOf(a, b, w));
    splits.set(a, (splits.get(a) ?? new Map()).set(b, ordered));
  }
  return { meetings, splits };
}

// Every edge once that the line could meet.
function* edgesUnder(plan: Plan, topology: Topology, points: readonly Vertex[], only?: ReadonlySet<string>) {
  const xs = points.map(xOf);
  const ys = points.map(yOf);
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
  const seen = new Set<string>();
  for (const { code, shape } of plan.faces.values()) {
    if ((only && !only.has(code)) || !boxesMeet(boxOf(shape), ...box)) continue;
    for (const edge of edgesOf(shape)) {
      const name = edgeName(...edge);
      if (seen.has(name)) continue;
      seen.add(name);
      yield edge;
    }
  }
  return topology;
}

// The vertices in which a segment of the line meets an edge, those near its ends being its ends. The outer
// border takes no new vertex.
function meetingsWith(topology: Topology, [a, b]: Edge, p: Vertex, q: Vertex): Vertex[] {
  const met = [a, b].filter((end) => onSegment(p, q, end));
  if (met.length > 0) return met;
  const locked = isLockedEdge(topology, a, b);
  const onEdge = [p, q].filter((end) => liesOn(a, b, end));
  if (onEdge.length > 0) return onEdge.map((end) => (locked ? nearerEnd(a, b, end) : end));
  const [ofA, ofB] = [turn(p, q, a), turn(p, q, b)];
  if (!crosses(ofA, ofB) || !crosses(turn(a, b, p), turn(a, b, q))) return [];
  const share = ofA / (ofA - ofB);
  const vertex = vertexAt(
    Math.round(xOf(a) + share * (xOf(b) - xOf(a))),
    Math.round(yOf(a) + share * (yOf(b) - yOf(a))),
  );
  const end = nearerEnd(a, b, vertex);
  return [locked || distance(end, vertex) < nearSteps ? end : vertex];
}

/** Whether a vertex is on an edge but for rounding: a place on a slanted edge is between steps of the grid. */
function liesOn(a: Vertex, b: Vertex, vertex: Vertex): boolean {
  const length = distance(a, b);
  const along = alongOf(a, b, vertex) / length;
  return along >= 0 && along <= length && Math.abs(turn(a, b, vertex)) / length <= roundingSteps;
}

function nearerEnd(a: Vertex, b: Vertex, vertex: Vertex): Vertex {
  return distance(a, vertex) <= distance(b, vertex) ? a : b;
}

function distance(a: Vertex, b: Vertex): number {
  return Math.hypot(xOf(a) - xOf(b), yOf(a) - yOf(b));
}

/** How far along the way from one vertex to another a third is, to put several in order. */
function alongOf(from: Vertex, to: Vertex, vertex: Vertex): number {
  const [dx, dy] = [xOf(to) - xOf(from), yOf(to) - yOf(from)];
  return (xOf(vertex) - xOf(from)) * dx + (yOf(vertex) - yOf(from)) * dy;
}

function withMeetings(points: readonly Vertex[], meetings: readonly Meeting[]): Vertex[] {
  const path: Vertex[] = [];
  const push = (vertex: Vertex) => {
    if (path[path.length - 1] !== vertex) path.push(vertex);
  };
  for (const [segment, point] of points.entries()) {
    push(point);
    const here = meetings.filter((one) => one.segment === segment);
    for (const { vertex } of here.sort((one, other) => one.along - other.along)) push(vertex);
  }
  return path;
}

interface PathChain {
  /** The micro-grid that the chain runs through; undefined along a border or outside. */
  readonly face: string | undefined;
  readonly edges: readonly Edge[];
}

// The path from border to border. What leads nowhere at its ends is left away.
function chainsOf(plan: Plan, topology: Topology, path: readonly Vertex[]): PathChain[] {
  const closed = path.length > 2 && path[0] === path[path.length - 1];
  const start = path.findIndex((vertex) => topology.out.has(vertex));
  if (start < 0) return closed ? [island(plan, path)] : [];
  const turned = closed ? [...path.slice(start, -1), ...path.slice(0, start + 1)] : path.slice(start);
  const chains: PathChain[] = [];
  let edges: Edge[] = [];
  for (let index = 0; index + 1 < turned.length; index++) {
    const [a = 0, b = 0] = [turned[index], turned[index + 1]];
    edges.push([a, b]);
    if (!topology.out.has(b)) continue;
    chains.push({ face: faceAlong(topology, edges), edges });
    edges = [];
  }
  return chains;
}

// A closed line that meets no border lies in one micro-grid, or in none.
function island(plan: Plan, path: readonly Vertex[]): PathChain {
  const [first = 0] = path;
  const edges = path.slice(1).map((to, index): Edge => [path[index] ?? 0, to]);
  for (const { code, shape } of plan.faces.values())
    if (sideOfShape(shape, first) > 0) return { face: code, edges };
  return { face: undefined, edges };
}

function faceAlong(topology: Topology, edges: readonly Edge[]): string | undefined {
  const [[from, toward] = [0, 0]] = edges;
  const next = firstClockwise(from, toward, neighboursOf(topology, from));
  if (next === undefined || (turn(from, toward, next) === 0 && alongOf(from, toward, next) > 0))
    return undefined;
  return faceLeft(topology, from, next);
}

// The parts of a micro-grid between the edges; null where an edge does not divide it.
function piecesOf(plan: Plan, code: string, edges: readonly Edge[]): readonly Part[] | null {
  const shape = plan.faces.get(code)?.shape ?? [];
  const chain = new Chain(edgesOf(shape));
  for (const [a, b] of edges) chain.divide(a, b);
  const pieces = shapeOf(chain);
  if (!pieces) return null;
  for (const piece of pieces) {
    const own = new Set<string>();
    for (const [a, b] of edgesOf([piece])) own.add(`${String(a)} ${String(b)}`);
    if (edges.some(([a, b]) => own.has(`${String(a)} ${String(b)}`) && own.has(`${String(b)} ${String(a)}`)))
      return null;
  }
  return pieces;
}
