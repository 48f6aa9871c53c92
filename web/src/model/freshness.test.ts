import { expect, it } from 'vitest';
import { freshnessAt } from './freshness.ts';

const now = new Date('2026-11-23T10:10:00+08:00');

it.each([
  ['2026-11-23T00:00:00+08:00', 'fresh'],
  ['2026-11-24T00:00:00+08:00', 'fresh'], // a slow clock
  ['2026-11-09T00:00:00+08:00', 'fresh'],
  ['2026-11-08T23:59:00+08:00', 'fading'],
  ['2026-09-24T00:00:00+08:00', 'fading'],
  ['2026-09-23T00:00:00+08:00', 'stale'],
] as const)('a confirmation of %s is %s', (at, freshness) => {
  expect(freshnessAt(new Date(at), now)).toBe(freshness);
});

it('what nobody confirmed is worth nothing', () => {
  expect(freshnessAt(null, now)).toBe('never');
});
