import { describe, expect, it } from 'vitest';
import type { MicroGrid } from './city.ts';
import { loadOf, readPlannerView, sortGrids, writePlannerView } from './planner.ts';

const grid = (serial: string, households: number, areaSquareMeters: number | null = 1): MicroGrid => ({
  code: `150702001001${serial}`,
  community: '150702001001',
  name: serial,
  households,
  zone: 'core',
  status: 'published',
  synthetic: true,
  version: 1,
  bounds: null,
  areaSquareMeters,
});

describe('the planner’s address', () => {
  it('a micro-grid names its community', () => {
    const view = readPlannerView(new URLSearchParams('grid=150702001001007&unit=150781'));
    expect(view).toEqual({ grid: '150702001001007', unit: '150702001001', panel: 'edit', camera: null });
    const query = new URLSearchParams();
    writePlannerView(view, query);
    expect(query.toString()).toBe('grid=150702001001007');
  });

  it('keeps the panel that is open, and only one that there is', () => {
    const view = readPlannerView(new URLSearchParams('unit=150702001001&panel=history'));
    expect(view.panel).toBe('history');
    const query = new URLSearchParams();
    writePlannerView(view, query);
    expect(query.toString()).toBe('unit=150702001001&panel=history');
    expect(readPlannerView(new URLSearchParams('panel=constructor')).panel).toBe('edit');
  });

  it('falls back on nonsense', () => {
    expect(readPlannerView(new URLSearchParams('grid=1&unit=x&map=0,0'))).toEqual({
      grid: null,
      panel: 'edit',
      unit: null,
      camera: null,
    });
  });
});

describe('loadOf', () => {
  it.each([
    [0, 'within'],
    [29, 'within'],
    [30, 'above'],
    [43, 'above'],
    [44, 'far_above'],
  ] as const)('%i households are %s', (households, load) => {
    expect(loadOf(households)).toBe(load);
  });
});

describe('sortGrids', () => {
  const grids = [grid('002', 30, 5), grid('001', 30, null), grid('003', 12, 9)];
  const serials = (column: 'code' | 'households' | 'area', descending: boolean) =>
    sortGrids(grids, { column, descending }).map(({ name }) => name);

  it('sorts by each column, ties by code whatever the direction', () => {
    expect(serials('code', false)).toEqual(['001', '002', '003']);
    expect(serials('code', true)).toEqual(['003', '002', '001']);
    expect(serials('households', true)).toEqual(['001', '002', '003']);
    expect(serials('area', false)).toEqual(['001', '002', '003']);
  });
});
