// How a figure comes about: the stations behind it, and the formula with its numbers.
import type { LngLat } from '../geo/distance.ts';
import { packEdits } from './scenario.ts';

/**
 * What is to be explained: a unit (the city where it is null), a hexagon, or a place; of the city as it is looked
 * at, unless it says otherwise.
 */
export type Explained = Readonly<{ unit: string | null } | { cell: string } | { at: LngLat }> & {
  readonly of?: CityState | undefined;
};

/** A state of the city: under a scenario, or as it was. */
export interface CityState {
  readonly scenario: string | null;
  readonly whatIf: string | null;
  /** When it was so; null for now. */
  readonly when: Date | null;
}

/** The city as it was at a change, in the form in which every question takes it: under a scenario without edits. */
export function cityAt(seq: number, when: Date): CityState {
  return { scenario: null, whatIf: packEdits({ seq, edits: [] }), when };
}

/**
 * A figure of what people added that is to be explained: of an indicator that of a unit, the sum, the classes of the map or how
 * it goes with coverage; of places those in a unit (in all that is listed where it is null), or elsewhere.
 */
export type LayerFigure =
  | { readonly figure: 'unit'; readonly unit: string }
  | { readonly figure: 'total' | 'classes' | 'correlation' }
  | { readonly figure: 'places'; readonly unit: string | null }
  | { readonly figure: 'elsewhere' };

export const cityNow: CityState = { scenario: null, whatIf: null, when: null };

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
