// What the phone remembers. A browser may forbid storage: then it remembers nothing, and all else works.
import { NAV_APPS, type NavApp } from '../../geo/navlinks.ts';
import type { LngLat } from '../../geo/distance.ts';
import type { NamedPlace } from '../../model/pack.ts';

/** A place that was picked by name. */
export type Picked = NamedPlace;

/** Where the phone found itself. It stays in the session of this page, and is never sent. */
export interface Position {
  at: LngLat;
  accuracyMeters: number;
  /** Milliseconds since 1970. */
  time: number;
}

const keys = { place: 'yizhan.place', nav: 'yizhan.nav', position: 'yizhan.position' } as const;

export function recallPlace(): Picked | null {
  const value = read(localStorageOf, keys.place) as Partial<Picked> | null;
  if (!value || typeof value.code !== 'string' || typeof value.name !== 'string' || !isPoint(value.at))
    return null;
  return { code: value.code, name: value.name, nameEn: value.nameEn ?? '', at: value.at };
}

export function rememberPlace(place: Picked | null): void {
  write(localStorageOf, keys.place, place);
}

export function recallNavApp(): NavApp | null {
  const value = read(localStorageOf, keys.nav);
  return NAV_APPS.find((app) => app === value) ?? null;
}

export function rememberNavApp(app: NavApp | null): void {
  write(localStorageOf, keys.nav, app);
}

/** A switch of the page: warm places first, everything larger. */
export function recallSwitch(name: 'cold' | 'large'): boolean {
  return read(localStorageOf, `yizhan.${name}`) === true;
}

export function rememberSwitch(name: 'cold' | 'large', on: boolean): void {
  write(localStorageOf, `yizhan.${name}`, on || null);
}

export function recallPosition(): Position | null {
  const value = read(sessionStorageOf, keys.position) as Partial<Position> | null;
  if (!value || !isPoint(value.at) || typeof value.time !== 'number') return null;
  return { at: value.at, time: value.time, accuracyMeters: value.accuracyMeters ?? 0 };
}

export function rememberPosition(position: Position | null): void {
  write(sessionStorageOf, keys.position, position);
}

// Even naming the storage throws where it is forbidden.
const localStorageOf = () => localStorage;
const sessionStorageOf = () => sessionStorage;

function read(storage: () => Storage, key: string): unknown {
  try {
    return JSON.parse(storage().getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: unknown): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // see above
  }
}

function isPoint(value: unknown): value is LngLat {
  return Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each));
}
