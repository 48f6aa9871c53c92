// A what-if: stations added, moved, closed or run otherwise, laid over the city. Everything here makes new edits
// of old ones; what was is kept, so that undo has exactly what was there.
import type { LngLat } from '../geo/distance.ts';
import { isService, SERVICES, type Figures, type Service, type Station } from './city.ts';

export type ScenarioEdit =
  | {
      readonly kind: 'add_station';
      readonly station: string;
      readonly name: string;
      readonly location: LngLat;
      readonly services: readonly Service[];
      /** Empty where nobody knows. */
      readonly openingHours: string;
      readonly capacity: number;
      readonly heated: boolean;
    }
  | { readonly kind: 'move_station'; readonly station: string; readonly location: LngLat }
  | { readonly kind: 'close_station'; readonly station: string }
  | { readonly kind: 'set_hours'; readonly station: string; readonly openingHours: string }
  | { readonly kind: 'set_services'; readonly station: string; readonly services: readonly Service[] }
  | { readonly kind: 'set_capacity'; readonly station: string; readonly capacity: number }
  | { readonly kind: 'scale_demand'; readonly unit: string; readonly perMille: number };

export type AddedStation = Extract<ScenarioEdit, { kind: 'add_station' }>;
export type Edits = readonly ScenarioEdit[];

/** A scenario that is kept on the server. */
export interface SavedScenario extends ScenarioSummary {
  readonly edits: Edits;
}

export interface ScenarioSummary {
  readonly id: string;
  readonly name: string;
  readonly author: string;
  /** The number of the account that it belongs to; null for none. */
  readonly owner: number | null;
  /** The state of the city that it lies over. */
  readonly seq: number;
  readonly version: number;
  readonly updatedAt: Date;
  readonly editCount: number;
}

/** What a scenario changes. */
export interface Difference {
  readonly seq: number;
  readonly whole: UnitDifference;
  readonly parts: readonly UnitDifference[];
  readonly gaps: readonly { readonly kind: string; readonly gained: number; readonly lost: number }[];
}

export interface UnitDifference {
  readonly code: string;
  readonly name: string;
  readonly before: Figures | null;
  readonly after: Figures | null;
}

/** Two states of the city by the same question: a unit, and those just below it. */
export interface Comparison {
  readonly units: readonly {
    readonly code: string;
    readonly name: string;
    readonly left: Figures | null;
    readonly right: Figures | null;
  }[];
}

/** The most edits that an address can carry. */
export const MOST_UNSAVED_EDITS = 100;
/** The longest text of unsaved edits that the server reads. */
export const MOST_PACKED = 8000;

const usualServices: readonly Service[] = ['water', 'charging', 'rest', 'heating'];

/** What a new station offers: what is asked for, and what most stations have. */
export function servicesWith(asked: readonly Service[]): Service[] {
  return SERVICES.filter((service) => asked.includes(service) || usualServices.includes(service));
}

/** Stations that there are, by code. */
export type KnownStations = ReadonlyMap<string, Station>;
export const noStations: KnownStations = new Map();

export function withStations(known: KnownStations, stations: readonly Station[]): KnownStations {
  return new Map([...known, ...stations.map((station) => [station.code, station] as const)]);
}

/** What a new station is like until somebody says otherwise. */
export interface NewStation {
  readonly location: LngLat;
  readonly name?: string;
  readonly services: readonly Service[];
}

/** Adds a station that is always open and heated, under the lowest free code. */
export function addStation(edits: Edits, { location, name = '', services }: NewStation): Edits {
  const taken = new Set(edits.map((edit) => ('station' in edit ? edit.station : '')));
  let n = 1;
  while (taken.has(newCode(n))) n++;
  const heated = true;
  return [
    ...edits,
    {
      kind: 'add_station',
      station: newCode(n),
      name,
      location,
      services,
      openingHours: '24/7',
      capacity: 0,
      heated,
    },
  ];
}

function newCode(n: number): string {
  return `new-${String(n)}`;
}

/** Whether only the scenario has the station. */
export function isNew(code: string): boolean {
  return code.startsWith('new-');
}

/** Moves a station; one that the scenario adds is added there. */
export function moveStation(edits: Edits, station: string, location: LngLat): Edits {
  if (isNew(station)) return changeAdded(edits, station, { location });
  return put(edits, { kind: 'move_station', station, location });
}

export function setHours(edits: Edits, station: string, openingHours: string): Edits {
  if (isNew(station)) return changeAdded(edits, station, { openingHours });
  return put(edits, { kind: 'set_hours', station, openingHours });
}

export function setServices(edits: Edits, station: string, services: readonly Service[]): Edits {
  if (isNew(station)) {
    return changeAdded(edits, station, { services, heated: services.includes('heating') });
  }
  return put(edits, { kind: 'set_services', station, services });
}

export function renameAdded(edits: Edits, station: string, name: string): Edits {
  return changeAdded(edits, station, { name });
}

/** Closes a station: what else was said of it does not matter then. One that the scenario adds is not added. */
export function closeStation(edits: Edits, station: string): Edits {
  const others = leaveAsIs(edits, station);
  return isNew(station) ? others : [...others, { kind: 'close_station', station }];
}

/** Takes back all that is said of a station. */
export function leaveAsIs(edits: Edits, station: string): Edits {
  return edits.filter((edit) => !('station' in edit && edit.station === station));
}

/** Takes back one edit; with a station that is added go the edits of it. */
export function dropEdit(edits: Edits, index: number): Edits {
  const dropped = edits[index];
  if (dropped?.kind === 'add_station') return leaveAsIs(edits, dropped.station);
  return edits.filter((_, at) => at !== index);
}

// One edit of a kind a station is enough: the last one holds.
function put(edits: Edits, edit: Extract<ScenarioEdit, { station: string }>): Edits {
  const at = edits.findIndex(
    (one) => one.kind === edit.kind && 'station' in one && one.station === edit.station,
  );
  return at < 0 ? [...edits, edit] : edits.with(at, edit);
}

function changeAdded(edits: Edits, station: string, change: Partial<AddedStation>): Edits {
  return edits.map((edit) =>
    edit.kind === 'add_station' && edit.station === station ? { ...edit, ...change } : edit,
  );
}

/** A station that a scenario touches, and what it makes of it. */
export interface TouchedStation {
  readonly code: string;
  readonly added: AddedStation | null;
  /** Where it is put; null where it stays. */
  readonly location: LngLat | null;
  readonly closed: boolean;
  readonly openingHours: string | null;
  readonly services: readonly Service[] | null;
}

/** The stations that are touched, in the order in which they are first named. */
export function touchedStations(edits: Edits): TouchedStation[] {
  const stations = new Map<string, TouchedStation>();
  for (const edit of edits) {
    if (edit.kind === 'scale_demand') continue;
    const before = stations.get(edit.station) ?? {
      code: edit.station,
      added: null,
      location: null,
      closed: false,
      openingHours: null,
      services: null,
    };
    stations.set(edit.station, { ...before, ...changeOf(edit) });
  }
  return [...stations.values()];
}

function changeOf(edit: ScenarioEdit): Partial<TouchedStation> {
  switch (edit.kind) {
    case 'add_station':
      return {
        added: edit,
        location: edit.location,
        openingHours: edit.openingHours,
        services: edit.services,
      };
    case 'move_station':
      return { location: edit.location };
    case 'close_station':
      return { closed: true };
    case 'set_hours':
      return { openingHours: edit.openingHours };
    case 'set_services':
      return { services: edit.services };
    default:
      return {};
  }
}

/** An edit as the server takes it. */
export type PlainEdit = Readonly<Record<string, unknown>>;

export function plainEdit(edit: ScenarioEdit): PlainEdit {
  if ('openingHours' in edit) {
    const { openingHours, ...rest } = edit;
    return { ...rest, opening_hours: openingHours };
  }
  if ('perMille' in edit) {
    const { perMille, ...rest } = edit;
    return { ...rest, per_mille: perMille };
  }
  return { ...edit };
}

/** An edit of the server; null where it makes no sense. */
export function readEdit(plain: PlainEdit): ScenarioEdit | null {
  const station = typeof plain.station === 'string' ? plain.station : null;
  const location = readPoint(plain.location);
  const openingHours = typeof plain.opening_hours === 'string' ? plain.opening_hours : '';
  const services = Array.isArray(plain.services) ? plain.services.map(String).filter(isService) : [];
  const capacity = typeof plain.capacity === 'number' ? plain.capacity : 0;
  if (plain.kind === 'scale_demand') {
    const { unit, per_mille: perMille } = plain;
    return typeof unit === 'string' && typeof perMille === 'number'
      ? { kind: plain.kind, unit, perMille }
      : null;
  }
  if (station === null) return null;
  switch (plain.kind) {
    case 'add_station': {
      const name = typeof plain.name === 'string' ? plain.name : '';
      const heated = plain.heated === true;
      return (
        location && { kind: plain.kind, station, name, location, services, openingHours, capacity, heated }
      );
    }
    case 'move_station':
      return location && { kind: plain.kind, station, location };
    case 'close_station':
      return { kind: plain.kind, station };
    case 'set_hours':
      return { kind: plain.kind, station, openingHours };
    case 'set_services':
      return { kind: plain.kind, station, services };
    case 'set_capacity':
      return { kind: plain.kind, station, capacity };
    default:
      return null;
  }
}

function readPoint(value: unknown): LngLat | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [lng, lat] = value.map(Number);
  return Number.isFinite(lng) && Number.isFinite(lat) ? [lng ?? 0, lat ?? 0] : null;
}

/** Edits and what they lie over: null is the city as it is. */
export interface Unsaved {
  readonly seq: number | null;
  readonly edits: Edits;
}

/** Unsaved edits as text for an address, as the server takes them. */
export function packEdits({ seq, edits }: Unsaved): string {
  const plain = { ...(seq === null ? {} : { seq }), edits: edits.map(plainEdit) };
  const bytes = new TextEncoder().encode(JSON.stringify(plain));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The edits of an address; null where there are none or they make no sense. */
export function unpackEdits(packed: string | null): Unsaved | null {
  if (!packed || packed.length > MOST_PACKED || !/^[\w-]+$/.test(packed)) return null;
  try {
    const text = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const plain = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as {
      seq?: unknown;
      edits?: unknown;
    };
    if (!Array.isArray(plain.edits) || plain.edits.length > MOST_UNSAVED_EDITS) return null;
    const edits = plain.edits.map((edit) => readEdit(edit as PlainEdit));
    if (edits.includes(null)) return null;
    const seq = typeof plain.seq === 'number' && plain.seq >= 0 ? plain.seq : null;
    return { seq, edits: edits as ScenarioEdit[] };
  } catch {
    return null; // cut short, or of another kind
  }
}
