import { Blob, File as NodeFile } from 'node:buffer';
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

/** A server that takes a file in, whose network can be cut before a part arrives or before its answer does. */
class Intake {
  readonly file = new Uint8Array(3_500_000).map((_, i) => (i * 31) % 251);
  readonly asked: string[] = [];
  here = 0;
  sent = 0;
  cut: 'before' | 'behind' | '' = '';
  /** What happens while the second part is on its way. */
  midway: () => void = () => undefined;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const path = input instanceof Request ? input.url : String(input);
    this.asked.push(`${init?.method ?? 'GET'} ${path}`);
    const offset = /offset=(\d+)/.exec(path)?.[1];
    if (Number(offset) > 0) {
      this.midway();
      this.midway = () => undefined;
    }
    if (this.cut === 'before') throw new TypeError('network');
    if (offset !== undefined) {
      if (Number(offset) !== this.here) return Response.json({ code: 'conflict' }, { status: 409 });
      const { size } = init?.body as Blob;
      this.sent += size;
      this.here += size;
      if (this.cut === 'behind') throw new TypeError('network');
    }
    return Response.json(await this.report());
  };

  private async report() {
    const digest = await crypto.subtle.digest('SHA-256', this.file.slice(0, this.here));
    return {
      id: 'u',
      name: 'rows.csv',
      bytes: this.file.length,
      received: this.here,
      received_sha256: Buffer.from(digest).toString('hex'),
      state: this.here < this.file.length ? 'uploading' : 'inspected',
      error: null,
    };
  }
}

describe('an upload', () => {
  let intake: Intake;
  let file: File;
  beforeEach(() => {
    vi.useRealTimers();
    intake = new Intake();
    file = fileOf(intake.file, 'rows.csv');
    vi.stubGlobal('fetch', intake.fetch);
    vi.stubGlobal('Blob', Blob); // that of jsdom cannot be read
  });
  const fileOf = (bytes: Uint8Array<ArrayBuffer>, name: string) =>
    new NodeFile([bytes], name) as unknown as File;
  const until = (what: () => unknown) => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 5_000 });
  const back = () => {
    intake.cut = '';
    window.dispatchEvent(new Event('online'));
  };

  it.each(['before', 'behind'] as const)(
    'waits for a network cut %s a part, and sends nothing twice',
    async (where) => {
      intake.midway = () => (intake.cut = where);
      await desk.begin(file);
      await until(() => desk.sending === 'waits');
      back();
      await until(() => desk.report?.state === 'inspected');
      expect([intake.sent, desk.sending, desk.failure]).toEqual([file.size, '', undefined]);
    },
  );

  it('that was broken off goes on with the same file, and with no other', async () => {
    intake.midway = () => {
      desk.stopSending();
    };
    await desk.begin(file);
    await until(() => desk.sending === '');
    const before = intake.here;
    expect(before).toBeLessThan(file.size);
    expect(intake.asked.some((one) => one.startsWith('DELETE'))).toBe(false);

    await desk.show('u');
    for (const other of [
      fileOf(intake.file, 'others.csv'),
      fileOf(intake.file.slice(1), 'rows.csv'),
      fileOf(
        intake.file.map((byte, i) => (i === 1000 ? byte + 1 : byte)),
        'rows.csv',
      ),
    ]) {
      await desk.resume(other);
      expect([desk.anotherFile, desk.sending, intake.here]).toEqual([true, '', before]);
    }
    await desk.resume(file);
    expect([desk.anotherFile, desk.report?.state, intake.sent]).toEqual([false, 'inspected', file.size]);
  });

  it('that the server refuses says so, and is not tried again', async () => {
    const refuse = () => Promise.resolve(Response.json({ detail: 'signed out' }, { status: 401 }));
    intake.midway = () => vi.stubGlobal('fetch', refuse);
    await desk.begin(file);
    await until(() => desk.failure);
    expect(desk.sending).toBe('');
  });
});
