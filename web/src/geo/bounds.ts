import type { LngLat } from './distance.ts';

/** West, south, east, north in degrees of WGS84. */
export type Bounds = readonly [west: number, south: number, east: number, north: number];

/** The bounds of nested coordinates of any depth; null where there is no coordinate. */
export function boundsOf(coordinates: unknown): Bounds | null {
  let west = Infinity;
  let south = Infinity;
  let east = -Infinity;
  let north = -Infinity;
  eachPosition(coordinates, ([lng, lat]) => {
    west = Math.min(west, lng);
    south = Math.min(south, lat);
    east = Math.max(east, lng);
    north = Math.max(north, lat);
  });
  return west <= east ? [west, south, east, north] : null;
}

/** The smallest bounds that hold all of those given; null where none is given. */
export function unionOf(all: readonly (Bounds | null)[]): Bounds | null {
  return boundsOf(
    all.flatMap((bounds) =>
      bounds
        ? [
            [bounds[0], bounds[1]],
            [bounds[2], bounds[3]],
          ]
        : [],
    ),
  );
}

/** The middle of the bounds. */
export function centerOf([west, south, east, north]: Bounds): LngLat {
  return [(west + east) / 2, (south + north) / 2];
}

function eachPosition(coordinates: unknown, visit: (position: LngLat) => void): void {
  if (!Array.isArray(coordinates)) return;
  const [lng, lat] = coordinates as unknown[];
  if (typeof lng === 'number' && typeof lat === 'number') visit([lng, lat]);
  else for (const part of coordinates) eachPosition(part, visit);
}
