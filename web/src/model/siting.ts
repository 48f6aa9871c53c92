// Places for new stations, and how good a choice they are.
import type { LngLat } from '../geo/distance.ts';

export interface Site {
  h3: string;
  at: LngLat;
  /** Code of the community with most households there; empty where nobody lives. */
  community: string;
  /** Households that it adds to those before it. */
  gain: number;
  cumulative: number;
}

export interface Siting {
  seq: number;
  /** In the order in which to open them. */
  sites: Site[];
  /** What the first n sites cover together, from none. */
  curve: number[];
  /** Newly covered by all sites. */
  objective: number;
  /** No choice of as many sites covers more. */
  bound: number;
  gapShare: number;
  /** There is no better answer. */
  proved: boolean;
}

export interface SitingProgress {
  done: number;
  total: number;
}
