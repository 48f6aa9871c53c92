// Undo and redo: a stack of states, one step each.
import type { ActionName, Done } from './action.ts';
import type { Plan } from './plan.ts';

export interface Step {
  readonly action: ActionName;
  readonly changed: readonly string[];
  readonly plan: Plan;
}

export interface History {
  readonly start: Plan;
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

/** Steps further back than this are forgotten; each holds only what it changed. */
const mostSteps = 500;

export function beginHistory(start: Plan): History {
  return { start, done: [], undone: [] };
}

export function planNow({ start, done }: History): Plan {
  return done[done.length - 1]?.plan ?? start;
}

export function record({ start, done }: History, { action, changed, plan }: Done): History {
  const steps = [...done, { action, changed, plan }];
  const [first] = steps;
  if (steps.length <= mostSteps || !first) return { start, done: steps, undone: [] };
  return { start: first.plan, done: steps.slice(1), undone: [] };
}

export function undo(history: History): History {
  const last = history.done[history.done.length - 1];
  if (!last) return history;
  return { ...history, done: history.done.slice(0, -1), undone: [...history.undone, last] };
}

export function redo(history: History): History {
  const last = history.undone[history.undone.length - 1];
  if (!last) return history;
  return { ...history, done: [...history.done, last], undone: history.undone.slice(0, -1) };
}
