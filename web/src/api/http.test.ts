import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, getJson } from './http.ts';

/** A server that is not ready for so many requests. */
function serverReadyAfter(times: number, headers: Record<string, string> = { 'Retry-After': '2' }) {
  const fetch = vi.fn(() => {
    const ready = fetch.mock.calls.length > times;
    const body = ready ? { ok: true } : { code: 'unavailable', detail: 'still being shared out' };
    return Promise.resolve(new Response(JSON.stringify(body), { status: ready ? 200 : 503, headers }));
  });
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

describe('a server that is not ready yet', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is asked again when it says so, by who is patient', async () => {
    const fetch = serverReadyAfter(5);
    const answer = getJson('/api/coverage', { patienceMs: 60_000 });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(fetch).toHaveBeenCalledTimes(5);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(answer).resolves.toEqual({ ok: true });
  });

  it('is given up when patience ends', async () => {
    const fetch = serverReadyAfter(100);
    const answer = getJson('/api/coverage', { patienceMs: 7_000 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await answer).toBeInstanceOf(ApiError);
    expect(fetch).toHaveBeenCalledTimes(4); // at 0, 2, 4 and 6 seconds
  });

  it('is asked once more by who is not', async () => {
    const fetch = serverReadyAfter(100);
    const answer = getJson('/api/coverage').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await answer).toMatchObject({ status: 503, code: 'unavailable', retryAfterMs: 2_000 });
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('is not asked again after an abort', async () => {
    const fetch = serverReadyAfter(100);
    const stop = new AbortController();
    const answer = getJson('/api/coverage', { patienceMs: 60_000, signal: stop.signal }).catch(
      (error: unknown) => error,
    );
    await vi.advanceTimersByTimeAsync(3_000);
    stop.abort();
    expect(await answer).toMatchObject({ name: 'AbortError' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(fetch).toHaveBeenCalledTimes(2);
  });
});
