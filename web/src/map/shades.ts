// How strongly data lies over the ground. The style and the legend are both made from these, so that the legend shows
// the very colours that the map does: translucent ones, over land.
import { PALETTES, type MapTheme } from './palette.ts';
import type { Measure } from './ramps.ts';

/** Opacity by zoom, and between its stops in proportion. */
export type Shade = readonly (readonly [zoom: number, opacity: number])[];

export const UNIT_SHADE: Shade = [
  [5, 0.85],
  [10, 0.7],
  [14, 0.5],
];
export const FIGURE_SHADE: Shade = [
  [5, 0.9],
  [10, 0.75],
  [14, 0.55],
];
/** Of hexagons that show a number. */
export const CELL_SHADE: Shade = [
  [5, 0.92],
  [10, 0.82],
  [14, 0.6],
];

type Fading = readonly (readonly [households: number, opacity: number])[];

/**
 * Of hexagons that show a share, by zoom and households. A share weighs the same whether it is of three households or of
 * three thousand: where few live it is drawn faintly, or empty steppe would shout louder than a town. Hexagons
 * are smaller the further one is in.
 */
export const SHARE_FADING: readonly (readonly [zoom: number, fading: Fading])[] = [
  [
    5,
    [
      [1, 0.1],
      [30, 0.22],
      [300, 0.7],
      [2000, 0.95],
    ],
  ],
  [
    9,
    [
      [1, 0.14],
      [10, 0.35],
      [60, 0.8],
      [300, 0.95],
    ],
  ],
  [
    13,
    [
      [1, 0.2],
      [4, 0.4],
      [15, 0.65],
      [60, 0.75],
    ],
  ],
];

/** The households that the legend shows the fading at. */
export const FADING_SHOWN = [1, 10, 100, 1000] as const;

export function shadeAt(shade: Shade, zoom: number): number {
  return between(shade, zoom);
}

/** The opacity of a hexagon of so many households. */
export function fadingAt(zoom: number, households: number): number {
  return between(
    SHARE_FADING.map(([stop, fading]) => [stop, between(fading, households)] as const),
    zoom,
  );
}

/** What the legend is to show: hexagons by a share at several households, all else at one opacity. */
export function opacitiesOf(
  { byUnit, measure }: { byUnit: boolean; measure: Measure },
  zoom: number,
): readonly number[] {
  if (byUnit) return [shadeAt(UNIT_SHADE, zoom)];
  if (measure === 'unmet') return [shadeAt(CELL_SHADE, zoom)];
  return FADING_SHOWN.map((households) => fadingAt(zoom, households));
}

/** The colours of a class as they are seen, one for each opacity. */
export function tintsOf(color: string, opacities: readonly number[], theme: MapTheme): string[] {
  return opacities.map((opacity) => overLand(color, opacity, theme));
}

/** The colour that a translucent one makes over land. */
export function overLand(color: string, opacity: number, theme: MapTheme): string {
  const [top, ground] = [partsOf(color), partsOf(PALETTES[theme].land)];
  const mixed = top.map((part, at) => Math.round(part * opacity + (ground[at] ?? 0) * (1 - opacity)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function partsOf(hex: string): number[] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// As MapLibre interpolates: in proportion between two stops, and flat outside of all.
function between(stops: readonly (readonly [number, number])[], at: number): number {
  const next = stops.findIndex(([stop]) => stop > at);
  const [last, first] = [stops.at(-1)?.[1] ?? 1, stops[0]?.[1] ?? 1];
  if (next === 0) return first;
  if (next < 0) return last;
  const [[from, low] = [0, 1], [to, high] = [1, 1]] = [stops[next - 1], stops[next]];
  return low + ((high - low) * (at - from)) / (to - from);
}
