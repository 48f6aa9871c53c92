// Communities to test the plan on, and the proof that a plan is a partition.
import { expect } from 'vitest';
import demo from './community.demo.json' with { type: 'json' };
import {
  coordinatesOf,
  openPlan,
  topologyOf,
  type Coordinates,
  type GridFeature,
  type Plan,
} from './plan.ts';
import { edgesOf, sideOfRing, type Shape } from './shape.ts';
import { clash, xOf, yOf } from './vertex.ts';

export const community = '150702001001';

function feature(serial: number, coordinates: Coordinates, households = 30): GridFeature {
  const code = community + String(serial).padStart(3, '0');
  const facts = { zone: 'core', status: 'published', synthetic: false, version: 1 } as const;
  return { code, community, name: `天润社区${String(serial)}号网格`, households, coordinates, ...facts };
}

/** 153 micro-grids of the demo city. */
export function demoFeatures(): GridFeature[] {
  return demo.grids.map((grid) => ({
    ...feature(Number(grid.code.slice(12)), grid.coordinates as unknown as Coordinates, grid.households),
    name: grid.name,
  }));
}
export const demoOutline = demo.outline as unknown as Coordinates;

/** A square of n by n fields; one has a hole with another in it, and one has two parts. */
export function fieldFeatures(n: number): GridFeature[] {
  const [west, south, size] = [119.7, 49.2, 0.001];
  const place = (i: number, j: number): [number, number] => [
    Math.round((west + i * size) * 1e7) / 1e7,
    Math.round((south + j * size) * 1e7) / 1e7,
  ];
  const square = (i: number, j: number, from = 0, to = 1) =>
    [
      [from, from],
      [to, from],
      [to, to],
      [from, to],
      [from, from],
    ].map(([x = 0, y = 0]) => place(i + x, j + y));
  const features: GridFeature[] = [];
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++) features.push(feature(features.length + 1, [[square(i, j)]]));
  const hole = square(1, 1, 0.25, 0.75);
  const at = n + 1;
  features[at] = feature(at + 1, [[square(1, 1), [...hole].reverse()]]);
  features.push(feature(features.length + 1, [[hole]]));
  // The corners at both ends of the diagonal are one micro-grid.
  const far = n * n - 1;
  const kept = features.filter((_, index) => index !== far);
  kept[0] = feature(1, [[square(0, 0)], [square(n - 1, n - 1)]]);
  return kept;
}

export function open(features: readonly GridFeature[], outline: Coordinates | null = null): Plan {
  const plan = openPlan(community, features, outline);
  if ('fault' in plan) throw new Error(plan.fault);
  return plan;
}

/** Everything of a plan that the server would be sent. */
export function bytesOf(plan: Plan): string {
  const faces = [...plan.faces.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  return JSON.stringify(faces.map(({ shape, ...facts }) => [facts, coordinatesOf(plan.frame, shape)]));
}

/** The directed edges that are left of all shapes together: the outer border. This is the rule of the database. */
export function borderOf(plan: Plan): string[] {
  const sum = new Map<string, number>();
  for (const { shape } of plan.faces.values()) {
    for (const [a, b] of edgesOf(shape)) {
      const [name, sign] = a < b ? [`${String(a)} ${String(b)}`, 1] : [`${String(b)} ${String(a)}`, -1];
      sum.set(name, (sum.get(name) ?? 0) + sign);
    }
  }
  return [...sum].filter(([, count]) => count !== 0).map(([name, count]) => `${name} ${String(count)}`).sort(); // prettier-ignore
}

/** Twice the area of all faces, exactly. */
export function areaOf(plan: Plan): bigint {
  let sum = 0n;
  for (const { shape } of plan.faces.values()) sum += areaOfShape(shape);
  return sum;
}

export function areaOfShape(shape: Shape): bigint {
  let sum = 0n;
  for (const [a, b] of edgesOf(shape))
    sum += BigInt(xOf(a)) * BigInt(yOf(b)) - BigInt(yOf(a)) * BigInt(xOf(b));
  return sum;
}

/** Holds that no two edges clash, whoever they belong to. */
export function expectPlanar(plan: Plan): void {
  const { edges } = topologyOf(plan);
  const found = edges.flatMap(([a, b], index) =>
    edges.slice(index + 1).filter(([c, d]) => clash(a, b, c, d)),
  );
  expect(found).toEqual([]);
}

/** How many faces hold a vertex in their inside, and how many have it on a border. */
export function coverOf(plan: Plan, vertex: number): { inside: number; on: number } {
  let [inside, on] = [0, 0];
  for (const { shape } of plan.faces.values()) {
    let crossings = 0;
    let touched = false;
    for (const part of shape) {
      for (const ring of part) {
        const side = sideOfRing(ring, vertex);
        if (side === 0) touched = true;
        else if (side > 0) crossings += 1;
      }
    }
    if (touched) on += 1;
    else inside += crossings % 2;
  }
  return { inside, on };
}
