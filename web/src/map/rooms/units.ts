// Administrative units: where they are, their borders and names.
import type { ExpressionSpecification, FilterSpecification } from 'maplibre-gl';
import { hatchOf } from '../hatch.ts';
import type { LayerId, TileSet } from '../layers.ts';
import type { Palette } from '../palette.ts';
import type { Ramp } from '../ramps.ts';
import { UNIT_SHADE } from '../shades.ts';
import type { StyleState } from '../style.ts';
import { localName, plain, stepped, strong, zoomed, type Layer, type Stop } from './expressions.ts';

// Drawn only to be found under the pointer, and as the ground of the city.
export function unitAreas(): Layer[] {
  return [
    {
      id: 'unit-areas',
      type: 'fill',
      source: 'units',
      'source-layer': 'units',
      paint: { 'fill-color': '#000000', 'fill-opacity': 0 },
    },
  ];
}

/** Units coloured by a value of each. */
export interface UnitFill {
  /** By code; null where there is nothing to measure. */
  readonly values: Readonly<Record<string, number | null>>;
  readonly ramp: Ramp;
  /** Far out, where these units are too small to be told apart, the one that they make up stands for them. */
  readonly whole: string;
}

/** From where on the tiles have units of a level. */
const shownFrom: Readonly<Record<number, number>> = { 9: 8, 12: 10 };

/** A hatched unit has no value: a colour would say that it has. */
export function unitFillLayers({ unitFill, theme }: StyleState): Layer[] {
  const { values = {}, ramp = [], whole = '' } = unitFill ?? {};
  const parts = Object.keys(values).filter((code) => code !== whole);
  const known = (codes: readonly string[]) => codes.filter((code) => typeof values[code] === 'number');
  const unknown = (codes: readonly string[]) => codes.filter((code) => values[code] === null);
  const base = {
    type: 'fill',
    source: 'units',
    'source-layer': 'units',
  } as const;
  const either = (some: (codes: readonly string[]) => string[]) =>
    eitherBy(shownFrom[parts[0]?.length ?? 6] ?? 0, some([whole]), some(parts));
  const value = known([whole, ...parts]).flatMap((code) => [code, values[code] ?? 0]);
  return [
    {
      id: 'unit-fill',
      ...base,
      filter: either(known),
      paint: {
        'fill-color':
          value.length > 0
            ? stepped(['match', ['get', 'code'], ...value, 0] as unknown as ExpressionSpecification, ramp)
            : '#888888',
        'fill-opacity': zoomed(...UNIT_SHADE),
      },
    },
    {
      id: 'unit-fill-none',
      ...base,
      filter: either(unknown),
      paint: { 'fill-pattern': hatchOf(theme), 'fill-opacity': 0.8 },
    },
  ];
}

// Far out the one set of codes, from a zoom on the other.
function eitherBy(zoom: number, far: readonly string[], near: readonly string[]): FilterSpecification {
  const among = (codes: readonly string[]) => ['in', ['get', 'code'], ['literal', codes]];
  const filter = zoom === 0 ? among(near) : ['step', ['zoom'], among(far), zoom, among(near)];
  return filter as unknown as FilterSpecification;
}

/** A border, thicker the higher its rank. */
function border(id: LayerId, level: string, color: string, ...widths: Stop[]): Layer {
  return {
    id,
    type: 'line',
    source: 'units',
    'source-layer': 'unit_lines',
    filter: ['==', ['get', 'level'], level],
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': color, 'line-width': zoomed(...widths) },
  };
}

export function unitLines(palette: Palette): Layer[] {
  return [
    border('community-lines', 'community', palette.border, [10, 0.4], [12, 0.9], [15, 2]),
    border('township-lines', 'township', palette.border, [8, 0.4], [11, 1.2], [15, 2.6]),
    border('banner-lines', 'banner', palette.border, [4, 0.7], [8, 1.6], [12, 2.4], [15, 3.4]),
  ];
}

export function cityLine(palette: Palette): Layer[] {
  return [border('city-lines', 'city', palette.cityBorder, [4, 1.4], [8, 2.4], [12, 3.4])];
}

// A line in the colour of the selection, on a wider one that parts it from what is below.
export function selection(
  ids: readonly [LayerId, LayerId],
  from: { set: TileSet; code: string | null },
  palette: Palette,
) {
  const base = {
    type: 'line',
    source: from.set,
    'source-layer': from.set,
    filter: ['==', ['get', 'code'], from.code ?? ''] as FilterSpecification,
    layout: { 'line-join': 'round' },
  } as const;
  const [halo, line] = ids;
  return [
    {
      id: halo,
      ...base,
      paint: { 'line-color': palette.selectedHalo, 'line-width': 7, 'line-opacity': 0.85 },
    },
    { id: line, ...base, paint: { 'line-color': palette.selected, 'line-width': 3.5 } },
  ] satisfies Layer[];
}

/** The unit of the row that the pointer is on. */
export function pointedUnit({ pointedUnit: code }: StyleState, palette: Palette): Layer[] {
  return [
    {
      id: 'pointed-unit',
      type: 'line',
      source: 'units',
      'source-layer': 'units',
      filter: ['==', ['get', 'code'], code ?? ''],
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.gridHover, 'line-width': 2.5 },
    },
  ];
}

export function selectedUnit(state: StyleState, palette: Palette): Layer[] {
  return selection(
    ['selected-unit-halo', 'selected-unit'],
    { set: 'units', code: state.selectedUnit },
    palette,
  );
}

interface UnitName {
  id: LayerId;
  level: string;
  fonts: string[];
  sizes: Stop[];
  minzoom: number;
  maxzoom: number;
}

const anchors = ['bottom', 'top', 'left', 'right'] as const;

const besideSeat: ExpressionSpecification = ['step', ['zoom'], 1.2, 10, 0.4];

export function unitNames({ lang }: StyleState, palette: Palette): Layer[] {
  const all: UnitName[] = [
    {
      id: 'community-names',
      level: 'community',
      fonts: plain,
      sizes: [
        [11, 11],
        [15, 14],
      ],
      minzoom: 11,
      maxzoom: 24,
    },
    {
      id: 'township-names',
      level: 'township',
      fonts: plain,
      sizes: [
        [8, 11],
        [12, 15],
      ],
      minzoom: 8.5,
      maxzoom: 14,
    },
    {
      id: 'banner-names',
      level: 'banner',
      fonts: strong,
      sizes: [
        [4, 12],
        [8, 17],
      ],
      minzoom: 3.5,
      maxzoom: 10,
    },
  ];
  return all.map(({ id, level, fonts, sizes, minzoom, maxzoom }) => ({
    id,
    type: 'symbol',
    source: 'units',
    'source-layer': 'unit_labels',
    minzoom,
    maxzoom,
    filter: ['==', ['get', 'level'], level],
    layout: {
      'text-field': localName(lang),
      'text-font': fonts,
      'text-size': zoomed(...sizes),
      'text-max-width': 7,
      'text-padding': 4,
      // Above the seat, where its stations are, or beside it; far out the number of those stands there.
      ...(level === 'community'
        ? {}
        : {
            'text-variable-anchor': [...anchors],
            'text-radial-offset': besideSeat,
          }),
    },
    paint: {
      'text-color': level === 'banner' ? palette.label : palette.labelQuiet,
      'text-halo-color': palette.halo,
      'text-halo-width': 1.8,
    },
  }));
}
