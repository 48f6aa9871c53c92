// Classes that follow each other are told apart by people whose eyes lack red or green, by day and by night.
import { describe, expect, it } from 'vitest';
import { indicatorRamp, loadRamp, rampOf, type Ramp } from './ramps.ts';

type Rgb = readonly [number, number, number];

const linear = (hex: string): Rgb => {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return [r ?? 0, g ?? 0, b ?? 0];
};

// Viénot, Brettel and Mollon (1999): what is left of linear RGB without the long or the middle cones.
const protan = ([r, g, b]: Rgb): Rgb => {
  const mixed = 0.11238 * r + 0.88762 * g;
  return [mixed, mixed, 0.00401 * r - 0.00401 * g + b];
};
const deutan = ([r, g, b]: Rgb): Rgb => {
  const mixed = 0.29275 * r + 0.70725 * g;
  return [mixed, mixed, -0.02234 * r + 0.02234 * g + b];
};
/** CIE L*a*b* under D65. */
const lab = ([r, g, b]: Rgb): Rgb => {
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

const apart = (a: Rgb, b: Rgb) => Math.hypot(...lab(a).map((one, at) => one - (lab(b)[at] ?? 0)));

const eyes = { usual: (rgb: Rgb) => rgb, protan, deutan } as const;
const themes = ['day', 'night'] as const;
const ramps: Record<string, (theme: (typeof themes)[number]) => Ramp> = {
  share: (theme) => rampOf('share', theme),
  unmet: (theme) => rampOf('unmet', theme),
  load: loadRamp,
  indicator: (theme) => indicatorRamp([1, 2, 3, 4, 5], theme),
};

describe.each(Object.keys(ramps))('the ramp of %s', (name) => {
  it.each(themes.flatMap((theme) => Object.keys(eyes).map((eye) => [theme, eye] as const)))(
    'keeps its classes apart by %s in eyes of kind %s',
    (theme, eye) => {
      const see = eyes[eye as keyof typeof eyes];
      const colors = (ramps[name]?.(theme) ?? []).map(({ color }) => see(linear(color)));
      const lightness = colors.map((color) => lab(color)[0]);
      const steps = colors.slice(1).map((color, at) => apart(color, colors[at] ?? color));
      // Ten is told apart at a glance; about two is the least that can be seen at all.
      expect(Math.min(...steps)).toBeGreaterThan(10);
      // Lightness never turns back: that is how their order is seen.
      const ways = lightness.slice(1).map((one, at) => one - (lightness[at] ?? 0));
      expect(Math.min(...ways) > -1 || Math.max(...ways) < 1).toBe(true);
    },
  );
});
