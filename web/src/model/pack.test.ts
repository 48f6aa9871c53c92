import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PackError, readPack, sumOf, withChanges, type Pack } from './pack.ts';

// The pack of the demo city, as the Go test TestPackOfDemo wrote it.
const text = readFileSync('src/model/pack.demo.json', 'utf8');
const whole = readPack(text);

/** Pseudo-random numbers from 0 to 1, the same each time (mulberry32). */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('readPack', () => {
  it('gives the stations of the demo city', () => {
    expect(whole.stations).toHaveLength(550);
    expect(whole.city).toEqual({ code: '150700', name: '呼伦贝尔市', nameEn: 'Hulunbuir', demo: true });
    expect(whole.places.filter(({ code }) => code.length === 6)).toHaveLength(14);
    expect(whole.places.find(({ code }) => code === '150702')).toEqual({
      code: '150702',
      name: '海拉尔区',
      nameEn: 'Hailar District',
      at: [119.758, 49.212],
    });
    expect(sumOf(whole.stations)).toBe(whole.sum);
  });

  it('gives each fact of a station', () => {
    const station = whole.stations.find(({ code }) => code === '150702-0041');
    expect(station).toMatchObject({
      name: '育英社区快递网点骑手驿站',
      kind: 'enterprise',
      sponsor: 'post',
      address: '海拉尔区靠山街道育英社区',
      community: '150702003002',
      capacity: 9,
      openingHours: 'Mo-Su 07:00-21:00',
      status: 'active',
      approximate: false,
      synthetic: true,
      version: 1,
    });
    // Half a metre is what the grid of 1e-5 degrees costs.
    expect(station?.location[0]).toBeCloseTo(119.7547207, 5);
    expect(station?.location[1]).toBeCloseTo(49.2313037, 5);
    expect(station?.entrance?.[0]).toBeCloseTo(119.754714, 4);
    expect(station?.confirmedAt).toEqual(new Date('2026-08-23T00:00:00+08:00'));
    const of = (name: string) => station?.services.find(({ service }) => service === name);
    expect(station?.services).toHaveLength(10);
    expect(of('water')).toEqual({
      service: 'water',
      condition: 'limited',
      confirmedAt: new Date('2026-10-28T00:00:00+08:00'),
    });
    expect(of('books')?.confirmedAt).toEqual(new Date('2026-06-12T00:00:00+08:00'));
    expect(of('wifi')?.confirmedAt).toEqual(new Date('2026-08-23T00:00:00+08:00'));
    expect(of('rain_gear')).toBeUndefined();
    const unknown = whole.stations.find(({ code }) => code === '150782-0025');
    expect(unknown?.services.find(({ service }) => service === 'rest')).toEqual({
      service: 'rest',
      condition: 'unknown',
      confirmedAt: null,
    });
  });

  it('refuses a pack that is cut off anywhere', () => {
    for (let length = 0; length < text.length - 2; length += 97) {
      expect(() => readPack(text.slice(0, length))).toThrow(PackError);
    }
  });

  it('refuses columns that do not fit', () => {
    const broken = (change: (wire: Record<string, never>) => void) => {
      const wire = JSON.parse(text) as Record<string, never>;
      change(wire);
      return () => readPack(JSON.stringify(wire));
    };
    type Loose = Record<string, unknown> & { stations: Record<string, unknown[]> };
    const loose = (change: (wire: Loose) => void) =>
      broken((wire) => {
        change(wire as unknown as Loose);
      });
    expect(loose((wire) => (wire.format = 2))).toThrow(PackError);
    expect(loose((wire) => wire.stations.lng?.pop())).toThrow(PackError);
    expect(loose((wire) => wire.stations.code?.splice(3, 1))).toThrow(PackError);
    expect(loose((wire) => wire.stations.hours?.splice(0, 1, 99))).toThrow(PackError);
    expect(loose((wire) => wire.stations.unit?.splice(0, 1, -1))).toThrow(PackError);
    expect(loose((wire) => wire.stations.name?.splice(0, 1, 'x'))).toThrow(PackError);
    expect(loose((wire) => wire.stations.lng?.splice(0, 1, 1e12))).toThrow(PackError);
    expect(loose((wire) => wire.stations.version?.splice(0, 1, 2))).toThrow(PackError);
    expect(loose((wire) => wire.stations.dates?.pop())).toThrow(PackError);
    expect(() => readPack('null')).toThrow(PackError);
    expect(() => readPack('[]')).toThrow(PackError);
  });

  it('reads bytes that went wrong as a whole pack, or not at all', () => {
    const bytes = new TextEncoder().encode(text);
    const random = randomFrom(7);
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      const wrong = bytes.slice();
      for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
        wrong[Math.floor(random() * wrong.length)] = Math.floor(random() * 256);
      }
      try {
        checkWhole(readPack(new TextDecoder().decode(wrong)));
      } catch (error) {
        if (!(error instanceof PackError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(50);
  }, 30_000);
});

/** What holds of every pack that is read, whatever its bytes were. */
function checkWhole(pack: Pack): void {
  if (sumOf(pack.stations) !== pack.sum && pack.since === 0) throw new Error('of other stations');
  for (const { code, name, location, entrance, services, hours } of pack.stations) {
    const placed = [location, entrance ?? location].every(
      ([lng, lat]) => Math.abs(lng) <= 180 && Math.abs(lat) <= 90,
    );
    if (!placed || typeof name !== 'string' || !Array.isArray(services) || hours === undefined) {
      throw new Error(`${code} is broken`);
    }
  }
}

describe('withChanges', () => {
  const changed = (change: Partial<Pack>): Pack => ({
    ...whole,
    since: whole.seq,
    seq: whole.seq + 3,
    stations: [],
    removed: [],
    ...change,
  });

  it('lays changes over the whole', () => {
    const [first, second, third] = whole.stations as [
      Pack['stations'][0],
      Pack['stations'][0],
      Pack['stations'][0],
    ];
    const renamed = { ...second, name: '新名', version: 2 };
    const fresh = { ...third, code: '150702-0000' };
    const wanted = [fresh, renamed, ...whole.stations.slice(2)];
    const next = withChanges(
      whole,
      changed({ stations: [fresh, renamed], removed: [first.code], sum: sumOf(wanted) }),
    );
    expect(next.stations).toEqual(wanted);
    expect(next).toMatchObject({ seq: whole.seq + 3, since: 0, sum: sumOf(wanted) });
    expect(next.places).toBe(whole.places);
  });

  it('takes a whole pack for what it is', () => {
    expect(withChanges(whole, { ...whole, seq: 99 }).seq).toBe(99);
  });

  it('refuses changes of another pack, and those that do not add up', () => {
    expect(() => withChanges(whole, changed({ since: whole.seq + 1 }))).toThrow(PackError);
    expect(() => withChanges(whole, changed({ removed: [whole.stations[0]?.code ?? ''] }))).toThrow(
      PackError,
    );
  });
});
