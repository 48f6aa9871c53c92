// Cutting a micro-grid by a line, and dividing it into parts for so many households each.
import { finish, refuse, type Outcome, type Refused } from './action.ts';
import { nextCode, withFaces, type Face, type Plan } from './plan.ts';
import { twiceArea, type Part, type Ring, type Shape } from './shape.ts';
import { shareOut } from './share.ts';
import { slice } from './slice.ts';
import { vertexAt, xOf, yOf, type Vertex } from './vertex.ts';

export interface CutOptions {
  /** The households of the parts, largest part first; otherwise they are shared out by area. */
  households?: readonly number[] | undefined;
}

/** Cuts a micro-grid along a line that leads from border to border. The largest part keeps the code. */
export function cut(plan: Plan, code: string, line: readonly Vertex[], options: CutOptions = {}): Outcome {
  const cutting = cutIn(plan, code, line, options);
  return 'plan' in cutting ? finish('cut', plan, cutting.plan) : cutting;
}

interface Cutting {
  readonly plan: Plan;
  /** The codes of the parts, largest first. */
  readonly codes: readonly string[];
}

function cutIn(
  plan: Plan,
  code: string,
  line: readonly Vertex[],
  { households }: CutOptions,
): Cutting | Refused {
  const face = plan.faces.get(code);
  if (!face) return refuse('not_there', { face: code });
  const slices = slice(plan, line, new Set([code]));
  if ('ok' in slices) return slices;
  const pieces = slices.pieces.get(code);
  if (!pieces || pieces.length <= face.shape.length) return refuse('not_across', { face: code });
  return intoPieces(slices.plan, face, pieces, households);
}

/** Makes pieces of a micro-grid into micro-grids of their own; the largest stays what it was. */
export function intoPieces(
  plan: Plan,
  face: Face,
  pieces: readonly Part[],
  households?: readonly number[],
): Cutting | Refused {
  const sorted = [...pieces].sort((a, b) => twiceArea([b]) - twiceArea([a]));
  const total = face.households;
  if (households && (households.length !== sorted.length || !isShareOf(total, households)))
    return refuse('households');
  const shares = households ?? shareOut(total, sorted.map((piece) => twiceArea([piece]))); // prettier-ignore
  let result = plan;
  const codes: string[] = [];
  for (const [index, piece] of sorted.entries()) {
    const shape: Shape = [piece];
    const share = { shape, households: shares[index] ?? 0, estimated: !households };
    if (index === 0) {
      result = withFaces(result, [[face.code, { ...face, ...share }]]);
      codes.push(face.code);
      continue;
    }
    const next = nextCode(result);
    if (!next) return refuse('no_code');
    const name = nameOf(face.name, Number(next.code.slice(12)));
    result = withFaces(
      result,
      [[next.code, { ...face, ...share, code: next.code, name, status: 'draft' }]],
      next.serial,
    );
    codes.push(next.code);
  }
  return { plan: result, codes };
}

function isShareOf(total: number, households: readonly number[]): boolean {
  const whole = households.every((count) => Number.isInteger(count) && count >= 0);
  return whole && households.reduce((sum, count) => sum + count, 0) === total;
}

/** The name of a new micro-grid after the one that it was part of, with its own serial. */
export function nameOf(name: string, serial: number): string {
  const renumbered = name.replace(/\d+(?=\D*$)/, String(serial));
  return renumbered === name ? `${name}-${String(serial)}`.slice(0, 120) : renumbered;
}

/** Divides micro-grids of more households than the target until none has more, as evenly as their form allows. */
export function divide(plan: Plan, codes: readonly string[], target: number): Outcome {
  if (!Number.isInteger(target) || target < 1) return refuse('households');
  let result = plan;
  for (const code of codes) {
    const face = result.faces.get(code);
    if (!face) return refuse('not_there', { face: code });
    const parts = Math.ceil(face.households / target);
    if (parts > 1) result = halve(result, code, parts);
  }
  return finish('divide', plan, result);
}

// In two, and each again. Where no straight line does it, the part stays as it is.
function halve(plan: Plan, code: string, parts: number): Plan {
  if (parts < 2) return plan;
  const face = plan.faces.get(code);
  if (!face) return plan;
  const less = Math.floor(parts / 2);
  const found = bestCut(plan, face, less / parts);
  if (!found) return plan;
  const [larger = code, smaller = code] = found.codes;
  return halve(halve(found.plan, larger, parts - less), smaller, less);
}

const directions = 12;
/** A part may have so much more or less than it should, of the whole. */
const tolerance = 0.2;

// The shortest of the straight cuts that take the share, tried in all directions.
function bestCut(plan: Plan, face: Face, share: number): Cutting | null {
  const candidates = Array.from({ length: directions }, (_, index) =>
    lineWithShare(plan, face.shape, share, (index * Math.PI) / directions),
  ).sort((a, b) => a.length - b.length);
  for (const { line } of candidates) {
    const cutting = cutIn(plan, face.code, line, {});
    if (!('plan' in cutting) || cutting.codes.length !== 2) continue;
    const areas = cutting.codes.map((code) => twiceArea(cutting.plan.faces.get(code)?.shape ?? []));
    const got = Math.min(...areas) / ((areas[0] ?? 0) + (areas[1] ?? 0));
    if (Math.abs(got - Math.min(share, 1 - share)) > tolerance) continue;
    if (finish('divide', plan, cutting.plan).ok) return cutting;
  }
  return null;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

// A straight line in a direction with so much of the area on its left, long enough to cross the whole shape.
function lineWithShare(plan: Plan, shape: Shape, share: number, angle: number) {
  const narrow = Math.cos((((shape[0]?.[0]?.[0] ?? 0) % 2 ** 26) + plan.frame.y) * 1e-7 * (Math.PI / 180));
  const along = { x: Math.cos(angle) / narrow, y: Math.sin(angle) };
  const normal = { x: -Math.sin(angle) * narrow, y: Math.cos(angle) };
  const rings = shape.flat();
  const heightOf = (vertex: Vertex) => xOf(vertex) * normal.x + yOf(vertex) * normal.y;
  const heights = rings.flatMap((ring) => ring.map(heightOf));
  let [low, high] = [Math.min(...heights), Math.max(...heights)];
  const wanted = share * twiceArea(shape);
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (rings.reduce((sum, ring) => sum + areaBelow(ring, heightOf, middle), 0) < wanted) low = middle;
    else high = middle;
  }
  return across(rings, normal, along, (low + high) / 2);
}

function across(rings: readonly Ring[], normal: Point, along: Point, height: number) {
  const scale = height / (normal.x ** 2 + normal.y ** 2);
  const foot = { x: normal.x * scale, y: normal.y * scale };
  // The direction along the line, in steps of the grid, is at right angles to the normal.
  const unit = { x: normal.y, y: -normal.x };
  const length = unit.x ** 2 + unit.y ** 2;
  const places = rings.flatMap((ring) =>
    ring.map((vertex) => ((xOf(vertex) - foot.x) * unit.x + (yOf(vertex) - foot.y) * unit.y) / length),
  );
  const [from, to] = [Math.min(...places) - 1000, Math.max(...places) + 1000];
  const end = (t: number) => vertexAt(Math.round(foot.x + t * unit.x), Math.round(foot.y + t * unit.y));
  return { line: [end(from), end(to)], length: (to - from) * Math.hypot(along.x, along.y) };
}

// Twice the area of a ring below a height: the ring clipped there, edges along the clip taking no area.
function areaBelow(ring: Ring, heightOf: (vertex: Vertex) => number, height: number): number {
  const kept: Point[] = [];
  for (let index = 0; index < ring.length; index++) {
    const [a, b] = [ring[index] ?? 0, ring[(index + 1) % ring.length] ?? 0];
    const [ofA, ofB] = [heightOf(a) - height, heightOf(b) - height];
    if (ofA <= 0) kept.push({ x: xOf(a), y: yOf(a) });
    if (ofA <= 0 === ofB <= 0) continue;
    const share = ofA / (ofA - ofB);
    kept.push({ x: xOf(a) + share * (xOf(b) - xOf(a)), y: yOf(a) + share * (yOf(b) - yOf(a)) });
  }
  const [origin] = kept;
  if (!origin) return 0;
  return kept.reduce((sum, p, index) => {
    const q = kept[(index + 1) % kept.length] ?? origin;
    return sum + (p.x - origin.x) * (q.y - origin.y) - (p.y - origin.y) * (q.x - origin.x);
  }, 0);
}
