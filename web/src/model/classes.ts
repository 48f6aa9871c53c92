// Classes of values for a map: where one ends and the next begins. A value is in the class whose lower end is
// the last that it reaches.

export const METHODS = ['standard', 'quantile', 'equal', 'natural', 'manual'] as const;
export type Method = (typeof METHODS)[number];

/** Chosen classes. The standard ones of a measure have no breaks of their own. */
export interface Classes {
  readonly method: Exclude<Method, 'standard'>;
  /** Ascending; the first class is below the first of them. */
  readonly breaks: readonly number[];
}

export const FEWEST_CLASSES = 2;
export const MOST_CLASSES = 6;

/** Breaks of so many classes, or of fewer where the values do not tell so many apart. */
export function breaksOf(
  values: readonly number[],
  method: 'quantile' | 'equal' | 'natural',
  classes: number,
): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  if (lowest === undefined || highest === undefined || lowest === highest) return [];
  const breaks =
    method === 'equal'
      ? inner(classes, (part) => lowest + (highest - lowest) * part)
      : method === 'quantile'
        ? inner(classes, (part) => sorted[Math.ceil(part * sorted.length - 1e-9)] ?? highest)
        : naturalBreaks(sorted, classes);
  const apart = [...new Set(breaks)].filter((one) => one > lowest).sort((a, b) => a - b);
  if (apart.length > 0) return apart;
  // Nearly all are the lowest value: it is a class by itself, and the others are parted.
  const others = sorted.filter((value) => value > lowest);
  return [others[0] ?? highest, ...breaksOf(others, method, Math.max(FEWEST_CLASSES, classes - 1))];
}

function inner(classes: number, at: (part: number) => number): number[] {
  return Array.from({ length: classes - 1 }, (_, index) => at((index + 1) / classes));
}

/** How many different values natural breaks are sought among; more are merged first, a run at a time. */
const mostDistinct = 300;

// Fisher's optimal classes: the least sum of squared distances from the mean of each class.
function naturalBreaks(sorted: readonly number[], classes: number): number[] {
  const points = weighed(sorted);
  const k = Math.min(classes, points.length);
  const cost = squaresOf(points);
  let best = points.map((_, end) => cost(0, end));
  const from: number[][] = [];
  for (let n = 1; n < k; n++) {
    const [next, starts] = oneMore(best, cost, n);
    best = next;
    from.push(starts);
  }
  const breaks: number[] = [];
  let end = points.length - 1;
  for (const starts of from.reverse()) {
    const start = starts[end] ?? 0;
    breaks.push(points[start]?.value ?? 0);
    end = start - 1;
  }
  return breaks.reverse();
}

/** The best with one class more: for each end, where the last class begins. */
function oneMore(best: readonly number[], cost: (from: number, to: number) => number, n: number) {
  const next: number[] = [];
  const starts: number[] = [];
  for (let end = 0; end < best.length; end++) {
    let [least, start] = [Infinity, end];
    for (let begin = n; begin <= end; begin++) {
      const sum = (best[begin - 1] ?? 0) + cost(begin, end);
      if (sum < least) [least, start] = [sum, begin];
    }
    next.push(least);
    starts.push(start);
  }
  return [next, starts] as const;
}

interface Weighed {
  readonly value: number;
  readonly weight: number;
}

function weighed(sorted: readonly number[]): Weighed[] {
  const points: { value: number; weight: number }[] = [];
  for (const value of sorted) {
    const last = points.at(-1);
    if (last?.value === value) last.weight += 1;
    else points.push({ value, weight: 1 });
  }
  if (points.length <= mostDistinct) return points;
  const run = Math.ceil(points.length / mostDistinct);
  return Array.from({ length: Math.ceil(points.length / run) }, (_, at) => {
    const merged = points.slice(at * run, (at + 1) * run);
    return { value: merged[0]?.value ?? 0, weight: merged.reduce((sum, { weight }) => sum + weight, 0) };
  });
}

function squaresOf(points: readonly Weighed[]): (from: number, to: number) => number {
  const sums = [{ weight: 0, first: 0, second: 0 }];
  for (const { value, weight } of points) {
    const last = sums[sums.length - 1] ?? { weight: 0, first: 0, second: 0 };
    sums.push({
      weight: last.weight + weight,
      first: last.first + weight * value,
      second: last.second + weight * value * value,
    });
  }
  return (from, to) => {
    const [low, high] = [sums[from], sums[to + 1]];
    if (!low || !high) return 0;
    const first = high.first - low.first;
    return high.second - low.second - (first * first) / (high.weight - low.weight);
  };
}

/** The class of a value, from 0. */
export function classAt(breaks: readonly number[], value: number): number {
  return breaks.findLastIndex((one) => value >= one) + 1;
}

/** How many values are in each class. */
export function countsOf(values: readonly number[], breaks: readonly number[]): number[] {
  const counts = new Array<number>(breaks.length + 1).fill(0);
  for (const value of values) {
    const at = classAt(breaks, value);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/** Moves one break, kept between its neighbours. */
export function moveBreak(breaks: readonly number[], index: number, to: number, step: number): number[] {
  const low = (breaks[index - 1] ?? -Infinity) + step;
  const high = (breaks[index + 1] ?? Infinity) - step;
  return breaks.map((one, at) => (at === index ? Math.min(high, Math.max(low, to)) : one));
}

/** Rounds breaks to whole steps, such as households; equal ones become one. */
export function roundBreaks(breaks: readonly number[], step: number): number[] {
  const rounded = breaks.map((one) => Number((Math.round(one / step) * step).toPrecision(12)));
  return [...new Set(rounded)];
}

/** Where breaks may be, and how wide the steps are by which they move. */
export interface ClassScale {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  /** Whether small values get more room: for numbers that are spread widely. */
  readonly root: boolean;
}

/** From none to all, by whole per cent. */
export const SHARE_SCALE: ClassScale = { low: 0, high: 1, step: 0.01, root: false };

/** Whole numbers from nothing up to the highest of the values and breaks. */
export function countScale(values: readonly number[], breaks: readonly number[]): ClassScale {
  const high = values.reduce((most, one) => Math.max(most, one), Math.max(1, ...breaks));
  return { low: 0, high, step: 1, root: true };
}

/** Any numbers, by steps of about a hundredth of their range. */
export function figureScale(values: readonly number[], breaks: readonly number[]): ClassScale {
  const all = [...values, ...breaks];
  const low = all.reduce((least, one) => Math.min(least, one), all.length > 0 ? Infinity : 0);
  const high = all.reduce((most, one) => Math.max(most, one), -Infinity);
  const range = high > low ? high - low : 1;
  return {
    low,
    high: Math.max(high, low + range),
    step: 10 ** (Math.floor(Math.log10(range)) - 2),
    root: false,
  };
}

/** Classes as "quantile,0.2,0.5". */
export function formatClasses({ method, breaks }: Classes): string {
  return [method, ...breaks].join(',');
}

/** The classes of an address; null where there are none or they make no sense. */
export function parseClasses(text: string | null, least = 0): Classes | null {
  const [name, ...list] = (text ?? '').split(',');
  const method = METHODS.find((one) => one !== 'standard' && one === name);
  if (!method || method === 'standard' || list.length === 0) return null;
  const breaks = list.map((part) => (part.trim() === '' ? NaN : Number(part)));
  const ascending = breaks.every(
    (one, at) => Number.isFinite(one) && one >= least && (at === 0 || one > (breaks[at - 1] ?? -Infinity)),
  );
  return ascending && breaks.length < MOST_CLASSES ? { method, breaks } : null;
}
