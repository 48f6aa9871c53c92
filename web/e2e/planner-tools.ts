// What the planner's journeys share: signing in, pixels of places, and what the server has.
import type { Locator } from '@playwright/test';
import { expect, mapDrawn, type Page } from './test.ts';

const password = process.env.YIZHAN_DEMO_PASSWORD ?? '';

export type Place = readonly [lng: number, lat: number];
export interface Grid {
  id: string;
  geometry: { coordinates: [number, number][][][] };
  properties: { households: number; status: string; version: number; name: string };
}

export async function signIn(page: Page, to: string, name = 'demo-planner'): Promise<void> {
  await page.goto(`/login/?return_to=${encodeURIComponent(to)}`);
  await page.getByLabel('账号名').fill(name);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.waitForURL((url) => url.pathname === '/plan/');
}

export async function gridsOf(page: Page, community: string): Promise<Map<string, Grid>> {
  const answer = await page.request.get(`/api/collections/micro_grids/items?unit=${community}&limit=1000`);
  const { features } = (await answer.json()) as { features: Grid[] };
  return new Map(features.map((grid) => [grid.id, grid]));
}

export const cornersOf = (grid: Grid | undefined) => grid?.geometry.coordinates.flat(2) ?? [];
export const has = (grid: Grid | undefined, [lng, lat]: Place) =>
  cornersOf(grid).some(([x, y]) => x === lng && y === lat);

/** A camera of our own, so that places can be turned into pixels. */
export interface View {
  center: Place;
  zoom: number;
}

export function around(grid: Grid | undefined, zoom = 16.5): View {
  const corners = cornersOf(grid);
  const middle = (axis: 0 | 1) => {
    const all = corners.map((corner) => corner[axis]);
    return Number(((Math.min(...all) + Math.max(...all)) / 2).toFixed(5));
  };
  return { center: [middle(0), middle(1)], zoom };
}

export const addressOf = (code: string, { center: [lng, lat], zoom }: View) =>
  `/plan/?grid=${code}&map=${String(lng)},${String(lat)},${String(zoom)}`;

export async function pixelOf(page: Page, { center, zoom }: View, [lng, lat]: Place) {
  const box = await page.locator('.maplibregl-canvas').boundingBox();
  if (!box) throw new Error('no map');
  const world = 512 * 2 ** zoom;
  const y = (degrees: number) => Math.asinh(Math.tan((degrees * Math.PI) / 180)) / (2 * Math.PI);
  return {
    x: box.x + box.width / 2 + ((lng - center[0]) / 360) * world,
    y: box.y + box.height / 2 - (y(lat) - y(center[1])) * world,
  };
}

export async function clickAt(page: Page, view: View, place: Place): Promise<void> {
  const { x, y } = await pixelOf(page, view, place);
  await page.mouse.move(x, y, { steps: 3 });
  await page.mouse.click(x, y);
}

export async function dragTo(page: Page, view: View, from: Place, to: Place): Promise<void> {
  const [start, end] = [await pixelOf(page, view, from), await pixelOf(page, view, to)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 8 });
}

export const tools = (page: Page) => page.getByRole('toolbar', { name: '工具' });

export async function begin(page: Page): Promise<void> {
  await mapDrawn(page);
  await page.getByRole('button', { name: '开始划分' }).click();
  await expect(tools(page)).toBeVisible();
}

export async function save(
  page: Page,
  by: Locator | 'keys' = page.getByRole('button', { name: '保存', exact: true }),
) {
  if (by === 'keys') await page.keyboard.press('Control+s');
  else await by.click();
  await expect(page.getByText(/已保存 \d+ 处改动/)).toBeVisible();
}

/** Somewhere between two places. */
export const between = ([x1, y1]: Place, [x2, y2]: Place, share = 0.5): Place => [
  x1 + share * (x2 - x1),
  y1 + share * (y2 - y1),
];

/** The corner of a micro-grid at which most others meet. */
export function sharedCorner(grids: Map<string, Grid>, code: string): { place: Place; with: string[] } {
  const options = cornersOf(grids.get(code)).map((place) => ({
    place,
    with: [...grids.keys()].filter((other) => has(grids.get(other), place)),
  }));
  return options.reduce((best, one) => (one.with.length > best.with.length ? one : best));
}
