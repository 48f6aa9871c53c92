import { describe, expect, it } from 'vitest';
import { Resource } from './resource.svelte.ts';

/** A question whose answer the test gives. */
function question<T>() {
  let answer: (value: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { ask: () => promise, answer, fail };
}

describe('Resource', () => {
  it('goes from nothing through loading to the answer', async () => {
    const resource = new Resource<number>();
    expect(resource.state.status).toBe('idle');
    const first = question<number>();
    const done = resource.load(first.ask);
    expect(resource.state.status).toBe('loading');
    first.answer(1);
    await done;
    expect(resource.value).toBe(1);
    expect(resource.refreshing).toBe(false);
  });

  it('never lets a slow old answer overwrite a quick new one', async () => {
    const resource = new Resource<string>();
    const slow = question<string>();
    const quick = question<string>();
    const signals: AbortSignal[] = [];
    const old = resource.load((signal) => {
      signals.push(signal);
      return slow.ask();
    });
    const latest = resource.load(quick.ask);
    expect(signals[0]?.aborted).toBe(true);
    quick.answer('new');
    await latest;
    slow.answer('old');
    await old;
    expect(resource.value).toBe('new');
  });

  it('shows the old answer while it replaces it, and drops it when it loads', async () => {
    const resource = new Resource<number>();
    await resource.load(() => Promise.resolve(1));
    const second = question<number>();
    const done = resource.replace(second.ask);
    expect(resource.value).toBe(1);
    expect(resource.refreshing).toBe(true);
    second.answer(2);
    await done;
    expect(resource.value).toBe(2);
    void resource.load(() => new Promise(() => undefined));
    expect(resource.value).toBeUndefined();
  });

  it('keeps the error, and asks the same again', async () => {
    const resource = new Resource<number>();
    let tries = 0;
    await resource.load(() => (++tries === 1 ? Promise.reject(new Error('no')) : Promise.resolve(tries)));
    expect(resource.state).toMatchObject({ status: 'failed', error: new Error('no') });
    await resource.refresh();
    expect(resource.value).toBe(2);
  });

  it('forgets', async () => {
    const resource = new Resource<number>();
    const first = question<number>();
    const done = resource.load(first.ask);
    resource.clear();
    first.answer(1);
    await done;
    expect(resource.state.status).toBe('idle');
  });
});
