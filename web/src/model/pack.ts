// The pack: every station in columns, as GET /api/stations.pack sends it, small enough to be always at hand.
// What arrives or was kept may be cut off or of a later form: it is read whole, or refused.
import type { LngLat } from '../geo/distance.ts';
import type { Condition, Service, StationKind, StationService } from './city.ts';
import { isService } from './city.ts';
import { readHours } from './hours.ts';
import type { Place } from './rider.ts';

/** A banner or township that a rider may pick. */
export interface NamedPlace {
  code: string;
  name: string;
  nameEn: string;
  at: LngLat;
}

export interface Pack {
  /** The change of the log that the stations are up to. */
  readonly seq: number;
  /** 0 for all stations; else only what changed after this seq is in. */
  readonly since: number;
  readonly sum: number;
  readonly city: {
    readonly code: string;
    readonly name: string;
    readonly nameEn: string;
    readonly demo: boolean;
  };
  /** Banners and townships with a seat, in the order of their codes. Changes have only some. */
  readonly places: readonly NamedPlace[];
  /** In the order of their codes. */
  readonly stations: readonly Place[];
  readonly removed: readonly string[];
}

/** Says why a pack cannot be used. */
export class PackError extends Error {
  override readonly name = 'PackError';
}

/** Reads a pack; one that is broken in any way throws a PackError. */
export function readPack(text: string): Pack {
  const wire = parse(text);
  if (wire.format !== 1) throw new PackError('of an unknown form');
  const city = record(wire.city);
  const pack: Pack = {
    seq: integer(wire.seq),
    since: integer(wire.since),
    sum: integer(wire.sum),
    city: {
      code: string(city.code),
      name: string(city.name),
      nameEn: string(city.name_en),
      demo: city.demo === true,
    },
    ...readColumns(wire),
    removed: strings(wire.removed),
  };
  if (pack.since === 0 && sumOf(pack.stations) !== pack.sum) throw new PackError('cut off');
  return pack;
}

/** The stations after the changes; a PackError where these do not fit, and the whole must be had anew. */
export function withChanges(whole: Pack, changes: Pack): Pack {
  if (changes.since === 0) return changes;
  if (changes.since !== whole.seq) throw new PackError('changes of another pack');
  const stations = new Map(whole.stations.map((station) => [station.code, station]));
  for (const code of changes.removed) stations.delete(code);
  for (const station of changes.stations) stations.set(station.code, station);
  const inOrder = [...stations.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  if (sumOf(inOrder) !== changes.sum) throw new PackError('changes of other stations');
  return { ...changes, since: 0, places: whole.places, stations: inOrder, removed: [] };
}

/** FNV-1a over the stations and their versions, as the server takes it. */
export function sumOf(stations: readonly { code: string; version: number }[]): number {
  let sum = 0x811c9dc5;
  for (const { code, version } of stations) {
    const line = `${code}:${String(version)}\n`; // codes are ASCII
    for (let i = 0; i < line.length; i++) sum = Math.imul(sum ^ line.charCodeAt(i), 0x01000193);
  }
  return sum >>> 0;
}

type Wire = Readonly<Record<string, unknown>>;

const conditions: Readonly<Record<string, Condition>> = {
  w: 'working',
  l: 'limited',
  b: 'broken',
  u: 'unknown',
};
const dayMs = 86_400_000;
const chinaMs = 8 * 3_600_000;

interface ReadUnit {
  code: string;
  name: string;
  nameEn: string;
  /** With the names of all above it but the city. */
  full: string;
}

function readColumns(wire: Wire): { places: NamedPlace[]; stations: Place[] } {
  const units = readUnits(record(wire.units));
  return { places: readSeats(record(wire.units), units), stations: readStations(wire, units) };
}

function readUnits(columns: Wire): ReadUnit[] {
  const codes = strings(columns.code);
  const names = strings(columns.name, codes.length);
  const english = strings(columns.name_en, codes.length);
  // The banner and the township above the next one.
  const above: ReadUnit[] = [];
  return codes.map((short, i) => {
    const depth = short.startsWith('//') ? 2 : short.startsWith('/') ? 1 : 0;
    const parent = depth === 0 ? { code: '', full: '' } : at(above, depth - 1);
    const name = at(names, i);
    const unit = {
      code: parent.code + short.slice(depth),
      name,
      nameEn: at(english, i),
      full: parent.full + name,
    };
    above.length = depth;
    above.push(unit);
    return unit;
  });
}

function readSeats(columns: Wire, units: readonly ReadUnit[]): NamedPlace[] {
  const seats = integers(columns.seats);
  const places: NamedPlace[] = [];
  let [unit, lng, lat] = [0, 0, 0];
  for (let i = 0; i < seats.length; i += 3) {
    unit += at(seats, i);
    lng += at(seats, i + 1);
    lat += at(seats, i + 2);
    const { code, name, nameEn } = at(units, unit);
    places.push({ code, name, nameEn, at: point(lng / 1e3, lat / 1e3) });
  }
  return places;
}

function readStations(wire: Wire, units: readonly ReadUnit[]): Place[] {
  const columns = record(wire.stations);
  const codes = strings(columns.code);
  const column = (name: string) => integers(columns[name], codes.length);
  const texts = (name: string) => strings(columns[name], codes.length);
  const openingHours = strings(wire.hours);
  const hours = openingHours.map(readHours); // few stations have hours of their own
  const [sponsors, kinds] = [strings(wire.sponsors), strings(wire.kinds)];
  const [version, unit, sponsor, capacity] = ['version', 'unit', 'sponsor', 'capacity'].map(
    column,
  ) as Columns;
  const [lngs, lats, doorLngs, doorLats] = ['lng', 'lat', 'door_lng', 'door_lat'].map(column) as Columns;
  const [flags, hoursOf, confirmed] = ['flags', 'hours', 'confirmed'].map(column) as Columns;
  const [names, addresses, marks] = ['name', 'address', 'services'].map(texts) as [
    string[],
    string[],
    string[],
  ];
  const services = readServices(wire, columns);
  let [place, lng, lat] = [0, 0, 0];
  return codes.map((code, i): Place => {
    place += at(unit, i);
    lng += at(lngs, i);
    lat += at(lats, i);
    const community = at(units, place);
    const flag = at(flags, i);
    return {
      code,
      version: at(version, i),
      name: textAfter(community.name, at(names, i)),
      address: textAfter(community.full, at(addresses, i)),
      community: community.code,
      microGrid: '',
      sponsor: at(sponsors, at(sponsor, i)),
      kind: at(kinds, at(sponsor, i)) as StationKind,
      status: 'active',
      capacity: at(capacity, i),
      openingHours: at(openingHours, at(hoursOf, i)),
      hours: hours[at(hoursOf, i)] ?? null,
      location: point(lng / 1e5, lat / 1e5),
      entrance: flag & 1 ? point((lng + at(doorLngs, i)) / 1e5, (lat + at(doorLats, i)) / 1e5) : null,
      approximate: (flag & 2) !== 0,
      synthetic: (flag & 4) !== 0,
      ...services(at(marks, i), at(confirmed, i)),
    };
  });
}

type Columns = [number[], number[], number[], number[]];

// Services of this page's own; those that a newer server knows are passed over.
function readServices(wire: Wire, columns: Wire) {
  const offers = strings(wire.offers);
  const dates = integers(columns.dates);
  const newest = integer(wire.day);
  let next = 0;
  const dayOf = (before: number) => (before < 0 ? null : new Date((newest - before) * dayMs - chinaMs));
  return (marks: string, confirmed: number): { services: StationService[]; confirmedAt: Date | null } => {
    const services: StationService[] = [];
    [...marks].forEach((mark, i) => {
      const lower = mark.toLowerCase();
      if (lower === '-') return;
      const condition = conditions[lower];
      if (!condition) throw new PackError('a service in no condition');
      const days = mark === lower ? confirmed : at(dates, next++);
      const service: Service | string = at(offers, i);
      if (isService(service)) services.push({ service, condition, confirmedAt: dayOf(days) });
    });
    return { services, confirmedAt: dayOf(confirmed) };
  };
}

function textAfter(start: string, text: string): string {
  if (text.startsWith('~')) return start + text.slice(1);
  if (text.startsWith('=')) return text.slice(1);
  throw new PackError('a text without its mark');
}

function point(lng: number, lat: number): LngLat {
  if (Math.abs(lng) > 180 || Math.abs(lat) > 90) throw new PackError('a place that is nowhere');
  return [lng, lat];
}

function parse(text: string): Wire {
  try {
    return record(JSON.parse(text));
  } catch (error) {
    throw error instanceof PackError ? error : new PackError('no JSON');
  }
}

function record(value: unknown): Wire {
  if (typeof value !== 'object' || value === null) throw new PackError('not an object');
  return value as Wire;
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new PackError('a column is too short');
  return value;
}

function strings(value: unknown, length?: number): string[] {
  return list(value, 'string', length) as string[];
}

function integers(value: unknown, length?: number): number[] {
  const numbers = list(value, 'number', length) as number[];
  if (!numbers.every(Number.isSafeInteger)) throw new PackError('a number that is none');
  return numbers;
}

function list(value: unknown, type: string, length?: number): unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    throw new PackError('columns of different length');
  }
  if (!value.every((each) => typeof each === type)) throw new PackError('a column of something else');
  return value;
}

function string(value: unknown): string {
  return at(strings([value]), 0);
}

function integer(value: unknown): number {
  return at(integers([value]), 0);
}
