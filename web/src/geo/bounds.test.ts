import { describe, expect, it } from 'vitest';
import { boundsOf, centerOf, unionOf } from './bounds.ts';

describe('boundsOf', () => {
  it('reads coordinates of any depth', () => {
    expect(boundsOf([119, 49])).toEqual([119, 49, 119, 49]);
    expect(
      boundsOf([
        [
          [
            [119, 49],
            [120, 48],
            [118.5, 50],
          ],
        ],
      ]),
    ).toEqual([118.5, 48, 120, 50]);
  });

  it('is null where there is nothing', () => {
    for (const nothing of [undefined, null, [], [[]], 'text']) expect(boundsOf(nothing)).toBeNull();
  });
});

describe('unionOf', () => {
  it('holds all that are given and skips what has no bounds', () => {
    expect(unionOf([[1, 2, 3, 4], null, [0, 3, 2, 9]])).toEqual([0, 2, 3, 9]);
    expect(unionOf([null])).toBeNull();
  });
});

describe('centerOf', () => {
  it('is the middle', () => {
    expect(centerOf([118, 48, 120, 50])).toEqual([119, 49]);
  });
});
