// Drawing with the keyboard alone: from the first tab to the saved changeset the mouse is not touched.
import { addressOf, around, gridsOf, signIn, tools } from './planner-tools.ts';
import { accessible, expect, mapDrawn, test, type Page } from './test.ts';

/** Tabs on until a button has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = page.getByRole('button', { name, exact: true });
  await expect(wanted).toBeVisible();
  for (let step = 0; step < 80; step++) {
    if (await wanted.evaluate((button) => button === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way to ${name} by keyboard`);
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

const unsaved = async (page: Page) =>
  Number(/\d+/.exec((await page.getByText(/处未保存的改动|没有未保存/).textContent()) ?? '')?.[0] ?? 0);

test('everything is drawn by keyboard alone', async ({ page }) => {
  test.setTimeout(240_000);
  const community = '150702001002';
  const before = await gridsOf(page, community);
  // A micro-grid of four corners in the middle of the community.
  const code =
    [...before.keys()].find(
      (one) => Number(one.slice(12)) > 20 && before.get(one)?.geometry.coordinates.flat(2).length === 5,
    ) ?? '';
  const view = around(before.get(code), 17);
  await signIn(page, addressOf(code, view));
  await mapDrawn(page);
  await tabTo(page, '开始划分');
  await press(page, 'Enter');
  await expect(tools(page)).toBeVisible();

  // The sheet of keys opens and closes by keys.
  await press(page, '?');
  const sheet = page.getByRole('dialog', { name: '划分的快捷键' });
  await expect(sheet).toBeVisible();
  await accessible(page);
  await press(page, 'Escape');
  await expect(sheet).toBeHidden();

  // Move a vertex: to a corner that is free, five metres north, and let go.
  await press(page, 'g', '.', '.', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp');
  await expect(page.getByText(/\d 个微网格一起动/)).toBeVisible();
  await press(page, 'Enter');
  await expect.poll(() => unsaved(page)).toBeGreaterThan(1);
  const moved = await unsaved(page);
  await press(page, 'Control+z');
  await expect.poll(() => unsaved(page)).toBe(0);
  await press(page, 'Control+Shift+z');
  await expect.poll(() => unsaved(page)).toBe(moved);

  // Add a vertex after the aim, and delete it again.
  await press(page, '+');
  await expect.poll(() => unsaved(page)).toBeGreaterThanOrEqual(moved);
  await press(page, 'Delete');
  await expect(page.getByRole('status').filter({ hasText: '删顶点' })).toBeAttached();

  // Cut from a corner to the corner across.
  await press(page, 'x', '.', 'Enter', '.', '.', 'Enter');
  await expect(page.getByRole('region', { name: '切分预览' })).toBeVisible();
  await press(page, 'Enter');
  await expect(page.getByRole('status').filter({ hasText: '切分：2 个微网格' })).toBeAttached();
  await expect(page.getByRole('region', { name: '切分预览' })).toBeHidden();

  // Households of the selected part.
  await press(page, 'a');
  await expect(page.getByRole('textbox', { name: '户数' })).toBeFocused();
  await press(page, 'Control+a');
  await page.keyboard.type('12');
  await press(page, 'Enter');
  await expect(page.getByRole('status').filter({ hasText: '填写' })).toBeAttached();

  // The other part: the next whose households are to be confirmed.
  await press(page, 'u', 'a');
  await expect(page.getByRole('textbox', { name: '户数' })).toBeFocused();
  await press(page, 'Enter');
  await press(page, 'Control+Enter');
  await expect(page.getByText(/已保存 \d+ 处改动/)).toBeVisible();
  const after = await gridsOf(page, community);
  expect(after.size).toBe(before.size + 1);
  expect(after.get(code)?.properties.households).toBe(12);
});

test('drawing and reshaping go point by point with the aim', async ({ page }) => {
  test.setTimeout(240_000);
  const community = '150702001003';
  const before = await gridsOf(page, community);
  const code = [...before.keys()].find((one) => before.get(one)?.properties.name.includes('微网格')) ?? '';
  const view = around(before.get(code), 17);
  await signIn(page, addressOf(code, view));
  await mapDrawn(page);
  await tabTo(page, '开始划分');
  await press(page, 'Enter');
  await expect(tools(page)).toBeVisible();

  // A square of 80 pixels in the middle of the micro-grid.
  const east = Array<string>(4).fill('ArrowRight');
  const [north, west] = [east.map(() => 'ArrowUp'), east.map(() => 'ArrowLeft')];
  await press(
    page,
    'g',
    's',
    'd',
    'ArrowLeft',
    'ArrowDown',
    'Enter',
    ...east,
    'Enter',
    ...north,
    'Enter',
    ...west,
    'Enter',
  );
  await press(page, 'Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: '画了新微网格' })).toBeAttached();
  await expect(page.getByText('2 处未保存的改动')).toBeVisible();

  // Give it a nose: from its first corner out to its third.
  await press(
    page,
    'r',
    '.',
    'Enter',
    ...['ArrowDown', 'ArrowRight', 'ArrowRight'],
    'Enter',
    ...['.'],
    'Enter',
  );
  await press(page, 'Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: '改边界' })).toBeAttached();

  // Cancel leaves nothing behind.
  await press(page, 'x', '.', 'Enter', 'Escape');
  await expect(page.getByText('2 处未保存的改动')).toBeVisible();
  await press(page, 'Control+s');
  await expect(page.getByText(/已保存 2 处改动/)).toBeVisible();
});
