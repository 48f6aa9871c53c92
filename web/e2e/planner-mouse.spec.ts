// The tools that make and bend borders, with the mouse alone: draw, reshape by hand, move an edge, divide.
import {
  addressOf,
  around,
  begin,
  between,
  clickAt,
  cornersOf,
  gridsOf,
  has,
  pixelOf,
  save,
  signIn,
  tools,
  type Grid,
  type Place,
} from './planner-tools.ts';
import { accessible, expect, test, type Page } from './test.ts';

const community = '150702001007';

const said = (page: Page, what: string) => page.getByRole('status').filter({ hasText: what });
const take = (page: Page, tool: string) =>
  tools(page).getByRole('button', { name: tool, exact: true }).click();
const distance = ([x1, y1]: Place, [x2, y2]: Place) => Math.hypot((x1 - x2) * 0.65, y1 - y2);
const sidesOf = (grid: Grid | undefined): [Place, Place][] =>
  (grid?.geometry.coordinates[0]?.[0] ?? []).flatMap((end, index, ring): [Place, Place][] => {
    const begin = ring[index - 1];
    return begin ? [[begin, end]] : [];
  });

test('borders are drawn, reshaped, moved and divided with the mouse', async ({ page }) => {
  test.setTimeout(240_000);
  const before = await gridsOf(page, community);
  const outline = (await (
    await page.request.get(`/api/collections/units/items/${community}`)
  ).json()) as Grid;
  // Four corners, none of them on the outer border, and large enough to draw within.
  const inner = [...before.values()].filter((grid) => {
    const corners = cornersOf(grid);
    return corners.length === 5 && corners.every((corner) => !has(outline, corner));
  });
  const size = (grid: Grid) => Math.min(...sidesOf(grid).map(([a, b]) => distance(a, b)));
  const grid = inner.reduce((best, one) => (size(one) > size(best) ? one : best));
  const view = around(grid, 17);
  await signIn(page, addressOf(grid.id, view));
  await begin(page);

  // Draw: a square around the middle, ended where it began to be drawn last.
  const corners = cornersOf(grid)
    .slice(0, 4)
    .map((corner) => between(view.center, corner, 0.4));
  await take(page, '画新微网格');
  for (const corner of corners) await clickAt(page, view, corner);
  await page.getByRole('button', { name: '确认' }).click();
  await expect(said(page, '画了新微网格：2 个微网格')).toBeAttached();
  await expect(page.getByText('2 处未保存的改动')).toBeVisible();

  // Reshape: the new one is selected; a stroke from one of its sides out and back to it.
  const [a, b, c] = corners;
  if (!a || !b || !c) throw new Error('no square');
  const out = between(view.center, between(a, b), 1.6);
  await take(page, '徒手改边界');
  const stroke = [between(a, b, 0.2), between(between(a, b, 0.2), out, 0.7), out, between(a, b, 0.8)];
  const pixels = await Promise.all(stroke.map((place) => pixelOf(page, view, place)));
  await page.mouse.move(pixels[0]?.x ?? 0, pixels[0]?.y ?? 0);
  await page.mouse.down();
  for (const { x, y } of pixels.slice(1)) await page.mouse.move(x, y, { steps: 6 });
  await page.mouse.up();
  await expect(said(page, '改边界：2 个微网格')).toBeAttached();

  // Move an edge of it: both ends go the same way.
  await take(page, '移动边');
  const from = await pixelOf(page, view, between(b, c));
  const to = await pixelOf(page, view, between(view.center, between(b, c), 1.2));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 6 });
  await expect(page.getByText('2 个微网格一起动')).toBeVisible();
  await page.mouse.up();
  await expect(said(page, '移动边：2 个微网格')).toBeAttached();
  await tools(page).getByRole('button', { name: '撤销' }).click();
  await tools(page).getByRole('button', { name: '重做' }).click();
  await save(page);
  // Nothing of one's own counts as somebody else's, and what was saved can still be undone.
  await expect(page.getByText('其他人保存了改动')).toBeHidden();
  await expect(tools(page).getByRole('button', { name: '撤销' })).toBeEnabled();

  // Divide: looked at first, then taken.
  const drawn = await gridsOf(page, community);
  expect(drawn.size).toBe(before.size + 1);
  const rest = drawn.get(grid.id);
  await clickAt(page, view, between(view.center, cornersOf(grid)[2] ?? view.center, 0.9));
  await page.getByText('自动划分', { exact: true }).click();
  await page.getByLabel('每个微网格最多户数').fill(String(Math.ceil((rest?.properties.households ?? 0) / 2)));
  await page.getByRole('button', { name: '划分选中的' }).click();
  await expect(page.getByText(/划分后 \d+ 个微网格/)).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: '采用' }).click();
  await expect(said(page, '自动划分')).toBeAttached();
  await save(page);

  const after = await gridsOf(page, community);
  expect(after.size).toBeGreaterThan(drawn.size);
  const households = (grids: Map<string, Grid>) =>
    [...grids.values()].reduce((sum, { properties }) => sum + properties.households, 0);
  expect(households(after)).toBe(households(before));
});
