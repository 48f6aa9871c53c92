import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { LAYERS, TILE_SETS } from './layers.ts';
import { classOf, indicatorRamp, loadRamp, MEASURES, rampOf } from './ramps.ts';
import { buildStyle, type StyleState } from './style.ts';

const state: StyleState = {
  origin: 'https://yizhan.test',
  tileSets: ['units', 'micro_grids', 'stations', 'coverage'],
  credited: true,
  theme: 'day',
  lang: 'zh-CN',
  coverage: { question: { radius_m: 1000 }, measure: 'share' },
  selectedUnit: null,
  selectedGrid: null,
  results: [{ code: 'S1', at: [119.7, 49.2], label: '1' }],
  position: [119.7, 49.2],
  gap: null,
  overlay: [{ tone: 'a', label: 'A', geometry: { type: 'Point', coordinates: [119.7, 49.2] } }],
  sketch: {
    community: '150702001001',
    areas: new Map([
      [
        '150702001001001',
        {
          code: '150702001001001',
          coordinates: [
            [
              [
                [119.7, 49.2],
                [119.8, 49.2],
                [119.8, 49.3],
                [119.7, 49.2],
              ],
            ],
          ],
          households: 29,
          label: '29',
        },
      ],
    ]),
  },
  changes: { closed: [], moves: [] },
  unitFill: null,
  indicator: {
    level: 'township',
    values: new Map([
      ['150702001', 0.5],
      ['150702002', null],
    ]),
    ramp: indicatorRamp([0.2], 'day'),
    areas: [],
  },
  places: [{ name: 'A', at: [119.7, 49.2], chosen: true }],
};

describe('buildStyle', () => {
  const themes = ['day', 'night'] as const;
  const langs = ['zh-CN', 'en'] as const;
  const states = themes.flatMap((theme) =>
    langs.flatMap((lang) =>
      MEASURES.map((measure) => ({ ...state, theme, lang, coverage: { ...state.coverage, measure } })),
    ),
  );

  it.each(states)('is a valid style: $theme $lang $coverage.measure', (one) => {
    expect(validateStyleMin(buildStyle(one))).toEqual([]);
  });

  it('colours units, and hatches those without a value', () => {
    const values = { '150702001': 0.2, '150702002': null, '150702': 0.5 };
    const style = buildStyle({
      ...state,
      indicator: null,
      unitFill: { values, ramp: rampOf('share', 'day'), whole: '150702' },
    });
    expect(validateStyleMin(style)).toEqual([]);
    const layer = (id: string) => JSON.stringify(style.layers.find((one) => one.id === id));
    expect(layer('unit-fill')).toContain('["match",["get","code"],"150702",0.5,"150702001",0.2,0]');
    expect(layer('unit-fill-none')).toContain('["literal",["150702002"]]');
    expect(layer('coverage-cells')).toContain('"visibility":"none"');
  });

  it('colours the units of an indicator by its ramp, hatches those without data, and shows no hexagons', () => {
    const style = buildStyle(state);
    const layer = (id: string) => JSON.stringify(style.layers.find((one) => one.id === id));
    const [low, high] = indicatorRamp([0.2], 'day');
    for (const id of ['indicator-far', 'indicator-near']) {
      expect(layer(id)).toContain(
        `["step",["match",["get","code"],"150702001",0.5,0],"${low?.color ?? ''}",0.2,"${high?.color ?? ''}"]`,
      );
      expect(layer(`${id}-none`)).toContain('["literal",["150702002"]]');
    }
    expect(layer('coverage-cells')).toContain('"visibility":"none"');
  });

  it('has the classes that are given', () => {
    const coverage = { ...state.coverage, breaks: [0.3, 0.6] };
    const cells = buildStyle({ ...state, coverage }).layers.find(({ id }) => id === 'coverage-cells');
    const ramp = rampOf('share', 'day', [0.3, 0.6]);
    expect(JSON.stringify(cells)).toContain(
      JSON.stringify(['step', ['get', 'share'], ramp[0]?.color, 0.3, ramp[1]?.color, 0.6, ramp[2]?.color]),
    );
  });

  it('draws every named layer, from the ground up', () => {
    expect(buildStyle(state).layers.map(({ id }) => id)).toEqual([...LAYERS]);
  });

  it('leaves out the layers of tile sets that nobody asked for', () => {
    for (const set of TILE_SETS.filter((one) => one !== 'base')) {
      const style = buildStyle({
        ...state,
        tileSets: [set],
        sketch: null,
        overlay: undefined,
        indicator: null,
        places: undefined,
      });
      const used = style.layers.flatMap((layer) => ('source' in layer ? [layer.source] : []));
      expect(new Set(used)).toEqual(
        new Set(['base', set, 'changes', 'results', 'position', ...(set === 'coverage' ? ['gap'] : [])]),
      );
      expect(validateStyleMin(style)).toEqual([]);
    }
  });

  it('fetches nothing from anywhere else', () => {
    const style = buildStyle(state);
    expect(style.glyphs).toBeUndefined();
    expect(style.sprite).toBeUndefined();
    const urls = JSON.stringify(style).match(/https?:[^"]+/g) ?? [];
    expect(urls).toHaveLength(5);
    for (const url of urls) expect(url).toMatch(/^https:\/\/yizhan\.test\/api\/tiles\//);
  });

  it('asks for coverage under the conditions of the view, by a TileJSON where only that knows all', () => {
    const question = { radius_m: 500, services: 'heating', quarter: 88 };
    const asked = (more: Partial<StyleState>, scenario = {}) =>
      buildStyle({
        ...state,
        ...more,
        coverage: { question: { ...question, ...scenario }, measure: 'unmet' },
      }).sources.coverage;
    const query = 'radius_m=500&services=heating&quarter=88';
    expect(asked({ bounds: [115, 47, 126, 53] })).toMatchObject({
      tiles: [`https://yizhan.test/api/tiles/coverage/{z}/{x}/{y}?${query}`],
      bounds: [115, 47, 126, 53],
    });
    const address = `https://yizhan.test/api/tiles/coverage?${query}`;
    expect(asked({ credited: false })).toMatchObject({ url: address });
    expect(asked({}, { scenario: 'abcdefghijklmnop' })).toMatchObject({
      url: `${address}&scenario=abcdefghijklmnop`,
    });
  });
});

describe('the ramps', () => {
  it('rise, and have a colour of their own for each class', () => {
    for (const theme of ['day', 'night'] as const) {
      for (const ramp of [...MEASURES.map((measure) => rampOf(measure, theme)), loadRamp(theme)]) {
        const starts = ramp.map(({ from }) => from);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
        expect(new Set(ramp.map(({ color }) => color)).size).toBe(ramp.length);
      }
    }
  });

  it('keep nobody and everybody apart from the rest', () => {
    const ramp = rampOf('share', 'day');
    expect([0, 0.001, 0.25, 0.9999, 1].map((share) => classOf(ramp, share))).toEqual([0, 1, 2, 4, 5]);
  });
});
