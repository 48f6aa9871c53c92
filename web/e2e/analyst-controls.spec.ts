// Each control asks what it says: the figures of the page are those that the API gives for the same question.
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { COVERAGE_ZOOMS } from '../src/map/layers.ts';
import { FADING_SHOWN, fadingAt } from '../src/map/shades.ts';
import { expect, mapDrawn, test, type Page } from './test.ts';

const digits = (text: string | null) => Number((text ?? '').replaceAll(/\D/g, ''));

async function figures(page: Page): Promise<number[]> {
  const values = page.getByRole('region', { name: '主要指标' }).locator('dl .value');
  const [covered, , unmet, households, stations] = await values.allTextContents();
  return [covered, unmet, households, stations].map((text) => digits(text ?? ''));
}

const service = (page: Page, name: string) => page.getByLabel(name, { exact: true });

/** What is done, and what the question is from then on. */
const steps: readonly { does: string; act: (page: Page) => Promise<unknown>; asks: string }[] = [
  { does: '500 m', act: (page) => page.getByRole('radio', { name: '500 米' }).check(), asks: 'radius_m=500' },
  { does: '3 km', act: (page) => page.getByRole('radio', { name: '3 公里' }).check(), asks: 'radius_m=3000' },
  {
    does: 'on foot',
    act: (page) => page.getByRole('radio', { name: '步行' }).check(),
    asks: 'mode=walk&minutes=15',
  },
  {
    does: '30 minutes',
    act: (page) => page.getByRole('radio', { name: '30 分钟' }).check(),
    asks: 'mode=walk&minutes=30',
  },
  {
    does: 'by e-bike',
    act: (page) => page.getByRole('radio', { name: '骑电动车' }).check(),
    asks: 'mode=ebike&minutes=30',
  },
  {
    does: '5 minutes',
    act: (page) => page.getByRole('radio', { name: '5 分钟', exact: true }).check(),
    asks: 'mode=ebike&minutes=5',
  },
  {
    does: 'a service',
    act: (page) => service(page, '服务').selectOption('手机充电'),
    asks: 'mode=ebike&minutes=5&services=charging',
  },
  {
    does: 'another',
    act: (page) => service(page, '再加一项服务').selectOption('取暖'),
    asks: 'mode=ebike&minutes=5&services=charging,heating',
  },
  {
    does: 'both',
    act: (page) => page.getByRole('radio', { name: '都要有' }).check(),
    asks: 'mode=ebike&minutes=5&services=charging,heating&rule=all',
  },
  {
    does: 'at one stop',
    act: (page) => page.getByRole('radio', { name: '一站齐全' }).check(),
    asks: 'mode=ebike&minutes=5&services=charging,heating&rule=one_stop',
  },
  {
    does: 'an hour',
    act: (page) => page.getByLabel('时间条件').selectOption('一周中的某个小时'),
    asks: 'mode=ebike&minutes=5&services=charging,heating&rule=one_stop&quarter=184',
  },
  {
    does: 'the hour before',
    act: (page) => page.getByLabel(/^一周中的小时/).press('ArrowLeft'),
    asks: 'mode=ebike&minutes=5&services=charging,heating&rule=one_stop&quarter=180',
  },
  {
    does: 'the cold',
    act: (page) => page.getByLabel('气温').selectOption({ index: 2 }),
    asks: 'mode=ebike&minutes=5&services=charging,heating&rule=one_stop&quarter=180&temperature_c=-25',
  },
  {
    does: 'a profile',
    act: (page) => page.getByLabel('时间条件').selectOption('全周，夜间为重'),
    asks: 'mode=ebike&minutes=5&services=charging,heating&rule=one_stop&profile=night&temperature_c=-25',
  },
];

test('each control changes the figures to what the API says', async ({ page, request }) => {
  test.slow();
  await page.goto('/insight/?unit=150702');
  await mapDrawn(page);
  let before = await figures(page);
  let changed = 0;
  for (const { does, act, asks } of steps) {
    // The first question about 500 m may have to wait until demand is shared out finely enough.
    const address = `/api/coverage?${asks}&unit=150702`;
    await expect.poll(async () => (await request.get(address)).status(), { timeout: 60_000 }).toBe(200);
    // Weighed by how the hours count, where they do.
    const {
      households,
      stations,
      covered_weight: weighed,
      model,
    } = await (await request.get(address)).json();
    const covered = Math.round(weighed.known / model.weight);
    const unmet = Math.round(households - weighed.known / model.weight);
    await act(page);
    await expect.poll(() => figures(page), does).toEqual([covered, unmet, households, stations]);
    if (covered !== before[0] || stations !== before[3]) changed += 1;
    before = await figures(page);
  }
  expect(changed, 'controls that change something').toBeGreaterThan(steps.length / 2);
});

test('the map asks for the tiles that their TileJSON names', async ({ page }) => {
  const tile = page.waitForRequest(/api\/tiles\/coverage\/\d/);
  await page.goto('/insight/?radius=3000&service=charging');
  const asked = (await tile).url();
  const { search } = new URL(asked);
  const { tiles, ...described } = await (await page.request.get(`/api/tiles/coverage${search}`)).json();
  expect(described).toMatchObject(COVERAGE_ZOOMS);
  const { bbox } = await (await page.request.get('/api/city')).json();
  expect(described.bounds).toEqual(bbox);
  const address = asked.replace(/\/\d+\/\d+\/\d+\?/, '/{z}/{x}/{y}?');
  expect(decodeURIComponent(tiles[0])).toBe(decodeURIComponent(address));
});

type Rgb = readonly number[];
type Ring = [number, number][];

/** Whether a place is inside, by counting the edges to its east. */
function inside([lng, lat]: readonly [number, number], polygons: Ring[][]): boolean {
  let odd = false;
  for (const ring of polygons.flat())
    ring.forEach(([x, y], at) => {
      const [fromX, fromY] = ring[at - 1] ?? [x, y];
      if (y > lat !== fromY > lat && lng < ((fromX - x) * (lat - y)) / (fromY - y) + x) odd = !odd;
    });
  return odd;
}

interface Seen {
  width: number;
  height: number;
  lng: number;
  lat: number;
  zoom: number;
}

const mercator = (lat: number) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
const world = (zoom: number) => 512 * 2 ** zoom;

/** Where a point of the map lies, by the camera. */
function placeOf([x, y]: readonly [number, number], seen: Seen): [number, number] {
  const north = mercator(seen.lat) - ((y - seen.height / 2) / world(seen.zoom)) * 2 * Math.PI;
  const east = seen.lng + ((x - seen.width / 2) / world(seen.zoom)) * 360;
  return [east, (Math.atan(Math.sinh(north)) * 180) / Math.PI];
}

/** And the other way round. */
function pointOf([lng, lat]: readonly [number, number], seen: Seen): [number, number] {
  const down = ((mercator(seen.lat) - mercator(lat)) / (2 * Math.PI)) * world(seen.zoom);
  const right = ((lng - seen.lng) / 360) * world(seen.zoom);
  return [Math.round(seen.width / 2 + right), Math.round(seen.height / 2 + down)];
}

/** The size of the map, and the colours that are seen at the points. */
async function look(page: Page, points: (size: { width: number; height: number }) => [number, number][]) {
  const canvas = page.locator('.maplibregl-canvas');
  const size = await canvas.boundingBox();
  if (!size) throw new Error('the map has no size');
  const list = points(size);
  const shot = (await canvas.screenshot()).toString('base64');
  const pixels = await page.evaluate(
    async ([data, list]) => {
      const picture = new Image();
      picture.src = `data:image/png;base64,${data}`;
      await picture.decode();
      const paper = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
      paper?.drawImage(picture, 0, 0);
      return list.map(([x, y]) => [...(paper?.getImageData(x, y, 1, 1).data ?? [])].slice(0, 3));
    },
    [shot, list] as const,
  );
  return pixels;
}

/** The colours that the legend shows: of each class one, or one for each number of households. */
async function legendColors(page: Page, name: RegExp): Promise<Rgb[][]> {
  const swatches = page.getByRole('region', { name }).locator('.swatch:not(.hatched)');
  return swatches.evaluateAll((all) =>
    all.map((swatch) =>
      [...swatch.children].map((tint) =>
        (getComputedStyle(tint).backgroundColor.match(/\d+/g) ?? []).map(Number),
      ),
    ),
  );
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(...a.map((part, at) => part - (b[at] ?? 0)));

function nearest(pixel: Rgb, colors: readonly Rgb[]): number {
  const far = colors.map((color) => distance(color, pixel));
  return far.indexOf(Math.min(...far));
}

test('units have the very colours that the legend shows for their classes', async ({ page }) => {
  test.slow();
  for (const theme of ['day', 'night'] as const) {
    const [lng, lat, zoom] = [120.8, 50.3, 5];
    const breaks = [8000, 12_000, 20_000, 40_000, 80_000];
    const classes = ['manual', ...breaks].join(',');
    await page.goto(
      `/insight/?by=units&measure=unmet&classes=${classes}&theme=${theme}&map=${[lng, lat, zoom].join(',')}`,
    );
    await mapDrawn(page);
    const legend = page.getByRole('region', { name: /没有驿站的户数/ });
    const colors = (await legendColors(page, /没有驿站的户数/)).map(([color]) => color ?? []);
    const labels = await legend.getByRole('listitem').allTextContents();
    expect(labels).toHaveLength(breaks.length + 2); // with the line for units in which nobody lives
    for (const [at, start] of breaks.entries())
      expect(labels[at + 1]?.replaceAll(',', '')).toContain(String(start));
    const starts = [0, ...breaks];

    let points: [number, number][] = [];
    let seen: Seen = { width: 0, height: 0, lng, lat, zoom };
    const pixels = await look(page, ({ width, height }) => {
      seen = { ...seen, width, height };
      points = Array.from({ length: 60 * 50 }, (_, at): [number, number] => [
        Math.round(((at % 60) / 60) * width),
        Math.round((Math.floor(at / 60) / 50) * height),
      ]);
      return points;
    });

    // Each unit mostly has the colour of its class: names, lines and stations lie on top here and there.
    const { children } = await (await page.request.get('/api/coverage')).json();
    const areas = await (await page.request.get('/api/collections/units/items?level=banner&limit=20')).json();
    let compared = 0;
    for (const { code, name, unmet } of children as { code: string; name: string; unmet: number }[]) {
      const { geometry } = areas.features.find((one: { id: string }) => one.id === code);
      const own = pixels.filter((_, at) => inside(placeOf(points[at] ?? [0, 0], seen), geometry.coordinates));
      if (own.length < 20) continue; // too small to be told from its border
      compared += 1;
      const wanted = starts.findLastIndex((start) => unmet >= start);
      const often = colors.map((_, one) => own.filter((pixel) => nearest(pixel, colors) === one).length);
      expect(often.indexOf(Math.max(...often)), `${theme}: ${name}`).toBe(wanted);
      const exact = own.filter((pixel) => distance(pixel, colors[wanted] ?? []) < 6).length;
      expect(exact / own.length, `${theme}: ${name}`).toBeGreaterThan(0.5);
    }
    expect(compared).toBeGreaterThan(8);
  }
});

interface Hexagon {
  middle: [number, number];
  households: number;
  share: number;
}

/** What the tiles say that the map asks for. */
function hexagonsOf(tile: Buffer, [z, x, y]: readonly number[]): Hexagon[] {
  const layer = new VectorTile(new PbfReader(tile)).layers.coverage;
  return Array.from({ length: layer?.length ?? 0 }, (_, at) => {
    const feature = layer?.feature(at);
    const { geometry } = feature?.toGeoJSON(x ?? 0, y ?? 0, z ?? 0) ?? {};
    if (!feature || geometry?.type !== 'Polygon') return [];
    const ring = geometry.coordinates[0]?.slice(1) ?? [];
    const mean = (axis: 0 | 1) => ring.reduce((sum, place) => sum + (place[axis] ?? 0), 0) / ring.length;
    const { households, share } = feature.properties;
    return [
      {
        middle: [mean(0), mean(1)] as [number, number],
        households: Number(households),
        share: Number(share),
      },
    ];
  }).flat();
}

test('hexagons have the colours that the legend shows for their class and their households', async ({
  page,
}) => {
  test.slow();
  const [lng, lat, zoom] = [119.78, 49.2, 9.5];
  const tiles = new Map<string, Promise<Hexagon[]>>();
  page.on('response', (response) => {
    const [path = '', ...at] = /tiles\/coverage\/(\d+)\/(\d+)\/(\d+)/.exec(response.url()) ?? [];
    if (Number(at[0]) === Math.floor(zoom) && response.ok())
      tiles.set(
        path,
        response.body().then((body) => hexagonsOf(body, at.map(Number))),
      );
  });
  for (const theme of ['day', 'night'] as const) {
    await page.goto(`/insight/?service=charging&theme=${theme}&map=${[lng, lat, zoom].join(',')}`);
    await mapDrawn(page);
    const tints = await legendColors(page, /手机充电/);
    expect(tints.map((one) => one.length)).toEqual(Array<number>(6).fill(FADING_SHOWN.length));

    const hexagons = (await Promise.all(tiles.values())).flat();
    let list: Hexagon[] = [];
    const pixels = await look(page, (size) => {
      const seen = { ...size, lng, lat, zoom };
      // Not below what lies over the map: the legend, the buttons, the sources.
      list = hexagons.filter(({ middle, households }) => {
        const [x, y] = pointOf(middle, seen);
        return households > 0 && x > 330 && x < size.width - 80 && y > 20 && y < size.height - 60;
      });
      return list.map(({ middle }) => pointOf(middle, seen));
    });
    const outcome = list.map(({ households, share }, at) => {
      const pixel = pixels[at] ?? [];
      const wanted = [0, Number.MIN_VALUE, 0.25, 0.5, 0.75, 1].findLastIndex((from) => share >= from);
      const column = Math.max(
        0,
        FADING_SHOWN.findLastIndex((shown) => households >= shown),
      );
      const [low = [], high = low] = [tints[wanted]?.[column], tints[wanted]?.[column + 1]];
      // Between what the legend shows for fewer households and for more; a town under it is a little darker than land.
      const between = pixel.every((part, at) => {
        const ends = [low[at] ?? 0, high[at] ?? 0];
        return part >= Math.min(...ends) - 8 && part <= Math.max(...ends) + 8;
      });
      // What each class would look like with so many households: in proportion between its two tints.
      const ends = [column, Math.min(column + 1, FADING_SHOWN.length - 1)];
      const [from = 0, to = 0] = ends.map((end) => fadingAt(zoom, FADING_SHOWN[end] ?? 0));
      const along = to === from ? 0 : (fadingAt(zoom, households) - from) / (to - from);
      const candidates = tints.map((row) => {
        const [start = [], end = start] = ends.map((one) => row[one]);
        return start.map((part, at) => part + ((end[at] ?? part) - part) * along);
      });
      const taken = nearest(pixel, candidates);
      return { wanted, strong: households >= 100, between, right: taken === wanted };
    });
    const strong = outcome.filter((one) => one.strong);
    const part = (of: typeof outcome, is: (one: (typeof outcome)[number]) => boolean) =>
      of.filter(is).length / of.length;
    console.log(
      `${theme}: ${String(outcome.length)} hexagons, ${String(strong.length)} of 100 households or more, in classes ${[...new Set(strong.map(({ wanted }) => wanted))].sort().join(' ')}: between ${part(outcome, (one) => one.between).toFixed(3)}, class ${part(strong, (one) => one.right).toFixed(3)}, of ${String(strong.filter(({ between }) => between).length)} not hidden ${part(
        strong.filter(({ between }) => between),
        (one) => one.right,
      ).toFixed(3)}`,
    );
    expect(outcome.length).toBeGreaterThan(200);
    expect(new Set(strong.map(({ wanted }) => wanted)).size).toBeGreaterThan(2);
    expect(
      part(outcome, ({ between }) => between),
      theme,
    ).toBeGreaterThan(0.9);
    // Of those that no name or station hides: their colour is that of their class, and of no other.
    const seen = strong.filter(({ between }) => between);
    expect(seen.length / strong.length, theme).toBeGreaterThan(0.6);
    expect(
      part(seen, ({ right }) => right),
      theme,
    ).toBeGreaterThan(0.95);
  }
});

test('a control brings a new picture soon, and nothing else moves', async ({ page }) => {
  test.slow();
  await page.goto('/insight/');
  await mapDrawn(page);
  await page.evaluate(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: false });
  });
  const times: { repaint: number; request: number; figures: number; picture: number }[] = [];
  const radii = [
    ['3 公里', 3000],
    ['1.5 公里', 1500],
    ['1 公里', 1000],
  ] as const;
  for (const [name, radius] of [...radii, ...radii, ...radii]) {
    const radio = page.getByRole('radio', { name, exact: true });
    times.push(
      await radio.evaluate(async (element, meters) => {
        const frame = document.querySelector<HTMLElement>('[data-settled]');
        const figure = document.querySelector('dl .value');
        const canvas = document.querySelector('.maplibregl-canvas');
        if (!frame || !figure || !canvas) throw new Error('the page is otherwise');
        let start = performance.now();
        const until = async (is: () => boolean) => {
          while (!is()) await new Promise(requestAnimationFrame);
          return performance.now() - start;
        };
        const settledAfter = (act: () => unknown) => {
          const drawn = frame.dataset.settled;
          start = performance.now();
          act();
          return until(() => frame.dataset.settled !== drawn);
        };
        // The floor: the same map drawn once more, because the pointer marks another hexagon.
        const { left, top } = canvas.getBoundingClientRect();
        const over = { bubbles: true, clientX: left + 300 + meters / 50, clientY: top + 300 };
        const repaint = await settledAfter(() => canvas.dispatchEvent(new MouseEvent('mousemove', over)));
        await new Promise((done) => setTimeout(done, 300));

        const shown = figure.textContent;
        let figures = Promise.resolve(0);
        const picture = await settledAfter(() => {
          (element as HTMLElement).click();
          figures = until(() => figure.textContent !== shown);
        });
        const told = await figures;
        const again = performance.now();
        await (await fetch(`/api/coverage?radius_m=${String(meters)}`, { cache: 'no-store' })).text();
        return { repaint, request: performance.now() - again, figures: told, picture };
      }, radius),
    );
    await page.waitForTimeout(300);
  }
  const middle = (list: number[]) =>
    Math.round(list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN);
  const [repaint, bare, figuresMs, picture] = (['repaint', 'request', 'figures', 'picture'] as const).map(
    (kind) => String(middle(times.map((time) => time[kind]))),
  );
  console.log(
    `control → figures ${figuresMs ?? ''} ms, → picture ${picture ?? ''} ms (median of ${String(times.length)}); the bare request again ${bare ?? ''} ms, the same map drawn again ${repaint ?? ''} ms`,
  );
  const shift = await page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift);
  console.log(`layout shift ${shift.toFixed(4)}`);
  expect(shift).toBeLessThan(0.05);
});
