// Shapes made of rings of vertices: tracing them from directed edges, and asking whether they are sound.
// What a shape encloses lies left of each of its edges: shells turn counter-clockwise, holes clockwise.
import { firstClockwise, turn, xOf, yOf, type Vertex } from './vertex.ts';

/** Vertices in order; the first is not repeated at the end. */
export type Ring = readonly Vertex[];
/** A shell, then its holes. */
export type Part = readonly Ring[];
export type Shape = readonly Part[];
export type Edge = readonly [from: Vertex, to: Vertex];

export function* edgesOfRing(ring: Ring): Generator<Edge> {
  let from = ring[ring.length - 1];
  for (const to of ring) {
    if (from !== undefined) yield [from, to];
    from = to;
  }
}

export function* edgesOf(shape: Shape): Generator<Edge> {
  for (const part of shape) for (const ring of part) yield* edgesOfRing(ring);
}

/** Directed edges, of which each cancels with its reverse. */
export class Chain {
  readonly #out = new Map<Vertex, Vertex[]>();

  constructor(edges: Iterable<Edge> = []) {
    for (const edge of edges) this.add(edge);
  }

  add([from, to]: Edge): void {
    if (this.#take(to, from)) return;
    const out = this.#out.get(from);
    if (out) out.push(to);
    else this.#out.set(from, [to]);
  }

  /** Adds an edge and its reverse, which do not cancel here: the shape is to be divided along it. */
  divide(a: Vertex, b: Vertex): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const)
      this.#out.set(from, [...(this.#out.get(from) ?? []), to]);
  }

  *edges(): Generator<Edge> {
    for (const [from, out] of this.#out) for (const to of out) yield [from, to];
  }

  get empty(): boolean {
    return this.#out.size === 0;
  }

  /** Takes the closed walks out of the chain, each around one connected area; null where an edge leads nowhere. */
  walks(): Vertex[][] | null {
    const walks: Vertex[][] = [];
    for (const start of [...this.#out.keys()]) {
      for (let next = this.#out.get(start)?.[0]; next !== undefined; next = this.#out.get(start)?.[0]) {
        const walk = this.#walk(start, next);
        if (!walk) return null;
        walks.push(walk);
      }
    }
    return walks;
  }

  // At each vertex the next edge is the first clockwise from where the walk comes from: what is between is inside.
  #walk(start: Vertex, second: Vertex): Vertex[] | null {
    const walk = [start];
    let [from, at] = [start, second];
    this.#take(start, second);
    for (;;) {
      const out = this.#out.get(at) ?? [];
      const next = firstClockwise(at, from, at === start ? [...out, second] : out);
      if (next === undefined) return null;
      if (at === start && next === second && !out.includes(second)) return walk;
      walk.push(at);
      if (!this.#take(at, next)) return null;
      [from, at] = [at, next];
    }
  }

  #take(from: Vertex, to: Vertex): boolean {
    const out = this.#out.get(from);
    const index = out?.indexOf(to) ?? -1;
    if (!out || index < 0) return false;
    if (out.length === 1) this.#out.delete(from);
    else out.splice(index, 1);
    return true;
  }
}

/** The shape that directed edges enclose, one part for each connected area; null where they enclose none. */
export function traceShape(edges: Iterable<Edge>): Shape | null {
  return shapeOf(new Chain(edges));
}

export function shapeOf(chain: Chain): Shape | null {
  const walks = chain.walks();
  if (!walks) return null;
  const parts: Ring[][] = [];
  const holes: Ring[] = [];
  for (const walk of walks) {
    const rings = simpleRings(walk);
    const shells = rings.filter(isCounterClockwise);
    if (shells.length > 1) return null;
    if (shells[0]) parts.push([shells[0], ...rings.filter((ring) => ring !== shells[0])]);
    else holes.push(...rings);
  }
  for (const hole of holes) {
    const around = parts.filter(([shell]) => shell && ringHolds(shell, hole));
    const home = around.reduce<Ring[] | undefined>(
      (best, one) => (smaller(one, best) ? one : best),
      undefined,
    );
    if (!home) return null;
    home.push(hole);
  }
  return parts.length > 0 ? parts : null;
}

function smaller([shell = []]: Ring[], than: Ring[] | undefined): boolean {
  return than === undefined || Math.abs(twiceRingArea(shell)) < Math.abs(twiceRingArea(than[0] ?? []));
}

/** A walk that comes back to a vertex is several rings that touch there. */
function simpleRings(walk: readonly Vertex[]): Ring[] {
  const rings: Ring[] = [];
  const path: Vertex[] = [];
  const index = new Map<Vertex, number>();
  for (const vertex of walk) {
    const before = index.get(vertex);
    if (before !== undefined) {
      const ring = path.splice(before);
      for (const one of ring) index.delete(one);
      rings.push(ring);
    }
    index.set(vertex, path.length);
    path.push(vertex);
  }
  return [...rings, path];
}

/** Of a ring that does not cross itself. Exact. */
export function isCounterClockwise(ring: Ring): boolean {
  let least = 0;
  for (let index = 1; index < ring.length; index++) if (at(ring, index) < at(ring, least)) least = index;
  return turn(at(ring, least - 1), at(ring, least), at(ring, least + 1)) > 0;
}

function at(ring: Ring, index: number): Vertex {
  return ring[(index + ring.length) % ring.length] ?? 0;
}

/** Where a vertex is: 1 inside of the ring, 0 on it, -1 outside. Exact. */
export function sideOfRing(ring: Ring, vertex: Vertex): -1 | 0 | 1 {
  const [x, y] = [xOf(vertex), yOf(vertex)];
  let inside = false;
  for (const [a, b] of edgesOfRing(ring)) {
    const [ay, by] = [yOf(a), yOf(b)];
    if (Math.max(ay, by) < y || Math.min(ay, by) > y) continue;
    if (Math.max(xOf(a), xOf(b)) < x) continue;
    const side = turn(a, b, vertex);
    if (side === 0 && Math.min(xOf(a), xOf(b)) <= x) return 0;
    if (ay > y !== by > y && by > ay === side > 0) inside = !inside;
  }
  return inside ? 1 : -1;
}

/** Where a vertex is: 1 inside of the shape, 0 on its border, -1 outside. */
export function sideOfShape(shape: Shape, vertex: Vertex): -1 | 0 | 1 {
  for (const [shell = [], ...holes] of shape) {
    const side = sideOfRing(shell, vertex);
    if (side < 0) continue;
    if (side === 0) return 0;
    const inHole = holes.map((hole) => sideOfRing(hole, vertex)).find((one) => one >= 0);
    if (inHole === undefined) return 1;
    if (inHole === 0) return 0;
  }
  return -1;
}

/** Whether a ring lies within another that it does not cross. */
export function ringHolds(outer: Ring, inner: Ring): boolean {
  for (const vertex of inner) {
    const side = sideOfRing(outer, vertex);
    if (side !== 0) return side > 0;
  }
  return false;
}

/** What is wrong with a shape whose edges clash with none; null for nothing. */
export function unsound(shape: Shape): 'empty' | 'repeats' | 'inverted' | 'nested' | null {
  if (shape.length === 0) return 'empty';
  for (const part of shape) {
    for (const [index, ring] of part.entries()) {
      if (ring.length < 3) return 'empty';
      if (new Set(ring).size < ring.length) return 'repeats';
      if (isCounterClockwise(ring) !== (index === 0)) return 'inverted';
    }
    const [shell = [], ...holes] = part;
    if (!holes.every((hole) => ringHolds(shell, hole))) return 'nested';
    if (holes.some((hole) => holes.some((other) => other !== hole && ringHolds(other, hole))))
      return 'nested';
  }
  return partsOverlap(shape) ? 'nested' : null;
}

function partsOverlap(shape: Shape): boolean {
  return shape.some(([shell = []]) =>
    shape.some(([other = [], ...holes]) => {
      if (other === shell || !ringHolds(other, shell)) return false;
      return !holes.some((hole) => hole.length === shell.length || ringHolds(hole, shell));
    }),
  );
}

/** Twice the area in squares of the grid, negative for a clockwise ring; rounded beyond 2^53. */
export function twiceRingArea(ring: Ring): number {
  const origin = ring[0] ?? 0;
  let sum = 0;
  for (const [a, b] of edgesOfRing(ring)) sum += turn(origin, a, b);
  return sum;
}

export function twiceArea(shape: Shape): number {
  let sum = 0;
  for (const part of shape) for (const ring of part) sum += twiceRingArea(ring);
  return sum;
}
