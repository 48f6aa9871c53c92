// How two measures of the same units go together.

export interface Pair {
  readonly x: number;
  readonly y: number;
}

/** Pearson's correlation; null for fewer than three pairs, or where one of the two never changes. */
export function pearson(pairs: readonly Pair[]): number | null {
  const n = pairs.length;
  if (n < 3) return null;
  const meanX = pairs.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = pairs.reduce((sum, { y }) => sum + y, 0) / n;
  let [xx, yy, xy] = [0, 0, 0];
  for (const { x, y } of pairs) {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  if (xx === 0 || yy === 0) return null;
  return Math.min(1, Math.max(-1, xy / Math.sqrt(xx * yy)));
}

/** Spearman's correlation: that of the ranks, equal values sharing the mean of theirs. */
export function spearman(pairs: readonly Pair[]): number | null {
  const x = ranksOf(pairs.map((pair) => pair.x));
  const y = ranksOf(pairs.map((pair) => pair.y));
  return pearson(pairs.map((_, index) => ({ x: x[index] ?? 0, y: y[index] ?? 0 })));
}

/** The rank of each value, from 1. */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
