// Places for new stations, and how good a choice they are.
import type { LngLat } from '../geo/distance.ts';
import type { Candidate } from './candidates.ts';

export interface Site {
  h3: string;
  at: LngLat;
  /** Code of the community with most households there; empty where nobody lives. */
  community: string;
  communityName: string;
  /** Of the place in a list of candidates; empty for a hexagon. */
  name: string;
  /** Of the rider's suggestion that named the place; null where nobody's did. */
  suggestion: number | null;
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
  /** What could be covered yet, by any number of stations. */
  uncovered: number;
  /** Newly covered by all sites. */
  objective: number;
  /** No choice of as many sites covers more. */
  bound: number;
  gapShare: number;
  /** There is no better answer. */
  proved: boolean;
  /** Time was up: the best that was found so far. */
  stopped: boolean;
  /** Of suggestions: how many households each counted for. */
  wish: number;
  /** What the sites cost together; null where nothing costs anything. */
  cost: number | null;
  /** Households that banners gain, and stations in them, the most first. */
  banners: { code: string; gain: number; stations: number }[];
}

/** Where stations may stand: hexagons with households, a list of places, or what riders suggested. */
export const CANDIDATES = ['cells', 'list', 'suggestions'] as const;
export type CandidateKind = (typeof CANDIDATES)[number];

/** What a search is asked besides the question of the page. */
export interface SitingConditions {
  readonly p: number;
  readonly excludedUnits: readonly string[];
  /** The least stations in some banners. */
  readonly floors: readonly { readonly banner: string; readonly stations: number }[];
  /** What all may cost together, and one whose place does not say; null where money does not matter. */
  readonly money: { readonly budget: number; readonly cost: number } | null;
  readonly candidates: 'cells' | 'suggestions' | readonly Candidate[];
  /** Of suggestions: how many households each rider who asked counts for. */
  readonly wish: number;
}

export interface SitingProgress {
  done: number;
  total: number;
  /** Households that the best choice so far covers; null before there is one. */
  best: number | null;
}
