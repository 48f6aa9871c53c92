// The one door to the server: asks, and turns what it sends into the nouns of src/model.
import { areaSquareMeters } from '../geo/area.ts';
import { boundsOf, type Bounds } from '../geo/bounds.ts';
import type { LngLat } from '../geo/distance.ts';
import {
  isService,
  type City,
  type CollectionName,
  type Condition,
  type Coverage,
  type Figures,
  type Level,
  type MicroGrid,
  type NearStation,
  type Service,
  type Station,
  type Unit,
} from '../model/city.ts';
import { INDICATOR_LEVELS } from '../model/indicator.ts';
import type { Weight } from '../model/weight.ts';
import { getJson, withQuery, type Query, type RequestOptions } from './http.ts';
import type {
  WireCity,
  WireCoverage,
  WireFeature,
  WireFigures,
  WireMicroGrid,
  WireNearest,
  WireNearStation,
  WirePage,
  WireStation,
  WireUnit,
} from './types.ts';

export { ApiError, isAbort } from './http.ts';
export type { RequestOptions } from './http.ts';

/** A list of features with the state of the city that it shows. */
export interface Listing<T> {
  seq: number;
  items: T[];
}

/** The city, its figures and its banners. */
export async function getCity(options?: RequestOptions): Promise<City> {
  return cityOf(await getJson<WireCity>('/api/city', options));
}

export interface UnitQuery {
  level?: Level;
  parent?: string;
  /** The unit itself and all below it. */
  unit?: string;
}

/** Units without their borders. */
export async function listUnits(query: UnitQuery, options?: RequestOptions): Promise<Listing<Unit>> {
  return listAll('units', { ...query, skip_geometry: true }, unitOf, options);
}

/** A unit with its bounds. */
export async function getUnit(code: string, options?: RequestOptions): Promise<Unit> {
  return unitOf(await getFeature<WireUnit>('units', code, options));
}

/** The micro-grids of a community, with their areas. */
export async function listMicroGrids(
  query: { community: string },
  options?: RequestOptions,
): Promise<Listing<MicroGrid>> {
  return listAll('micro_grids', { ...query }, microGridOf, options);
}

export async function getMicroGrid(code: string, options?: RequestOptions): Promise<MicroGrid> {
  return microGridOf(await getFeature<WireMicroGrid>('micro_grids', code, options));
}

export interface StationQuery {
  unit?: string;
  bbox?: Bounds;
}

/** Stations in the order of their codes. */
export async function listStations(
  { unit, bbox }: StationQuery = {},
  options?: RequestOptions,
): Promise<Listing<Station>> {
  return listAll('stations', { unit, bbox: bbox?.join(',') }, stationOf, options);
}

export async function getStation(code: string, options?: RequestOptions): Promise<Station> {
  return stationOf(await getFeature<WireStation>('stations', code, options));
}

export interface NearestQuery {
  at: LngLat;
  k?: number;
  /** A station must offer all of these. */
  services?: readonly Service[];
  /** Only stations open then. */
  openAt?: 'now' | Date;
  maxMeters?: number;
}

export interface Nearest {
  seq: number;
  asOf: Date;
  stations: NearStation[];
}

/** The stations nearest to a point, in the order of true distance. */
export async function findNearest(query: NearestQuery, options?: RequestOptions): Promise<Nearest> {
  const [lng, lat] = query.at;
  const wire = await getJson<WireNearest>(
    withQuery('/api/nearest', {
      lng,
      lat,
      k: query.k,
      services: query.services?.join(','),
      open_at: query.openAt instanceof Date ? query.openAt.toISOString() : query.openAt,
      max_m: query.maxMeters,
    }),
    options,
  );
  return { seq: wire.seq, asOf: new Date(wire.as_of), stations: wire.features.map(nearStationOf) };
}

export interface CoverageQuery {
  radiusMeters: number;
  /** Null counts a station whatever it offers. */
  service: Service | null;
  /** The city when absent. */
  unit?: string;
}

/** How much demand is within reach of a station, for a unit and the units just below it. */
export async function getCoverage(query: CoverageQuery, options?: RequestOptions): Promise<Coverage> {
  const { radiusMeters, service, unit } = query;
  const address = withQuery('/api/coverage', { radius_m: radiusMeters, service, unit });
  return coverageOf(await getJson<WireCoverage>(address, options));
}

const pageSize = 1000;
const mostPages = 100;

// Follows "next" links to the end. A list that does not end is a fault of the server, not a reason to hang.
async function listAll<W, T>(
  collection: CollectionName,
  query: Query,
  turn: (feature: WireFeature<W>) => T,
  options?: RequestOptions,
): Promise<Listing<T>> {
  const items: T[] = [];
  let seq = 0;
  let address: string | undefined = withQuery(`/api/collections/${collection}/items`, {
    limit: pageSize,
    ...query,
  });
  for (let page = 0; address !== undefined; page++) {
    if (page === mostPages) throw new Error(`${collection}: more than ${String(mostPages)} pages`);
    const wire: WirePage<W> = await getJson<WirePage<W>>(address, options);
    seq = Math.max(seq, wire.seq);
    for (const feature of wire.features) items.push(turn(feature));
    address = nextOf(wire);
  }
  return { seq, items };
}

// Only path and query: behind a proxy the server may not know its own origin.
function nextOf(page: WirePage<unknown>): string | undefined {
  const next = page.links.find((link) => link.rel === 'next');
  if (!next) return undefined;
  const { pathname, search } = new URL(next.href, location.href);
  return pathname + search;
}

function getFeature<W>(
  collection: CollectionName,
  code: string,
  options?: RequestOptions,
): Promise<WireFeature<W>> {
  return getJson(`/api/collections/${collection}/items/${encodeURIComponent(code)}`, options);
}

function cityOf(wire: WireCity): City {
  const { micro_grids: microGrids, friendly_scenes: friendlyScenes, ...counts } = wire.counts;
  return {
    code: wire.code,
    name: wire.name,
    nameEn: wire.name_en,
    demo: wire.demo,
    seq: wire.seq,
    bounds: wire.bbox,
    center: wire.center,
    counts: { ...counts, microGrids, friendlyScenes },
    banners: wire.banners.map(({ name_en, bbox, micro_grids, ...rest }) => ({
      ...rest,
      nameEn: name_en,
      bounds: bbox,
      microGrids: micro_grids,
    })),
    attribution: wire.attribution,
  };
}

function boundsOfFeature(feature: WireFeature<unknown>): Bounds | null {
  return boundsOf(feature.geometry?.coordinates);
}

function unitOf(feature: WireFeature<WireUnit>): Unit {
  const { name_en: nameEn, ...rest } = feature.properties;
  return { ...rest, nameEn, bounds: boundsOfFeature(feature) };
}

function microGridOf(feature: WireFeature<WireMicroGrid>): MicroGrid {
  return {
    ...feature.properties,
    bounds: boundsOfFeature(feature),
    areaSquareMeters: feature.geometry ? areaSquareMeters(feature.geometry) : null,
  };
}

/** A station as the pages know it. */
export function stationOf(feature: WireFeature<WireStation>): Station {
  const { opening_hours, micro_grid, confirmed_at, services, ...rest } = feature.properties;
  return {
    ...rest,
    openingHours: opening_hours,
    microGrid: micro_grid,
    confirmedAt: dateOf(confirmed_at),
    services: services.flatMap(({ service, condition, confirmed_at: confirmedAt }) =>
      isService(service)
        ? [{ service, condition: conditionOf(condition), confirmedAt: dateOf(confirmedAt) }]
        : [],
    ),
    location: pointOf(feature.geometry),
  };
}

function nearStationOf(feature: WireFeature<WireNearStation>): NearStation {
  const { distance_m, walk_minutes, ride_minutes, state, until, ...station } = feature.properties;
  return {
    ...stationOf({ ...feature, properties: station }),
    distanceMeters: distance_m,
    walkMinutes: walk_minutes,
    rideMinutes: ride_minutes,
    state,
    until: dateOf(until),
  };
}

/** An answer about coverage. Under a profile its figures are of households weighed by the hours of a week. */
export function coverageOf(wire: WireCoverage): Coverage {
  const { model, weight, unit, children, seq, ...figures } = wire;
  const turn = (one: WireFigures) => figuresOf(one, model);
  return {
    seq,
    model: {
      radiusMeters: model.radius_m,
      service: isService(model.service) ? model.service : null,
      distance: model.distance,
      demand: model.demand,
      resolution: model.h3_resolution,
    },
    weight: weightOf(weight),
    total: turn({ ...figures, ...unit }),
    children: (children ?? []).map(turn),
  };
}

/** What an answer counts in place of households; null for them. */
export function weightOf(wire: WireCoverage['weight']): Weight | null {
  const { id, title, measure, date, source, synthetic, unplaced, without_figure: without } = wire;
  const level = INDICATOR_LEVELS.find((one) => one === wire.level);
  if (!level || date === null || source === null || !unplaced || !without) return null;
  return { id, title, measure, level, date, source, synthetic, unplaced, without };
}

/** The figures of a unit, under a profile of households weighed by the hours of a week. */
export function figuresOf(
  wire: WireFigures,
  { profile, weight }: { profile: string | null; weight: number },
): Figures {
  return profile ? weighedFiguresOf(wire, weight) : plainFiguresOf(wire);
}

function plainFiguresOf({
  code,
  name,
  households,
  covered,
  covered_possible: coveredPossible,
  cross_covered: crossCovered,
  unmet,
  share,
  stations,
}: WireFigures): Figures {
  return { code, name, households, covered, coveredPossible, crossCovered, unmet, share, stations };
}

function weighedFiguresOf(wire: WireFigures, weight: number): Figures {
  return {
    ...plainFiguresOf(wire),
    covered: wire.covered_weight.known / weight,
    coveredPossible: wire.covered_weight.possible / weight,
    crossCovered: wire.cross_covered_weight.known / weight,
    unmet: wire.households - wire.covered_weight.known / weight,
    share: wire.rate.known,
  };
}

const conditions: readonly string[] = ['working', 'limited', 'broken'] satisfies Condition[];

function conditionOf(value: string): Condition {
  return conditions.includes(value) ? (value as Condition) : 'unknown';
}

function dateOf(value: string | null | undefined): Date | null {
  return value ? new Date(value) : null;
}

function pointOf(geometry: WireFeature<unknown>['geometry']): LngLat {
  const [lng = NaN, lat = NaN] = (geometry?.coordinates ?? []) as number[];
  return [lng, lat];
}
