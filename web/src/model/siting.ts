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
  /** Households that it adds to those before it; of second cover, those that get a second station. */
  gain: number;
  cumulative: number;
}

/**
 * What is sought: to cover the most with so many stations, to give a second station to the most who have one, or the
 * fewest stations for a share of the households.
 */
export const SITING_MODELS = ['mclp', 'second_cover', 'lscp'] as const;
export type SitingModel = (typeof SITING_MODELS)[number];

export interface Siting {
  seq: number;
  model: SitingModel;
  /** Of the unit; and those of them that are covered without the sites (of second cover, by two or more). */
  households: number;
  coveredBefore: number;
  /** Of the fewest: no fewer stations reach the share; else null. */
  atLeast: number | null;
  /** Of the fewest: the share that was to be reached; else null. */
  share: number | null;
  /** Of the fewest: whether all places together reach the share. */
  possible: boolean;
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

/** The share to ask for first: the next twentieth above what there is. */
export function nextShare(now: number): number {
  return Math.min(1, (Math.floor(now * 20 + 1e-9) + 1) / 20);
}

/** What a search is asked besides the question of the page. */
export interface SitingConditions {
  readonly model: SitingModel;
  /** How many stations; of the fewest it means nothing, nor do floors, money and wishes. */
  readonly p: number;
  /** Of the fewest: the share of the households to be reached. */
  readonly share: number;
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
