// Each control asks what it says: the figures of the page are those that the API gives for the same question.
import { COVERAGE_ZOOMS } from '../src/map/layers.ts';
import { PALETTES } from '../src/map/palette.ts';
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

type Rgb = readonly [number, number, number];
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

test('the colours of the map are those that the legend gives their classes', async ({ page }) => {
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
    const swatches = await legend
      .locator('.swatch')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
    const labels = await legend.getByRole('listitem').allTextContents();
    expect(labels).toHaveLength(breaks.length + 2); // with the line for units in which nobody lives
    for (const [at, start] of breaks.entries())
      expect(labels[at + 1]?.replaceAll(',', '')).toContain(String(start));
    const starts = [0, ...breaks];

    // Where each point of a grid over the map lies, by the camera.
    const canvas = page.locator('.maplibregl-canvas');
    const box = await canvas.boundingBox();
    if (!box) throw new Error('the map has no size');
    const world = 512 * 2 ** zoom;
    const middle = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
    const placeOf = (x: number, y: number): [number, number] => {
      const north = middle - ((y - box.height / 2) / world) * 2 * Math.PI;
      const east = lng + ((x - box.width / 2) / world) * 360;
      return [east, (Math.atan(Math.sinh(north)) * 180) / Math.PI];
    };
    const shot = (await canvas.screenshot()).toString('base64');
    const points = Array.from({ length: 60 * 50 }, (_, at): [number, number] => [
      Math.round(((at % 60) / 60) * box.width),
      Math.round((Math.floor(at / 60) / 50) * box.height),
    ]);
    const pixels = await page.evaluate(
      async ([data, list]) => {
        const picture = new Image();
        picture.src = `data:image/png;base64,${data}`;
        await picture.decode();
        const paper = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
        paper?.drawImage(picture, 0, 0);
        return list.map(([x, y]) => [...(paper?.getImageData(x, y, 1, 1).data ?? [])]);
      },
      [shot, points] as const,
    );

    // Each unit mostly has the colour of its class, over the land: names, lines and stations lie on top here and there.
    const colors = swatches.map((one) => (one.match(/\d+/g) ?? []).map(Number) as unknown as Rgb);
    const hex = PALETTES[theme].land;
    const land = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const over = 0.85; // fill-opacity at this zoom
    const nearest = (pixel: readonly number[]) => {
      const far = colors.map((color) =>
        Math.hypot(...color.map((part, at) => part * over + (land[at] ?? 0) * (1 - over) - (pixel[at] ?? 0))),
      );
      return far.indexOf(Math.min(...far));
    };
    const { children } = await (await page.request.get('/api/coverage')).json();
    const areas = await (await page.request.get('/api/collections/units/items?level=banner&limit=20')).json();
    let compared = 0;
    for (const { code, name, unmet } of children as { code: string; name: string; unmet: number }[]) {
      const { geometry } = areas.features.find((one: { id: string }) => one.id === code);
      const own = points.flatMap(([x, y], at) =>
        inside(placeOf(x, y), geometry.coordinates) ? [nearest(pixels[at] ?? [])] : [],
      );
      if (own.length < 20) continue; // too small to be told from its border
      compared += 1;
      const wanted = starts.findLastIndex((start) => unmet >= start);
      const often = colors.map((_, one) => own.filter((at) => at === one).length);
      expect(often.indexOf(Math.max(...often)), `${theme}: ${name}`).toBe(wanted);
    }
    expect(compared).toBeGreaterThan(8);
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
