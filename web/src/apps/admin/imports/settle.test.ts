import { describe, expect, it } from 'vitest';
import { answered, keyOf, OUT, settled } from './settle.ts';

const [first, second] = [
  { row: 2, field: 'community_name' },
  { row: 2, field: 'name' },
];

describe('what a person decided', () => {
  it('is added to what was decided before, question by question', () => {
    const once = settled([], { [keyOf(first)]: '150702001002', [keyOf({ row: 7, field: 'name' })]: '' });
    expect(once).toEqual([{ row: 2, field: 'community_name', code: '150702001002' }]);
    expect(settled(once, { [keyOf(second)]: 'A-1' })).toEqual([
      ...once,
      { row: 2, field: 'name', code: 'A-1' },
    ]);
    expect(settled(once, { [keyOf(first)]: 'other' })).toEqual([
      { row: 2, field: 'community_name', code: 'other' },
    ]);
  });

  it('has one answer for a row that is left out', () => {
    const before = [
      { row: 2, field: 'name', code: 'A-1' },
      { row: 3, field: 'name', code: 'A-2' },
    ];
    expect(settled(before, { [keyOf(second)]: OUT })).toEqual([before[1], { row: 2 }]);
  });

  it('counts what is answered', () => {
    expect(answered({ a: '', b: OUT, c: 'A-1' })).toBe(2);
  });
});
