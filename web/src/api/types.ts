// What the server sends, as the OpenAPI document names it. Only client.ts uses these: pages know src/model.

export interface WireCity {
  code: string;
  name: string;
  name_en: string;
  demo: boolean;
  seq: number;
  bbox: [number, number, number, number];
  center: [number, number];
  counts: {
    banners: number;
    townships: number;
    communities: number;
    micro_grids: number;
    stations: number;
    friendly_scenes: number;
    households: number;
  };
  banners: {
    code: string;
    name: string;
    name_en: string;
    bbox: [number, number, number, number];
    seat: [number, number] | null;
    stations: number;
    micro_grids: number;
    households: number;
  }[];
  attribution: { text: string; url?: string }[];
}

export interface WireGeometry {
  type: string;
  coordinates?: unknown;
}

export interface WireFeature<P> {
  type: 'Feature';
  id: string;
  geometry: WireGeometry | null;
  bbox?: [number, number, number, number];
  properties: P;
}

export interface WirePage<P> {
  type: 'FeatureCollection';
  numberReturned: number;
  timeStamp: string;
  seq: number;
  links: { rel: string; href: string; type?: string }[];
  features: WireFeature<P>[];
}

export interface WireUnit {
  code: string;
  level: 'city' | 'banner' | 'township' | 'community';
  parent: string;
  name: string;
  name_en: string;
  type: string;
  seat: [number, number] | null;
  synthetic: boolean;
  version: number;
}

export interface WireMicroGrid {
  code: string;
  community: string;
  name: string;
  households: number;
  zone: 'core' | 'hinterland';
  status: 'draft' | 'in_review' | 'returned' | 'published';
  synthetic: boolean;
  version: number;
}

export interface WireStation {
  code: string;
  name: string;
  kind: 'community' | 'union' | 'enterprise';
  sponsor: string;
  address: string;
  capacity: number;
  opening_hours: string;
  status: 'planned' | 'active' | 'suspended' | 'closed';
  community: string;
  micro_grid: string;
  services: { service: string; condition: string; confirmed_at: string | null }[];
  confirmed_at: string | null;
  entrance: [number, number] | null;
  approximate: boolean;
  synthetic: boolean;
  version: number;
}

export interface WireNearStation extends WireStation {
  distance_m: number;
  walk_minutes: number;
  ride_minutes: number;
  state: 'open' | 'closed' | 'unknown';
  until: string | null;
}

export interface WireNearest {
  seq: number;
  as_of: string;
  features: WireFeature<WireNearStation>[];
}

export interface WireFigures {
  code: string;
  name: string;
  households: number;
  covered: number;
  cross_covered: number;
  unmet: number;
  share: number | null;
  stations: number;
}

export interface WireCoverage {
  seq: number;
  model: { radius_m: number; service: string; distance: string; demand: string; h3_resolution: number };
  unit: { code: string; name: string };
  households: number;
  covered: number;
  cross_covered: number;
  unmet: number;
  share: number | null;
  stations: number;
  children: WireFigures[] | null;
}

export interface WireProblem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  code?: string;
  errors?: { location?: string; message?: string }[] | null;
}

export interface WireChange {
  seq: number;
  collection: string;
  code: string;
  op: string;
  version: number;
}
