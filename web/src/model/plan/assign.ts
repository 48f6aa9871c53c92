// Facts about a micro-grid that are not its border.
import type { Zone } from '../city.ts';
import { finish, refuse, type Outcome } from './action.ts';
import { withFaces, type Plan } from './plan.ts';

/** As the server bounds them. */
export const MAX_HOUSEHOLDS = 10_000;
export const MAX_NAME = 120;

export interface Facts {
  readonly name?: string;
  readonly households?: number;
  readonly zone?: Zone;
}

/** Writes down what is known of a micro-grid; its households then count as confirmed. */
export function assign(plan: Plan, code: string, facts: Facts): Outcome {
  const face = plan.faces.get(code);
  if (!face) return refuse('not_there', { face: code });
  const { households = face.households, name = face.name, zone = face.zone } = facts;
  if (!Number.isInteger(households) || households < 0 || households > MAX_HOUSEHOLDS)
    return refuse('households');
  if (name.trim() === '' || [...name].length > MAX_NAME) return refuse('name');
  const estimated = facts.households === undefined && face.estimated;
  if (
    households === face.households &&
    name === face.name &&
    zone === face.zone &&
    estimated === face.estimated
  )
    return refuse('nothing_to_do');
  return finish('assign', plan, withFaces(plan, [[code, { ...face, households, name, zone, estimated }]]));
}
