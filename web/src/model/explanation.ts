// How a figure comes about: the stations behind it, and the formula with its numbers.
import type { LngLat } from '../geo/distance.ts';

/** What is to be explained: a unit (the city where it is null), or a place. */
export type Explained = { readonly unit: string | null } | { readonly at: LngLat };

export interface FormulaStep {
  readonly name: string;
  readonly formula: string;
  readonly numbers: string;
}

/** Whether a station counts: surely, perhaps, or not. */
export type Counts = 'yes' | 'perhaps' | 'no';

export interface Witness {
  readonly code: string;
  readonly name: string;
  readonly openingHours: string;
  readonly counts: Counts;
  /** Of a place: true metres to it. Of a unit: null. */
  readonly meters: number | null;
  readonly leftOutCold: boolean;
  /** Of a unit: its households in reach, and those that nobody else reaches. */
  readonly reached: number;
  readonly alone: number;
}

export interface Explanation {
  readonly seq: number;
  readonly resolution: number;
  /** Of a place, its hexagon; null for a unit. */
  readonly cell: string | null;
  readonly households: number;
  readonly steps: readonly FormulaStep[];
  /** The nearest first, or those that reach the most households. */
  readonly stations: readonly Witness[];
}
