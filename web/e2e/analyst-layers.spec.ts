// What people add beside the city: indicators by unit, and places. And the trend of coverage.
import { accessible, expect, mapDrawn, signIn, test, type Page } from './test.ts';

/** Not that of an earlier run that was cut short. */
const named = `党组织覆盖率 ${String(Date.now() % 1_000_000)}`;
const banners = [
  ['海拉尔区', '85.3%'],
  ['扎赉诺尔区', '61%'],
  ['阿荣旗', '42.5%'],
  ['莫力达瓦达斡尔族自治旗', '40%'],
  ['鄂伦春自治旗', '55%'],
  ['鄂温克族自治旗', '70%'],
  ['陈巴尔虎旗', '66%'],
  ['新巴尔虎左旗', '31%'],
  ['新巴尔虎右旗', '33%'],
  ['满洲里市', '90%'],
  ['牙克石市', '72%'],
  ['扎兰屯市', '48%'],
  ['额尔古纳市', '58%'],
  ['北京市', '99%'],
  ['合计', '60%'],
] as const;
const table = `旗市区,党组织覆盖率\n${banners.map((row) => row.join(',')).join('\n')}\n`;

const counts = async (page: Page, legend: string) =>
  (await page.getByRole('region', { name: legend }).locator('.count').allTextContents()).map(Number);
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Spearman's ρ by its definition, for values that are all different. */
function spearman(pairs: readonly (readonly [number, number])[]): number {
  const rank = (values: readonly number[], one: number) => values.filter((value) => value < one).length;
  const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
  const squares = sum(pairs.map(([x, y]) => (rank(xs, x) - rank(ys, y)) ** 2));
  const n = pairs.length;
  return 1 - (6 * squares) / (n * (n * n - 1));
}

/** Whole counts can be counted in place of households: all figures of the page are those of the API then, under their name. */
async function countsOrders(page: Page) {
  const orders = '外卖订单（演示虚构）';
  const { indicators } = await (await page.request.get('/api/indicators')).json();
  const { id } = (indicators as { id: string; name: string }[]).find(({ name }) => name === orders) ?? {};
  const figure = (name: string) =>
    page.getByRole('region', { name: '主要指标' }).locator('dl').filter({ hasText: name }).locator('.value');
  const words = (count: number) => count.toLocaleString('zh-CN');
  const asked = `radius_m=3000&weight=${String(id)}`;
  const told = await (await page.request.get(`/api/coverage?${asked}`)).json();
  const households = await (await page.request.get('/api/coverage?radius_m=3000')).json();
  expect(told.households).not.toBe(households.households);

  const weight = page.getByLabel('计数对象');
  // A share is not offered.
  await expect(weight.locator('option')).toHaveText([
    '户数',
    `${orders}（单）`,
    '调解纠纷件数（演示虚构）（件）',
  ]);
  await weight.focus();
  await page.keyboard.press('ArrowDown'); // as by the pointer
  await expect(page).toHaveURL(new RegExp(`weight=${String(id)}`));
  await expect(page.getByText('下面各项数的都是这个，不是户数')).toBeVisible();
  await expect(
    page.getByText(`没有数据的 ${String(told.weight.without_figure.units)} 个苏木乡镇街道`),
  ).toContainText(words(told.weight.without_figure.households));
  await expect(figure(orders)).toHaveText(words(told.households));
  await expect(figure('已覆盖')).toHaveText(words(told.covered));
  await expect(figure('未覆盖')).toHaveText(words(told.unmet));

  await page.getByRole('radio', { name: '排序' }).check();
  const { units } = await (await page.request.get(`/api/coverage/ranking?level=banner&${asked}`)).json();
  const table = page.getByRole('table', { name: `旗市区按未覆盖${orders}排序` });
  const cells = (units as { name: string; unmet: number }[]).map(({ name, unmet }) => [name, words(unmet)]);
  await expect
    .poll(async () =>
      (await table.locator('tbody tr').allInnerTexts()).map((row) => row.split(/\s+/).slice(0, 2)),
    )
    .toEqual(cells);
  await expect(page.getByRole('region', { name: `3 公里内有驿站的${orders}占比` })).toBeVisible();
  await page.getByRole('radio', { name: `未覆盖${orders}` }).check();
  await expect(page.getByRole('region', { name: `3 公里内没有驿站的${orders}（每格）` })).toContainText('1–');
  await expect(page.getByRole('region', { name: `3 公里内没有驿站的${orders}（每格）` })).toContainText('单');

  // What people see of gaps is that of the API, and nothing on the page speaks of households but to say that they are not meant.
  await page.getByRole('radio', { name: '空白区' }).check();
  const gaps = await (await page.request.get(`/api/gaps?limit=1&${asked}`)).json();
  await expect(
    page.getByText(`共 ${words(gaps.total)} 处空白区，${words(gaps.households)} 单`),
  ).toBeVisible();
  await expect(page.getByText(`${words(gaps.gaps[0].households)} 单`).first()).toBeVisible();
  await accessible(page);
  await page.getByRole('radio', { name: '覆盖率' }).check();
  await page.getByRole('radio', { name: '指标' }).check();
  await weight.selectOption('户数');
  await expect(figure('户数')).toHaveText(words(households.households));
  await expect(page).not.toHaveURL(/weight=/);
}

test('a table becomes a map, a ranking and a cross-plot', async ({ page }) => {
  test.slow();
  await signIn(page, 'demo-analyst', '/insight/?show=indicators');
  await mapDrawn(page);
  await expect(page.getByRole('list', { name: '指标' }).getByText('演示数据')).toHaveCount(2);

  await page.getByRole('button', { name: '添加指标' }).click();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: '党组织.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  await expect(page.getByText('党组织.csv：15 行，13 行已找到单元')).toBeVisible();
  const save = page.getByRole('button', { name: '保存' });
  await expect(save).toBeDisabled(); // one row is of no unit here
  await page.getByRole('button', { name: '其余全部不计入' }).click();
  await page.getByLabel('名称', { exact: true }).fill(named);
  await page.getByRole('textbox', { name: '来源' }).fill('市委组织部，试填');
  await page.getByLabel('统计日期').fill('2026-06-30');
  await accessible(page);
  await save.click();

  const legend = `${named} · 2026-06-30`;
  const ranking = page.getByRole('table', { name: '按数值排序' });
  await expect(page.getByRole('region', { name: legend })).toContainText('市委组织部，试填');
  await expect(ranking.locator('tbody tr')).toHaveCount(14);
  await expect(ranking.locator('tbody tr').first()).toContainText('满洲里市');
  await expect(ranking.locator('tbody tr').last()).toContainText('根河市');
  await expect(ranking.locator('tbody tr').last()).toContainText('无数据');
  expect(sum(await counts(page, legend))).toBe(14); // the one without data among them

  // The cross-plot is that of the figures that the API gives for the conditions of the page.
  await page.getByRole('radio', { name: '3 公里' }).check();
  const { children } = await (await page.request.get('/api/coverage?radius_m=3000')).json();
  const pairs = (children as { name: string; share: number }[]).flatMap(({ name, share }) => {
    const value = parseFloat(banners.find(([banner]) => banner === name)?.[1] ?? '');
    return Number.isNaN(value) ? [] : [[share, value] as const];
  });
  expect(pairs).toHaveLength(13);
  const rho = spearman(pairs).toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  await expect(page.getByText(`Spearman ρ = ${rho}`)).toBeVisible();

  // Each figure opens to what it rests on: the table and who added it, the classes, both sides of the plot.
  const dialog = page.getByRole('dialog');
  await ranking.getByRole('button', { name: '牙克石市：为什么？' }).click();
  await expect(dialog).toHaveAccessibleName(`牙克石市 · ${named}：数字从何而来`);
  for (const said of [
    '72.0%',
    '数据库中为 0.72',
    '3 / 13',
    '市委组织部，试填',
    '2026-06-30',
    'demo-analyst，',
  ])
    await expect(dialog).toContainText(said);
  const { code: yakeshi, share } = children.find(({ name }: { name: string }) => name === '牙克石市');
  await expect(dialog).toContainText(`代码 ${yakeshi as string}，`);
  await expect(dialog).toContainText(`${(share * 100).toFixed(1)}%，页面上面条件下的覆盖率`);
  await accessible(page);
  await dialog.getByRole('button', { name: '看覆盖率怎么算的' }).click();
  await expect(dialog).toHaveAccessibleName('牙克石市的数字从何而来');
  await page.keyboard.press('Escape');
  await ranking.getByRole('button', { name: '根河市：为什么？' }).click();
  await expect(dialog).toContainText('2026-06-30 的表里没有这个单元');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: '相关系数：为什么？' }).click();
  await expect(dialog.locator('tbody tr')).toHaveCount(13);
  const ranks = await dialog
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((one) => [2, 4].map((at) => Number(one.children[at]?.textContent))));
  const squares = ranks.reduce((all, [x = 0, y = 0]) => all + (x - y) ** 2, 0);
  expect(1 - (6 * squares) / (13 * (13 ** 2 - 1))).toBeCloseTo(spearman(pairs), 6);
  await expect(dialog.locator('dd .figure').last()).toHaveText(rho);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: '图例：为什么？' }).click();
  await expect(dialog.locator('tbody tr')).toHaveCount(14);
  const classes = await dialog.locator('tbody tr td:last-child').allTextContents();
  const inClass = (label: string) => classes.filter((one) => one === label).length;
  const items = page.getByRole('region', { name: legend, includeHidden: true }).locator('li');
  const legendOf = await items.evaluateAll((all) =>
    all.map((one) => [one.childNodes[1]?.textContent?.trim() ?? '', one.lastElementChild?.textContent]),
  );
  expect(legendOf.length).toBeGreaterThan(4);
  for (const [label = '', count] of legendOf)
    expect(inClass(label === '无数据' ? '–' : (label ?? '')), label ?? '').toBe(Number(count));
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  // What the pointer is on in the table is marked, and what it is on on the map is marked in the table.
  const row = ranking.getByRole('row').filter({ hasText: '牙克石市' });
  await row.hover();
  await expect(row).toHaveClass(/pointed/);
  const canvas = page.locator('.maplibregl-canvas');
  await canvas.hover({ position: { x: 160, y: 540 } }); // 新巴尔虎右旗, in the far west
  await expect(row).not.toHaveClass(/pointed/);
  await expect(ranking.locator('tr.pointed')).toHaveText(/新巴尔虎右旗/);
  await canvas.click({ position: { x: 160, y: 540 } });
  await expect(ranking.locator('tr.selected')).toHaveText(/新巴尔虎右旗/);
  await expect(ranking.locator('tr.selected')).toBeInViewport();

  // Row, dot and map are of one unit, by the pointer and by the keyboard.
  await row.getByRole('button', { name: '牙克石市', exact: true }).press('Enter');
  await expect(page.getByRole('button', { name: /^牙克石市：覆盖率/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(page).toHaveURL(/indicator=[a-z2-7]{16}.*map=12/);
  await page.getByRole('button', { name: /^牙克石市：覆盖率/ }).press('ArrowRight');
  await expect(page.getByRole('button', { name: /^牙克石市：覆盖率/ })).toHaveAttribute(
    'aria-pressed',
    'false',
  );

  // Classes move by the keyboard; the legend and the address follow, and the address is enough.
  const labels = () => page.getByRole('region', { name: legend }).getByRole('listitem').allTextContents();
  const before = await labels();
  await page.getByRole('slider', { name: '第 1 个分界' }).press('ArrowLeft');
  await expect(page).toHaveURL(/figures=manual,/);
  await expect.poll(labels).not.toEqual(before);
  const moved = await labels();
  await page.reload();
  await expect.poll(labels).toEqual(moved);
  await accessible(page);

  await countsOrders(page);

  // It goes as it came.
  await page.getByRole('button', { name: '删除指标' }).click();
  await page.getByRole('button', { name: '确定删除' }).click();
  await expect(page.getByRole('list', { name: '指标' })).toBeVisible();
  await expect(page.getByText(named)).toHaveCount(0);
});

test('a table of points becomes a layer of places, counted by unit', async ({ page, faults }) => {
  test.slow();
  faults.allow(/400 .*api\/places\/read|ERR_INTERNET_DISCONNECTED/); // a file that is no table, and a lost network
  await signIn(page, 'demo-analyst', '/insight/?show=places');
  await mapDrawn(page);
  await page.getByRole('button', { name: '添加地点图层' }).click();
  const points =
    '名称,经度,纬度,类别\n海拉尔调解中心,119.7364,49.2122,调解中心\n满洲里调解中心,117.4440,49.5900,调解中心\n加格达奇,124.1000,50.4200,调解中心\n坏行,abc,50,x\n';
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: '调解中心.csv', mimeType: 'text/csv', buffer: Buffer.from(points) });
  await expect(page.getByText('调解中心.csv：读出 3 个地点')).toBeVisible();
  await page.getByText('1 处问题').click();
  await expect(page.getByText(/^第 5 行 · 经度/)).toBeVisible();
  await page.getByRole('textbox', { name: '来源' }).fill('试填');
  await accessible(page);
  await page.getByRole('button', { name: '保存' }).click();

  const byUnit = page.getByRole('table', { name: '各旗市区的地点数' });
  const countOf = (name: string) =>
    byUnit.getByRole('row').filter({ hasText: name }).getByRole('cell').first();
  await expect(countOf('海拉尔区')).toHaveText('1');
  await expect(countOf('满洲里市')).toHaveText('1');
  await expect(countOf('合计')).toHaveText('2');
  await expect(page.getByText('另有 1 个地点不在这个范围内。')).toBeVisible();

  // Each count opens to the places that make it, and where they come from.
  const dialog = page.getByRole('dialog');
  const layer = new URL(page.url()).searchParams.get('places') ?? '';
  const { places } = await (await page.request.get(`/api/places/${layer}`)).json();
  const [hailar] = places as { name: string; community: string }[];
  for (const [mark, listed] of [
    ['海拉尔区：为什么？', ['海拉尔调解中心']],
    ['合计：为什么？', ['海拉尔调解中心', '满洲里调解中心']],
    ['这个范围以外的地点：为什么？', ['加格达奇']],
  ] as const) {
    await page.getByRole('button', { name: mark }).click();
    await expect(dialog.locator('tbody th')).toHaveText([...listed]);
    await expect(dialog.locator('dd .figure')).toHaveText(String(listed.length));
    await expect(dialog).toContainText('试填');
    if (mark.startsWith('海拉尔')) {
      await expect(dialog.locator('tbody')).toContainText(hailar?.community ?? 'none');
      await expect(dialog).toContainText('代码以 150702 开头');
      await accessible(page);
    }
    await page.keyboard.press('Escape');
  }
  await page.getByRole('button', { name: '海拉尔调解中心' }).click();
  await expect(page).toHaveURL(/places=[a-z2-7]{16}.*map=119\.7364,49\.2122,13/);
  await accessible(page);

  // Another date is one more of the same layer, and each date can be gone back to.
  await page.getByRole('button', { name: '添加新一期' }).click();
  const file = page.locator('input[type=file]');
  await file.setInputFiles({ name: '图.csv', mimeType: 'text/csv', buffer: Buffer.from([0, 1, 2, 255]) });
  await expect(page.getByRole('alert').filter({ hasText: '表格没有读出来' })).toBeVisible();
  const nowhere = Buffer.from('名称,经度,纬度\n甲,x,y\n');
  await file.setInputFiles({ name: '空.csv', mimeType: 'text/csv', buffer: nowhere });
  await expect(page.getByText('表里没有可用的地点')).toBeVisible();
  await expect(page.getByRole('button', { name: '保存' })).toBeDisabled();
  await accessible(page);
  await page.getByRole('button', { name: '换一个文件' }).click();
  const later = Buffer.from('名称,经度,纬度\n海拉尔调解中心,119.7364,49.2122\n');
  await file.setInputFiles({ name: '新.csv', mimeType: 'text/csv', buffer: later });
  await page.getByRole('textbox', { name: '来源' }).fill('试填');
  await expect(page.getByText('原来的 3 个由这张表取代')).toBeVisible(); // today, as the first was
  await page.getByLabel('统计日期').fill('2026-01-31');
  await expect(page.getByText('由这张表取代')).toHaveCount(0);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '没有保存' })).toBeVisible();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: '保存' }).click();
  await expect(countOf('合计')).toHaveText('1');
  const dates = page.getByLabel('统计日期');
  await expect(dates.getByRole('option')).toHaveCount(2);
  await dates.selectOption({ index: 0 });
  await expect(countOf('合计')).toHaveText('2');

  // A mark on the map leads to its line of the list, and the list to the map and back.
  await page.reload();
  await mapDrawn(page);
  await expect(page.getByRole('button', { name: '满洲里调解中心' })).toBeAttached();
  await page.locator('.maplibregl-canvas').click(); // the map is where the address says: over the mark
  const line = page.getByRole('listitem').filter({ hasText: '海拉尔调解中心' });
  await expect(line.getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  await expect(line).toBeInViewport();
  await page.goBack();
  await expect(countOf('合计')).toHaveText('1');
  await page.goForward();
  await expect(countOf('合计')).toHaveText('2');
  for (const left of ['1', null]) {
    await page.getByRole('button', { name: '删除图层' }).click();
    await page.getByRole('button', { name: '确定删除' }).click();
    if (left) await expect(countOf('合计')).toHaveText(left);
  }
  await expect(page.getByRole('list', { name: '地点图层' })).toBeVisible();
  await accessible(page);
});

test('a sum opens to what was added up', async ({ page }) => {
  await signIn(page, 'demo-analyst', '/insight/?show=indicators');
  const { csrf } = await (await page.request.get('/api/auth/me')).json();
  const headers = { 'X-CSRF-Token': csrf };
  const counted = [
    ['150702', 1200],
    ['150781', 34],
    ['150782', 5],
  ] as const;
  const values = counted.map(([unit, value]) => ({ unit, value }));
  const about = { name: `调解 ${named}`, unit: '150700', kind: 'count', level: 'banner', measure: '件' };
  const data = { ...about, date: '2026-06-30', source: '司法局，试填', values };
  const made = await page.request.post('/api/indicators', { headers, data });
  expect(made.status()).toBe(201);
  const one = `/api/indicators/${((await made.json()) as { id: string }).id}`;
  try {
    await page.goto(`/insight/?show=indicators&indicator=${one.slice(-16)}`);
    const { sum: total } = await (await page.request.get(`${one}/values`)).json();
    expect(total).toBe(sum(counted.map(([, value]) => value)));
    await page.getByRole('button', { name: '合计：为什么？' }).click();
    const dialog = page.getByRole('dialog', { name: /^合计 · 调解/ });
    await expect(dialog.locator('dd .figure')).toHaveText('1,239 件');
    await expect(dialog).toContainText('3 个单元的数值相加；11 个无数据的单元不计入');
    const parts = await dialog.locator('tbody td').allTextContents();
    expect(sum(parts.map((text) => Number(text.replaceAll(/[^\d]/g, ''))))).toBe(total);
  } finally {
    const gone = await page.request.delete(one, { headers: { ...headers, 'If-Match': '*' } });
    expect(gone.status()).toBe(204);
  }
});

test('guests see what is public, and a failing list says so', async ({ page, faults }) => {
  faults.allow(/503/);
  await page.route('**/api/indicators', (route) => route.fulfill({ status: 503, json: { title: 'away' } }));
  await page.goto('/insight/?show=indicators');
  const alert = page.getByRole('alert').filter({ hasText: '指标列表没有取到' });
  await expect(alert).toBeVisible();
  await page.unroute('**/api/indicators');
  await alert.getByRole('button', { name: '重试' }).click();
  await expect(page.getByRole('list', { name: '指标' }).getByRole('listitem')).toHaveCount(1);
  await expect(page.getByRole('button', { name: '添加指标' })).toHaveCount(0);
  await accessible(page);
  await page.getByRole('button', { name: '常住人口城镇化率' }).click();
  await expect(page.getByRole('table', { name: '按数值排序' }).locator('tbody tr')).toHaveCount(14);

  // Its map needs no hexagons, and asks for none.
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.reload();
  await mapDrawn(page);
  await page.getByRole('radio', { name: '3 公里' }).check();
  await expect.poll(() => asked.filter((url) => url.includes('radius_m=3000')).length).toBeGreaterThan(0);
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  expect(asked.filter((url) => url.includes('/api/tiles/units/')).length).toBeGreaterThan(0);
  expect(asked.filter((url) => url.includes('/api/tiles/coverage'))).toEqual([]);

  // Once it is left, the hexagons come back.
  await page.getByRole('radio', { name: '排序' }).check();
  await expect.poll(() => asked.some((url) => url.includes('/api/tiles/coverage/'))).toBe(true);
});

test('a change of a station is a step of the trend', async ({ page }) => {
  await signIn(page, 'demo-admin', '/insight/?show=trend');
  const rows = page.getByRole('table', { name: '每次变更后的覆盖情况' }).locator('tbody tr');
  await expect(rows.first()).toContainText(/%/);
  await expect(page.getByText(/^变更记录自/)).toBeVisible();
  const steps = await rows.count();

  // The station of which most households have no other closes.
  const why = await (await page.request.get('/api/explain?radius_m=1000')).json();
  const [lone] = [...why.unit.in_reach].sort((a, b) => b.alone - a.alone);
  const item = `/api/collections/stations/items/${lone.code}`;
  const found = await page.request.get(item);
  const { csrf } = await (await page.request.get('/api/auth/me')).json();
  const patch = async (status: string, etag: string | undefined) =>
    page.request.patch(item, {
      headers: {
        'Content-Type': 'application/merge-patch+json',
        'X-CSRF-Token': csrf,
        'If-Match': etag ?? '',
      },
      data: { properties: { status } },
    });
  const reopen = async () => patch('active', (await page.request.get(item)).headers().etag);
  const closed = await patch('suspended', found.headers().etag);
  let reopened = false;
  try {
    expect(closed.status(), await closed.text()).toBeLessThan(300);

    // The page hears of it, and the step is what nobody else reaches.
    await expect(rows).toHaveCount(steps + 1);
    await expect(rows.first().locator('td').nth(1)).toHaveText(
      `−${Number(lone.alone).toLocaleString('zh-CN')}`,
    );
    const { points } = await (await page.request.get('/api/coverage/trend?radius_m=1000&days=90')).json();
    const { covered } = await (await page.request.get('/api/coverage?radius_m=1000')).json();
    expect(points.at(-1).covered).toBe(covered);
    expect(points.at(-2).covered).toBe(covered + lone.alone);
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0); // faint meanwhile
    await accessible(page);
  } finally {
    reopened = (await reopen()).ok(); // whatever came of it, others find the city as it was
  }
  expect(reopened).toBe(true);
  await expect(rows).toHaveCount(steps + 2);
  await page.getByRole('radio', { name: '一年' }).check();
  await expect(page).toHaveURL(/days=366/);
});
