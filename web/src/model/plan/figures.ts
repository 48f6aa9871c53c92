// What the planner reads off a micro-grid while drawing, and what is wrong with it.
import { areaSquareMeters } from '../../geo/area.ts';
import { distanceMeters, type LngLat } from '../../geo/distance.ts';
import { HOUSEHOLDS_PER_LEADER } from '../city.ts';
import { coordinatesOf, type Face, type Plan } from './plan.ts';
import type { Shape } from './shape.ts';
import type { Frame } from './vertex.ts';

export interface ShapeFigures {
  readonly areaSquareMeters: number;
  /** Around all parts, holes included. */
  readonly perimeterMeters: number;
  /** 1 for a circle, towards 0 for what is long or ragged (Polsby and Popper). */
  readonly compactness: number;
  /** From corner to the corner that is farthest from it. */
  readonly longestWalkMeters: number;
}

const known = new WeakMap<Shape, ShapeFigures>();

export function figuresOf(frame: Frame, shape: Shape): ShapeFigures {
  const before = known.get(shape);
  if (before) return before;
  const coordinates = coordinatesOf(frame, shape);
  const area = areaSquareMeters({ type: 'MultiPolygon', coordinates });
  const perimeterMeters = coordinates.flat().reduce((sum, ring) => sum + lengthOf(ring), 0);
  const figures = {
    areaSquareMeters: area,
    perimeterMeters,
    compactness: perimeterMeters > 0 ? (4 * Math.PI * area) / perimeterMeters ** 2 : 0,
    longestWalkMeters: widest(coordinates.flatMap(([shell = []]) => shell)),
  };
  known.set(shape, figures);
  return figures;
}

function lengthOf(ring: readonly LngLat[]): number {
  let length = 0;
  for (const [index, place] of ring.entries()) {
    const next = ring[index + 1];
    if (next) length += distanceMeters(place, next);
  }
  return length;
}

/** Corners beyond this many are passed over evenly: the figure is read, not measured. */
const mostCorners = 64;

function widest(places: readonly LngLat[]): number {
  const stride = Math.ceil(places.length / mostCorners);
  const corners = places.filter((_, index) => index % stride === 0);
  let most = 0;
  for (const [index, one] of corners.entries())
    for (const other of corners.slice(index + 1)) most = Math.max(most, distanceMeters(one, other));
  return most;
}

/** The server takes no smaller micro-grid that was drawn. */
export const MIN_AREA_SQUARE_METERS = 200;

export const PROBLEMS = ['small', 'multipart', 'hole', 'far_above', 'empty', 'estimated'] as const;
export type ProblemKind = (typeof PROBLEMS)[number];

export interface Problem {
  readonly kind: ProblemKind;
  readonly code: string;
  /** A fault of the shape; otherwise something to look at. */
  readonly fault: boolean;
}

const shapeFaults: readonly ProblemKind[] = ['small', 'multipart', 'hole'];

/** What is wrong with the micro-grids of a plan, the faults first, each kind by code. */
export function problemsOf({ frame, faces }: Plan): Problem[] {
  const all = [...faces.values()].flatMap((face) => problemsOfFace(frame, face));
  return all
    .map((problem): Problem => ({ ...problem, fault: shapeFaults.includes(problem.kind) }))
    .sort((a, b) => PROBLEMS.indexOf(a.kind) - PROBLEMS.indexOf(b.kind) || (a.code < b.code ? -1 : 1));
}

function problemsOfFace(frame: Frame, { code, shape, households, estimated }: Face) {
  const found: { kind: ProblemKind; code: string }[] = [];
  const add = (kind: ProblemKind, is: boolean) => {
    if (is) found.push({ kind, code });
  };
  add('small', figuresOf(frame, shape).areaSquareMeters < MIN_AREA_SQUARE_METERS);
  add('multipart', shape.length > 1);
  add('hole', shape.some((part) => part.length > 1)); // prettier-ignore
  add('far_above', households >= 1.5 * HOUSEHOLDS_PER_LEADER);
  add('empty', households === 0);
  add('estimated', estimated);
  return found;
}

/** The code after this one in a list that goes round; the first where it is not in the list. */
export function nextIn(codes: readonly string[], code: string | null): string | null {
  const later = codes.find((one) => code === null || one > code);
  return later ?? codes[0] ?? null;
}
