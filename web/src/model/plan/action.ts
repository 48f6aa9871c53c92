// What an action gives: another plan, or why it is not allowed.
import { faultOf, type Fault, type Plan } from './plan.ts';
import type { Edge } from './shape.ts';
import type { Vertex } from './vertex.ts';

/** The actions, by the names that the history shows. */
export const ACTIONS = [
  'draw',
  'cut',
  'merge',
  'move_vertex',
  'move_edge',
  'insert_vertex',
  'delete_vertex',
  'reshape',
  'assign',
  'divide',
  'resolve',
] as const;
export type ActionName = (typeof ACTIONS)[number];

/** Why an action is not allowed. */
export type Reason =
  | Fault
  | 'locked'
  | 'occupied'
  | 'out_of_reach'
  | 'not_there'
  | 'several_borders'
  | 'too_few_vertices'
  | 'line_too_short'
  | 'line_crosses_itself'
  | 'does_not_divide'
  | 'not_across'
  | 'not_adjacent'
  | 'splits'
  | 'swallows'
  | 'no_neighbour'
  | 'no_code'
  | 'households'
  | 'name'
  | 'nothing_to_do';

export interface Done {
  readonly ok: true;
  readonly action: ActionName;
  readonly plan: Plan;
  /** The micro-grids that it changed, made or took away. */
  readonly changed: readonly string[];
}

export interface Refused {
  readonly ok: false;
  readonly reason: Reason;
  /** Where. */
  readonly edge?: Edge | undefined;
  readonly vertex?: Vertex | undefined;
  /** The micro-grid that stands in the way. */
  readonly face?: string | undefined;
}

export type Outcome = Done | Refused;

export function refuse(reason: Reason, where: Omit<Refused, 'ok' | 'reason'> = {}): Refused {
  return { ok: false, reason, ...where };
}

/** Finishes an action: it is done if what it changed is sound. */
export function finish(action: ActionName, before: Plan, after: Plan): Outcome {
  const changed = changedBetween(before, after);
  if (changed.length === 0) return refuse('nothing_to_do');
  const found = faultOf(before, after, changed);
  if (found) return refuse(found.fault, { edge: found.edge, face: found.face });
  return { ok: true, action, plan: after, changed };
}

/** The codes of the faces that two states of a plan have not in common. */
export function changedBetween(before: Plan, after: Plan): string[] {
  const codes = new Set([...before.faces.keys(), ...after.faces.keys()]);
  return [...codes].filter((code) => before.faces.get(code) !== after.faces.get(code)).sort();
}
