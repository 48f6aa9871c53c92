import { describe, expect, it } from 'vitest';
import { areaSquareMeters } from './area.ts';

const block = [
  [119.73, 49.21],
  [119.74, 49.21],
  [119.74, 49.215],
  [119.73, 49.215],
  [119.73, 49.21],
];
const yard = [
  [119.732, 49.211],
  [119.732, 49.213],
  [119.736, 49.213],
  [119.736, 49.211],
  [119.732, 49.211],
];
const banner = [
  [117, 49],
  [118.5, 49.2],
  [118.2, 50.1],
  [117.3, 49.9],
  [117, 49],
];

// Expected: SpatiaLite, ST_Area(geometry, 1), which follows geodesics. Along edges of a hundred kilometres a
// geodesic and the great circle of the authalic sphere part a little; along those of a block they do not.
describe('areaSquareMeters', () => {
  it.each([
    ['a town block', { type: 'Polygon', coordinates: [block] }, 405_152.071717262, 1e-7],
    ['a block with a yard', { type: 'Polygon', coordinates: [block, yard] }, 340_327.092089891, 1e-7],
    [
      'a block wound the other way',
      { type: 'Polygon', coordinates: [[...block].reverse()] },
      405_152.071717262,
      1e-7,
    ],
    ['two of them', { type: 'MultiPolygon', coordinates: [[block], [block]] }, 810_304.143434524, 1e-7],
    ['a banner', { type: 'Polygon', coordinates: [banner] }, 8_694_423_255.59981, 2e-4],
  ])('%s', (_name, geometry, expected, tolerance) => {
    expect(Math.abs(areaSquareMeters(geometry) / expected - 1)).toBeLessThan(tolerance);
  });

  it('is nothing for what has no area', () => {
    expect(areaSquareMeters(null)).toBe(0);
    expect(areaSquareMeters({ type: 'Point', coordinates: [119, 49] })).toBe(0);
    expect(areaSquareMeters({ type: 'Polygon', coordinates: [] })).toBe(0);
  });
});
