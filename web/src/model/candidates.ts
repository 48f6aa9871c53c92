// A list of places where stations may stand, as people paste it or have it in a file.
import type { LngLat } from '../geo/distance.ts';

export interface Candidate {
  readonly name: string;
  readonly at: LngLat;
  /** Null where it costs as much as any other. */
  readonly cost: number | null;
}

export interface CandidateList {
  readonly places: readonly Candidate[];
  /** Lines, from 1, that cannot be read. */
  readonly faults: readonly number[];
}

/** The most places that the server takes. */
export const MOST_CANDIDATES = 10_000;

/**
 * Reads lines of name, longitude, latitude and perhaps cost, parted by commas or tabs. The name may be left
 * away, and the first line may be a heading.
 */
export function readCandidates(text: string): CandidateList {
  const places: Candidate[] = [];
  const faults: number[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') return;
    const place = readLine(line);
    if (place) places.push(place);
    else if (index > 0 || places.length > 0 || /\d{2}/.test(line)) faults.push(index + 1);
  });
  return { places, faults };
}

function readLine(line: string): Candidate | null {
  const parts = line.split(/[,，\t;；]/).map((part) => part.trim().replace(/^"|"$/g, ''));
  const first = parts.findIndex((part, at) => isNumber(part) && isNumber(parts[at + 1]));
  if (first < 0 || first > 1) return null;
  const [lng = NaN, lat = NaN] = parts.slice(first, first + 2).map(Number);
  const cost = parts[first + 2];
  if (Math.abs(lng) > 180 || Math.abs(lat) > 90) return null;
  if (cost && !(isNumber(cost) && Number(cost) >= 0)) return null;
  const name = (first === 0 ? '' : (parts[0] ?? '')).slice(0, 100);
  return { name, at: [lng, lat], cost: cost ? Math.round(Number(cost)) : null };
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text);
}
