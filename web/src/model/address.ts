// What a page shows, as the query of its address: a link opens the same view for somebody else.
import type { LngLat } from '../geo/distance.ts';

export interface CameraAddress {
  center: LngLat;
  zoom: number;
}

/** A camera as "119.7364,49.2122,11.5": longitude, latitude, zoom. */
export function formatCamera({ center: [lng, lat], zoom }: CameraAddress): string {
  // Five digits are a metre; a view needs no more.
  return [lng.toFixed(5), lat.toFixed(5), zoom.toFixed(2)].map((part) => String(Number(part))).join(',');
}

/** The camera of an address; null where it is missing or makes no sense. */
export function parseCamera(text: string | null): CameraAddress | null {
  const parts = (text ?? '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [lng = NaN, lat = NaN, zoom = NaN] = parts;
  const sound = parts.length === 3 && within(lng, 180) && within(lat, 85) && zoom >= 0 && zoom <= 22;
  return sound ? { center: [lng, lat], zoom } : null;
}

/** The code of an address if it looks like one of that many digits. */
export function parseCode(text: string | null, ...digits: number[]): string | null {
  return text !== null && /^\d+$/.test(text) && digits.includes(text.length) ? text : null;
}

/** The query as text that people can read: commas stay commas. */
export function queryText(query: URLSearchParams): string {
  const text = query.toString().replaceAll('%2C', ',');
  return text ? `?${text}` : '';
}

function within(value: number, limit: number): boolean {
  return Math.abs(value) <= limit;
}
