import type { LngLat } from './distance.ts';

/** The eight directions, clockwise from north. */
export const DIRECTIONS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The direction from one point to another that is near it. */
export function directionTo(from: LngLat, to: LngLat): Direction {
  const north = to[1] - from[1];
  const east = (to[0] - from[0]) * Math.cos((from[1] * Math.PI) / 180);
  const eighths = Math.round((Math.atan2(east, north) * 4) / Math.PI);
  return DIRECTIONS[(eighths + 8) % 8] ?? 'n';
}
