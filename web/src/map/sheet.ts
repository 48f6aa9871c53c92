// A sheet of SVG over the map, for what changes with the pointer. Whatever is drawn here costs the map nothing:
// no tile is cut again, no label placed again, and the canvas below is not painted again.
import type { Map as MapLibre } from 'maplibre-gl';
import type { LngLat } from '../geo/distance.ts';
import { PALETTES, type MapTheme, type Palette } from './palette.ts';
import { classOf, loadRamp } from './ramps.ts';

export interface SketchArea {
  readonly code: string;
  readonly coordinates: readonly (readonly (readonly LngLat[])[])[];
  readonly households: number;
  readonly label: string;
}

/** How an area is marked: selected, picked with others, changed by the preview, or wrong. */
export type AreaMark = '' | 'selected' | 'picked' | 'piece' | 'fault';

/** An area on the sheet. */
export interface SheetArea {
  readonly area: SketchArea;
  readonly mark: AreaMark;
  /** Whether it stands for the one in the map below, and is filled and labelled as that is. */
  readonly instead: boolean;
}

export const MARK_KINDS = [
  'was', // a border that is gone
  'base', // of a conflict: as it was before both
  'mine',
  'theirs',
  'line', // being drawn
  'edge', // under the pointer
  'refused', // what cannot be done, and where
  'locked',
  'middle',
  'handle',
  'held',
  'aim', // the pointer of the keyboard
  'pin',
] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export interface SketchMark {
  readonly kind: MarkKind;
  /** One place is a point; more are a line. */
  readonly places: readonly LngLat[];
  /** What is written on a pin. */
  readonly text?: string;
}

export interface Sheet {
  showAreas(areas: readonly SheetArea[]): void;
  showMarks(marks: readonly SketchMark[]): void;
  recolour(theme: MapTheme): void;
  remove(): void;
}

interface Look {
  readonly stroke: string;
  readonly width: number;
  readonly dash?: string;
  readonly opacity?: number;
}

// From the ground up. A dot is a line of no length with a round end: so many dots are one path.
const looks: Readonly<Record<string, (palette: Palette) => Look>> = {
  border: ({ sketchLine }) => ({ stroke: sketchLine, width: 1.6 }),
  halo: ({ selectedHalo }) => ({ stroke: selectedHalo, width: 7, opacity: 0.9 }),
  selected: ({ selected }) => ({ stroke: selected, width: 3 }),
  picked: ({ selected }) => ({ stroke: selected, width: 3 }),
  piece: ({ scene }) => ({ stroke: scene, width: 3 }),
  fault: ({ fault }) => ({ stroke: fault, width: 3 }),
  was: ({ scene }) => ({ stroke: scene, width: 2.5, dash: '7 5' }),
  base: ({ labelQuiet }) => ({ stroke: labelQuiet, width: 2.5, dash: '0.1 5' }),
  mine: ({ selected }) => ({ stroke: selected, width: 3 }),
  theirs: ({ scene }) => ({ stroke: scene, width: 3 }),
  line: ({ selected }) => ({ stroke: selected, width: 3 }),
  edge: ({ selected }) => ({ stroke: selected, width: 5 }),
  refused: ({ fault }) => ({ stroke: fault, width: 3, dash: '6 5' }),
  'locked-ring': ({ selectedHalo }) => ({ stroke: selectedHalo, width: 9 }),
  locked: ({ labelQuiet }) => ({ stroke: labelQuiet, width: 6 }),
  'middle-ring': ({ selected }) => ({ stroke: selected, width: 11 }),
  middle: ({ selectedHalo }) => ({ stroke: selectedHalo, width: 8 }),
  'handle-ring': ({ selected }) => ({ stroke: selected, width: 18 }),
  handle: ({ selectedHalo }) => ({ stroke: selectedHalo, width: 13 }),
  'held-ring': ({ selected }) => ({ stroke: selected, width: 24 }),
  held: ({ selectedHalo }) => ({ stroke: selectedHalo, width: 8 }),
  'aim-ring': ({ selectedHalo }) => ({ stroke: selectedHalo, width: 6 }),
  aim: ({ label }) => ({ stroke: label, width: 2.5 }),
  'pin-ring': ({ selectedHalo }) => ({ stroke: selectedHalo, width: 26 }),
  pin: ({ scene }) => ({ stroke: scene, width: 22 }),
};

/** Households are written in micro-grids from this zoom on, as in the map below. */
export const LABELS_FROM_ZOOM = 14;

type Pixel = readonly [x: number, y: number];

/** Puts a sheet over a map that is neither turned nor tilted, as ours are. */
export function layOver(map: MapLibre, theme: MapTheme): Sheet {
  const svg = element('svg', { class: 'map-sheet', 'aria-hidden': 'true' });
  const moved = element('g', {});
  const fills = loadRamp(theme).map(() => element('path', { 'fill-opacity': '0.6', 'fill-rule': 'evenodd' }));
  const paths = new Map(
    Object.keys(looks).map((name) => [
      name,
      element('path', { fill: 'none', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }),
    ]),
  );
  const labels = element('g', { class: 'map-sheet-labels' });
  const texts = element('g', { class: 'pins' });
  moved.append(...fills, ...paths.values(), labels, texts);
  svg.append(moved);
  map.getCanvasContainer().append(svg);

  let [areas, marks]: [readonly SheetArea[], readonly SketchMark[]] = [[], []];
  let origin = { zoom: NaN, at: [0, 0] as Pixel };

  // Pixels from the place in the middle of the map when all was drawn last.
  const pixelOf = (place: LngLat): Pixel => {
    const [x, y] = worldPixel(place, origin.zoom);
    return [x - origin.at[0], y - origin.at[1]];
  };
  const wayOf = (places: readonly LngLat[]) =>
    places.map((place, index) => `${index === 0 ? 'M' : 'L'}${pointOf(pixelOf(place))}`).join('');
  const shapeOf = ({ coordinates }: SketchArea) =>
    coordinates.map((part) => part.map((ring) => `${wayOf(ring.slice(0, -1))}Z`).join('')).join('');

  const drawAreas = () => {
    const ways = new Ways();
    for (const { area, mark, instead } of areas) {
      const shape = shapeOf(area);
      if (instead) {
        ways.add(`fill-${String(classOf(loadRamp(theme), area.households))}`, shape);
        ways.add('border', shape);
      }
      if (mark !== '') {
        ways.add('halo', shape);
        ways.add(mark, shape);
      }
    }
    for (const [index, fill] of fills.entries()) fill.setAttribute('d', ways.of(`fill-${String(index)}`));
    for (const name of areaLooks) paths.get(name)?.setAttribute('d', ways.of(name));
    const written = map.getZoom() >= LABELS_FROM_ZOOM ? areas.filter(({ instead }) => instead) : [];
    labels.replaceChildren(
      ...written.map(({ area: { coordinates, label } }) =>
        textAt(middleOf((coordinates[0]?.[0] ?? []).map(pixelOf)), label),
      ),
    );
  };
  const drawMarks = () => {
    const ways = new Ways();
    for (const { kind, places } of marks) {
      const [first] = places;
      if (!first) continue;
      const way = places.length > 1 ? wayOf(places) : dotOf(kind, pixelOf(first));
      ways.add(kind, way);
      ways.add(`${kind}-ring`, way);
    }
    for (const [name, path] of paths) if (!areaLooks.includes(name)) path.setAttribute('d', ways.of(name));
    texts.replaceChildren(
      ...marks.flatMap(({ places: [place], text }) =>
        place && text !== undefined ? [textAt(pixelOf(place), text)] : [],
      ),
    );
  };
  // While the map only slides, so does the sheet; what was drawn stays.
  const follow = () => {
    const { clientWidth, clientHeight } = map.getContainer();
    const { lng, lat } = map.getCenter();
    const zoom = map.getZoom();
    const center = worldPixel([lng, lat], zoom);
    if (zoom !== origin.zoom) {
      origin = { zoom, at: center };
      drawAreas();
      drawMarks();
    }
    const [x, y] = [origin.at[0] - center[0] + clientWidth / 2, origin.at[1] - center[1] + clientHeight / 2];
    moved.setAttribute('transform', `translate(${pointOf([x, y])})`);
  };
  const recolour = (other: MapTheme) => {
    theme = other;
    const palette = PALETTES[theme];
    for (const [index, { color }] of loadRamp(theme).entries()) fills[index]?.setAttribute('fill', color);
    for (const [name, path] of paths) {
      const look = looks[name]?.(palette);
      if (look) put(path, lookOf(look));
    }
    put(labels, { fill: palette.label, stroke: palette.halo });
    put(texts, { fill: palette.selectedHalo });
  };

  recolour(theme);
  follow();
  map.on('move', follow);
  map.on('resize', follow);
  return {
    showAreas(next) {
      areas = next;
      drawAreas();
    },
    showMarks(next) {
      marks = next;
      drawMarks();
    },
    recolour,
    remove() {
      map.off('move', follow);
      map.off('resize', follow);
      svg.remove();
    },
  };
}

const areaLooks: readonly string[] = ['border', 'halo', 'selected', 'picked', 'piece', 'fault'];

/** Ways by the look that they are drawn with. */
class Ways {
  readonly #ways = new Map<string, string[]>();

  add(look: string, way: string): void {
    const known = this.#ways.get(look);
    if (known) known.push(way);
    else this.#ways.set(look, [way]);
  }

  of(look: string): string {
    return this.#ways.get(look)?.join('') ?? '';
  }
}

const tile = 512; // pixels of the world at zoom 0

function worldPixel([lng, lat]: LngLat, zoom: number): Pixel {
  const size = tile * 2 ** zoom;
  const north = Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
  return [(lng / 360) * size, -north * size];
}

const pointOf = ([x, y]: Pixel) => `${x.toFixed(1)} ${y.toFixed(1)}`;

function dotOf(kind: MarkKind, at: Pixel): string {
  const [x, y] = at;
  if (kind !== 'aim') return `M${pointOf(at)}h0`;
  return `M${pointOf([x - 11, y])}h22M${pointOf([x, y - 11])}v22`;
}

/** The centre of gravity of a ring, where a label of it is read best. */
function middleOf(ring: readonly Pixel[]): Pixel {
  let [area, sumX, sumY] = [0, 0, 0];
  const [[x0, y0] = [0, 0]] = ring;
  for (const [index, [x1, y1]] of ring.entries()) {
    const [x2, y2] = ring[(index + 1) % ring.length] ?? [x0, y0];
    const cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
    area += cross;
    sumX += cross * (x1 + x2 + x0);
    sumY += cross * (y1 + y2 + y0);
  }
  return area === 0 ? [x0, y0] : [sumX / (3 * area), sumY / (3 * area)];
}

function textAt([x, y]: Pixel, text: string): SVGElement {
  const made = element('text', { x: x.toFixed(1), y: y.toFixed(1), dy: '0.35em' });
  made.textContent = text;
  return made;
}

function lookOf({ stroke, width, dash = 'none', opacity = 1 }: Look): Record<string, string> {
  return {
    stroke,
    'stroke-width': String(width),
    'stroke-dasharray': dash,
    'stroke-opacity': String(opacity),
  };
}

function put(to: SVGElement, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) to.setAttribute(name, value);
}

function element(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  put(made, attributes);
  return made;
}
