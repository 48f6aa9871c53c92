// Bringing changes of one's own onto what somebody else has saved meanwhile.
//
// The outline of a micro-grid is a chain of directed edges, and chains can be added: what both have changed is
// the base, plus the difference that I made, plus the difference that they made. All differences add up to
// nothing over the community, so the sum is a partition whenever its shapes are sound. Where they are not, the
// two cannot both stand, and a person decides; a knot of micro-grids that hang together is decided as one.
import { changedBetween, refuse, type Outcome } from './action.ts';
import { arcsOf, faultOf, nextCode, withFaces, type Arc, type Face, type Plan } from './plan.ts';
import { Chain, edgesOf, shapeOf, unsound, type Edge } from './shape.ts';

/** Whose state stands in a knot: mine, theirs, or what was before both. */
export type Side = 'base' | 'mine' | 'theirs';

/** Micro-grids that both have changed so that only one of the two can stand. */
export interface Knot {
  readonly codes: readonly string[];
}

/** A border as it is on each side. */
export interface BorderDifference {
  /** The codes on its two sides; one for the outer border. */
  readonly between: readonly string[];
  readonly base: readonly Arc[];
  readonly mine: readonly Arc[];
  readonly theirs: readonly Arc[];
}

export interface ThreeWay {
  readonly base: Plan;
  /** My changes, with codes of mine that they have given meanwhile given anew. */
  readonly mine: Plan;
  readonly theirs: Plan;
  /** Where both can stand they do; in the knots theirs stands until it is decided. */
  readonly merged: Plan;
  readonly knots: readonly Knot[];
}

/** Brings my changes onto theirs. */
export function rebase(base: Plan, mineAsItWas: Plan, theirs: Plan): ThreeWay {
  const mine = renumbered(base, mineAsItWas, theirs);
  let merged: Plan = { ...theirs, serial: Math.max(theirs.serial, mine.serial) };
  const knots: Knot[] = [];
  for (const codes of knotsOf(base, mine, theirs)) {
    const faces = mergedFaces(base, mine, theirs, codes);
    const attempt = faces && withFaces(merged, faces);
    if (attempt && faultOf(merged, attempt, codes) === null) merged = attempt;
    else knots.push({ codes });
  }
  return { base, mine, theirs, merged, knots };
}

/** The plan with every knot decided. */
export function decide({ base, mine, theirs, merged, knots }: ThreeWay, sides: readonly Side[]): Outcome {
  let plan = merged;
  for (const [index, { codes }] of knots.entries()) {
    const side = sides[index];
    if (side === undefined) return refuse('nothing_to_do');
    const { faces } = { base, mine, theirs }[side];
    plan = withFaces(plan, codes.map((code) => [code, faces.get(code) ?? null])); // prettier-ignore
  }
  const changed = changedBetween(merged, plan);
  const found = faultOf(merged, plan, changed);
  if (found) return refuse(found.fault, { edge: found.edge, face: found.face });
  return { ok: true, action: 'resolve', plan, changed };
}

/** The borders in a knot that are not the same on all sides. */
export function differencesIn({ base, mine, theirs }: ThreeWay, { codes }: Knot): BorderDifference[] {
  const byPair = new Map<string, { between: string[]; base: Arc[]; mine: Arc[]; theirs: Arc[] }>();
  for (const [side, plan] of [
    ['base', base],
    ['mine', mine],
    ['theirs', theirs],
  ] as const) {
    // prettier-ignore
    for (const arc of arcsOf(plan)) {
      const between = [arc.left, arc.right].filter((code) => code !== undefined).sort();
      if (!between.some((code) => codes.includes(code))) continue;
      const pair = byPair.get(between.join(' ')) ?? { between, base: [], mine: [], theirs: [] };
      pair[side].push(arc);
      byPair.set(between.join(' '), pair);
    }
  }
  return [...byPair.values()].filter((pair) => waysOf(pair.mine) !== waysOf(pair.base) || waysOf(pair.theirs) !== waysOf(pair.base)); // prettier-ignore
}

function waysOf(arcs: readonly Arc[]): string {
  const ways = arcs.map(({ vertices }) => {
    const [there, back] = [vertices.join(' '), [...vertices].reverse().join(' ')];
    return there < back ? there : back;
  });
  return ways.sort().join('|');
}

// A code that both have given names their micro-grid; mine gets another.
function renumbered(base: Plan, mine: Plan, theirs: Plan): Plan {
  let plan: Plan = { ...mine, serial: Math.max(mine.serial, theirs.serial) };
  for (const [code, face] of mine.faces) {
    if (base.faces.has(code) || !theirs.faces.has(code)) continue;
    const next = nextCode(plan);
    if (!next) continue;
    plan = withFaces(plan, [[code, null], [next.code, { ...face, code: next.code }]], next.serial); // prettier-ignore
  }
  return plan;
}

// The micro-grids that either side has changed, in knots: who has an edge of another's is in one knot with it.
function knotsOf(base: Plan, mine: Plan, theirs: Plan): string[][] {
  const knots = new Knots();
  const owners = new Map([...ownersOf(base)]);
  for (const plan of [mine, theirs]) {
    const here = ownersOf(plan);
    for (const code of changedBetween(base, plan)) knots.add(code);
    for (const [edge, owner] of here) {
      const before = owners.get(edge);
      if (before === owner) continue;
      if (before !== undefined) knots.join(before, owner);
      const [a = '', b = ''] = edge.split(' ');
      const across = here.get(`${b} ${a}`);
      if (before === undefined && across !== undefined) knots.join(owner, across);
    }
  }
  return knots.all();
}

function ownersOf({ faces }: Plan): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { code, shape } of faces.values())
    for (const [a, b] of edgesOf(shape)) owners.set(`${String(a)} ${String(b)}`, code);
  return owners;
}

class Knots {
  readonly #parent = new Map<string, string>();

  add(code: string): void {
    if (!this.#parent.has(code)) this.#parent.set(code, code);
  }

  join(one: string, other: string): void {
    this.add(one);
    this.add(other);
    this.#parent.set(this.#root(one), this.#root(other));
  }

  all(): string[][] {
    const groups = new Map<string, string[]>();
    for (const code of [...this.#parent.keys()].sort()) {
      const root = this.#root(code);
      groups.set(root, [...(groups.get(root) ?? []), code]);
    }
    return [...groups.values()];
  }

  #root(code: string): string {
    let at = code;
    for (let up = this.#parent.get(at); up !== undefined && up !== at; up = this.#parent.get(at)) at = up;
    return at;
  }
}

// Base plus both differences, micro-grid by micro-grid; null where that is no shape.
function mergedFaces(base: Plan, mine: Plan, theirs: Plan, codes: readonly string[]) {
  const faces: (readonly [string, Face | null])[] = [];
  for (const code of codes) {
    const [was, me, them] = [base, mine, theirs].map((plan) => plan.faces.get(code));
    if (me === was || same(me, was)) continue; // theirs stands already
    if (them === was || same(them, was)) {
      faces.push([code, me ?? null]);
      continue;
    }
    if (same(me, them)) continue;
    if (!was || !me || !them) return null;
    const face = added(was, me, them);
    if (!face) return null;
    faces.push([code, face]);
  }
  return faces;
}

function same(one: Face | undefined, other: Face | undefined): boolean {
  return JSON.stringify(factsOf(one)) === JSON.stringify(factsOf(other));
}

// What a person changes; the state of the review is not theirs to bring along.
function factsOf(face: Face | undefined) {
  return face && [face.name, face.households, face.zone, face.shape];
}

function added(was: Face, me: Face, them: Face): Face | null {
  const shape = sameShape(me, was)
    ? them.shape
    : sameShape(them, was)
      ? me.shape
      : shapeOf(sum(was, me, them));
  if (!shape || unsound(shape) !== null || shape.length > Math.max(me.shape.length, them.shape.length))
    return null;
  const one = <K extends 'name' | 'zone'>(key: K) => (me[key] === was[key] ? them[key] : me[key]);
  if (me.name !== was.name && them.name !== was.name && me.name !== them.name) return null;
  const households = me.households + them.households - was.households;
  if (households < 0) return null;
  return {
    ...them,
    name: one('name'),
    zone: one('zone'),
    households,
    shape,
    estimated: me.estimated || them.estimated,
  };
}

function sameShape(one: Face, other: Face): boolean {
  return JSON.stringify(one.shape) === JSON.stringify(other.shape);
}

function sum(was: Face, me: Face, them: Face): Chain {
  const chain = new Chain([...edgesOf(me.shape), ...edgesOf(them.shape)]);
  for (const [from, to] of edgesOf(was.shape)) chain.add([to, from] satisfies Edge);
  return chain;
}
