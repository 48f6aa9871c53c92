import { describe, expect, it } from 'vitest';
import { axisOf, stepsOf } from './trend.ts';

describe('stepsOf', () => {
  it('holds each value until the next, and the last until the end', () => {
    const points = [
      { x: 0, y: 5 },
      { x: 3, y: 7 },
    ];
    expect(stepsOf(points, 10)).toBe('M0,5H3L3,7H10');
    expect(stepsOf([], 10)).toBe('');
  });
});

describe('axisOf', () => {
  it.each([
    { shares: [0.5], axis: [0.475, 0.525] },
    { shares: [0], axis: [0, 0.05] },
    { shares: [1], axis: [0.95, 1] },
    { shares: [0.2, 0.6], axis: [0.2, 0.6] },
  ])('holds $shares', ({ shares, axis }) => {
    const [low, high] = axisOf(shares);
    expect(low).toBeCloseTo(axis[0] ?? NaN);
    expect(high).toBeCloseTo(axis[1] ?? NaN);
  });
});
