import { describe, expect, it } from 'vitest';
import {
  breaksOf,
  classAt,
  countsOf,
  formatClasses,
  moveBreak,
  parseClasses,
  roundBreaks,
} from './classes.ts';

const spread = (classes: readonly number[][]) =>
  classes.reduce((sum, values) => {
    const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
    return sum + values.reduce((a, b) => a + (b - mean) ** 2, 0);
  }, 0);

function split(values: readonly number[], breaks: readonly number[]): number[][] {
  const classes = Array.from({ length: breaks.length + 1 }, () => [] as number[]);
  for (const value of values) classes[classAt(breaks, value)]?.push(value);
  return classes;
}

// The same numbers each time.
function* numbers(seed: number) {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state;
  }
}

describe('breaksOf', () => {
  const values = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55];

  it('parts into equal steps', () => {
    expect(breaksOf([0, 3, 10], 'equal', 5)).toEqual([2, 4, 6, 8]);
  });

  it('parts into classes of as many values', () => {
    expect(countsOf(values, breaksOf(values, 'quantile', 5))).toEqual([2, 2, 2, 2, 2]);
  });

  it('finds the natural classes that no others beat', () => {
    const random = numbers(7);
    for (let round = 0; round < 40; round++) {
      const some = Array.from({ length: 9 }, () => (random.next().value as number) % 40);
      const found = spread(split(some, breaksOf(some, 'natural', 3)));
      for (const a of some) {
        for (const b of some)
          expect(found).toBeLessThanOrEqual(
            spread(
              split(
                some,
                [a, b].sort((x, y) => x - y),
              ),
            ) + 1e-9,
          );
      }
    }
  });

  it('makes a class of a value that nearly all have', () => {
    const values = [...new Array<number>(95).fill(0), 1, 2, 3, 4, 5];
    expect(breaksOf(values, 'quantile', 5)).toEqual([1, 3, 4, 5]);
  });

  it('copes with many values and with few', () => {
    const random = numbers(11);
    const many = Array.from({ length: 20_000 }, () => (random.next().value as number) % 5000);
    for (const method of ['quantile', 'equal', 'natural'] as const) {
      const breaks = breaksOf(many, method, 7);
      expect(breaks).toHaveLength(6);
      expect(countsOf(many, breaks).reduce((a, b) => a + b)).toBe(20_000);
      expect(breaksOf([], method, 5)).toEqual([]);
      expect(breaksOf([4, 4, 4], method, 5)).toEqual([]);
      expect(breaksOf([1, 2], method, 5).length).toBeGreaterThan(0);
    }
  });
});

describe('a break that is dragged', () => {
  it('stays between its neighbours', () => {
    expect(moveBreak([10, 20, 30], 1, 25, 1)).toEqual([10, 25, 30]);
    expect(moveBreak([10, 20, 30], 1, 99, 1)).toEqual([10, 29, 30]);
    expect(moveBreak([10, 20, 30], 1, -5, 1)).toEqual([10, 11, 30]);
    expect(moveBreak([10], 0, 3, 1)).toEqual([3]);
  });
});

describe('classes in an address', () => {
  it('come back as they went', () => {
    const classes = { method: 'natural', breaks: [0.1, 0.25, 1] } as const;
    expect(parseClasses(formatClasses(classes))).toEqual(classes);
  });

  it('are none where they make no sense', () => {
    for (const text of [
      null,
      '',
      'natural',
      'natural,',
      'other,1',
      'equal,2,1',
      'equal,1,1',
      'equal,x',
      'equal,-1',
      'equal,1,2,3,4,5,6',
    ])
      expect(parseClasses(text)).toBeNull();
  });
});

it('rounds breaks to steps', () => {
  expect(roundBreaks([0.1234, 0.1239, 0.5], 0.01)).toEqual([0.12, 0.5]);
  expect(roundBreaks([3.4, 3.6], 1)).toEqual([3, 4]);
});
