// An edit arrives on every open map, by itself and soon, and only the tiles that it touched are asked for.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VectorTile } from '@mapbox/vector-tile';
import type { APIRequestContext, Response } from '@playwright/test';
import { PbfReader } from 'pbf';
import { moveStation, reachesDatabase } from './beside.ts';
import { expect, mapDrawn, test, type Page } from './test.ts';

const zoom = 14;
/** The promise is 2 s; software rendering of two maps on a shared machine takes its part. */
const patience = 5_000;

const tileAt = ([lng, lat]: [number, number]) => {
  const y = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI;
  return [((lng + 180) / 360) * 2 ** zoom, ((1 - y) / 2) * 2 ** zoom].map(Math.floor).join('/');
};

/** The tiles of a map that came after a moment, and when. */
function tilesOf(page: Page) {
  const seen: { path: string; at: number; status: number; tag: string | undefined }[] = [];
  page.on('response', (response: Response) => {
    const path = new URL(response.url()).pathname;
    if (!/^\/api\/tiles\/[a-z_]+\/\d/.test(path)) return;
    seen.push({ path, at: Date.now(), status: response.status(), tag: response.headers().etag });
  });
  return seen;
}

test('an edit reaches two other open maps', async ({ page, browser, baseURL }) => {
  test.skip(!reachesDatabase, 'editing beside a server that runs already needs its DATABASE_URL');
  test.setTimeout(120_000);
  await moveStation('none').catch(() => undefined); // compiles

  const answer = await page.request.get('/api/collections/stations/items?unit=150702&status=active&limit=1');
  const { features } = (await answer.json()) as {
    features: { id: string; geometry: { coordinates: [number, number] } }[];
  };
  const [station] = features;
  if (!station) throw new Error('no station');
  const [lng, lat] = station.geometry.coordinates;
  const address = `/plan/?map=${(lng + 0.001).toFixed(5)},${lat.toFixed(5)},14.5`;

  const context = await browser.newContext({ ...(baseURL ? { baseURL } : {}) });
  const other = await context.newPage();
  const pages = [page, other];
  const tiles = pages.map(tilesOf);
  for (const one of pages) {
    await one.goto(address);
    await mapDrawn(one);
    await expect(one.getByText('实时更新', { exact: true })).toBeVisible();
  }
  const pictures = await Promise.all(pages.map((one) => one.locator('.maplibregl-canvas').screenshot()));
  const before = tiles.map((seen) => seen.length);

  const edit = await moveStation(station.id);
  const touched = new Set([edit.was, edit.is].map(tileAt));
  const came: number[] = [];
  for (const [index, one] of pages.entries()) {
    const seen = tiles[index] ?? [];
    const fresh = () => seen.slice(before[index]);
    await expect
      .poll(
        () =>
          [...touched].every((tile) =>
            fresh().some(({ path }) => path === `/api/tiles/stations/${zoom}/${tile}`),
          ),
        {
          timeout: patience,
          intervals: [20],
        },
      )
      .toBe(true);
    came.push(Math.max(...fresh().map(({ at }) => at)) - edit.committed_at);
    await expect
      .poll(
        async () =>
          (await one.locator('.maplibregl-canvas').screenshot()).equals(pictures[index] ?? Buffer.of()),
        {
          timeout: patience,
        },
      )
      .toBe(false);
    // Neighbours in sight that the edit did not touch are left alone.
    const shown = seen.slice(0, before[index]).filter(({ path }) => path.startsWith('/api/tiles/stations/'));
    expect(shown.length).toBeGreaterThan(
      fresh().filter(({ path }) => path.startsWith('/api/tiles/stations/')).length,
    );
    expect(fresh().filter(({ path }) => path.startsWith('/api/tiles/micro_grids/'))).toEqual([]);
  }
  console.log(
    `from commit to the fresh tiles on ${came.length} maps: ${came.map((ms) => `${ms} ms`).join(', ')}`,
  );
  expect(Math.max(...came)).toBeLessThan(patience);
  await context.close();
});

/** How many features each layer of a tile has, as the library that MapLibre uses reads it. */
function countByMapbox(tile: Buffer): Record<string, number> {
  const { layers } = new VectorTile(new PbfReader(tile));
  return Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, layer.length]));
}

/** The same, as GDAL reads it, with every geometry. */
async function countByGDAL(tile: Buffer): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'yizhan-tile-'));
  try {
    const file = join(folder, 'tile.mvt');
    await writeFile(file, tile);
    const args = ['-ro', '-al', '-so', '-oo', 'CLIP=NO', `MVT:${file}`];
    const { stdout, stderr } = await promisify(execFile)('ogrinfo', args);
    expect(stderr).toBe('');
    const layers = [...stdout.matchAll(/^Layer name: (.+)$[^]*?^Feature Count: (\d+)$/gm)];
    return Object.fromEntries(layers.map(([, name = '', count]) => [name, Number(count)]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function fetchTile(request: APIRequestContext, address: string): Promise<Buffer> {
  const answer = await request.get(address);
  expect(answer.status(), address).toBe(200);
  return answer.body();
}

test('a tile reads the same everywhere, cold and warm', async ({ page }) => {
  // Over Hailar, from the whole city down to a street.
  const places = ['0/0/0', '6/53/21', '8/213/87', '10/852/350', '12/3410/1402', '14/13641/5611'];
  let features = 0;
  for (const place of places) {
    const address = `/api/tiles/base,units,micro_grids,coverage,stations/${place}?radius_m=1234`; // nobody asked for it yet
    const cold = await fetchTile(page.request, address);
    const warm = await fetchTile(page.request, address);
    expect(warm.equals(cold), place).toBe(true);
    const counts = countByMapbox(cold);
    expect(await countByGDAL(cold), place).toEqual(counts);
    features += Object.values(counts).reduce((sum, count) => sum + count, 0);
  }
  expect(features).toBeGreaterThan(1_000);
});
