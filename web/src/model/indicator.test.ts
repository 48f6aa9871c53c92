import { describe, expect, it } from 'vitest';
import {
  countPlaces,
  doubled,
  editionsOf,
  latestEditions,
  likelyScale,
  openRows,
  rankByValue,
  valuesOf,
  type FigureRow,
  type FigureTable,
  type PlaceLayer,
  type RowMatch,
} from './indicator.ts';

function row(number: number, match: RowMatch, unit: string | null, value: number | null): FigureRow {
  return {
    row: number,
    name: '',
    parent: '',
    code: '',
    text: '',
    value,
    match,
    unit: unit === null ? null : { code: unit, name: unit },
    candidates: [],
  };
}

function table(...rows: FigureRow[]): FigureTable {
  return {
    format: 'csv',
    encoding: 'UTF-8',
    sheet: '',
    sheets: [],
    header: [1, 1],
    columns: [],
    roles: {},
    problems: [],
    level: 'banner',
    percent: false,
    rows,
  };
}

describe('a table of figures', () => {
  const read = table(
    row(2, 'code', '150702', 85.3),
    row(3, 'similar', '150785', 57.1),
    row(4, 'ambiguous', null, 12),
    row(5, 'unknown', null, 1),
    row(6, 'total', null, 99),
    row(7, 'repeated', '150702', 3),
    row(8, 'name', '150724', null),
  );

  it('keeps what found its unit, and what somebody settled', () => {
    const share = { kind: 'share', scale: 'percent' } as const;
    expect(valuesOf(read, {}, share)).toEqual([
      { unit: '150702', value: 0.853 },
      { unit: '150785', value: 0.571 },
    ]);
    const settled = { 4: '150703', 5: '' };
    expect(valuesOf(read, settled, share).map(({ unit }) => unit)).toEqual(['150702', '150785', '150703']);
    expect(valuesOf(read, {}, { kind: 'count', scale: 'percent' })[0]).toEqual({
      unit: '150702',
      value: 85.3,
    });
  });

  it('names what is open, and what is there twice', () => {
    expect(openRows(read, {}).map((one) => one.row)).toEqual([4, 5, 7]);
    expect(openRows(read, { 4: '150703', 5: '', 7: '' })).toEqual([]);
    expect(doubled(read, { 4: '150702' })).toEqual([4]);
    expect(doubled(read, {})).toEqual([]);
  });

  it('tells per cents from fractions', () => {
    expect(likelyScale(read)).toBe('percent');
    expect(likelyScale(table(row(2, 'code', '150702', 0.85)))).toBe('fraction');
    expect(likelyScale({ ...read, percent: true })).toBe('fraction');
  });
});

it('ranks units by value, those without last', () => {
  const unit = (code: string, value: number | null) => ({ code, name: code, nameEn: '', value });
  const ranked = rankByValue([unit('3', null), unit('2', 1), unit('1', 1), unit('4', 5)]);
  expect(ranked.map(({ code }) => code)).toEqual(['4', '1', '2', '3']);
});

it('counts places by unit', () => {
  const place = (community: string) => ({ name: '', kind: '', note: '', at: [0, 0] as const, community });
  const counts = countPlaces([place('150702001001'), place('150702002001'), place('')], 6);
  expect([...counts]).toEqual([
    ['150702', 2],
    ['', 1],
  ]);
});

describe('layers of places', () => {
  const layer = (id: string, name: string, unit: string, date: string): PlaceLayer => ({
    id,
    name,
    unit,
    date,
    note: '',
    source: '',
    count: 1,
    synthetic: false,
    version: 1,
    isPublic: true,
    mayEdit: true,
    author: null,
    createdAt: new Date(date),
    updatedAt: new Date(date),
  });
  const [old, other, now, elsewhere] = [
    layer('a', '调解中心', '150700', '2025-01-01'),
    layer('b', '志愿服务点', '150700', '2025-06-01'),
    layer('c', '调解中心', '150700', '2026-01-01'),
    layer('d', '调解中心', '150702', '2026-02-01'),
  ];
  const all = [old, other, now, elsewhere];

  it('by one name about one unit are one at several dates, the latest first', () => {
    expect(editionsOf(all, old)).toEqual([now, old]);
    expect(editionsOf(all, elsewhere)).toEqual([elsewhere]);
  });

  it('are listed by their latest date', () => {
    expect(latestEditions(all)).toEqual([other, now, elsewhere]);
  });
});
