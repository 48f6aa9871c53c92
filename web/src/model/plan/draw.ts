// Drawing a new micro-grid over others, and moving a border to where a line leads.
import { finish, refuse, type Outcome } from './action.ts';
import { nameOf } from './cut.ts';
import { sharedLength, together } from './merge.ts';
import { nextCode, withFaces, type Face, type Plan } from './plan.ts';
import { edgesOf, isCounterClockwise, sideOfRing, twiceArea, type Part, type Shape } from './shape.ts';
import { shareOut } from './share.ts';
import { slice, type Slices } from './slice.ts';
import { xOf, yOf, type Vertex } from './vertex.ts';

/** Makes what a ring encloses a new micro-grid, taken from all that it covers. */
export function draw(plan: Plan, ring: readonly Vertex[]): Outcome {
  const corners = ring.filter(
    (vertex, index) => vertex !== ring[index - 1] && (index === 0 || vertex !== ring[0]),
  );
  if (corners.length < 3) return refuse('line_too_short');
  const turned = isCounterClockwise(corners) ? corners : [...corners].reverse();
  const slices = slice(plan, [...turned, ...turned.slice(0, 1)]);
  if ('ok' in slices) return slices;
  const next = nextCode(plan);
  if (!next) return refuse('no_code');

  const inside = sortPieces(slices, turned);
  if ('ok' in inside) return inside;
  const { taken, left } = inside;
  const shape = together(taken.map(({ part }) => [part]));
  if (!shape) return refuse('nothing_to_do');
  if (shape.length > 1) return refuse('splits');
  const households = taken.reduce((sum, one) => sum + one.households, 0);
  const largest = taken.reduce((best, one) => (twiceArea([one.part]) > twiceArea([best.part]) ? one : best));
  const made: Face = {
    ...largest.of,
    code: next.code,
    name: nameOf(largest.of.name, Number(next.code.slice(12))),
    status: 'draft',
    shape,
    households,
    estimated: true,
  };
  return finish('draw', plan, withFaces(slices.plan, [...left, [next.code, made]], next.serial));
}

interface Taken {
  readonly of: Face;
  readonly part: Part;
  readonly households: number;
}

// Which pieces lie in the ring, and what that leaves of the micro-grids that they come from.
function sortPieces({ plan, pieces, line }: Slices, ring: readonly Vertex[]) {
  const along = new Set(line.map(([a, b]) => `${String(a)} ${String(b)}`));
  const taken: Taken[] = [];
  const left: (readonly [string, Face | null])[] = [];
  for (const face of plan.faces.values()) {
    const parts = pieces.get(face.code) ?? face.shape;
    const within = parts.filter((part) => isInside(part, along, ring));
    if (within.length === 0) continue;
    const rest = parts.filter((part) => !within.includes(part));
    if (rest.length > face.shape.length) return refuse('splits', { face: face.code });
    const shares = shareOut(face.households, [...within, ...rest].map((part) => twiceArea([part]))); // prettier-ignore
    within.forEach((part, index) => taken.push({ of: face, part, households: shares[index] ?? 0 }));
    const households = shares.slice(within.length).reduce((sum, share) => sum + share, 0);
    left.push([face.code, rest.length > 0 ? { ...face, shape: rest, households, estimated: true } : null]);
  }
  return taken.length > 0 ? { taken, left } : refuse('nothing_to_do');
}

function isInside(part: Part, along: ReadonlySet<string>, ring: readonly Vertex[]): boolean {
  for (const [a, b] of edgesOf([part])) {
    if (along.has(`${String(a)} ${String(b)}`)) return true;
    if (along.has(`${String(b)} ${String(a)}`)) return false;
  }
  for (const vertex of part[0] ?? []) {
    const side = sideOfRing(ring, vertex);
    if (side !== 0) return side > 0;
  }
  return false;
}

/**
 * Moves the border of a micro-grid to a line that begins and ends on it: what the line cuts off goes to the
 * neighbour, what it encloses outside comes from the neighbours.
 */
export function reshape(plan: Plan, code: string, line: readonly Vertex[]): Outcome {
  const face = plan.faces.get(code);
  if (!face) return refuse('not_there', { face: code });
  const slices = slice(plan, line);
  if ('ok' in slices) return slices;
  const shapes = new Map<string, Shape>();
  const shapeOf = (of: string) => shapes.get(of) ?? slices.plan.faces.get(of)?.shape ?? [];

  const gained: Part[] = [];
  for (const [of, pieces] of slices.pieces) {
    if (of === code) continue;
    const [kept, given] = partNeighbour(pieces, shapeOf(code));
    if (kept.length > (plan.faces.get(of)?.shape.length ?? 0)) return refuse('splits', { face: of });
    if (given.length === 0) continue;
    shapes.set(of, kept);
    gained.push(...given);
  }
  const own = slices.pieces.get(code) ?? shapeOf(code);
  const kept = largestOf(own);
  for (const lost of own.filter((piece) => piece !== kept && slices.pieces.has(code))) {
    const heir = heirOf(slices.plan, code, lost, shapeOf);
    if (heir === undefined) return refuse('no_neighbour', { face: code });
    const grown = together([shapeOf(heir), [lost]]);
    if (grown?.length !== shapeOf(heir).length) return refuse('splits', { face: heir });
    shapes.set(heir, grown);
  }
  const shape = together([slices.pieces.has(code) && kept ? [kept] : own, ...gained.map((part) => [part])]);
  if (!shape || shape.length > face.shape.length) return refuse('splits', { face: code });
  shapes.set(code, shape);
  if (shapes.size < 2) return refuse('not_across', { face: code });
  return finish('reshape', plan, withShapes(slices.plan, shapes));
}

function withShapes(plan: Plan, shapes: ReadonlyMap<string, Shape>): Plan {
  const changes: [string, Face][] = [];
  for (const [code, shape] of shapes) {
    const face = plan.faces.get(code);
    if (face) changes.push([code, { ...face, shape }]);
  }
  return withFaces(plan, changes);
}

// What of a neighbour goes: what touches the micro-grid. If all does, all but the largest.
function partNeighbour(
  pieces: readonly Part[],
  shape: Shape,
): [kept: readonly Part[], given: readonly Part[]] {
  if (pieces.length < 2) return [pieces, []];
  const touching = pieces.filter((piece) => sharedLength([piece], shape, lengthOf) > 0);
  const given =
    touching.length === pieces.length ? touching.filter((piece) => piece !== largestOf(pieces)) : touching;
  return [pieces.filter((piece) => !given.includes(piece)), given];
}

function largestOf(pieces: readonly Part[]): Part | undefined {
  return pieces.reduce<Part | undefined>(
    (best, piece) => (best === undefined || twiceArea([piece]) > twiceArea([best]) ? piece : best),
    undefined,
  );
}

// Who gets a piece: the neighbour with the longest border on it.
function heirOf(plan: Plan, code: string, piece: Part, shapeOf: (code: string) => Shape): string | undefined {
  let best: { code: string; length: number } | undefined;
  for (const other of plan.faces.keys()) {
    if (other === code) continue;
    const length = sharedLength(shapeOf(other), [piece], lengthOf);
    if (length > (best?.length ?? 0)) best = { code: other, length };
  }
  return best?.code;
}

function lengthOf(a: Vertex, b: Vertex): number {
  return Math.hypot(xOf(a) - xOf(b), yOf(a) - yOf(b));
}
