import { describe, expect, it } from 'vitest';
import { pearson, ranksOf, spearman } from './statistics.ts';

const pairs = (...list: [number, number][]) => list.map(([x, y]) => ({ x, y }));

describe('correlation', () => {
  // By hand: the sums of squares are 10 and 21.2, that of products is 12; of the ranks 10, 10 and 8.
  it('is that of a known example', () => {
    const known = pairs([1, 2], [2, 1], [3, 4], [4, 3], [5, 7]);
    expect(pearson(known)).toBeCloseTo(12 / Math.sqrt(212), 12);
    expect(spearman(known)).toBeCloseTo(0.8, 12);
  });

  it('shares ranks among equal values', () => {
    expect(ranksOf([10, 20, 20, 5])).toEqual([2, 3.5, 3.5, 1]);
    // By hand: the sums of squares of the ranks are 4.5 and 5, that of products is 4.5.
    expect(spearman(pairs([1, 1], [2, 3], [2, 2], [3, 4]))).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
  });

  it('is 1 and -1 on a line, for ranks on any curve that rises', () => {
    const curve = pairs([1, 1], [2, 8], [3, 27], [4, 64]);
    expect(spearman(curve)).toBe(1);
    expect(pearson(curve)).toBeLessThan(1);
    expect(pearson(pairs([1, 3], [2, 2], [3, 1]))).toBe(-1);
  });

  it('is unknown where there is nothing to compare', () => {
    expect(pearson(pairs([1, 1], [2, 2]))).toBeNull();
    expect(pearson(pairs([1, 5], [2, 5], [3, 5]))).toBeNull();
    expect(spearman([])).toBeNull();
  });
});
