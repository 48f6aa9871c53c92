import { expect, it } from 'vitest';
import { readCandidates } from './candidates.ts';

it('reads places with and without names, costs and a heading', () => {
  const text = 'name,lng,lat,cost\n"北站",119.74,49.21,12.4\r\n119.75,49.22\n\n友谊大厦\t119.76\t49.23\t\n';
  expect(readCandidates(text)).toEqual({
    places: [
      { name: '北站', at: [119.74, 49.21], cost: 12 },
      { name: '', at: [119.75, 49.22], cost: null },
      { name: '友谊大厦', at: [119.76, 49.23], cost: null },
    ],
    faults: [],
  });
});

it('names the lines that it cannot read', () => {
  const { places, faults } = readCandidates(
    '甲,119.7,49.2\n乙,somewhere\n丙,49.2\n丁,219.7,49.2\n戊,119.7,49.2,-3',
  );
  expect(places).toHaveLength(1);
  expect(faults).toEqual([2, 3, 4, 5]);
  expect(readCandidates('').places).toEqual([]);
});
