// What coverage counts: households, or the whole numbers of an indicator in their place.
import type { IndicatorLevel } from './indicator.ts';

/** How a weight is called. */
export interface WeightName {
  readonly title: string;
  /** The unit of measurement; may be empty. */
  readonly measure: string;
}

/** What an answer counts in place of households. */
export interface Weight extends WeightName {
  readonly id: string;
  readonly level: IndicatorLevel;
  readonly date: string;
  readonly source: string;
  readonly synthetic: boolean;
  /** Units without a figure, which count nothing, and the households in them. */
  readonly without: { readonly units: number; readonly households: number };
  /** Units with a figure and without households, and what is therefore counted nowhere. */
  readonly unplaced: { readonly units: number; readonly sum: number };
}
