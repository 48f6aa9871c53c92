// Where households live together and none of them is served.
import type { Bounds } from '../geo/bounds.ts';
import type { LngLat } from '../geo/distance.ts';

export type GapReason = 'none_in_reach' | 'hours_unknown' | 'closed_then' | 'unheated' | 'service_missing';

export interface Gap {
  id: string;
  households: number;
  cells: number;
  bounds: Bounds;
  reason: GapReason;
  /** The nearest station that counts, if there is any. */
  nearest: { code: string; name: string; meters: number } | null;
  /** Where one more station would help most, and how many households of this gap it would reach; null while it is sought. */
  bestSite: { at: LngLat; gain: number } | null;
  /** The communities that it touches, those with most of its households first. */
  communities: { code: string; name: string }[];
  /** Null while it is on its way. */
  outline: number[][][][] | null;
}

export interface Gaps {
  seq: number;
  /** All gaps, of which a list may show a few. */
  total: number;
  households: number;
  list: Gap[];
}
