import { expect, test } from 'vitest';
import { makeKey, roughly } from './report.ts';

test('a key is a UUID of version 4, and never twice the same', () => {
  const keys = Array.from({ length: 500 }, makeKey);
  for (const key of keys)
    expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(keys).size).toBe(keys.length);
});

test('a place is sent to some ten metres', () => {
  expect(roughly([119.736449, 49.212251])).toEqual([119.7364, 49.2123]);
});
