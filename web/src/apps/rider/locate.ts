// Asks the phone where it is. Only called from a tap.
import type { Position } from './memory.ts';

export type LocateFailure = 'denied' | 'unavailable' | 'slow' | 'unsupported';

const reasons: Readonly<Record<number, LocateFailure>> = { 1: 'denied', 2: 'unavailable', 3: 'slow' };
const patienceMs = 12_000;
const freshEnoughMs = 30_000;

/** The position, or why there is none. */
export function locate(): Promise<Position | LocateFailure> {
  if (!('geolocation' in navigator)) return Promise.resolve('unsupported');
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) => {
        resolve({
          at: [coords.longitude, coords.latitude],
          accuracyMeters: coords.accuracy,
          time: timestamp,
        });
      },
      ({ code }) => {
        resolve(reasons[code] ?? 'unavailable');
      },
      { enableHighAccuracy: true, timeout: patienceMs, maximumAge: freshEnoughMs },
    );
  });
}
