import { accessible, expect, mapDrawn, signIn, test, type Page } from './test.ts';

const digits = (text: string | null) => Number((text ?? '').replaceAll(/\D/g, ''));

async function figure(page: Page, label: string): Promise<number> {
  const box = page.locator('dl', { has: page.getByText(label, { exact: true }) });
  return digits(await box.locator('.value').textContent());
}

test('an analyst sees where nobody is served, and drills down', async ({ page }) => {
  await page.goto('/insight/');
  await mapDrawn(page);
  await expect(page.getByText('演示数据').first()).toBeVisible();
  await expect(page.getByRole('region', { name: '1 公里内有驿站的户数占比' })).toBeVisible();

  const table = page.getByRole('table', { name: /旗市区按未覆盖户数排序/ });
  await expect(table.locator('tbody tr')).toHaveCount(14);
  expect(await figure(page, '户数')).toBe(1_152_112);
  expect(await figure(page, '驿站')).toBe(550);
  expect((await figure(page, '已覆盖')) + (await figure(page, '未覆盖'))).toBe(1_152_112);

  // In the order of need, and the parts are the whole.
  const unmet = (await table.locator('tbody td.unmet').allTextContents()).map(digits);
  expect(unmet).toEqual([...unmet].sort((a, b) => b - a));
  expect(unmet.reduce((sum, one) => sum + one, 0)).toBe(await figure(page, '未覆盖'));
  await accessible(page);

  await table.getByRole('button', { name: '海拉尔区', exact: true }).click();
  await expect(page).toHaveURL(/unit=150702/);
  await expect(page.getByRole('table', { name: /海拉尔区：苏木乡镇街道/ })).toBeVisible();
  await page.getByRole('table').getByRole('button').first().click();
  await expect(page).toHaveURL(/unit=150702\d{3}/);
  const communities = page.getByRole('table', { name: /社区\/嘎查村按未覆盖户数排序/ });
  await communities.getByRole('button').first().click();
  await expect(page).toHaveURL(/unit=150702\d{6}/);
  await expect(communities.locator('tr.selected')).toHaveCount(1);

  await page
    .getByRole('navigation', { name: '分析范围' })
    .getByRole('button', { name: '呼伦贝尔市' })
    .click();
  await expect(table.locator('tbody tr')).toHaveCount(14);
});

test('the conditions change figures, legend and address together', async ({ page }) => {
  await page.goto('/insight/');
  await expect(page.getByRole('table')).toBeVisible();
  const before = await figure(page, '已覆盖');

  await page.getByRole('radio', { name: '3 公里' }).check();
  await expect(page).toHaveURL(/radius=3000/);
  await expect(page.getByRole('region', { name: '3 公里内有驿站的户数占比' })).toBeVisible();
  await expect.poll(() => figure(page, '已覆盖')).toBeGreaterThan(before);

  await page.getByLabel('服务', { exact: true }).selectOption('取暖');
  await page.getByRole('radio', { name: '未覆盖户数' }).check();
  await expect(page).toHaveURL(/service=heating.*measure=unmet/);
  const legend = page.getByRole('region', { name: '3 公里内得不到取暖的户数（每格）' });
  await expect(legend.getByRole('listitem')).toHaveCount(7);

  await page.goBack();
  await expect(page.getByRole('radio', { name: '覆盖率' })).toBeChecked();
});

test('a hexagon tells its figures under the pointer', async ({ page }) => {
  await page.goto('/insight/?unit=150702001&theme=night&lang=en');
  await mapDrawn(page);
  await expect(page).toHaveURL(/map=/);
  const canvas = page.locator('.maplibregl-canvas');
  const box = await canvas.boundingBox();
  if (!box) throw new Error('the map has no size');
  let right = 0; // nobody may live just there, or a station stand: then a little beside it
  await expect(async () => {
    right += 23;
    await page.mouse.move(box.x + box.width / 2 + right - 3, box.y + box.height / 2);
    await page.mouse.move(box.x + box.width / 2 + right, box.y + box.height / 2);
    await expect(page.getByText(/^H3 8[0-9a-f]{14}$/)).toBeVisible({ timeout: 1000 });
  }).toPass();
  await accessible(page);
});

test('figures that fail say why, and the map stays', async ({ page, faults }) => {
  faults.allow(/503|ERR_FAILED/);
  let broken = true;
  await page.route(/\/api\/coverage\?/, (route) => (broken ? route.abort() : route.continue()));
  await page.goto('/insight/');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('连不上服务器');
  await expect(alert).toContainText('地图上的热力图仍可查看');
  await mapDrawn(page);
  broken = false;
  await alert.getByRole('button', { name: '重试' }).click();
  await expect(page.getByRole('table')).toBeVisible();
});

test('tiles that fail are told of, with a second try', async ({ page, faults }) => {
  faults.allow(/503/);
  await page.route('**/api/tiles/coverage/**', (route) => route.fulfill({ status: 503, body: '{}' }));
  await page.goto('/insight/');
  await expect(page.getByText('有些地图内容没有取到。')).toBeVisible();
  await page.unroute('**/api/tiles/coverage/**');
  await page.getByRole('button', { name: '重试' }).click();
  await expect(page.getByText('有些地图内容没有取到。')).toBeHidden();
});

test('a phone has the map above the figures and nothing overflows', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/insight/');
  await mapDrawn(page);
  await expect(page.getByRole('table')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await accessible(page);
});

test('a change elsewhere brings the figures up to date', async ({ page }) => {
  let asked = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/coverage') asked += 1;
  });
  let told = false;
  await page.route('**/api/events', async (route) => {
    if (told) return route.continue();
    await expect.poll(() => asked).toBeGreaterThan(0);
    told = true;
    const change = { seq: 1, collection: 'stations', code: 'S', op: 'update', version: 2 };
    return route.fulfill({
      contentType: 'text/event-stream',
      body: `id: 1\nevent: change\ndata: ${JSON.stringify(change)}\n\n`,
    });
  });
  await page.goto('/insight/');
  await expect.poll(() => asked).toBe(2);
});

test('a page that opened while the server was away recovers without a reload', async ({ page, faults }) => {
  faults.allow(/503/);
  let away = true;
  await page.route(/\/api\/(city|coverage|tiles)/, (route) =>
    away ? route.fulfill({ status: 503, body: '{}' }) : route.continue(),
  );
  await page.goto('/insight/');
  const alert = page.getByRole('alert').filter({ hasText: '指标没有算出来' });
  await expect(alert).toContainText('503');
  await expect(page.getByRole('alert').filter({ hasText: '地图无从画起' })).toBeVisible();
  away = false;
  await alert.getByRole('button', { name: '重试' }).click();
  await expect(page.getByRole('table').locator('tbody tr')).toHaveCount(14);
  await mapDrawn(page);
  await expect(page.locator('.maplibregl-ctrl-scale')).toHaveText(/^(50|100)\s?km$/);
  await expect(page.getByText('有些地图内容没有取到。')).toBeHidden();
});

test('from a cold start: the gaps at 22:00, and where five more stations help most', async ({
  page,
  request,
}) => {
  test.slow(); // it draws a search, a scenario and a report, each with its map
  await page.goto('/insight/');
  await mapDrawn(page);
  await page.getByLabel('服务', { exact: true }).selectOption('手机充电');
  await page.getByLabel('时间条件').selectOption('一周中的某个小时');
  const hour = page.getByLabel(/^一周中的小时/);
  await expect(hour).toHaveAttribute('aria-valuetext', '星期二 22:00');
  await expect(page).toHaveURL(/service=charging&hour=46/);

  const question = 'radius_m=1000&services=charging&quarter=184';
  const figures = await (await request.get(`/api/coverage?${question}`)).json();
  await expect.poll(() => figure(page, '未覆盖')).toBe(figures.unmet);
  expect(await figure(page, '已覆盖')).toBe(figures.covered);
  await expect(
    page.getByRole('region', { name: '1 公里内可得到手机充电的户数占比（星期二 22:00）' }),
  ).toBeVisible();

  await page.getByRole('radio', { name: '空白区' }).check();
  const gaps = await (await request.get(`/api/gaps?${question}&limit=1`)).json();
  const [first] = gaps.gaps;
  const worst = page.locator('ol > li').first();
  await expect(worst.getByRole('button').first()).toContainText(
    `${first.households.toLocaleString('zh-CN')} 户`,
  );
  await expect(worst).toContainText(first.best_site.households_of_gap.toLocaleString('zh-CN'));
  await worst.getByRole('button').first().press('Enter');
  await expect(worst.getByRole('button').first()).toHaveAttribute('aria-pressed', 'true');
  await expect(page).toHaveURL(/show=gaps.*map=/);
  await accessible(page);

  await page.getByRole('radio', { name: '选址' }).check();
  await page.getByRole('button', { name: '计算选址' }).click();
  const sites = page.getByRole('table', { name: '按开设顺序' });
  await expect(sites.locator('tbody tr')).toHaveCount(5, { timeout: 40_000 });
  await expect(page.getByText(/这 5 处共可新覆盖/)).toBeVisible();
  const body = { p: 5, radius_m: 1000, services: ['charging'], quarter: 184 };
  const job = await (await request.post('/api/siting', { data: body })).json();
  const siting = await (await request.get(`/api/jobs/${job.id}/result`)).json();
  const gains = await sites.locator('tbody td:nth-child(2)').allTextContents();
  expect(gains.map(digits)).toEqual(siting.sites.map(({ gain }: { gain: number }) => gain));
  await accessible(page);

  // What the five promise is what they cover, once they are in a scenario; and it goes to paper.
  await page.getByRole('button', { name: '放入方案' }).click();
  const change = page.getByRole('region', { name: '变化' }).locator('.big').first();
  await expect.poll(async () => digits(await change.textContent())).toBe(siting.objective);
  await expect.poll(() => figure(page, '未覆盖')).toBe(figures.unmet - siting.objective);
  await page.getByRole('button', { name: '报告' }).click();
  const sheet = page.getByRole('article', { name: '呼伦贝尔市骑手驿站覆盖分析' });
  await expect(sheet).toBeVisible({ timeout: 45_000 });
  await expect(sheet).toContainText('手机充电的户数占比（星期二 22:00） · 未保存的方案');
});

test('tables are taken away by those who may', async ({ page }) => {
  await page.goto('/insight/?unit=150702');
  const files = page.getByRole('link', { name: 'XLSX' });
  await page.getByRole('link', { name: '登录后可下载排序表' }).click();
  await expect(page).toHaveURL(/\/login\/\?return_to=%2Finsight%2F%3Funit%3D150702/);

  await signIn(page, 'demo-viewer', '/insight/?unit=150702');
  await expect(page.getByText('这个账号不能下载排序表')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: '退出登录' }).click();
  await expect(page.getByRole('link', { name: '登录后可下载排序表' })).toBeVisible(); // the page is there again

  await signIn(page, 'demo-analyst', '/insight/?unit=150702');
  const [file] = await Promise.all([page.waitForEvent('download'), files.click()]);
  expect(file.suggestedFilename()).toMatch(/^覆盖排名-seq\d+\.xlsx$/);
});
