import { describe, expect, it } from 'vitest';
import { addTouched, tilesOf, type Touched } from './touched.ts';

describe('tilesOf', () => {
  it('reads a tile, and a row of neighbours', () => {
    expect(tilesOf('6/52/21')).toEqual([{ z: 6, x: 52, y: 21 }]);
    expect(tilesOf('0/0/0')).toEqual([{ z: 0, x: 0, y: 0 }]);
    expect(tilesOf('9/3-5/7').map(({ x }) => x)).toEqual([3, 4, 5]);
  });

  it('takes nothing else for a tile', () => {
    for (const text of ['', '1/2', '1/2/3/4', '1/-2/3', 'a/b/c', '1/2-/3']) {
      expect(() => tilesOf(text)).toThrow('not a tile');
    }
  });

  it('does not fill the memory', () => {
    expect(tilesOf('30/0-1073741823/7').length).toBeLessThan(10_000);
  });
});

describe('addTouched', () => {
  const nothing: Touched = new Map();
  const some = (layer: string, ...tiles: string[]) => ({ layer, all: false, tiles });

  it('adds up what several events tell', () => {
    const first = addTouched(nothing, [some('stations', '6/52/21')]);
    const both = addTouched(first, [some('stations', '7/104/42'), some('units', '0/0/0')]);
    expect(both.get('stations')).toEqual([
      { z: 6, x: 52, y: 21 },
      { z: 7, x: 104, y: 42 },
    ]);
    expect(both.get('units')).toHaveLength(1);
    expect(first.size).toBe(1);
  });

  it('keeps everywhere everywhere', () => {
    const all = addTouched(nothing, [{ layer: 'coverage', all: true, tiles: [] }]);
    expect(addTouched(all, [some('coverage', '1/0/0')]).get('coverage')).toBe('all');
    expect(
      addTouched(addTouched(nothing, [some('coverage', '1/0/0')]), [
        { layer: 'coverage', all: true, tiles: [] },
      ]).get('coverage'),
    ).toBe('all');
  });

  it('makes a list that is too long everywhere, and passes over layers that it does not know', () => {
    expect(addTouched(nothing, [some('units', '14/0-9999/7')]).get('units')).toBe('all');
    expect(addTouched(nothing, [some('gaps', '1/0/0')]).size).toBe(0);
  });
});
