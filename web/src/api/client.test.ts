import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, findNearest, getCity, getCoverage, weightOf, listUnits } from './client.ts';

type Answer = Response | Error;

/** Answers requests in order, and keeps what was asked. */
function serve(...answers: Answer[]) {
  const asked: string[] = [];
  const fetch = vi.fn((address: string, init: RequestInit) => {
    asked.push(address);
    if (init.signal?.aborted) return Promise.reject(new DOMException('aborted', 'AbortError'));
    const answer = answers.shift();
    if (!answer) throw new Error(`nothing left to answer ${address}`);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  vi.stubGlobal('fetch', fetch);
  return asked;
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const page = (codes: string[], next?: string) =>
  json({
    seq: 7,
    features: codes.map((code) => ({
      type: 'Feature',
      id: code,
      geometry: null,
      properties: { code, name_en: '' },
    })),
    links: next ? [{ rel: 'next', href: next }] : [],
  });

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 100 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('errors', () => {
  it('keep what the problem says', async () => {
    serve(
      json(
        {
          title: 'Unprocessable Entity',
          status: 422,
          detail: 'radius_m is not in 100..10000',
          code: 'invalid',
          errors: [{ location: 'query.radius_m', message: 'expected number <= 10000' }],
        },
        422,
      ),
    );
    const error = await failureOf(getCity());
    expect(error).toMatchObject({ kind: 'http', status: 422, code: 'invalid', retryable: false });
    expect(error.message).toBe('radius_m is not in 100..10000');
    expect(error.fields).toEqual([{ location: 'query.radius_m', message: 'expected number <= 10000' }]);
  });

  it('survive an answer that is no problem document', async () => {
    serve(new Response('<html>', { status: 500, statusText: 'Internal Server Error' }));
    expect(await failureOf(getCity())).toMatchObject({ kind: 'http', status: 500, retryable: true });
  });

  it('tell a broken body from a missing one', async () => {
    serve(new Response('{"code":', { status: 200 }));
    expect((await failureOf(getCity())).kind).toBe('broken');
  });

  it('are not raised by a fault of the network that passes', async () => {
    const asked = serve(new TypeError('Failed to fetch'), page(['150702']));
    expect((await listUnits({ level: 'banner' })).items).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });

  it('come after the second try', async () => {
    const asked = serve(new TypeError('Failed to fetch'), json({}, 503));
    expect(await failureOf(getCity())).toMatchObject({ kind: 'http', status: 503 });
    expect(asked).toHaveLength(2);
  });

  it('of the caller are not tried again', async () => {
    const asked = serve(json({ detail: 'no such unit' }, 404));
    expect((await failureOf(getCity())).status).toBe(404);
    expect(asked).toHaveLength(1);
  });

  it('do not stand for an abort', async () => {
    serve();
    const controller = new AbortController();
    controller.abort();
    await expect(getCity({ signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('say when the server does not answer', async () => {
    vi.stubGlobal(
      'fetch',
      (_address: string, { signal }: RequestInit) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new DOMException('aborted', 'AbortError'));
          });
        }),
    );
    expect((await failureOf(getCity({ timeoutMs: 20 }))).kind).toBe('timeout');
  });
});

describe('lists', () => {
  it('follow next links to the end, on our own origin', async () => {
    const asked = serve(
      page(['a', 'b'], 'http://inside:8080/api/collections/units/items?after=x%3D'),
      page(['c']),
    );
    const { items, seq } = await listUnits({ parent: '150702' });
    expect(items.map(({ code }) => code)).toEqual(['a', 'b', 'c']);
    expect(seq).toBe(7);
    expect(asked).toEqual([
      '/api/collections/units/items?limit=1000&parent=150702&skip_geometry=true',
      '/api/collections/units/items?after=x%3D',
    ]);
  });
});

describe('nearest', () => {
  const station = {
    type: 'Feature',
    id: 'S1',
    geometry: { type: 'Point', coordinates: [119.7, 49.2] },
    properties: {
      code: 'S1',
      opening_hours: '24/7',
      micro_grid: '150702001001001',
      confirmed_at: null,
      services: [
        { service: 'water', condition: 'working', confirmed_at: '2026-03-01T00:00:00Z' },
        { service: 'teleport', condition: 'working', confirmed_at: null },
        { service: 'rest', condition: 'sparkling', confirmed_at: null },
      ],
      distance_m: 120.5,
      walk_minutes: 2,
      ride_minutes: 1,
      state: 'open',
      until: null,
    },
  };

  it('asks in the order lng, lat and turns wire into model', async () => {
    const asked = serve(json({ seq: 9, as_of: '2026-03-09T00:00:00Z', features: [station] }));
    const answer = await findNearest({ at: [119.7, 49.2], k: 3, services: ['water', 'rest'], openAt: 'now' });
    expect(asked[0]).toBe('/api/nearest?lng=119.7&lat=49.2&k=3&services=water%2Crest&open_at=now');
    expect(answer.asOf.toISOString()).toBe('2026-03-09T00:00:00.000Z');
    expect(answer.stations[0]).toMatchObject({
      code: 'S1',
      openingHours: '24/7',
      location: [119.7, 49.2],
      distanceMeters: 120.5,
      until: null,
    });
  });

  it('leaves out services that it does not know, and calls a strange condition unknown', async () => {
    serve(json({ seq: 9, as_of: '2026-03-09T00:00:00Z', features: [station] }));
    const [first] = (await findNearest({ at: [119.7, 49.2] })).stations;
    expect(first?.services.map(({ service, condition }) => [service, condition])).toEqual([
      ['water', 'working'],
      ['rest', 'unknown'],
    ]);
  });
});

describe('coverage', () => {
  it('leaves the service out when any will do', async () => {
    const asked = serve(
      json({
        seq: 1,
        model: { radius_m: 1000, service: '', distance: 'x', demand: 'y', h3_resolution: 10 },
        weight: { id: 'households', title: '户数', measure: '户', level: null, date: null, source: null },
        unit: { code: '150700', name: '呼伦贝尔市' },
        households: 10,
        covered: 4,
        cross_covered: 1,
        unmet: 6,
        share: 0.4,
        stations: 2,
        children: null,
      }),
    );
    const coverage = await getCoverage({ radiusMeters: 1000, service: null });
    expect(asked).toEqual(['/api/coverage?radius_m=1000']);
    expect(coverage.total).toEqual({
      code: '150700',
      name: '呼伦贝尔市',
      households: 10,
      covered: 4,
      crossCovered: 1,
      unmet: 6,
      share: 0.4,
      stations: 2,
    });
    expect(coverage.children).toEqual([]);
    expect(coverage.model.service).toBeNull();
    expect(coverage.weight).toBeNull();
  });

  it('says what is counted in place of households', () => {
    const wire = {
      id: 'aaaaaaaaaaaaaaaa',
      title: '外卖订单',
      measure: '单',
      level: 'township',
      date: '2026-06-30',
      source: '平台',
      version: 3,
      synthetic: false,
      sum: 110,
      placed: 100,
      unplaced: { units: 1, sum: 10 },
      without_figure: { units: 2, households: 41 },
    };
    expect(weightOf(wire)).toEqual({
      id: 'aaaaaaaaaaaaaaaa',
      title: '外卖订单',
      measure: '单',
      level: 'township',
      date: '2026-06-30',
      source: '平台',
      synthetic: false,
      without: { units: 2, households: 41 },
      unplaced: { units: 1, sum: 10 },
    });
  });
});
