import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ICONS } from './icons.ts';

it('draws every picture, and none in vain', () => {
  const drawn = readFileSync('src/apps/rider/icons.svg', 'utf8').matchAll(/<symbol id="([^"]+)"/g);
  expect([...drawn].map(([, id]) => id).sort()).toEqual([...ICONS].sort());
});
