// My work on top of what others saved: both where both can stand, and a question where they cannot.
import { describe, expect, it } from 'vitest';
import type { Outcome } from './action.ts';
import { assign } from './assign.ts';
import { baseAfter, baseOf, editsOf } from './changes.ts';
import { cut } from './cut.ts';
import { draftOf, planOfDraft } from './draft.ts';
import { merge } from './merge.ts';
import { areaOf, borderOf, bytesOf, community, expectPlanar, fieldFeatures, open } from './plan.fixture.ts';
import { boxOf, topologyOf, type Plan } from './plan.ts';
import { decide, differencesIn, rebase, type Side } from './rebase.ts';
import { insertVertex, middleOf, moveVertex } from './vertices.ts';
import { shifted, vertexAt, type Vertex } from './vertex.ts';

const base = open(fieldFeatures(5));
const codeOf = (serial: number) => community + String(serial).padStart(3, '0');

function done(outcome: Outcome): Plan {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.plan;
}

/** The south-west corner of a field. */
function cornerOf(serial: number): Vertex {
  const [west, south] = boxOf(base.faces.get(codeOf(serial))?.shape ?? []);
  return vertexAt(west, south);
}

function moved(plan: Plan, serial: number, east: number, north: number): Plan {
  const corner = cornerOf(serial);
  return done(moveVertex(plan, corner, shifted(corner, east, north)));
}

function halved(plan: Plan, serial: number): Plan {
  const [west, south, east, north] = boxOf(base.faces.get(codeOf(serial))?.shape ?? []);
  const y = Math.round((south + north) / 2);
  return done(cut(plan, codeOf(serial), [vertexAt(west - 100, y), vertexAt(east + 100, y)]));
}

function expectPartition(plan: Plan): void {
  expect(borderOf(plan)).toEqual(borderOf(base));
  expect(areaOf(plan)).toBe(areaOf(base));
  expectPlanar(plan);
}

describe('rebase', () => {
  it('keeps both where they are apart', () => {
    const [mine, theirs] = [moved(base, 9, 900, 700), moved(base, 18, -800, 500)];
    const { merged, knots } = rebase(base, mine, theirs);
    expect(knots).toEqual([]);
    expect(bytesOf(merged)).toBe(bytesOf(moved(moved(base, 9, 900, 700), 18, -800, 500)));
    expectPartition(merged);
  });

  it('adds what both did to one micro-grid at different corners', () => {
    // Field 13 has two corners across from each other, one moved by each; the households of both count.
    const mine = done(assign(moved(base, 13, 600, 600), codeOf(13), { households: 33 }));
    const theirs = done(assign(moved(base, 19, -600, 600), codeOf(13), { households: 28 }));
    const { merged, knots } = rebase(base, mine, theirs);
    expect(knots).toEqual([]);
    expect(merged.faces.get(codeOf(13))?.households).toBe(31);
    expectPartition(merged);
  });

  it('asks where both moved one vertex, and does as it is told', () => {
    const [mine, theirs] = [moved(base, 13, 900, 0), moved(base, 13, 0, 900)];
    const threeWay = rebase(base, mine, theirs);
    expect(threeWay.knots).toHaveLength(1);
    const [knot] = threeWay.knots;
    expect(knot?.codes).toEqual([7, 8, 12, 13].map(codeOf));
    const differences = differencesIn(threeWay, knot ?? { codes: [] });
    expect(differences.map(({ between }) => between.map((code) => Number(code.slice(12))))).toEqual(
      expect.arrayContaining([
        [7, 8],
        [8, 13],
        [12, 13],
      ]),
    );
    expect(decide(threeWay, [])).toMatchObject({ ok: false });
    expect(bytesOf(done(decide(threeWay, ['mine'])))).toBe(bytesOf(mine));
    const kept = decide(threeWay, ['theirs']);
    expect(kept.ok && bytesOf(kept.plan)).toBe(bytesOf(theirs));
    expect(bytesOf(done(decide(threeWay, ['base'])))).toBe(bytesOf(base));
  });

  it('asks about one place and merges the other', () => {
    const mine = moved(moved(base, 13, 900, 0), 24, 300, 300);
    const theirs = moved(base, 13, 0, 900);
    const threeWay = rebase(base, mine, theirs);
    expect(threeWay.knots).toHaveLength(1);
    const plan = done(decide(threeWay, ['mine']));
    expect(bytesOf(plan)).toBe(bytesOf(mine));
    expectPartition(plan);
  });

  it('asks where one merged away what the other has cut', () => {
    const mine = halved(base, 13);
    const theirs = done(merge(base, [codeOf(13), codeOf(14)], codeOf(14)));
    const threeWay = rebase(base, mine, theirs);
    expect(threeWay.knots).toHaveLength(1);
    for (const side of ['base', 'mine', 'theirs'] as const) expectPartition(decided(threeWay, side));
  });

  it('gives my new micro-grid another code where they have given its code', () => {
    const [mine, theirs] = [halved(base, 9), halved(base, 18)];
    const { merged, knots } = rebase(base, mine, theirs);
    expect(knots).toEqual([]);
    expect(merged.faces.size).toBe(base.faces.size + 2);
    expectPartition(merged);
  });

  it('finds where lines that both drew would cross', () => {
    // A border that both bend over each other, at vertices of their own.
    const [a, b] = [cornerOf(13), cornerOf(18)];
    const middle = middleOf(a, b) ?? 0;
    const mine = done(insertVertex(base, a, b, shifted(middle, 2000, -1000)));
    const theirs = done(insertVertex(base, a, b, shifted(middle, -2000, 1000)));
    expect(rebase(base, mine, theirs).knots).toHaveLength(1);
  });
});

function decided(threeWay: ReturnType<typeof rebase>, side: Side): Plan {
  const outcome = decide(threeWay, [side]);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.plan;
}

describe('what is sent', () => {
  it('is what was changed, each with its version, and nothing after an undo', () => {
    const features = fieldFeatures(5);
    const server = baseOf(features);
    expect(editsOf(server, base)).toEqual([]);
    const changed = moved(base, 13, 500, 0);
    expect(editsOf(server, changed).map(({ op, code }) => `${op} ${code.slice(12)}`)).toEqual(
      [7, 8, 12, 13].map((serial) => `update ${String(serial).padStart(3, '0')}`),
    );
    // Moved there and back it is the same again, though every object is another.
    const back = done(moveVertex(changed, shifted(cornerOf(13), 500, 0) ?? 0, cornerOf(13)));
    expect(editsOf(server, back)).toEqual([]);
    expect(new Set([...topologyOf(back).out.keys()])).toEqual(new Set([...topologyOf(base).out.keys()]));

    const cutting = editsOf(server, halved(base, 9));
    expect(cutting.filter(({ op }) => op === 'create')).toHaveLength(1);
    const merging = editsOf(server, done(merge(base, [codeOf(9), codeOf(10)], codeOf(9))));
    expect(merging.map(({ op, code }) => `${op} ${code.slice(12)}`)).toEqual(['update 009', 'delete 010']);
  });

  it('is nothing once the server has it, and the way back is again an edit', () => {
    const features = fieldFeatures(5);
    const changed = halved(moved(base, 13, 500, 0), 9);
    const after = baseAfter(features, editsOf(baseOf(features), changed));
    expect(editsOf(baseOf(after), changed)).toEqual([]);
    const back = editsOf(baseOf(after), base);
    expect(back.filter(({ op }) => op === 'delete')).toHaveLength(1);
    expect(baseAfter(after, back).map(({ coordinates }) => coordinates)).toEqual(
      features.map(({ coordinates }) => coordinates),
    );
  });

  it('a draft gives the plan back, byte by byte, through storage', () => {
    const plan = halved(moved(base, 13, 500, 0), 9);
    const draft = draftOf({ account: 'anna', savedAt: 1, base: fieldFeatures(5), plan, steps: 2 });
    const kept = planOfDraft(structuredClone(draft));
    expect(kept && bytesOf(kept)).toBe(bytesOf(plan));
    expect(planOfDraft({ ...draft, format: 9 as 1 })).toBeNull();
  });
});
