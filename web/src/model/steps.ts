// Steps that can be taken back and done again: a stack of states.

export interface Steps<T> {
  readonly past: readonly T[];
  readonly now: T;
  readonly future: readonly T[];
}

/** How far back one can go. */
const mostSteps = 200;

export function startAt<T>(now: T): Steps<T> {
  return { past: [], now, future: [] };
}

/** A step to something new, after which there is nothing to do again. */
export function stepTo<T>(steps: Steps<T>, now: T): Steps<T> {
  if (now === steps.now) return steps;
  return { past: [...steps.past, steps.now].slice(-mostSteps), now, future: [] };
}

export function undo<T>(steps: Steps<T>): Steps<T> {
  const before = steps.past.at(-1);
  if (before === undefined) return steps;
  return { past: steps.past.slice(0, -1), now: before, future: [steps.now, ...steps.future] };
}

export function redo<T>(steps: Steps<T>): Steps<T> {
  const [next, ...future] = steps.future;
  if (next === undefined) return steps;
  return { past: [...steps.past, steps.now], now: next, future };
}
