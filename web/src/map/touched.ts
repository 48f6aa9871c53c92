// Which tiles are others now, as the event stream tells it.
import { TILE_SETS, type TileSet } from './layers.ts';

export interface TileId {
  z: number;
  x: number;
  y: number;
}

/** For each tile set that changed: where, or everywhere. */
export type Touched = ReadonlyMap<TileSet, 'all' | readonly TileId[]>;

export interface WireTouched {
  layer: string;
  all: boolean;
  tiles: readonly string[];
}

/** More than any screen shows by far: beyond, all that is shown is asked for again. */
const mostTiles = 5_000;

/** Puts what a server told into what is known already. */
export function addTouched(known: Touched, told: readonly WireTouched[]): Touched {
  const sum = new Map(known);
  for (const { layer, all, tiles } of told) {
    const set = TILE_SETS.find((one) => one === layer);
    if (!set) continue; // of a newer server
    const before = sum.get(set) ?? [];
    sum.set(set, all || before === 'all' ? 'all' : bounded([...before, ...tiles.flatMap(tilesOf)]));
  }
  return sum;
}

/** The same, and everywhere of a tile set if any of it changed. */
export function widened(touched: Touched, set: TileSet): Touched {
  return new Map([...touched].map(([one, where]) => [one, one === set ? 'all' : where]));
}

const bounded = (tiles: readonly TileId[]) => (tiles.length > mostTiles ? 'all' : tiles);

/** The tiles of "z/x/y", or of "z/from-to/y", which are neighbours in a row. */
export function tilesOf(text: string): TileId[] {
  const parts = /^(\d+)\/(\d+)(?:-(\d+))?\/(\d+)$/.exec(text);
  if (!parts) throw new Error(`not a tile: ${text}`);
  const [z = 0, from = 0, to = from, y = 0] = parts.slice(1).map((part) => (part ? Number(part) : undefined));
  const count = Math.min(to - from + 1, mostTiles + 1);
  return Array.from({ length: count }, (_, index) => ({ z, x: from + index, y }));
}
