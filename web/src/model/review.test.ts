import { describe, expect, test } from 'vitest';
import { frameOf, middleOf, missingOf, pathOf, summaryOf, tracesOf, type GridShape } from './review.ts';

const square: GridShape = {
  code: '150702001001001',
  name: '一',
  households: 29,
  status: 'draft',
  polygons: [
    [
      [
        [119, 49],
        [119.01, 49],
        [119.01, 49.01],
        [119, 49.01],
        [119, 49],
      ],
    ],
  ],
};

describe('a drawing', () => {
  const frame = frameOf([square], 300);

  test('holds the shape, north up, as wide as it is on the ground', () => {
    const [left, top] = frame.at([119, 49.01]);
    const [right, bottom] = frame.at([119.01, 49]);
    expect(bottom).toBeGreaterThan(top);
    expect((right - left) / (bottom - top)).toBeCloseTo(Math.cos((49.005 * Math.PI) / 180), 3);
    expect(left).toBeGreaterThanOrEqual(8);
    expect(right).toBeLessThanOrEqual(292);
    expect(bottom).toBeLessThanOrEqual(frame.height - 7.9);
  });

  test('tells the place of a position', () => {
    const [lng, lat] = frame.back(...frame.at([119.004, 49.007]));
    expect(lng).toBeCloseTo(119.004, 9);
    expect(lat).toBeCloseTo(49.007, 9);
  });

  test('traces rings and lines', () => {
    expect(pathOf(square, frame).match(/[MLZ]/g)?.join('')).toBe('MLLLZ');
    const line = [
      [
        [119, 49],
        [119.01, 49.01],
      ],
    ] as const;
    expect(tracesOf(line, frame).match(/[MLZ]/g)?.join('')).toBe('ML');
    const [x, y] = middleOf(square, frame);
    const middle = frame.at([119.005, 49.005]);
    expect(x).toBeCloseTo(middle[0], 3);
    expect(y).toBeCloseTo(middle[1], 3);
  });

  test('of nothing is still one', () => {
    expect(frameOf([], 300).height).toBeGreaterThan(0);
  });
});

test('missing leaders are counted', () => {
  const grid = { code: '1', name: '一', households: 1, leaders: [], balanced: false };
  const grids = [
    { ...grid, missing: ['grid_member', 'party_group_leader'] as const },
    { ...grid, missing: [] },
  ];
  expect(missingOf({ grids, mayEdit: false, mayReveal: false })).toBe(2);
});

test('a unit stands as the community in it that is furthest from being published', () => {
  const all = (['published', 'in_review', 'draft'] as const).map((status, index) => ({
    code: `15070200${String(index + 1)}001`,
    status,
    leaderless: index,
    overloaded: 1,
  }));
  expect(summaryOf('150702', all)).toEqual({
    code: '150702',
    status: 'draft',
    leaderless: 3,
    overloaded: 3,
    unpublished: 2,
  });
  expect(summaryOf('150702001', all)).toMatchObject({ status: 'published', unpublished: 0 });
  expect(summaryOf('150703', all)).toBeUndefined();
});
