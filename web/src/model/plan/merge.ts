// Merging micro-grids into one: the borders between them vanish, their households add up.
import { finish, refuse, type Outcome } from './action.ts';
import { withFaces, type Face, type Plan } from './plan.ts';
import { edgesOf, traceShape, type Shape } from './shape.ts';

/** Merges micro-grids into the one that keeps its code. They must lie side by side. */
export function merge(plan: Plan, codes: readonly string[], keep: string): Outcome {
  const all = [...new Set([keep, ...codes])];
  if (all.length < 2) return refuse('nothing_to_do');
  const faces: Face[] = [];
  for (const code of all) {
    const face = plan.faces.get(code);
    if (!face) return refuse('not_there', { face: code });
    faces.push(face);
  }
  const [kept] = faces;
  const shape = together(faces.map((face) => face.shape));
  if (!kept || !shape) return refuse('not_adjacent');
  const parts = Math.max(...faces.map((face) => face.shape.length));
  if (shape.length > parts) return refuse('not_adjacent', { face: all[1] });
  const households = faces.reduce((sum, face) => sum + face.households, 0);
  const estimated = faces.some((face) => face.estimated);
  const gone = all.slice(1).map((code) => [code, null] as const);
  return finish('merge', plan, withFaces(plan, [[keep, { ...kept, shape, households, estimated }], ...gone]));
}

/** Shapes as one, without the edges that they share. */
export function together(shapes: readonly Shape[]): Shape | null {
  return traceShape(shapes.flatMap((shape) => [...edgesOf(shape)]));
}

/** How long the border is that two shapes share, as its edges are weighed. */
export function sharedLength(one: Shape, other: Shape, weigh: (from: number, to: number) => number): number {
  const own = new Set<string>();
  for (const [a, b] of edgesOf(one)) own.add(`${String(a)} ${String(b)}`);
  let length = 0;
  for (const [a, b] of edgesOf(other)) if (own.has(`${String(b)} ${String(a)}`)) length += weigh(a, b);
  return length;
}
