// The classes of the heat map. The style and the legend are both made from these, so that the legend cannot
// say something else than the map.
import type { MapTheme } from './palette.ts';

export const MEASURES = ['share', 'unmet'] as const;
/** What a hexagon shows: the share of its households that are covered, or how many are not. */
export type Measure = (typeof MEASURES)[number];

export interface RampClass {
  /** The lowest value of the class; it ends where the next begins. */
  readonly from: number;
  readonly color: string;
}

export type Ramp = readonly RampClass[];

/** Lower ends of the classes. An exact 0 and an exact 1 are classes of their own: nobody, and everybody. */
const breaks: Readonly<Record<Measure, readonly number[]>> = {
  share: [0, Number.MIN_VALUE, 0.25, 0.5, 0.75, 1],
  unmet: [0, 1, 10, 30, 100, 300, 1000],
};

// Share: cividis, told apart in any kind of colour vision and in grey. By night its dark end is lifted, or
// it would sink into the ground. Unmet: one hue, amber, from faint to strong.
const colors: Readonly<Record<MapTheme, Readonly<Record<Measure, readonly string[]>>>> = {
  day: {
    share: ['#0b2a5c', '#374f74', '#66697c', '#928b78', '#c4b25d', '#f2dc4b'],
    unmet: ['#dfe5e0', '#f7dfae', '#f2c470', '#e5a03b', '#c97812', '#9c5200', '#642f00'],
  },
  night: {
    share: ['#3d64b0', '#55709c', '#788193', '#a09a84', '#cbb964', '#ffe95c'],
    unmet: ['#33403c', '#5b4420', '#835a1c', '#ad7418', '#d69022', '#f7b44a', '#ffdf9e'],
  },
};

/** Where whole units are counted, a thousand households are few. */
const unitBreaks = [1, 100, 1000, 5000, 20_000, 100_000];

/** The breaks of units, where the standard ones of hexagons would put all into one class; null where they do. */
export function breaksOfUnits(measure: Measure): readonly number[] | null {
  return measure === 'unmet' ? unitBreaks : null;
}

/** The classes of a measure, lowest first: the standard ones, or those between given breaks. */
export function rampOf(measure: Measure, theme: MapTheme, own: readonly number[] | null = null): Ramp {
  if (own) return rampBetween(own, colors[theme][measure]);
  return breaks[measure].map((from, index) => ({ from, color: colors[theme][measure][index] ?? '#888888' }));
}

// As many of the colours as there are classes, from end to end.
function rampBetween(own: readonly number[], all: readonly string[]): Ramp {
  return [0, ...own].map((from, index) => ({
    from,
    color: all[Math.round((index * (all.length - 1)) / Math.max(1, own.length))] ?? '#888888',
  }));
}

// One hue, violet, which nothing else on the map has.
const figureColors: Readonly<Record<MapTheme, readonly string[]>> = {
  day: ['#ece6f3', '#d3c5e4', '#b79fd2', '#9a79be', '#7b55a6', '#5a3586', '#3b1a60'],
  night: ['#2b2438', '#43355c', '#5e4a80', '#7c64a4', '#9c82c4', '#bea8e0', '#e3d7f6'],
};

/** The classes of an indicator between given breaks. The lowest has no lower end: figures may be below zero. */
export function indicatorRamp(breaks: readonly number[], theme: MapTheme): Ramp {
  const [lowest, ...rest] = rampBetween(breaks, figureColors[theme]);
  return lowest ? [{ ...lowest, from: -Infinity }, ...rest] : [];
}

/** The class that a value falls in. */
export function classOf(ramp: Ramp, value: number): number {
  return Math.max(
    0,
    ramp.findLastIndex(({ from }) => value >= from),
  );
}

/** Micro-grids by households for each leader: as meant, more, and half as many again. */
export const LOAD_BREAKS = [0, 30, 44] as const;
const loadColors: Readonly<Record<MapTheme, readonly string[]>> = {
  day: ['#cfe6e2', '#f6dca6', '#dd9433'],
  night: ['#1d4843', '#5c4521', '#b0741c'],
};

export function loadRamp(theme: MapTheme): Ramp {
  return LOAD_BREAKS.map((from, index) => ({ from, color: loadColors[theme][index] ?? '#888888' }));
}
