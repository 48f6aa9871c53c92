import { describe, expect, it } from 'vitest';
import { demoFeatures, demoOutline, open } from './plan.fixture.ts';
import { boxOf } from './plan.ts';
import { faceAt, facesAround, nearestEdge, nearestVertex, pixelsBetween, pointerAt, snapped, verticesOf } from './reach.ts'; // prettier-ignore
import { edgesOf } from './shape.ts';
import { lngLatOf, shifted, vertexAt } from './vertex.ts';

const plan = open(demoFeatures(), demoOutline);
const [code = '', face] = [...plan.faces][40] ?? [];
const shape = face?.shape ?? [];
const [corner = 0] = verticesOf(shape);

describe('reach', () => {
  it('a pixel at zoom 17 is as wide as the map says, and less high in degrees', () => {
    const { stepsPerPixel } = pointerAt([119.7, 60], 17);
    expect(stepsPerPixel[0]).toBeCloseTo((360 / (512 * 2 ** 17)) * 1e7, 6);
    expect(stepsPerPixel[1] / stepsPerPixel[0]).toBeCloseTo(0.5, 6);
  });

  it('finds a vertex and an edge within so many pixels and not beyond', () => {
    const at = lngLatOf(plan.frame, corner);
    const pointer = pointerAt(at, 17);
    const near = shifted(corner, Math.round(6 * pointer.stepsPerPixel[0]), 0) ?? 0;
    expect(pixelsBetween(corner, near, pointer.stepsPerPixel)).toBeCloseTo(6, 1);
    expect(nearestVertex(verticesOf(shape), near, pointer, 8)).toBe(corner);
    expect(nearestVertex(verticesOf(shape), near, pointer, 4)).toBeNull();
    expect(nearestEdge(edgesOf(shape), near, pointer, 8)?.edge).toContain(corner);
  });

  it('finds the micro-grid at a place, and those around it', () => {
    const [west, south, east, north] = boxOf(shape);
    const middle = lngLatOf(
      plan.frame,
      vertexAt(Math.round((west + east) / 2), Math.round((south + north) / 2)),
    );
    expect(faceAt(plan, middle)).toBe(code);
    expect(facesAround(plan, middle).length).toBeGreaterThan(2);
    expect(facesAround(plan, middle)).toContain(code);
    expect(faceAt(plan, [0, 0])).toBeNull();
  });

  it('snaps to a corner when told to, and leaves the place alone when not', () => {
    const [lng, lat] = lngLatOf(plan.frame, corner);
    const pointer = pointerAt([lng + 1e-6, lat], 17);
    expect(snapped(plan, pointer, { snap: true, among: [code] })).toBe(corner);
    expect(snapped(plan, pointer, { snap: false, among: [code] })).toBe(shifted(corner, 10, 0));
  });
});
