import { accessible, expect, mapDrawn, test } from './test.ts';

test('a planner walks down the tree to a micro-grid', async ({ page }) => {
  await page.goto('/plan/');
  await mapDrawn(page);
  await expect(page.getByText('演示数据').first()).toBeVisible();
  await expect(page.getByText('登录后可以划分')).toBeVisible();

  const tree = page.getByRole('tree', { name: '行政单元' });
  await expect(tree.getByRole('treeitem')).toHaveCount(14);

  // By keyboard alone: down the tree, opening on the way.
  const banner = tree.getByRole('treeitem', { name: '海拉尔区' });
  await banner.focus();
  await page.keyboard.press('ArrowRight');
  await expect(banner).toHaveAttribute('aria-expanded', 'true');
  await expect(tree.getByRole('treeitem', { level: 2 }).first()).toBeVisible();
  await page.keyboard.press('ArrowRight');
  const township = tree.getByRole('treeitem', { level: 2 }).first();
  await expect(township).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tree.getByRole('treeitem', { level: 3 }).first()).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const community = tree.getByRole('treeitem', { level: 3 }).first();
  await expect(community).toHaveAttribute('aria-selected', 'true');
  await expect(page).toHaveURL(/unit=\d{12}/);

  // The table stands parallel to the map, and its households are those of the community.
  const table = page.getByRole('table', { name: /的微网格/ });
  await expect(table.locator('tbody tr').first()).toBeVisible();
  const cells = await table.locator('td.households').allTextContents();
  const sum = cells.reduce((total, text) => total + Number(text.replaceAll(/\D/g, '')), 0);
  const shown = await page.locator('dl', { hasText: '户数' }).locator('.value').first().textContent();
  expect(cells.length).toBeGreaterThan(0);
  expect(sum).toBe(Number(shown?.replaceAll(/\D/g, '')));

  await table.getByRole('button', { name: /^001/ }).click();
  await expect(page).toHaveURL(/grid=\d{12}001/);
  const card = page.getByRole('region', { name: '微网格', exact: true });
  await expect(card).toContainText('每名单元（联户）长 29 户');
  await expect(card).toContainText(/公顷|平方米|平方公里/);
  await accessible(page);
});

test('a search finds a community by name and by code', async ({ page }) => {
  await page.goto('/plan/');
  const search = page.getByRole('combobox');
  await search.fill('天润');
  const hit = page.getByRole('option', { name: /天润社区/ }).first();
  await expect(hit).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '天润社区' })).toBeVisible();
  await expect(page).toHaveURL(/unit=150702001001/);

  await search.fill('150781');
  await expect(page.getByRole('option').first()).toContainText('满洲里市');
  await search.fill('没有这个地方');
  await expect(page.getByText('没有名称或代码符合“没有这个地方”的单元')).toBeVisible();
});

test('an address opens the same view, and back undoes a step', async ({ page }) => {
  await page.goto('/plan/?grid=150702001001007&lang=en&theme=night');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'night');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('region', { name: 'Micro-grid', exact: true })).toContainText(
    '150702001001007',
  );
  await mapDrawn(page);
  await expect(page).toHaveURL(/map=119\.\d+,49\.\d+,1\d/);

  await page.getByRole('button', { name: 'Hailar District' }).click();
  await expect(page.getByRole('heading', { name: 'Hailar District' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('region', { name: 'Micro-grid', exact: true })).toContainText(
    '150702001001007',
  );
  await accessible(page);
});

test('a click on the map finds a micro-grid', async ({ page }) => {
  await page.goto('/plan/?unit=150702001001');
  await mapDrawn(page);
  await expect(page).toHaveURL(/map=/);
  await expect(page.getByText('微网格户数（每名单元长约 29 户）')).toBeVisible();
  const canvas = page.locator('.maplibregl-canvas');
  const box = await canvas.boundingBox();
  if (!box) throw new Error('the map has no size');
  let right = 0; // a station may stand just there: then a little beside it
  await expect(async () => {
    right += 11;
    await canvas.click({ position: { x: box.width / 2 + right, y: box.height / 2 } });
    await expect(page).toHaveURL(/grid=\d{15}/, { timeout: 1000 });
  }).toPass();
  await expect(page.getByRole('region', { name: '微网格', exact: true })).toBeVisible();
});

test('each list says what failed, and a second try mends it', async ({ page, faults }) => {
  faults.allow(/503/);
  let broken = true;
  await page.route('**/api/collections/micro_grids/**', (route) =>
    broken
      ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503}' })
      : route.continue(),
  );
  await page.goto('/plan/?unit=150702001001');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('微网格没有取到');
  await expect(alert).toContainText('地图和单元树仍可使用');
  broken = false;
  await alert.getByRole('button', { name: '重试' }).click();
  await expect(page.getByRole('table', { name: /的微网格/ })).toBeVisible();
});

test('on a phone one panel shows at a time and nothing overflows', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/plan/');
  await mapDrawn(page);
  const tree = page.getByRole('tree');
  await expect(tree).toBeVisible();
  await tree.getByRole('treeitem', { name: '海拉尔区' }).click();
  await expect(page.getByRole('heading', { name: '海拉尔区' })).toBeVisible();
  await expect(tree).toBeHidden();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  await accessible(page);
});
