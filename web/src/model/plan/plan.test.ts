// Whatever is done to a plan, it stays a partition, and what is undone is as it was.
import { describe, expect, it } from 'vitest';
import type { Outcome } from './action.ts';
import { assign } from './assign.ts';
import { cut, divide } from './cut.ts';
import { draw, reshape } from './draw.ts';
import { beginHistory, planNow, record, redo, undo } from './history.ts';
import { merge } from './merge.ts';
import { areaOf, borderOf, bytesOf, community, coverOf, demoFeatures, demoOutline, expectPlanar, fieldFeatures, open } from './plan.fixture.ts'; // prettier-ignore
import {
  arcsOf,
  boxOf,
  coordinatesOf,
  isLocked,
  isLockedEdge,
  neighboursOf,
  openPlan,
  topologyOf,
  type Plan,
} from './plan.ts';
import { edgesOf, unsound } from './shape.ts';
import { deleteVertex, insertVertex, middleOf, moveEdge, moveVertex } from './vertices.ts';
import { shifted, vertexAt, xOf, yOf, type Vertex } from './vertex.ts';

/** How many sequences to try; the promise is held with 10000. */
const sequences = Number(process.env.YIZHAN_SEQUENCES ?? 150);

/** Numbers that look random and are the same each time (mulberry32). */
function dice(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (n: number) => Math.floor(next() * n),
    pick: <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T,
  };
}

type Dice = ReturnType<typeof dice>;

function somewhere(roll: Dice, plan: Plan, code = roll.pick([...plan.faces.keys()])): Vertex {
  const [west, south, east, north] = boxOf(plan.faces.get(code)?.shape ?? []);
  const [w, h] = [east - west, north - south];
  return vertexAt(
    west + roll.below(1.4 * w) - Math.round(0.2 * w),
    south + roll.below(1.4 * h) - Math.round(0.2 * h),
  );
}

const moves: Record<string, (roll: Dice, plan: Plan) => Outcome> = {
  moveVertex(roll, plan) {
    const vertex = roll.pick([...topologyOf(plan).out.keys()]);
    const reach = roll.pick([10, 300, 3000]);
    return moveVertex(
      plan,
      vertex,
      shifted(vertex, roll.below(2 * reach) - reach, roll.below(2 * reach) - reach),
    );
  },
  moveEdge(roll, plan) {
    const [a, b] = roll.pick(topologyOf(plan).edges);
    return moveEdge(plan, a, b, roll.below(2000) - 1000, roll.below(2000) - 1000);
  },
  insertVertex(roll, plan) {
    const [a, b] = roll.pick(topologyOf(plan).edges);
    const middle = middleOf(a, b);
    return insertVertex(
      plan,
      a,
      b,
      middle === null ? null : shifted(middle, roll.below(400) - 200, roll.below(400) - 200),
    );
  },
  deleteVertex: (roll, plan) => deleteVertex(plan, roll.pick([...topologyOf(plan).out.keys()])),
  cut(roll, plan) {
    const code = roll.pick([...plan.faces.keys()]);
    const corners = [...new Set((plan.faces.get(code)?.shape ?? []).flat(2))];
    const end = () => (roll.next() < 0.4 ? roll.pick(corners) : somewhere(roll, plan, code));
    return cut(plan, code, Array.from({ length: 2 + roll.below(3) }, end));
  },
  merge(roll, plan) {
    const [a, b] = roll.pick(topologyOf(plan).edges);
    const topology = topologyOf(plan);
    const faceOf = (from: Vertex, to: Vertex) => topology.out.get(from)?.find((one) => one.to === to)?.face;
    const pair = [faceOf(a, b), faceOf(b, a)].filter((code) => code !== undefined);
    return merge(plan, pair, pair[0] ?? '');
  },
  draw(roll, plan) {
    const at = somewhere(roll, plan);
    const size = roll.pick([500, 2000, 9000]);
    const corners = 3 + roll.below(4);
    const ring = Array.from({ length: corners }, (_, index) => {
      const angle = ((index + 0.8 * roll.next()) / corners) * 2 * Math.PI;
      return shifted(at, Math.round(size * Math.cos(angle)), Math.round(size * Math.sin(angle))) ?? at;
    });
    return draw(plan, ring);
  },
  reshape(roll, plan) {
    const code = roll.pick([...plan.faces.keys()]);
    return reshape(
      plan,
      code,
      Array.from({ length: 2 + roll.below(4) }, () => somewhere(roll, plan, code)),
    );
  },
  assign: (roll, plan) => assign(plan, roll.pick([...plan.faces.keys()]), { households: roll.below(60) }),
  divide: (roll, plan) => divide(plan, [roll.pick([...plan.faces.keys()])], 8 + roll.below(12)),
};

const householdsOf = (plan: Plan) => [...plan.faces.values()].reduce((sum, face) => sum + face.households, 0);

function expectPartition(plan: Plan, of: { border: string[]; area: bigint }): void {
  expect(borderOf(plan)).toEqual(of.border);
  expect(areaOf(plan)).toBe(of.area);
  for (const { code, shape } of plan.faces.values()) expect([code, unsound(shape)]).toEqual([code, null]);
}

describe('random sequences of actions', () => {
  it(`keep area and partition, ${String(sequences)} times`, { timeout: 60_000 + 120 * sequences }, () => {
    const done = new Map<string, number>();
    for (let seed = 0; seed < sequences; seed++) {
      const roll = dice(seed);
      const start = open(fieldFeatures(3 + (seed % 2)));
      const whole = { border: borderOf(start), area: areaOf(start) };
      let history = beginHistory(start);
      const bytes = [bytesOf(start)];
      for (let step = 0; step < 8; step++) {
        const name = roll.pick(Object.keys(moves));
        const before = planNow(history);
        const outcome = moves[name]?.(roll, before);
        if (!outcome?.ok) continue;
        done.set(name, (done.get(name) ?? 0) + 1);
        if (name !== 'assign') expect(householdsOf(outcome.plan)).toBe(householdsOf(before));
        history = record(history, outcome);
        bytes.push(bytesOf(outcome.plan));
        expectPartition(outcome.plan, whole);
        // One undo gives the exact bytes, and redo does so too.
        history = undo(history);
        expect(bytesOf(planNow(history))).toBe(bytes[bytes.length - 2]);
        history = redo(history);
        expect(bytesOf(planNow(history))).toBe(bytes[bytes.length - 1]);
      }
      const end = planNow(history);
      expectPlanar(end);
      // Another proof: a place of the square is in exactly one micro-grid, one outside of it in none.
      const [west, south, east, north] = boxOf(start.faces.values().next().value?.shape ?? []);
      for (let probe = 0; probe < 20; probe++) {
        const place = somewhere(roll, start, start.faces.keys().next().value);
        const { inside, on } = coverOf(end, place);
        const within = xOf(place) > west && xOf(place) < east && yOf(place) > south && yOf(place) < north;
        if (on === 0) expect(inside).toBe(within ? 1 : 0);
      }
      for (; history.done.length > 0; history = undo(history)) {
        expect(bytesOf(planNow(history))).toBe(bytes[history.done.length]);
      }
      expect(planNow(history)).toBe(start);
    }
    // Each action was really done, and often.
    for (const name of Object.keys(moves))
      expect([name, (done.get(name) ?? 0) > sequences / 40]).toEqual([name, true]);
    console.log(
      `${String(sequences)} sequences: ${[...done].map(([name, count]) => `${name} ${String(count)}`).join(', ')}`,
    );
  });

  it('keep the community of the demo what the database takes', { timeout: 120_000 }, () => {
    const start = open(demoFeatures(), demoOutline);
    const whole = { border: borderOf(start), area: areaOf(start) };
    const roll = dice(7);
    let plan = start;
    let done = 0;
    for (let step = 0; step < 400; step++) {
      const outcome = moves[roll.pick(Object.keys(moves))]?.(roll, plan);
      if (!outcome?.ok) continue;
      done += 1;
      plan = outcome.plan;
    }
    expect(done).toBeGreaterThan(80);
    expectPartition(plan, whole);
    expectPlanar(plan);
  });
});

describe('a plan', () => {
  it('gives back every byte of what was not changed', () => {
    const features = demoFeatures();
    const plan = open(features, demoOutline);
    for (const { code, coordinates } of features)
      expect(JSON.stringify(coordinatesOf(plan.frame, plan.faces.get(code)?.shape ?? []))).toBe(
        JSON.stringify(coordinates),
      );
  });

  it('knows its arcs: each border once, from node to node', () => {
    const plan = open(demoFeatures(), demoOutline);
    const topology = topologyOf(plan);
    const arcs = arcsOf(plan);
    const edges = arcs.reduce((sum, { vertices }) => sum + vertices.length - 1, 0);
    expect(edges).toBe(topology.edges.length);
    for (const { vertices, left, right } of arcs) {
      expect(left !== undefined || right !== undefined).toBe(true);
      for (const vertex of vertices.slice(1, -1)) expect(neighboursOf(topology, vertex)).toHaveLength(2);
    }
    // Every face is bounded by its arcs and no others.
    for (const { code, shape } of plan.faces.values()) {
      const own = arcs.filter(({ left, right }) => left === code || right === code);
      expect(own.reduce((sum, { vertices }) => sum + vertices.length - 1, 0)).toBe(
        [...edgesOf(shape)].length,
      );
    }
  });

  it('refuses what is no partition, and says where', () => {
    const torn = openPlan(community, demoFeatures().slice(1), demoOutline);
    if (!('fault' in torn) || torn.fault !== 'not_a_partition') throw new Error('it opened');
    expect(torn.edges.length).toBeGreaterThan(2);
  });

  it('locks the outer border', () => {
    const plan = open(demoFeatures(), demoOutline);
    const topology = topologyOf(plan);
    const locked = [...topology.out.keys()].filter((vertex) => isLocked(topology, vertex));
    expect(locked.length).toBeGreaterThan(50);
    for (const vertex of locked) {
      expect(moveVertex(plan, vertex, shifted(vertex, 5, 5))).toMatchObject({ ok: false, reason: 'locked' });
      expect(deleteVertex(plan, vertex)).toMatchObject({ ok: false, reason: 'locked' });
    }
  });

  it('moves all the micro-grids that meet in a vertex', () => {
    const plan = open(fieldFeatures(4));
    const vertex = [...topologyOf(plan).out.keys()].find(
      (one) => topologyOf(plan).out.get(one)?.length === 4,
    );
    const to = shifted(vertex ?? 0, 1234, -987) ?? 0;
    const outcome = moveVertex(plan, vertex ?? 0, to);
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.changed).toHaveLength(4);
    for (const code of outcome.changed) expect(outcome.plan.faces.get(code)?.shape.flat(2)).toContain(to);
    for (const [code, face] of plan.faces)
      if (!outcome.changed.includes(code)) expect(outcome.plan.faces.get(code)).toBe(face);
    expect(moveVertex(plan, vertex ?? 0, shifted(vertex ?? 0, 10_000, 0))).toMatchObject({
      ok: false,
      reason: 'occupied',
    });
    expect(moveVertex(plan, vertex ?? 0, shifted(vertex ?? 0, 13_000, 4_000))).toMatchObject({ ok: false });
  });
});

describe('cutting, merging and dividing', () => {
  it('shares households by area, and takes those that are given', () => {
    const plan = open(fieldFeatures(4));
    const [code, face] = [...plan.faces][6] ?? ['', undefined];
    const [west, south, east, north] = boxOf(face?.shape ?? []);
    const x = west + Math.round((east - west) * 0.3);
    const line = [vertexAt(x, south - 100), vertexAt(x, north + 100)];
    const outcome = cut(plan, code, line);
    if (!outcome.ok) throw new Error(outcome.reason);
    const made = outcome.changed.find((one) => !plan.faces.has(one)) ?? '';
    expect(made.slice(12)).toBe('018');
    expect(outcome.plan.faces.get(code)).toMatchObject({ households: 21, estimated: true });
    expect(outcome.plan.faces.get(made)).toMatchObject({
      households: 9,
      status: 'draft',
      name: '天润社区18号网格',
    });
    const given = cut(plan, code, line, { households: [12, 18] });
    expect(given.ok && given.plan.faces.get(made)).toMatchObject({ households: 18, estimated: false });
    expect(cut(plan, code, line, { households: [12, 17] })).toMatchObject({
      ok: false,
      reason: 'households',
    });

    const back = merge(outcome.plan, [code, made], code);
    expect(back.ok && back.plan.faces.get(code)?.households).toBe(30);
    expect(back.ok && back.plan.faces.has(made)).toBe(false);
    // The code is not given again: it named another place.
    const again = back.ok ? cut(back.plan, code, line) : back;
    expect(again.ok && again.changed.at(-1)?.slice(12)).toBe('019');
  });

  it('needs a line from border to border', () => {
    const plan = open(fieldFeatures(4));
    const [code, face] = [...plan.faces][2] ?? ['', undefined];
    const [west, south, east, north] = boxOf(face?.shape ?? []);
    const middle = vertexAt((west + east) / 2, (south + north) / 2);
    expect(cut(plan, code, [middle, vertexAt(east + 500, north + 700)])).toMatchObject({
      reason: 'not_across',
    });
    expect(cut(plan, code, [middle])).toMatchObject({ reason: 'line_too_short' });
    const knot = [
      vertexAt(west - 9, south + 9),
      vertexAt(east - 9, south + 99),
      vertexAt(east - 99, north - 99),
      vertexAt(west + 99, south - 99),
    ];
    expect(cut(plan, code, knot)).toMatchObject({ reason: 'line_crosses_itself' });
  });

  it('takes an end that is on a slanted border but for rounding', () => {
    const plan = open(demoFeatures(), demoOutline);
    const topology = topologyOf(plan);
    let tried = 0;
    for (const { code, shape } of plan.faces.values()) {
      const free = [...edgesOf(shape)].filter(([a, b]) => !isLockedEdge(topology, a, b));
      const [first, second] = free.filter((edge, index) => !free.slice(0, index).some((one) => one.some((end) => edge.includes(end)))); // prettier-ignore
      const [from, to] = [first && middleOf(...first), second && middleOf(...second)];
      if (!from || !to) continue;
      const outcome = cut(plan, code, [from, to]);
      tried += 1;
      if (!outcome.ok) expect(['clash', 'not_across', 'line_crosses_itself']).toContain(outcome.reason);
      if (outcome.ok) expect(outcome.plan.faces.size).toBeGreaterThan(plan.faces.size);
      if (unsound(shape) === null && shape.length === 1 && (shape[0]?.[0]?.length ?? 9) === 4)
        expect(outcome.ok).toBe(true);
    }
    expect(tried).toBeGreaterThan(15);
  });

  it('divides to the target where the form allows', () => {
    const plan = open(demoFeatures(), demoOutline);
    const large = [...plan.faces.values()].filter(({ households }) => households > 29);
    const outcome = divide(plan, large.map(({ code }) => code), 29); // prettier-ignore
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(householdsOf(outcome.plan)).toBe(householdsOf(plan));
    const over = [...outcome.plan.faces.values()].filter(({ households }) => households > 29);
    expect(large.length).toBeGreaterThan(20);
    expect(over.length).toBeLessThan(large.length / 4);
  });

  it('refuses to merge what does not touch', () => {
    const plan = open(fieldFeatures(4));
    const codes = [...plan.faces.keys()];
    expect(merge(plan, [codes[1] ?? '', codes[11] ?? ''], codes[1] ?? '')).toMatchObject({
      reason: 'not_adjacent',
    });
    expect(merge(plan, [codes[1] ?? ''], codes[1] ?? '')).toMatchObject({ reason: 'nothing_to_do' });
  });
});

describe('reshaping and drawing', () => {
  it('takes from the neighbour what a line encloses, and gives what it cuts off', () => {
    const plan = open(fieldFeatures(4));
    const [code, face] = [...plan.faces][2] ?? ['', undefined];
    const [, south, east, north] = boxOf(face?.shape ?? []);
    const at = (x: number, y: number) => vertexAt(east + x, south + y);
    const bulge = reshape(plan, code, [at(-10, 2000), at(2500, 4000), at(-10, north - south - 2000)]);
    if (!bulge.ok) throw new Error(bulge.reason);
    expect(bulge.changed).toHaveLength(2);
    const dent = reshape(plan, code, [at(10, 2000), at(-2500, 4000), at(10, north - south - 2000)]);
    if (!dent.ok) throw new Error(dent.reason);
    const area = (of: Plan) => xyArea(of, code);
    expect(area(bulge.plan)).toBeGreaterThan(area(plan));
    expect(area(dent.plan)).toBeLessThan(area(plan));
  });

  it('draws an island into one micro-grid, and across several', () => {
    const plan = open(fieldFeatures(4));
    const [code, face] = [...plan.faces][2] ?? ['', undefined];
    const [west, south, east, north] = boxOf(face?.shape ?? []);
    const box = (x: number, y: number) => vertexAt(west + x * (east - west), south + y * (north - south));
    const island = draw(plan, [box(0.2, 0.2), box(0.6, 0.2), box(0.6, 0.6), box(0.2, 0.6)]);
    if (!island.ok) throw new Error(island.reason);
    expect(island.plan.faces.get(code)?.shape[0]).toHaveLength(2);
    const across = draw(plan, [box(0.5, 0.5), box(1.5, 0.5), box(1.5, 1.5), box(0.5, 1.5)]);
    if (!across.ok) throw new Error(across.reason);
    expect(across.changed).toHaveLength(5);
    const made = across.changed.at(-1) ?? '';
    expect(across.plan.faces.get(made)?.households).toBeGreaterThan(20);
  });
});

function xyArea(plan: Plan, code: string): number {
  let sum = 0;
  for (const [a, b] of edgesOf(plan.faces.get(code)?.shape ?? [])) sum += xOf(a) * yOf(b) - xOf(b) * yOf(a);
  return sum;
}
