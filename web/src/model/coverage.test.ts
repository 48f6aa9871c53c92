import { describe, expect, it } from 'vitest';
import type { Figures } from './city.ts';
import { plainView, rankByNeed, readAnalystView, shareOf, sumOf, writeAnalystView } from './coverage.ts';

const figures = (code: string, households: number, covered: number): Figures => ({
  code,
  name: code,
  households,
  covered,
  coveredPossible: covered,
  crossCovered: 0,
  unmet: households - covered,
  share: shareOf(covered, households),
  stations: 1,
});

describe('the analyst’s address', () => {
  it('comes back as it went in', () => {
    const view = {
      ...plainView,
      radiusMeters: 500,
      services: ['water', 'heating'],
      rule: 'one_stop',
      hour: 46,
      celsius: -25,
      measure: 'unmet',
      topic: 'gaps',
      unit: '150702001',
      indicator: 'abcdefghijklmnop',
      date: '2025-12-31',
      figureClasses: { method: 'manual', breaks: [-1.5, 2] },
      days: 366,
      places: 'ponmlkjihgfedcba',
      camera: { center: [119.7, 49.2], zoom: 9 },
    } as const;
    const query = new URLSearchParams();
    writeAnalystView(view, query);
    expect(readAnalystView(query)).toEqual(view);
  });

  it('says nothing of what is plain', () => {
    const query = new URLSearchParams();
    writeAnalystView(plainView, query);
    expect(query.toString()).toBe('');
  });

  it('falls back on nonsense', () => {
    const query = new URLSearchParams(
      'radius=7&service=gold&hour=168&profile=tea&cold=5&mode=fly&minutes=7&rule=no&show=all&measure=x&unit=abc&map=1&indicator=x&date=today&figures=manual,2,1&places=1',
    );
    expect(readAnalystView(query)).toEqual(plainView);
  });
});

describe('rankByNeed', () => {
  it('goes by unmet demand, then share, then code, and leaves its input alone', () => {
    const units = [figures('c', 100, 90), figures('b', 20, 10), figures('a', 20, 10), figures('d', 300, 100)];
    const before = units.map(({ code }) => code);
    expect(rankByNeed(units).map(({ code }) => code)).toEqual(['d', 'a', 'b', 'c']);
    expect(units.map(({ code }) => code)).toEqual(before);
  });

  it('puts a unit without demand last', () => {
    expect(rankByNeed([figures('none', 0, 0), figures('full', 5, 5)]).map(({ code }) => code)).toEqual([
      'full',
      'none',
    ]);
  });
});

describe('sumOf', () => {
  it('adds up, and takes the share of the sum', () => {
    expect(sumOf([figures('a', 100, 50), figures('b', 300, 300)])).toEqual({
      households: 400,
      covered: 350,
      coveredPossible: 350,
      crossCovered: 0,
      unmet: 50,
      share: 0.875,
      stations: 2,
    });
  });

  it('has no share without demand', () => {
    expect(sumOf([]).share).toBeNull();
  });
});
