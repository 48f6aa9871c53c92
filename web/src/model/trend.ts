// How coverage came to be what it is.

/** How many days a trend may go back. */
export const TREND_DAYS = [30, 90, 366] as const;
export type TrendDays = (typeof TREND_DAYS)[number];

/** The state from a change of stations on. */
export interface TrendPoint {
  at: Date;
  /** 0 for how it was on the first day. */
  seq: number;
  covered: number;
  coveredPossible: number;
  crossCovered: number;
  stations: number;
}

export interface Trend {
  seq: number;
  households: number;
  /** When the record begins; null for none. */
  since: Date | null;
  from: Date;
  /** The earliest first; the last is the present. */
  points: readonly TrendPoint[];
}

/** A curve of steps through the points, each of which holds until the next, and the last until the end. */
export function stepsOf(points: readonly { x: number; y: number }[], end: number): string {
  return points
    .map(({ x, y }, index) => {
      const next = points[index + 1]?.x ?? end;
      return `${index === 0 ? 'M' : 'L'}${String(x)},${String(y)}H${String(next)}`;
    })
    .join('');
}

/** An axis that has the values within it and is never less wide than a share of the whole: small moves look small. */
export function axisOf(shares: readonly number[], narrowest = 0.05): readonly [low: number, high: number] {
  const low = Math.min(...shares);
  const high = Math.max(...shares);
  const room = Math.max(0, narrowest - (high - low)) / 2;
  const from = Math.max(0, Math.min(low - room, 1 - narrowest));
  return [from, Math.min(1, Math.max(high + room, from + narrowest))];
}
