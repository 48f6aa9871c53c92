import { describe, expect, it } from 'vitest';
import golden from './distance.golden.json';
import { distanceMeters, type LngLat } from './distance.ts';

// Geodesics by PostGIS 3.3, ST_Distance of two geographies: the very table of the server's test.
const geodesics: [name: string, a: LngLat, b: LngLat, meters: number, tolerance: number][] = [
  ['same', [119.7364, 49.2122], [119.7364, 49.2122], 0, 0],
  ['1 m north', [119.7364, 49.2122], [119.7364, 49.212209], 1.0009246, 1e-6],
  ['100 m east', [119.7364, 49.2122], [119.73777, 49.2122], 99.8188053, 1e-6],
  ['1 km east', [119.7364, 49.2122], [119.75012, 49.2122], 999.6452604, 1e-6],
  ['1 km north', [119.7364, 49.2122], [119.7364, 49.22119], 999.8132689, 1e-6],
  ['5 km diagonal', [119.7364, 49.2122], [119.7851, 49.2439], 5001.1474829, 3e-6],
  ['10 km east', [119.7364, 49.2122], [119.8736, 49.2122], 9996.4512489, 20e-6],
  ['8 km near the pole', [10, 89.95], [100, 89.95], 7897.9565149, 20e-6],
  ['Hailar to Manzhouli', [119.7364, 49.2122], [117.3786, 49.5977], 176402.4513696, 0.1],
  ['across the antimeridian', [179.95, 49.5], [-179.95, 49.5], 7243.6550573, 20e-6],
  ['Hailar to Beijing', [119.7364, 49.2122], [116.3913, 39.9075], 1067286.8930982, 20],
  ['nearly antipodal', [0, 0], [179, 0.5], 19902751.0325935, 0.006 * 19902751],
];

describe('distanceMeters', () => {
  it.each(geodesics)('%s', (_name, a, b, meters, tolerance) => {
    expect(Math.abs(distanceMeters(a, b) - meters)).toBeLessThanOrEqual(tolerance);
    expect(distanceMeters(b, a)).toBe(distanceMeters(a, b));
  });

  // Written down by the server's test TestGoldenDistances.
  it('is what the server says, to a tenth of a micrometre', () => {
    expect(golden).toHaveLength(300);
    for (const [a, b, c, d, meters] of golden as [number, number, number, number, number][]) {
      expect(Math.abs(distanceMeters([a, b], [c, d]) - meters)).toBeLessThan(1e-7);
    }
  });

  it('does not hide a missing coordinate', () => {
    expect(distanceMeters([NaN, 49], [119, 49])).toBeNaN();
  });
});
