// What a rider asks: which station is near, open, and has what I need; and if none, what to give up.
import { distanceMeters, type LngLat } from '../geo/distance.ts';
import type { Service, Station } from './city.ts';
import { readHours, stateAt, type Hours } from './hours.ts';

/** A station whose hours have been read once. */
export interface Place extends Station {
  readonly hours: Hours;
}

/** The state as a rider needs it: whether there is time to get there. */
export type Phase = 'open' | 'closing' | 'closed' | 'unknown';

export interface Opening {
  readonly phase: Phase;
  /** When the phase ends; null where it does not, or nobody knows. */
  readonly until: Date | null;
}

export interface Filters {
  /** Only stations known to be open now. */
  readonly openNow: boolean;
  /** A station must offer all of these. */
  readonly services: readonly Service[];
}

/** A station as seen from where the rider is, at one moment. */
export interface Found {
  readonly station: Place;
  readonly meters: number;
  readonly opening: Opening;
}

/** One of the filters. */
export type Wish = 'open' | Service;

/** A filter that is worth giving up. */
export interface Advice {
  /** What to give up; several only where no single one helps. */
  readonly drop: readonly Wish[];
  /** How many stations there are without it. */
  readonly count: number;
  /** How far the nearest of them is. */
  readonly meters: number;
}

export const defaultFilters: Filters = { openNow: true, services: [] };

/** A station that closes within this time is as good as closed to who must still get there. */
export const closingMinutes = 30;

/** Reads the hours of a station. */
export function toPlace(station: Station): Place {
  return { ...station, hours: readHours(station.openingHours) };
}

/** The opening of a station at a moment. A station that is not in service is closed, whatever its hours. */
export function openingAt(station: Place, now: Date): Opening {
  if (station.status !== 'active') return { phase: 'closed', until: null };
  const { state, until } = stateAt(station.hours, now);
  if (state !== 'open' || until === null) return { phase: state, until };
  const left = until.getTime() - now.getTime();
  return { phase: left <= closingMinutes * 60_000 ? 'closing' : 'open', until };
}

/** The stations in service by true distance from a point; equally far ones by code. */
export function rank(places: readonly Place[], from: LngLat, now: Date): Found[] {
  return places
    .filter(({ status }) => status === 'active')
    .map((station) => ({
      station,
      meters: distanceMeters(from, station.location),
      opening: openingAt(station, now),
    }))
    .sort((a, b) => a.meters - b.meters || (a.station.code < b.station.code ? -1 : 1));
}

/** Those that meet every filter, in the order given. */
export function select(ranked: readonly Found[], filters: Filters): Found[] {
  return ranked.filter((found) => meets(found, wishesOf(filters)));
}

/** Whether one can warm up there now. */
export function isWarm({ station, opening }: Found): boolean {
  return isOpen(opening) && offers(station, 'heating');
}

/** In the cold: those that are open and heated first, else in the order given. */
export function warmFirst(found: readonly Found[]): Found[] {
  return [...found.filter(isWarm), ...found.filter((each) => !isWarm(each))];
}

/**
 * What to give up. With nothing found: the single filter whose loss brings the nearest station, or all of
 * them where no single one helps. With something found far away: a filter without which there is a station
 * at less than half the distance. Null where there is nothing worth giving up.
 */
export function advise(ranked: readonly Found[], filters: Filters): Advice | null {
  const wishes = wishesOf(filters);
  const found = ranked.filter((each) => meets(each, wishes));
  const nearest = found[0]?.meters ?? Infinity;
  if (wishes.length === 0 || nearest < farMeters) return null;
  const best = wishes
    .map((drop) => without(ranked, wishes, [drop]))
    .filter((advice) => advice !== null)
    .reduce<Advice | null>((best, each) => (best && best.meters <= each.meters ? best : each), null);
  if (found.length > 0) return best && best.meters < nearest / 2 ? best : null;
  return best ?? without(ranked, wishes, wishes);
}

/** The filters after giving some up. */
export function relax(filters: Filters, drop: readonly Wish[]): Filters {
  return {
    openNow: filters.openNow && !drop.includes('open'),
    services: filters.services.filter((service) => !drop.includes(service)),
  };
}

/** The filters with one service added or taken away. */
export function toggleService(filters: Filters, service: Service): Filters {
  const { services } = filters;
  return {
    ...filters,
    services: services.includes(service)
      ? services.filter((each) => each !== service)
      : [...services, service],
  };
}

/** Whether the station has the service in a usable condition. */
export function offers(station: Station, service: Service): boolean {
  return station.services.some((each) => each.service === service && each.condition !== 'broken');
}

/** Where else to go: the nearest others to a station, open ones first. */
export function alternatives(places: readonly Place[], to: Place, now: Date, count: number): Found[] {
  const others = rank(
    places.filter(({ code }) => code !== to.code),
    to.location,
    now,
  );
  const reachable = others.filter(({ opening }) => isOpen(opening));
  const rest = others.filter(({ opening }) => !isOpen(opening));
  return [...reachable, ...rest].slice(0, count);
}

/** Whether one can walk in now. */
export function isOpen({ phase }: Opening): boolean {
  return phase === 'open' || phase === 'closing';
}

// Streets are longer than the straight line, by about this much in the towns of the city.
const detour = 1.3;
const walkingMetersAMinute = 5000 / 60;
const ridingMetersAMinute = 15_000 / 60;

/** Minutes on foot, rounded up. */
export function walkMinutes(meters: number): number {
  return Math.ceil((meters * detour) / walkingMetersAMinute);
}

/** Minutes on an electric bike in winter, rounded up. */
export function rideMinutes(meters: number): number {
  return Math.ceil((meters * detour) / ridingMetersAMinute);
}

const farMeters = 3000;

function wishesOf({ openNow, services }: Filters): Wish[] {
  return openNow ? ['open', ...services] : [...services];
}

function meets(found: Found, wishes: readonly Wish[]): boolean {
  return wishes.every((wish) => (wish === 'open' ? isOpen(found.opening) : offers(found.station, wish)));
}

function without(ranked: readonly Found[], wishes: readonly Wish[], drop: readonly Wish[]): Advice | null {
  const kept = wishes.filter((wish) => !drop.includes(wish));
  const found = ranked.filter((each) => meets(each, kept));
  const [first] = found;
  return first ? { drop, count: found.length, meters: first.meters } : null;
}
