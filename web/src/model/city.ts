// The nouns of the city as the pages know them. src/api/client.ts makes them from what the server sends.
import type { LngLat } from '../geo/distance.ts';
import type { Bounds } from '../geo/bounds.ts';
import type { Weight } from './weight.ts';

export const LEVELS = ['city', 'banner', 'township', 'community'] as const;
export type Level = (typeof LEVELS)[number];

/** The services in the order in which they are shown. */
export const SERVICES = [
  'water',
  'charging',
  'rest',
  'heating',
  'toilet',
  'microwave',
  'first_aid',
  'wifi',
  'battery_swap',
  'books',
  'rain_gear',
  'counselling',
] as const;
export type Service = (typeof SERVICES)[number];

/** Whether it is one of ours. A service that a newer server knows is left out rather than shown as a code. */
export function isService(value: string): value is Service {
  return (SERVICES as readonly string[]).includes(value);
}

export type Condition = 'working' | 'limited' | 'broken' | 'unknown';
export type StationKind = 'community' | 'union' | 'enterprise';
export type StationStatus = 'planned' | 'active' | 'suspended' | 'closed';
export type OpenState = 'open' | 'closed' | 'unknown';
export type Zone = 'core' | 'hinterland';
export type GridStatus = 'draft' | 'in_review' | 'returned' | 'published';
export type CollectionName = 'units' | 'stations' | 'friendly_scenes' | 'micro_grids';

/** Households that one unit leader is meant to answer for. */
export const HOUSEHOLDS_PER_LEADER = 29;

export interface City {
  code: string;
  name: string;
  nameEn: string;
  demo: boolean;
  seq: number;
  bounds: Bounds;
  center: LngLat;
  counts: Record<
    'banners' | 'townships' | 'communities' | 'microGrids' | 'stations' | 'friendlyScenes' | 'households',
    number
  >;
  banners: Banner[];
  attribution: Attribution[];
}

export interface Banner {
  code: string;
  name: string;
  nameEn: string;
  bounds: Bounds | null;
  seat: LngLat | null;
  stations: number;
  microGrids: number;
  households: number;
}

export interface Attribution {
  text: string;
  url?: string;
}

export interface Unit {
  code: string;
  level: Level;
  parent: string;
  name: string;
  nameEn: string;
  type: string;
  seat: LngLat | null;
  synthetic: boolean;
  version: number;
  /** Null where the unit has no territory of its own, or where geometry was not asked for. */
  bounds: Bounds | null;
}

export interface MicroGrid {
  code: string;
  community: string;
  name: string;
  households: number;
  zone: Zone;
  status: GridStatus;
  synthetic: boolean;
  version: number;
  bounds: Bounds | null;
  /** Null where geometry was not asked for. */
  areaSquareMeters: number | null;
}

export interface StationService {
  service: Service;
  condition: Condition;
  confirmedAt: Date | null;
}

export interface Station {
  code: string;
  name: string;
  kind: StationKind;
  sponsor: string;
  address: string;
  capacity: number;
  /** OSM opening hours; empty where unknown. */
  openingHours: string;
  status: StationStatus;
  community: string;
  microGrid: string;
  services: StationService[];
  confirmedAt: Date | null;
  location: LngLat;
  entrance: LngLat | null;
  /** The location is a guess within the right community. */
  approximate: boolean;
  synthetic: boolean;
  version: number;
}

/** A station as an answer to "what is near here, now?". */
export interface NearStation extends Station {
  distanceMeters: number;
  walkMinutes: number;
  rideMinutes: number;
  state: OpenState;
  /** When the state ends; null where it does not, or is not known. */
  until: Date | null;
}

/** Demand within reach of a station, for a unit. */
export interface Figures {
  code: string;
  name: string;
  households: number;
  covered: number;
  /** With the stations whose hours or services nobody knows. */
  coveredPossible: number;
  crossCovered: number;
  unmet: number;
  /** Null without demand. */
  share: number | null;
  stations: number;
}

export interface Coverage {
  seq: number;
  model: {
    radiusMeters: number;
    service: Service | null;
    distance: string;
    demand: string;
    resolution: number;
  };
  /** What is counted in place of households; null for them. */
  weight: Weight | null;
  total: Figures;
  children: Figures[];
}

/** A line of the change log. */
export interface Change {
  seq: number;
  collection: CollectionName;
  code: string;
  op: string;
  version: number;
}
