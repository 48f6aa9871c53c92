import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ImportDesk } from './desk.svelte.ts';

/** A server that answers what it is told to, and remembers what it was asked. */
class Server {
  readonly asked: string[] = [];
  state = 'checking';
  error: unknown = null;
  away = false;

  readonly fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const path = input instanceof Request ? input.url : String(input);
    this.asked.push(`${init?.method ?? 'GET'} ${path}`);
    if (this.away) return Promise.reject(new TypeError('network'));
    const body = path.startsWith('/api/jobs/')
      ? { progress: { stage: 'checking', done: 5, total: 10 } }
      : {
          id: /imports\/(\w+)/.exec(path)?.[1] ?? '',
          state: this.state,
          error: this.error,
          job: '/api/jobs/j',
          settings: { collection: 'stations', settled: [{ row: 9 }] },
        };
    return Promise.resolve(Response.json(body));
  };

  looks(): number {
    return this.asked.filter((one) => one.startsWith('GET /api/imports/')).length;
  }
}

const second = 1_000;
let server: Server;
let desk: ImportDesk;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  vi.stubGlobal('fetch', server.fetch);
  desk = new ImportDesk();
});

afterEach(() => {
  desk.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('an import that is open', () => {
  it('is asked for again until what is being done has ended', async () => {
    await desk.show('a');
    expect(desk.busy).toBe(true);
    await vi.advanceTimersByTimeAsync(3 * second);
    expect(server.looks()).toBeGreaterThan(3);
    expect(desk.job?.progress).toMatchObject({ done: 5, total: 10 });
    server.state = 'checked';
    await vi.advanceTimersByTimeAsync(second);
    expect([desk.busy, desk.report?.state, desk.job]).toEqual([false, 'checked', null]);
    const before = server.looks();
    await vi.advanceTimersByTimeAsync(60 * second);
    expect(server.looks()).toBe(before);
  });

  it('is looked at less often while the server is away, and says so until it is back', async () => {
    await desk.show('a');
    server.away = true;
    const before = server.asked.length;
    await vi.advanceTimersByTimeAsync(30 * second);
    expect(desk.failure).toBeInstanceOf(Error);
    expect(server.asked.length - before).toBeLessThan(30);
    server.away = false;
    server.state = 'checked';
    await vi.advanceTimersByTimeAsync(10 * second);
    expect([desk.failure, desk.report?.state]).toEqual([undefined, 'checked']);
  });

  it('is not asked for any more once another is open, or none', async () => {
    await desk.show('a');
    await desk.show('b');
    await vi.advanceTimersByTimeAsync(2 * second);
    expect(server.asked.slice(2).every((one) => !one.includes('/imports/a'))).toBe(true);
    desk.close();
    const before = server.asked.length;
    await vi.advanceTimersByTimeAsync(10 * second);
    expect(server.asked.length).toBe(before);
  });

  it('waits for a file that the server has and has not read, but not for one that it cannot read', async () => {
    server.state = 'uploaded';
    await desk.show('a');
    expect(desk.busy).toBe(true);
    server.error = { code: 'invalid', title: '', detail: 'file is empty' };
    await vi.advanceTimersByTimeAsync(second);
    expect(desk.busy).toBe(false);
  });

  it('is checked again with what a person decided beside what was decided before', async () => {
    server.state = 'checked';
    await desk.show('a');
    const bodies: unknown[] = [];
    vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => {
      if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body));
      return server.fetch(input, init);
    });
    expect(await desk.settle({ '4 name': 'A-1', '5 name': '-' })).toBe(true);
    expect(bodies).toEqual([
      { collection: 'stations', settled: [{ row: 9 }, { row: 4, field: 'name', code: 'A-1' }, { row: 5 }] },
    ]);
    expect(server.asked.at(-1)).toBe('POST /api/imports/a/check');
  });
});
