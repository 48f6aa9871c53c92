import jsQR from 'jsqr';
import { expect, it } from 'vitest';
import { doorCode } from './door-code.ts';

const scale = 4;

/** Draws the path as a browser does, and reads it as another library does. */
function read({ size, path }: ReturnType<typeof doorCode>): string | undefined {
  const side = size * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(length)) * scale; column++) {
        pixels.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
      }
    }
  }
  return jsQR(pixels, side, side)?.data;
}

it.each(['https://yizhan.example/s/150702-0001', 'http://localhost:8080/s/150702-0041?lang=en'])(
  'codes %s',
  (link) => {
    expect(read(doorCode(link))).toBe(link);
  },
);

it('leaves the quiet zone free', () => {
  const { size, path } = doorCode('https://yizhan.example/s/150702-0001');
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    expect(Math.min(Number(x), Number(y))).toBeGreaterThanOrEqual(4);
    expect(Math.max(Number(x) + Number(length), Number(y) + 1)).toBeLessThanOrEqual(size - 4);
  }
});
