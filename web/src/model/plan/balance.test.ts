import { expect, it } from 'vitest';
import { assign } from './assign.ts';
import { reliefOf } from './balance.ts';
import { community, fieldFeatures, open } from './plan.fixture.ts';
import type { Plan } from './plan.ts';

const codeOf = (serial: number) => community + String(serial).padStart(3, '0');

function filled(households: Readonly<Record<number, number>>): Plan {
  let plan = open(fieldFeatures(5));
  for (const code of [...plan.faces.keys()]) {
    const outcome = assign(plan, code, { households: households[Number(code.slice(12))] ?? 28 });
    if (outcome.ok) ({ plan } = outcome);
  }
  return plan;
}

it('names the neighbours with room, those with the most first', () => {
  const plan = filled({ 13: 44, 8: 20, 12: 25, 14: 29, 18: 29, 1: 0 });
  expect(reliefOf(plan, codeOf(13))).toEqual([
    { to: codeOf(8), households: 9 },
    { to: codeOf(12), households: 4 },
  ]);
});

it('moves no more than is too much, and nothing where nothing is', () => {
  expect(reliefOf(filled({ 13: 31, 8: 0 }), codeOf(13))[0]).toEqual({ to: codeOf(8), households: 2 });
  expect(reliefOf(filled({ 13: 29, 8: 0 }), codeOf(13))).toEqual([]);
});
