// The table of stations: what an address says it shows, which stations that is, and in which order.
import { distanceMeters } from '../geo/distance.ts';
import { isWithin } from './accounts.ts';
import { SERVICES, isService, type Service, type Station, type StationStatus } from './city.ts';
import { parseHours, readHours } from './hours.ts';

export const STATION_STATUSES = ['planned', 'active', 'suspended', 'closed'] as const;
export const STATION_COLUMNS = [
  'code',
  'name',
  'unit',
  'status',
  'services',
  'capacity',
  'confirmed',
] as const;
export type StationColumn = (typeof STATION_COLUMNS)[number];

/** What may be amiss with a station, so that it can be looked for. */
export const FLAWS = ['duplicate', 'no_hours', 'broken', 'approximate', 'unconfirmed'] as const;
export type Flaw = (typeof FLAWS)[number];

export interface StationsView {
  words: string;
  unit: string | null;
  status: StationStatus | null;
  service: Service | null;
  flaw: Flaw | null;
  column: StationColumn;
  descending: boolean;
  /** From 0. */
  page: number;
  /** The station that is open beside the table. */
  station: string | null;
}

export const PAGE_SIZE = 50;

export function readStationsView(query: URLSearchParams): StationsView {
  const [column, direction] = (query.get('sort') ?? '').split('.');
  const service = query.get('service') ?? '';
  return {
    words: query.get('q') ?? '',
    unit: /^(\d{6}|\d{9}|\d{12})$/.exec(query.get('unit') ?? '')?.[0] ?? null,
    status: oneOf(STATION_STATUSES, query.get('status')),
    service: isService(service) ? service : null,
    flaw: oneOf(FLAWS, query.get('flaw')),
    column: oneOf(STATION_COLUMNS, column ?? null) ?? 'code',
    descending: direction === 'desc',
    page: Math.max(0, Math.trunc(Number(query.get('page') ?? 1)) - 1 || 0),
    station: /^[0-9A-Z][0-9A-Z-]{2,31}$/.exec(query.get('station') ?? '')?.[0] ?? null,
  };
}

/** Writes the view into an address, leaving out what is the default. */
export function writeStationsView(view: StationsView, query: URLSearchParams): void {
  const set = (name: string, value: string | null) => {
    if (value) query.set(name, value);
  };
  set('q', view.words);
  set('unit', view.unit);
  set('status', view.status);
  set('service', view.service);
  set('flaw', view.flaw);
  if (view.column !== 'code' || view.descending) {
    query.set('sort', view.descending ? `${view.column}.desc` : view.column);
  }
  if (view.page > 0) query.set('page', String(view.page + 1));
  set('station', view.station);
}

/** How many of the filters are set. */
export function filterCount({ words, unit, status, service, flaw }: StationsView): number {
  return [words.trim(), unit, status, service, flaw].filter(Boolean).length;
}

export type Duplicates = ReadonlyMap<string, readonly Neighbour[]>;

export interface Neighbour {
  code: string;
  name: string;
  meters: number;
}

/** How near two stations are that may be one. */
export const DUPLICATE_METERS = 50;

/** For each station that has any, the stations within 50 m of it, the nearest first. */
export function findDuplicates(stations: readonly Station[], meters = DUPLICATE_METERS): Duplicates {
  const found = new Map<string, Neighbour[]>();
  const add = (of: Station, { code, name }: Station, distance: number) => {
    found.set(of.code, [...(found.get(of.code) ?? []), { code, name, meters: distance }]);
  };
  // A degree of latitude is at least 110.5 km: from south to north, few are near enough to measure.
  const band = meters / 110_500;
  const sorted = [...stations].sort((a, b) => a.location[1] - b.location[1]);
  for (const [index, one] of sorted.entries()) {
    for (let next = index + 1; next < sorted.length; next++) {
      const other = sorted[next];
      if (!other || other.location[1] - one.location[1] > band) break;
      const distance = distanceMeters(one.location, other.location);
      if (distance > meters) continue;
      add(one, other, distance);
      add(other, one, distance);
    }
  }
  for (const near of found.values()) near.sort((a, b) => a.meters - b.meters || compareText(a.code, b.code));
  return found;
}

/** Whether a station has the flaw. */
export function hasFlaw(station: Station, flaw: Flaw, duplicates: Duplicates): boolean {
  switch (flaw) {
    case 'duplicate':
      return duplicates.has(station.code);
    case 'no_hours':
      return readHours(station.openingHours) === null;
    case 'broken':
      return station.services.some(({ condition }) => condition === 'broken');
    case 'approximate':
      return station.approximate;
    case 'unconfirmed':
      return station.confirmedAt === null;
  }
}

/** The stations that the filters leave. */
export function filterStations(
  stations: readonly Station[],
  view: StationsView,
  duplicates: Duplicates,
): Station[] {
  const words = view.words.trim().toLowerCase();
  return stations.filter(
    (station) =>
      (words === '' ||
        [station.name, station.code, station.address].some((text) => text.toLowerCase().includes(words))) &&
      (view.unit === null || isWithin(station.community, view.unit)) &&
      (view.status === null || station.status === view.status) &&
      (view.service === null || offers(station, view.service)) &&
      (view.flaw === null || hasFlaw(station, view.flaw, duplicates)),
  );
}

/** The stations in the order of a column, ties by code. */
export function sortStations(
  stations: readonly Station[],
  { column, descending }: Pick<StationsView, 'column' | 'descending'>,
): Station[] {
  const sign = descending ? -1 : 1;
  return [...stations].sort((a, b) => sign * compare(a, b, column) || compareText(a.code, b.code));
}

/** The page that is shown, which is the last one where there are fewer. */
export function pageOf<T>(
  items: readonly T[],
  page: number,
): { items: readonly T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(items.length / PAGE_SIZE));
  const shown = Math.min(page, pages - 1);
  return { items: items.slice(shown * PAGE_SIZE, (shown + 1) * PAGE_SIZE), page: shown, pages };
}

/** Why opening hours cannot be read, with the part at fault after a colon; null where they can. */
export function hoursFault(text: string): string | null {
  try {
    parseHours(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function offers(station: Station, wanted: Service): boolean {
  return station.services.some(({ service, condition }) => service === wanted && condition !== 'broken');
}

function compare(a: Station, b: Station, column: StationColumn): number {
  switch (column) {
    case 'code':
      return compareText(a.code, b.code);
    case 'name':
      return a.name.localeCompare(b.name, 'zh-CN');
    case 'unit':
      return compareText(a.community, b.community);
    case 'status':
      return STATION_STATUSES.indexOf(a.status) - STATION_STATUSES.indexOf(b.status);
    case 'services':
      return usable(a) - usable(b);
    case 'capacity':
      return a.capacity - b.capacity;
    case 'confirmed':
      return (a.confirmedAt?.getTime() ?? 0) - (b.confirmedAt?.getTime() ?? 0);
  }
}

function usable({ services }: Station): number {
  return SERVICES.filter((one) =>
    services.some((have) => have.service === one && have.condition !== 'broken'),
  ).length;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function oneOf<T extends string>(values: readonly T[], text: string | null): T | null {
  return values.find((value) => value === text) ?? null;
}
