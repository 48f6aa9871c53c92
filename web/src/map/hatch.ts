// The pattern of what has no value: diagonal lines, which no class of a ramp has.
import type { Map as MapLibre } from 'maplibre-gl';
import { PALETTES, type MapTheme } from './palette.ts';

export function hatchOf(theme: MapTheme): string {
  return `hatch-${theme}`;
}

const size = 16;

/** Draws the pattern when the map first asks for it. */
export function provideHatch(map: MapLibre): void {
  map.on('styleimagemissing', ({ id }) => {
    const theme = (['day', 'night'] as const).find((one) => hatchOf(one) === id);
    if (theme && !map.hasImage(id)) map.addImage(id, hatch(PALETTES[theme].labelQuiet), { pixelRatio: 2 });
  });
}

function hatch(color: string): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d');
  if (!pen) return new ImageData(size, size);
  pen.strokeStyle = color;
  pen.lineWidth = 2;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}
