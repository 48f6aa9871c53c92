import { expect, it } from 'vitest';
import { directionTo } from './bearing.ts';

it.each([
  [0, 1, 'n'],
  [1, 0, 'e'],
  [0, -1, 's'],
  [-1, 0, 'w'],
  [1, 1, 'ne'],
  [1, -1, 'se'],
  [-1, -1, 'sw'],
  [-1, 1, 'nw'],
  [0.3, 1, 'n'],
  [-0.001, -1, 's'],
])('%d m east and %d m north is %s', (east, north, direction) => {
  const metre = 1 / 111_200;
  const shrunk = metre / Math.cos((49.2122 * Math.PI) / 180);
  expect(directionTo([119.7364, 49.2122], [119.7364 + east * shrunk, 49.2122 + north * metre])).toBe(
    direction,
  );
});
