// Drawing with the mouse alone, against the real server and its rules.
import {
  type Grid,
  type Place,
  type View,
  addressOf,
  around,
  begin,
  between,
  clickAt,
  cornersOf,
  dragTo,
  gridsOf,
  has,
  save,
  sharedCorner,
  signIn,
  tools,
} from './planner-tools.ts';
import { accessible, expect, test } from './test.ts';

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
