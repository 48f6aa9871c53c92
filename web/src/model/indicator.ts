// Figures about units, and places, that people add to look at beside the city.
import type { LngLat } from '../geo/distance.ts';
import {
  breaksOf,
  countScale,
  figureScale,
  roundBreaks,
  SHARE_SCALE,
  type ClassScale,
  type Classes,
} from './classes.ts';

export const INDICATOR_KINDS = ['count', 'share', 'per_household', 'index'] as const;
/** What the figures are. Only counts may be summed. */
export type IndicatorKind = (typeof INDICATOR_KINDS)[number];

export const INDICATOR_LEVELS = ['banner', 'township', 'community'] as const;
export type IndicatorLevel = (typeof INDICATOR_LEVELS)[number];

interface LayerHead {
  id: string;
  name: string;
  note: string;
  unit: string;
  isPublic: boolean;
  synthetic: boolean;
  mayEdit: boolean;
  version: number;
  /** The account that made it; null for who is not told. */
  author: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The figures of one day, without them. */
export interface IndicatorDate {
  date: string;
  source: string;
  figures: number;
  /** Null for what must not be summed. */
  sum: number | null;
  /** Whether coverage can count these figures in place of households. */
  weighs: boolean;
  /** The account that added the table; null for who is not told. */
  author: string | null;
  addedAt: Date;
}

export interface Indicator extends LayerHead {
  kind: IndicatorKind;
  level: IndicatorLevel;
  measure: string;
  /** The latest first. */
  dates: readonly IndicatorDate[];
}

/** The figure of a unit; null for no data. */
export interface UnitValue {
  code: string;
  name: string;
  nameEn: string;
  value: number | null;
}

export interface IndicatorValues extends IndicatorDate {
  indicator: Indicator;
  units: readonly UnitValue[];
}

/** Layers of a kind, and the units in which the reader may add some. */
export interface LayerList<T> {
  layers: readonly T[];
  mayAdd: readonly string[];
}

export interface PlaceLayer extends LayerHead {
  source: string;
  date: string;
  count: number;
}

export interface LayerPlace {
  name: string;
  kind: string;
  note: string;
  at: LngLat;
  /** Empty outside of all. */
  community: string;
}

export interface PlaceLayerWithPlaces extends PlaceLayer {
  places: readonly LayerPlace[];
}

/** What a file turned out to be. */
export interface TableReading {
  format: string;
  encoding: string;
  sheet: string;
  sheets: readonly string[];
  header: readonly number[];
  columns: readonly { letter: string; name: string }[];
  roles: Readonly<Record<string, string>>;
  problems: readonly { row: number; column: string; why: string; why_zh: string }[];
}

export type RowMatch =
  'code' | 'name' | 'similar' | 'ambiguous' | 'unknown' | 'total' | 'other_level' | 'repeated';

export interface NamedUnit {
  code: string;
  name: string;
}

export interface FigureRow {
  row: number;
  name: string;
  parent: string;
  code: string;
  text: string;
  value: number | null;
  match: RowMatch;
  unit: NamedUnit | null;
  candidates: readonly NamedUnit[];
}

export interface FigureTable extends TableReading {
  level: IndicatorLevel;
  percent: boolean;
  rows: readonly FigureRow[];
}

export interface PlaceTable extends TableReading {
  places: readonly (Omit<LayerPlace, 'community'> & { row: number })[];
}

/** Layers of places by one name about one unit are one layer at different dates: these, the latest first. */
export function editionsOf(layers: readonly PlaceLayer[], of: PlaceLayer): PlaceLayer[] {
  return layers
    .filter(({ name, unit }) => name === of.name && unit === of.unit)
    .sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : a.id < b.id ? -1 : 1));
}

/** The latest of each, in the order of the list. */
export function latestEditions(layers: readonly PlaceLayer[]): PlaceLayer[] {
  return layers.filter((one) => editionsOf(layers, one)[0]?.id === one.id);
}

/** What a person said of rows that did not find their unit: a code, or empty to leave the row out. */
export type Choices = Readonly<Record<number, string>>;

/** The unit of a row: as it was found, or as somebody chose; null for a row that is left out. */
export function unitOfRow(row: FigureRow, choices: Choices): string | null {
  const chosen = choices[row.row];
  if (chosen !== undefined) return chosen === '' ? null : chosen;
  return row.match === 'code' || row.match === 'name' || row.match === 'similar'
    ? (row.unit?.code ?? null)
    : null;
}

/** Rows that a person is to look at: those that may be lost, not sums and the like. */
export function openRows(table: FigureTable, choices: Choices): FigureRow[] {
  return table.rows.filter(
    ({ row, match }) =>
      (match === 'ambiguous' || match === 'unknown' || match === 'repeated') && choices[row] === undefined,
  );
}

/** Units that two rows are taken for. */
export function doubled(table: FigureTable, choices: Choices): number[] {
  const seen = new Map<string, number>();
  const rows: number[] = [];
  for (const row of table.rows) {
    const unit = unitOfRow(row, choices);
    if (unit === null) continue;
    if (seen.has(unit)) rows.push(row.row);
    seen.set(unit, row.row);
  }
  return rows;
}

/** How the values of a share are written: 85.3 for 85.3 %, or 0.853. */
export type Scale = 'percent' | 'fraction';

/** What the values look like: one above 1 is a per cent. */
export function likelyScale({ percent, rows }: FigureTable): Scale {
  return !percent && rows.some(({ value }) => value !== null && value > 1) ? 'percent' : 'fraction';
}

/** The values to be kept. */
export function valuesOf(
  table: FigureTable,
  choices: Choices,
  { kind, scale }: { kind: IndicatorKind; scale: Scale },
): { unit: string; value: number }[] {
  return table.rows.flatMap((row) => {
    const unit = unitOfRow(row, choices);
    if (unit === null || row.value === null) return [];
    return [{ unit, value: kind === 'share' && scale === 'percent' ? hundredth(row.value) : row.value }];
  });
}

// 57.1 / 100 is not the double nearest to 0.571; the digits moved are.
function hundredth(value: number): number {
  return Number(`${String(value)}e-2`) || value / 100;
}

/** Units by value, the highest first; those without come last. */
export function rankByValue(units: readonly UnitValue[]): UnitValue[] {
  return [...units].sort(
    (a, b) =>
      (b.value ?? -Infinity) - (a.value ?? -Infinity) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}

/** The value of each unit, by its code. */
export function valuesByCode(units: readonly UnitValue[]): ReadonlyMap<string, number | null> {
  return new Map(units.map(({ code, value }) => [code, value]));
}

/** The values that there are. */
export function knownOf(units: readonly UnitValue[]): number[] {
  return units.flatMap(({ value }) => (value === null ? [] : [value]));
}

/** Where the classes of an indicator may end. */
export function scaleOf(
  { kind }: Pick<Indicator, 'kind'>,
  values: readonly number[],
  breaks: readonly number[],
): ClassScale {
  if (kind === 'share') return SHARE_SCALE;
  return kind === 'count' ? countScale(values, breaks) : figureScale(values, breaks);
}

/** Lower ends of the classes but the first: those that somebody chose, or five of as many units each. */
export function indicatorBreaks(
  indicator: Pick<Indicator, 'kind'>,
  units: readonly UnitValue[],
  chosen: Classes | null,
): readonly number[] {
  if (chosen) return chosen.breaks;
  const values = knownOf(units);
  const { low, step } = scaleOf(indicator, values, []);
  return roundBreaks(breaksOf(values, 'quantile', 5), step).filter((one) => one > low);
}

/** How many places are in each unit, by the first digits of the code; the empty one is outside of all. */
export function countPlaces(places: readonly LayerPlace[], digits: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { community } of places) {
    const code = community.slice(0, digits);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}
