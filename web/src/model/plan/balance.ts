// Where households could go: from a micro-grid with more than a leader is meant to answer for, to a neighbour that has
// room. A border has to be moved for it, so it is said and not done.
import { HOUSEHOLDS_PER_LEADER } from '../city.ts';
import { topologyOf, faceLeft, type Plan } from './plan.ts';
import { edgesOf } from './shape.ts';

/** A way to relieve a micro-grid. */
export interface Relief {
  readonly to: string;
  /** As many as are too many here and have room there. */
  readonly households: number;
}

/** The neighbours of a micro-grid that could take what is too much for one leader: those with the most room first. */
export function reliefOf(plan: Plan, code: string, limit = HOUSEHOLDS_PER_LEADER): Relief[] {
  const face = plan.faces.get(code);
  const over = (face?.households ?? 0) - limit;
  if (!face || over <= 0) return [];
  const topology = topologyOf(plan);
  const neighbours = new Set([...edgesOf(face.shape)].map(([a, b]) => faceLeft(topology, b, a)));
  return [...neighbours]
    .flatMap((to) => {
      const room = limit - (plan.faces.get(to ?? '')?.households ?? limit);
      return to !== undefined && room > 0 ? [{ to, households: Math.min(over, room) }] : [];
    })
    .sort((a, b) => b.households - a.households || (a.to < b.to ? -1 : 1));
}
