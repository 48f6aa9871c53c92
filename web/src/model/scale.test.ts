import { expect, it } from 'vitest';
import { scaleBar } from './scale.ts';

it('is the longest round length that fits', () => {
  expect(scaleBar(10, 120)).toEqual({ meters: 1000, pixels: 100 });
  expect(scaleBar(25, 120)).toEqual({ meters: 2000, pixels: 80 });
  expect(scaleBar(0.6, 100)).toEqual({ meters: 50, pixels: 50 / 0.6 });
  for (const metersPerPixel of [0.3, 1, 7, 33, 150, 999]) {
    const { meters, pixels } = scaleBar(metersPerPixel, 120);
    expect(pixels).toBeLessThanOrEqual(120);
    expect(pixels).toBeGreaterThan(40);
    expect(meters / pixels).toBeCloseTo(metersPerPixel);
  }
});
