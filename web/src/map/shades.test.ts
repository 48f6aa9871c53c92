// What the legend shows is what MapLibre makes of the style.
import { expression, v8, type StylePropertySpecification } from '@maplibre/maplibre-gl-style-spec';
import { expect, it } from 'vitest';
import { coverageLayers } from './rooms/coverage.ts';
import { PALETTES } from './palette.ts';
import { CELL_SHADE, fadingAt, overLand, shadeAt } from './shades.ts';
import type { StyleState } from './style.ts';

function opacityOf(measure: 'share' | 'unmet', zoom: number, households: number): unknown {
  const coverage = { measure, breaks: null, question: {} };
  const state = { theme: 'day', coverage, unitFill: null } as unknown as StyleState;
  const [cells] = coverageLayers(state, PALETTES.day);
  const paint = (cells as { paint: Record<string, unknown> }).paint;
  const spec = v8.paint_fill['fill-opacity'] as StylePropertySpecification;
  const made = expression.createPropertyExpression(paint['fill-opacity'], 'fill-opacity', spec);
  if (made.result === 'error') throw new Error(made.value.map(({ message }) => message).join());
  return made.value.evaluate({ zoom }, { type: 'Polygon', properties: { households } });
}

it('fades hexagons as the style does', () => {
  for (const zoom of [3, 5, 6.3, 9, 11.5, 13, 15])
    for (const households of [1, 7, 30, 120, 999, 5000]) {
      expect(opacityOf('share', zoom, households)).toBeCloseTo(fadingAt(zoom, households), 6);
      expect(opacityOf('unmet', zoom, households)).toBeCloseTo(shadeAt(CELL_SHADE, zoom), 6);
    }
});

it('lays colours over land', () => {
  expect(overLand('#000000', 0, 'day')).toBe(PALETTES.day.land);
  expect(overLand('#123456', 1, 'night')).toBe('#123456');
  expect(overLand('#000000', 0.5, 'day')).toBe('#7c7c79');
});
