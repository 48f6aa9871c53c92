import { describe, expect, it } from 'vitest';
import { distanceMeters } from '../geo/distance.ts';
import { readAdminView, writeAdminView } from './admin.ts';
import type { Station } from './city.ts';
import {
  filterStations,
  findDuplicates,
  hoursFault,
  pageOf,
  readStationsView,
  sortStations,
  STATION_COLUMNS,
  type StationsView,
} from './stations-table.ts';

function station(code: string, change: Partial<Station> = {}): Station {
  return {
    code,
    name: `驿站 ${code}`,
    kind: 'union',
    sponsor: 'union',
    address: '',
    capacity: 10,
    openingHours: '24/7',
    status: 'active',
    community: '150702001001',
    microGrid: '',
    services: [],
    confirmedAt: null,
    location: [119.7, 49.2],
    entrance: null,
    approximate: false,
    synthetic: true,
    version: 1,
    ...change,
  };
}

const plain = readStationsView(new URLSearchParams());
const codes = (stations: readonly Station[]) => stations.map(({ code }) => code);

describe('findDuplicates', () => {
  it('finds what a comparison of all pairs finds, on both sides of the limit', () => {
    // A grid of about 24 m by 24 m, a little irregular.
    const stations = Array.from({ length: 60 }, (_, n) =>
      station(`S${String(n).padStart(3, '0')}`, {
        location: [119.7 + (n % 8) * 0.00033 + n * 1e-6, 49.2 + Math.floor(n / 8) * 0.00022],
      }),
    );
    const found = findDuplicates(stations);
    let pairs = 0;
    for (const one of stations) {
      const expected = stations
        .filter((other) => other !== one && distanceMeters(one.location, other.location) <= 50)
        .map(({ code }) => code);
      expect((found.get(one.code) ?? []).map(({ code }) => code).sort()).toEqual(expected.sort());
      pairs += expected.length;
    }
    expect(pairs).toBeGreaterThan(60);
    expect(pairs).toBeLessThan(60 * 59);
  });
  it('puts the nearest first, and counts a station upon another', () => {
    const found = findDuplicates([
      station('AAA'),
      station('BBB', { location: [119.7, 49.2003] }),
      station('CCC'),
    ]);
    expect(found.get('AAA')?.map(({ code }) => code)).toEqual(['CCC', 'BBB']);
    expect(found.get('AAA')?.[0]?.meters).toBe(0);
  });
});

describe('filterStations', () => {
  const all = [
    station('150702-1', {
      name: '天润驿站',
      services: [{ service: 'water', condition: 'broken', confirmedAt: null }],
    }),
    station('150702-2', { services: [{ service: 'water', condition: 'limited', confirmedAt: null }] }),
    station('150781-1', { community: '150781001001', status: 'closed', openingHours: '' }),
  ];
  const left = (change: Partial<StationsView>) =>
    codes(filterStations(all, { ...plain, ...change }, new Map()));
  it('by words, place, status and service', () => {
    expect(left({})).toHaveLength(3);
    expect(left({ words: ' 天润 ' })).toEqual(['150702-1']);
    expect(left({ words: '150781' })).toEqual(['150781-1']);
    expect(left({ unit: '150702' })).toEqual(['150702-1', '150702-2']);
    expect(left({ unit: '150700' })).toHaveLength(3);
    expect(left({ status: 'closed' })).toEqual(['150781-1']);
    expect(left({ service: 'water' })).toEqual(['150702-2']);
  });
  it('by what is amiss', () => {
    expect(left({ flaw: 'broken' })).toEqual(['150702-1']);
    expect(left({ flaw: 'no_hours' })).toEqual(['150781-1']);
    expect(left({ flaw: 'duplicate' })).toEqual([]);
  });
});

describe('sortStations', () => {
  const all = [
    station('AAA', { capacity: 3, confirmedAt: new Date(2) }),
    station('BBB', { capacity: 9 }),
    station('CCC', { capacity: 3, confirmedAt: new Date(1), status: 'planned' }),
  ];
  it('breaks ties by code, both ways', () => {
    expect(codes(sortStations(all, { column: 'capacity', descending: false }))).toEqual([
      'AAA',
      'CCC',
      'BBB',
    ]);
    expect(codes(sortStations(all, { column: 'capacity', descending: true }))).toEqual(['BBB', 'AAA', 'CCC']);
    expect(codes(sortStations(all, { column: 'confirmed', descending: false }))).toEqual([
      'BBB',
      'CCC',
      'AAA',
    ]);
    expect(codes(sortStations(all, { column: 'status', descending: false }))).toEqual(['CCC', 'AAA', 'BBB']);
  });
});

describe('pageOf', () => {
  const items = Array.from({ length: 101 }, (_, n) => n);
  it('shows the last page where there are fewer', () => {
    expect(pageOf(items, 2)).toEqual({ items: [100], page: 2, pages: 3 });
    expect(pageOf(items, 9).page).toBe(2);
    expect(pageOf([], 3)).toEqual({ items: [], page: 0, pages: 1 });
  });
});

describe('the address', () => {
  it.each([
    '',
    'q=天润&unit=150702&status=active&service=water&flaw=duplicate&sort=capacity.desc&page=3&station=150702-0001',
    'sort=name',
    'view=users&q=wang&user=wang.xm',
    'view=audit&actor=anna&act=auth.&q=150702',
    'view=account',
  ])('%s opens the view that wrote it', (text) => {
    const query = new URLSearchParams();
    writeAdminView(readAdminView(new URLSearchParams(text)), query);
    expect(decodeURIComponent(query.toString())).toBe(text);
  });
  it.each([
    'sort=colour',
    'page=-1',
    'page=x',
    'status=gone',
    'unit=15',
    'station=a',
    'view=none',
    'service=tea',
  ])('passes over %s', (text) => {
    const query = new URLSearchParams();
    writeAdminView(readAdminView(new URLSearchParams(text)), query);
    expect(query.toString()).toBe('');
  });
  it('knows every column', () => {
    for (const column of STATION_COLUMNS) {
      expect(readStationsView(new URLSearchParams({ sort: column })).column).toBe(column);
    }
  });
});

describe('hoursFault', () => {
  it('names the part that cannot be read', () => {
    expect(hoursFault('')).toBeNull();
    expect(hoursFault('Mo-Fr 08:30-17:30')).toBeNull();
    expect(hoursFault('Mo-Fr 8-17')).toMatch(/: 8$/);
  });
});
