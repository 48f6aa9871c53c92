import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from './http.ts';
import { patiently } from './patience.ts';

const notReady = new ApiError('http', 'still being shared out', 503, { code: 'unavailable' });

/** Answers once it was asked so often. */
const readyAfter = (times: number, error: Error = notReady) => {
  let asked = 0;
  return vi.fn(() => (++asked > times ? Promise.resolve('here') : Promise.reject(error)));
};

describe('a server that is not ready yet', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is asked until it is', async () => {
    const ask = readyAfter(5);
    const answer = patiently(ask);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(ask).toHaveBeenCalledTimes(5);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(answer).resolves.toBe('here');
  });

  it('is given up after a minute', async () => {
    const ask = readyAfter(1000);
    const answer = patiently(ask).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(await answer).toBe(notReady);
    expect(ask).toHaveBeenCalledTimes(31); // at 0, 2, … 60 seconds
  });

  it('is not asked again where something else is wrong', async () => {
    const wrong = new ApiError('http', 'no such unit', 404, { code: 'not_found' });
    const ask = readyAfter(1, wrong);
    await expect(patiently(ask)).rejects.toBe(wrong);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is not asked again after an abort', async () => {
    const ask = readyAfter(1000);
    const stop = new AbortController();
    const answer = patiently(ask, { signal: stop.signal }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    stop.abort();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await answer).toMatchObject({ name: 'AbortError' });
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
