// Drawing: with the mouse alone, with the keyboard alone, against the real server and its rules.
import type { Locator } from '@playwright/test';
import { accessible, expect, mapDrawn, test, type Page } from './test.ts';

const password = process.env.YIZHAN_DEMO_PASSWORD ?? '';

type Place = readonly [lng: number, lat: number];
interface Grid {
  id: string;
  geometry: { coordinates: [number, number][][][] };
  properties: { households: number; status: string; version: number; name: string };
}

async function signIn(page: Page, to: string, name = 'demo-planner'): Promise<void> {
  await page.goto(`/login/?return_to=${encodeURIComponent(to)}`);
  await page.getByLabel('账号名').fill(name);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.waitForURL((url) => url.pathname === '/plan/');
}

async function gridsOf(page: Page, community: string): Promise<Map<string, Grid>> {
  const answer = await page.request.get(`/api/collections/micro_grids/items?unit=${community}&limit=1000`);
  const { features } = (await answer.json()) as { features: Grid[] };
  return new Map(features.map((grid) => [grid.id, grid]));
}

const cornersOf = (grid: Grid | undefined) => grid?.geometry.coordinates.flat(2) ?? [];
const has = (grid: Grid | undefined, [lng, lat]: Place) =>
  cornersOf(grid).some(([x, y]) => x === lng && y === lat);

/** A camera of our own, so that places can be turned into pixels. */
interface View {
  center: Place;
  zoom: number;
}

function around(grid: Grid | undefined, zoom = 16.5): View {
  const corners = cornersOf(grid);
  const middle = (axis: 0 | 1) => {
    const all = corners.map((corner) => corner[axis]);
    return Number(((Math.min(...all) + Math.max(...all)) / 2).toFixed(5));
  };
  return { center: [middle(0), middle(1)], zoom };
}

const addressOf = (code: string, { center: [lng, lat], zoom }: View) =>
  `/plan/?grid=${code}&map=${String(lng)},${String(lat)},${String(zoom)}`;

async function pixelOf(page: Page, { center, zoom }: View, [lng, lat]: Place) {
  const box = await page.locator('.maplibregl-canvas').boundingBox();
  if (!box) throw new Error('no map');
  const world = 512 * 2 ** zoom;
  const y = (degrees: number) => Math.asinh(Math.tan((degrees * Math.PI) / 180)) / (2 * Math.PI);
  return {
    x: box.x + box.width / 2 + ((lng - center[0]) / 360) * world,
    y: box.y + box.height / 2 - (y(lat) - y(center[1])) * world,
  };
}

async function clickAt(page: Page, view: View, place: Place): Promise<void> {
  const { x, y } = await pixelOf(page, view, place);
  await page.mouse.move(x, y, { steps: 3 });
  await page.mouse.click(x, y);
}

async function dragTo(page: Page, view: View, from: Place, to: Place): Promise<void> {
  const [start, end] = [await pixelOf(page, view, from), await pixelOf(page, view, to)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 8 });
}

const tools = (page: Page) => page.getByRole('toolbar', { name: '工具' });

async function begin(page: Page): Promise<void> {
  await mapDrawn(page);
  await page.getByRole('button', { name: '开始划分' }).click();
  await expect(tools(page)).toBeVisible();
}

async function save(
  page: Page,
  by: Locator | 'keys' = page.getByRole('button', { name: '保存', exact: true }),
) {
  if (by === 'keys') await page.keyboard.press('Control+s');
  else await by.click();
  await expect(page.getByText(/已保存 \d+ 处改动/)).toBeVisible();
}

/** Somewhere between two places. */
const between = ([x1, y1]: Place, [x2, y2]: Place, share = 0.5): Place => [
  x1 + share * (x2 - x1),
  y1 + share * (y2 - y1),
];

/** The corner of a micro-grid at which most others meet. */
function sharedCorner(grids: Map<string, Grid>, code: string): { place: Place; with: string[] } {
  const options = cornersOf(grids.get(code)).map((place) => ({
    place,
    with: [...grids.keys()].filter((other) => has(grids.get(other), place)),
  }));
  return options.reduce((best, one) => (one.with.length > best.with.length ? one : best));
}

test('a shared vertex moves for all who meet there, and undo brings it back', async ({ page }) => {
  test.setTimeout(120_000);
  const community = '150702001001';
  const code = `${community}007`;
  const before = await gridsOf(page, community);
  const view = around(before.get(code));
  await signIn(page, addressOf(code, view));
  await begin(page);

  const { place, with: meeting } = sharedCorner(before, code);
  expect(meeting.length).toBeGreaterThan(1);
  const to = between(place, view.center, 0.15);
  await dragTo(page, view, place, to);
  await expect(page.getByText(`${String(meeting.length)} 个微网格一起动`)).toBeVisible();
  await page.mouse.up();
  await expect(page.getByText(`${String(meeting.length)} 处未保存的改动`)).toBeVisible();

  await tools(page).getByRole('button', { name: '撤销' }).click();
  await expect(page.getByText('没有未保存的改动')).toBeVisible();
  await tools(page).getByRole('button', { name: '重做' }).click();
  await expect(page.getByText(`${String(meeting.length)} 处未保存的改动`)).toBeVisible();
  await save(page);

  // The server has the very same coordinates on all sides, and every other micro-grid is as it was, byte by byte.
  const after = await gridsOf(page, community);
  const moved = cornersOf(after.get(code)).find((corner) => !has(before.get(code), corner));
  if (!moved) throw new Error('nothing moved');
  for (const other of meeting) {
    expect(has(after.get(other), moved), other).toBe(true);
    expect(has(after.get(other), place), other).toBe(false);
    expect(after.get(other)?.properties.status).toBe('draft');
  }
  for (const [other, grid] of before) {
    if (meeting.includes(other)) continue;
    expect(JSON.stringify(after.get(other)?.geometry)).toBe(JSON.stringify(grid.geometry));
  }
  await accessible(page);
});

test('the outer border is locked', async ({ page }) => {
  const community = '150702001001';
  const grids = await gridsOf(page, community);
  const answer = await page.request.get(`/api/collections/units/items/${community}`);
  const { geometry } = (await answer.json()) as Grid;
  const corner = geometry.coordinates.flat(2)[3];
  const code = [...grids.keys()].find((one) => corner && has(grids.get(one), corner));
  if (!corner || code === undefined) throw new Error('no border');
  const view: View = { center: [Number(corner[0].toFixed(5)), Number(corner[1].toFixed(5))], zoom: 16 };
  await signIn(page, addressOf(code, view));
  await begin(page);
  await dragTo(page, view, corner, [corner[0], corner[1] + 0.0005]);
  await page.mouse.up();
  await expect(page.getByRole('alert').filter({ hasText: '社区的外边界' })).toBeVisible();
  await expect(page.getByText('没有未保存的改动')).toBeVisible();
});

test('a micro-grid is cut with other households, and the parts are merged again', async ({ page }) => {
  test.setTimeout(120_000);
  const community = '150702001001';
  const code = `${community}020`;
  const before = await gridsOf(page, community);
  const grid = before.get(code);
  const view = around(grid, 17);
  await signIn(page, addressOf(code, view));
  await begin(page);

  // Across the middle, from one long side to the other.
  const ring = grid?.geometry.coordinates[0]?.[0] ?? [];
  const sides = ring.slice(1).map((end, index) => ({ a: ring[index] ?? end, b: end }));
  const length = ({ a, b }: { a: Place; b: Place }) => Math.hypot((a[0] - b[0]) * 0.65, a[1] - b[1]);
  const [first, ...rest] = [...sides].sort((a, b) => length(b) - length(a));
  const second = rest.find(({ a, b }) => first && a !== first.b && b !== first.a);
  if (!first || !second) throw new Error('no sides');
  await tools(page).getByRole('button', { name: '切分' }).click();
  await clickAt(page, view, between(first.a, first.b));
  await clickAt(page, view, between(second.a, second.b));

  const preview = page.getByRole('region', { name: '切分预览' });
  await expect(preview).toContainText(`合计 ${String(grid?.properties.households)} 户不变`);
  const fields = preview.getByRole('textbox');
  await expect(fields).toHaveCount(2);
  await fields.first().fill('11');
  await expect(fields.last()).toHaveValue(String((grid?.properties.households ?? 0) - 11));
  await accessible(page);
  await preview.getByRole('button', { name: '切分' }).click();
  await expect(preview).toBeHidden();
  await save(page);

  const cut = await gridsOf(page, community);
  expect(cut.size).toBe(before.size + 1);
  expect(cut.get(code)?.properties.households).toBe(11);
  const made = [...cut.keys()].find((one) => !before.has(one)) ?? '';
  expect(made).toBe(`${community}154`);
  expect(cut.get(made)?.properties).toMatchObject({ status: 'draft' });

  // Merged again, the community is whole.
  await tools(page).getByRole('button', { name: '合并' }).click();
  const [middle] = [around(cut.get(made)).center];
  await clickAt(page, view, middle);
  const merger = page.getByRole('region', { name: '合并预览' });
  await expect(merger).toContainText(`合并后 ${String(grid?.properties.households)} 户`);
  await merger.getByRole('button', { name: '合并' }).click();
  await save(page);
  const merged = await gridsOf(page, community);
  expect(merged.size).toBe(before.size);
  expect(merged.get(code)?.properties.households).toBe(grid?.properties.households);
});
