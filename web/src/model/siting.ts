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
}

export interface SitingProgress {
  done: number;
  total: number;
}
