import { describe, expect, it } from 'vitest';
import type { ImportChange, ImportDuplicate, ImportFault, ImportProblem } from '../../../api/imports.ts';
import type { OverlayShape } from '../../../map/rooms/overlay.ts';
import { translate, type Lang, type Params } from '../../../ui/i18n.ts';
import { boxOf, letterOf, mayChange, near, together, toneOf } from './desk.svelte.ts';
import { changeRow, duplicateRow, faultRow, problemRow, propertyNames } from './found.ts';
import { imports } from './messages.ts';

type Key = keyof (typeof imports)['en'];
const speak = (lang: Lang) => (key: Key, params?: Params) => translate(imports, lang, key, params);

const problem: ImportProblem = {
  severity: 'error',
  row: 12,
  column: '座位数',
  field: 'capacity',
  code: 'bad_value',
  message: 'is not a whole number',
  message_zh: '不是整数',
  value: '很多',
  place: [119.7, 49.2],
  candidates: [],
};

const placeless = { ...problem, place: null } as unknown as ImportProblem;

describe('what a check found', () => {
  it('keeps two of one name and one place apart on the map', () => {
    const twins: ImportDuplicate = {
      row: 3,
      code: '150702-0101',
      name: '天润驿站',
      place: [119.7, 49.2],
      other_row: 0,
      other_code: '150702-0007',
      other_name: '天润驿站',
      other_place: [119.7, 49.2],
      distance_m: 0,
      reason: 'near',
    };
    const known = duplicateRow(twins, 0, speak('en'));
    expect(known.shapes.map(({ ring = false, label }) => [ring, label])).toEqual([
      [true, '150702-0007'],
      [false, '#3'],
    ]);
    const both = duplicateRow({ ...twins, other_row: 9, other_code: '' }, 0, speak('en'));
    expect(both.shapes.map(({ label }) => label)).toEqual(['#9', '#3']);
    expect(both.detail).toContain('#9 · 天润驿站');
  });
  it('is told in the language of the reader', () => {
    const chinese = problemRow(problem, 0, speak('zh-CN'), 'zh-CN');
    const english = problemRow(problem, 0, speak('en'), 'en');
    expect([chinese.title, chinese.detail, chinese.note]).toEqual([
      '#12 · 座位数',
      '填写的值不认得 “很多”',
      '不是整数',
    ]);
    expect([english.detail, english.note]).toEqual([
      'Not a value of this field “很多”',
      'is not a whole number',
    ]);
  });

  it('falls back to what the server says where there are no words', () => {
    const row = problemRow({ ...problem, code: 'new_kind', message_zh: '' }, 0, speak('zh-CN'), 'zh-CN');
    expect([row.detail, row.note]).toEqual(['“很多”', 'is not a whole number']);
  });

  it('leads to its place, and to none where there is none', () => {
    expect(problemRow(problem, 3, speak('en'), 'en').shapes).toEqual([
      { tone: 'fault', label: '12', geometry: { type: 'Point', coordinates: [119.7, 49.2] } },
    ]);
    expect(problemRow(placeless, 3, speak('en'), 'en').shapes).toEqual([]);
  });

  it('shows a repair as done, and any other fault as serious', () => {
    const fault: ImportFault = {
      community: '150702001001',
      kind: 'repaired',
      codes: ['150702001001001'],
      area_m2: 12.4,
      message: 'repaired: overlap by 12.4 m²',
      message_zh: '已修补：重叠 12.4 平方米',
      geometry: null,
    };
    const repaired = faultRow(fault, 0, speak('zh-CN'), 'zh-CN');
    expect([repaired.sign, repaired.serious, repaired.detail, repaired.note]).toEqual([
      '✓',
      false,
      '已修补：重叠 12.4 平方米',
      '150702001001001',
    ]);
    expect(faultRow({ ...fault, kind: 'gap' }, 0, speak('en'), 'en').serious).toBe(true);
  });

  it('draws a deleted feature where it was', () => {
    const before = { type: 'Feature', geometry: { type: 'Point', coordinates: [119, 49] } };
    const row = changeRow(
      {
        op: 'delete',
        row: 0,
        collection: 'stations',
        code: 'A-1',
        name: '',
        changed: [],
        before,
        after: null,
      } as ImportChange,
      speak('en'),
      (name) => name,
    );
    expect(row).toMatchObject({
      title: 'A-1',
      sign: '−',
      serious: true,
      shapes: [{ tone: 'delete', geometry: before.geometry }],
    });
  });
});

describe('what an update changes', () => {
  const fields = [{ name: 'capacity', zh: '座位数', en: 'seats', required: false }];

  it('is called as its column is', () => {
    const [chinese, english] = [
      propertyNames(fields, speak('zh-CN'), 'zh-CN'),
      propertyNames(fields, speak('en'), 'en'),
    ];
    expect(['capacity', 'location', 'new_one'].map(chinese)).toEqual(['座位数', '位置', 'new_one']);
    expect(['capacity', 'location'].map(english)).toEqual(['seats', 'place']);
  });
});

describe('candidates', () => {
  it('have letters and tones, the last tone for all that are left', () => {
    expect([letterOf(0), letterOf(3), toneOf(1), toneOf(9)]).toEqual(['A', 'D', 'b', 'd']);
  });

  it('are looked at within the box around all of them', () => {
    const at = (coordinates: unknown, type = 'Point') =>
      ({ tone: 'a' as const, geometry: { type, coordinates } }) as never;
    expect(
      boxOf([
        at([119, 49]),
        at(
          [
            [
              [120, 48],
              [121, 50],
            ],
          ],
          'Polygon',
        ),
      ]),
    ).toEqual([119, 48, 121, 50]);
    expect(boxOf([])).toBeNull();
  });

  it('are looked at where the city is, if any of them is there', () => {
    const at = (lng: number, lat: number) =>
      ({ tone: 'a' as const, geometry: { type: 'Point', coordinates: [lng, lat] } }) as never;
    const [here, far] = [at(119.7, 49.2), at(-3, 40)];
    const city: [number, number, number, number] = [115, 47, 127, 54];
    expect(near([here, far], city)).toEqual([here]);
    expect(near([far], city)).toEqual([far]);
    expect(near([here, far], undefined)).toEqual([here, far]);
  });
});

describe('candidates and rights', () => {
  const at = (lng: number): OverlayShape[] => [
    { tone: 'a', label: '?', geometry: { type: 'Point', coordinates: [lng, 49.2] } },
  ];

  it('that lie on each other are one mark with both letters, the chosen in front', () => {
    const candidates = [at(119.7), at(119.7000001), at(119.705)];
    expect(together(candidates, 1).map(({ label }) => label)).toEqual(['C', 'A B']);
    expect(together(candidates, 1).at(-1)?.geometry).toEqual(candidates[1]?.[0]?.geometry);
    expect(together(candidates, 2).map(({ label }) => label)).toEqual(['A B', 'C']);
  });

  it('may be changed by those whose role may', () => {
    const planner = { account: null, oidc: false, may: new Map([['stations.edit', ['150700']]]) };
    expect(mayChange(planner, 'stations')).toBe(true);
    expect(mayChange(planner, 'units')).toBe(false);
    expect(mayChange(planner, 'candidates')).toBe(true);
  });
});
