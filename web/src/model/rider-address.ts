// The state of the rider page as an address. Where the rider is never stands in it: an address is sent to
// the server and shared with others. A banner that was picked does.
import { SERVICES, type Service } from './city.ts';
import { defaultFilters, type Filters } from './rider.ts';

export type Screen =
  | { readonly name: 'list' }
  | { readonly name: 'station'; readonly code: string }
  /** The sheets for the doors, to be printed. */
  | { readonly name: 'print' };

export interface RiderAddress {
  readonly screen: Screen;
  readonly filters: Filters;
  /** The code of the banner or township that distances are from; null for none. */
  readonly place: string | null;
  readonly map: boolean;
  /** Warm places first. */
  readonly cold: boolean;
}

/** Reads an address. What it does not know it leaves out. */
export function readAddress({ pathname, searchParams }: URL): RiderAddress {
  const services = (searchParams.get('services') ?? '').split(',');
  return {
    screen: readScreen(pathname),
    filters: {
      openNow: searchParams.get('open') === 'any' ? false : defaultFilters.openNow,
      services: SERVICES.filter((service) => services.includes(service)),
    },
    place: /^\d{6,12}$/.exec(searchParams.get('place') ?? '')?.[0] ?? null,
    map: searchParams.get('map') === '1',
    cold: searchParams.get('cold') === '1',
  };
}

/** Writes an address over a query of other things, such as the language. Defaults are left out. */
export function writeAddress(address: RiderAddress, others: URLSearchParams): string {
  const query = new URLSearchParams(others);
  const { filters, place, map, cold } = address;
  set(query, 'open', filters.openNow ? null : 'any');
  set(query, 'services', inOrder(filters.services).join(',') || null);
  set(query, 'place', place);
  set(query, 'map', map ? '1' : null);
  set(query, 'cold', cold ? '1' : null);
  const text = query.toString().replaceAll('%2C', ',');
  return pathOf(address.screen) + (text ? `?${text}` : '');
}

/** The path of a screen. */
export function pathOf(screen: Screen): string {
  switch (screen.name) {
    case 'station':
      return `/s/${encodeURIComponent(screen.code)}`;
    case 'print':
      return printPath;
    case 'list':
      return '/';
  }
}

// No station has this code: theirs are digits, capitals and hyphens.
const printPath = '/s/print';

function readScreen(pathname: string): Screen {
  if (pathname === printPath) return { name: 'print' };
  const [, code] = /^\/s\/([^/]+)\/?$/.exec(pathname) ?? [];
  return code === undefined ? { name: 'list' } : { name: 'station', code: decode(code) };
}

// A half-written escape stays as it is: there is no such station, which the page then says.
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function inOrder(services: readonly Service[]): Service[] {
  return SERVICES.filter((service) => services.includes(service));
}

function set(query: URLSearchParams, name: string, value: string | null): void {
  if (value === null) query.delete(name);
  else query.set(name, value);
}
