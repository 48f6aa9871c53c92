// Every figure says where it comes from: the stations, distances, formula and version that the API gives for it.
import type { Locator } from '@playwright/test';
import { formatDistance } from '../src/ui/format.ts';
import { accessible, expect, mapDrawn, signIn, test, type Page } from './test.ts';

interface Witness {
  code: string;
  name: string;
  distance_m?: number;
  reached?: number;
  alone?: number;
}

const question = 'radius_m=1000&services=charging&quarter=184';
const plain = (text: string | null) => (text ?? '').replaceAll(/[,\s]/g, '');
const numbers = (text: string) => text.match(/\d+(\.\d+)?/g) ?? [];

/** Opens an explanation, which is to say what the API does, and gives its seq. */
async function explains(page: Page, open: Locator, query: string, title: RegExp): Promise<number> {
  await open.click();
  const dialog = page.getByRole('dialog', { name: title });
  await expect(dialog.getByText(/^数据版本/)).toBeVisible();
  const told = await (await page.request.get(`/api/explain?${query}`)).json();
  await expect(dialog.getByText(`数据版本 ${String(told.seq)}，`)).toBeVisible();
  const figures = await dialog.locator('dd .figure').allTextContents();
  expect(figures.map((text) => numbers(plain(text)))).toEqual(
    told.formula.map((step: { numbers: string }) => numbers(step.numbers)),
  );
  const stations: Witness[] = told.cell
    ? told.cell.in_reach
    : told.unit.in_reach.toSorted(
        (a: Required<Witness>, b: Required<Witness>) => b.reached - a.reached || (a.code < b.code ? -1 : 1),
      );
  const rows = dialog.locator('tbody tr');
  await expect(rows).toHaveCount(Math.min(100, stations.length));
  const cells = await rows.evaluateAll((list) =>
    list.slice(0, 30).map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent.trim())),
  );
  for (const [index, [name, first, second]] of cells.entries()) {
    const station = stations[index];
    expect(name).toBe(station?.name);
    if (station?.distance_m !== undefined) expect(first).toBe(formatDistance(station.distance_m, 'zh-CN'));
    else
      expect([first, second].map((text) => Number(plain(text ?? '')))).toEqual([
        station?.reached,
        station?.alone,
      ]);
  }
  return told.seq;
}

async function close(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
}

test('each figure opens to what it rests on', async ({ page }) => {
  test.setTimeout(150_000);
  await signIn(page, 'demo-admin', '/insight/?service=charging&hour=46&unit=150702');
  await mapDrawn(page);
  const why = (name: string | RegExp) => page.getByRole('button', { name });
  const unit = `${question}&unit=150702`;

  await test.step('the headline', async () => {
    for (const figure of ['已覆盖', '交叉覆盖', '未覆盖', '户数', '驿站']) {
      await explains(page, why(`${figure}：为什么？`), unit, /^海拉尔区的数字/);
      if (figure === '已覆盖') await accessible(page);
      await close(page);
    }
  });

  await test.step('a row of the ranking, and its sum', async () => {
    const ranking = page.getByRole('table', { name: /按未覆盖户数排序/ });
    const { children } = await (await page.request.get(`/api/coverage?${unit}`)).json();
    const [worst] = children.toSorted((a: { unmet: number }, b: { unmet: number }) => b.unmet - a.unmet);
    const row = ranking.locator('tbody tr').first();
    const at = `${question}&unit=${worst.code as string}`;
    await explains(page, row.getByRole('button').last(), at, new RegExp(`^${worst.name as string}的数字`));
    await close(page);
    await explains(page, ranking.getByRole('button', { name: '合计：为什么？' }), unit, /^海拉尔区的数字/);
    await close(page);
  });

  await test.step('a gap, and its best place', async () => {
    await page.getByRole('radio', { name: '空白区' }).check();
    const { gaps } = await (await page.request.get(`/api/gaps?${unit}&limit=1`)).json();
    const [{ id, best_site: best }] = gaps;
    const gap = page.locator('ol > li').first();
    const reached = await page.request.get(`/api/explain?${question}&cell=${id as string}`);
    expect((await reached.json()).cell.stations).toEqual({ known: 0, possible: 0 });
    await explains(
      page,
      gap.getByRole('button', { name: /空白区：为什么/ }),
      `${question}&cell=${id as string}`,
      /^这个位置/,
    );
    await close(page);
    const [lng, lat] = best.location;
    const place = `${question}&lng=${String(lng)}&lat=${String(lat)}`;
    await explains(page, gap.getByRole('button', { name: /最佳位置：为什么/ }), place, /^这个位置/);
    await close(page);
  });

  await test.step('a site', async () => {
    await page.getByRole('radio', { name: '选址' }).check();
    await page.getByLabel('新增驿站数').fill('2');
    const result = page.waitForResponse((response) => response.url().endsWith('/result'));
    await page.getByRole('button', { name: '计算选址' }).click();
    const [{ location }] = (await (await result).json()).sites;
    const at = `${question}&lng=${String(location[0])}&lat=${String(location[1])}`;
    await explains(page, why(/^1\. .*为什么/), at, /^这个位置/);
    await close(page);
  });

  await test.step('what a scenario changes, before and after', async () => {
    await page.getByRole('button', { name: '放入方案' }).click();
    const difference = page.getByRole('region', { name: '变化' });
    const mark = difference.getByRole('button', { name: '已覆盖户数：为什么？' });
    await expect(page).toHaveURL(/what_if=/);
    const what_if = new URL(page.url()).searchParams.get('what_if') ?? '';
    await explains(page, mark, `${unit}&what_if=${what_if}`, /^海拉尔区的数字/);
    // Beside it the city as it is.
    await page.getByRole('dialog').getByRole('radio', { name: '城市现状' }).check();
    const { unit: now } = await (await page.request.get(`/api/explain?${unit}`)).json();
    await expect(page.getByRole('dialog').locator('dd .figure').nth(2)).toHaveText(
      `${now.covered.toLocaleString('zh-CN') as string} / ${now.households.toLocaleString('zh-CN') as string}`,
    );
    await accessible(page);
    await close(page);
    const [row] = await difference
      .getByRole('table')
      .getByRole('row')
      .all()
      .then((rows) => rows.slice(1));
    const name = (await row?.getByRole('rowheader').textContent()) ?? '';
    const { children } = await (await page.request.get(`/api/coverage?${unit}`)).json();
    const { code } = children.find((child: { name: string }) => child.name === name.trim());
    const at = `${question}&unit=${code as string}&what_if=${what_if}`;
    await explains(
      page,
      difference.getByRole('table').getByRole('button').first(),
      at,
      new RegExp(`^${name.trim()}的数字`),
    );
    await close(page);

    await page.getByLabel('并排比较').selectOption('城市现状');
    const compared = page.getByRole('table', { name: '未保存的方案 与 城市现状：覆盖率' });
    await explains(
      page,
      compared.getByRole('button', { name: '合计（户）：为什么？' }),
      `${unit}&what_if=${what_if}`,
      /^海拉尔区/,
    );
    await close(page);
    await page.getByRole('button', { name: '结束比较' }).click();
    await page.getByRole('button', { name: '退出方案' }).click();
  });

  await test.step('a point of the trend', async () => {
    await page.getByRole('radio', { name: '趋势' }).check();
    const trend = page.getByRole('table', { name: '每次变更后的覆盖情况' });
    const first = trend.locator('tbody tr').last();
    await expect(first).toBeVisible();
    const { points } = await (await page.request.get(`/api/coverage/trend?${unit}&days=90`)).json();
    await first.getByRole('button').click();
    const dialog = page.getByRole('dialog', { name: /^海拉尔区的数字从何而来（\d+/ });
    await expect(dialog.locator('dd .figure').nth(2)).toHaveText(
      new RegExp(`^${points[0].covered.toLocaleString('zh-CN') as string} /`),
    );
    await close(page);
  });
});

const reasons: Readonly<Record<string, string>> = {
  none_in_reach: '范围内没有驿站',
  hours_unknown: '驿站营业时间未知',
  closed_then: '驿站此时不开放',
  unheated: '驿站没有供暖',
  service_missing: '驿站不提供此服务',
};

test('each gap says why it is one, and leads there', async ({ page }) => {
  const seen = new Set<string>();
  for (const [address, asked] of [
    ['service=charging&hour=46', question],
    ['cold=-25', 'radius_m=1000&temperature_c=-25'],
    ['service=toilet', 'radius_m=1000&services=toilet'],
  ] as const) {
    await page.goto(`/insight/?${address}&show=gaps`);
    const { gaps } = await (await page.request.get(`/api/gaps?${asked}&limit=20`)).json();
    const told = page.locator('ol > li .reason');
    await expect(told).toHaveText(
      gaps.map(({ reason }: { reason: string }) => new RegExp(`^\\s*${reasons[reason] ?? reason}`)),
    );
    for (const { reason } of gaps) seen.add(reason);
    const [{ bbox, best_site: best }] = gaps;
    const first = page.locator('ol > li').first();
    const gain = best.households_of_gap.toLocaleString('zh-CN');
    await expect(first).toContainText(`增设一处最多可覆盖其中 ${gain as string} 户`);
    await first.getByRole('button').first().click();
    await expect
      .poll(() => {
        const [lng = NaN, lat = NaN] = (new URL(page.url()).searchParams.get('map') ?? '')
          .split(',')
          .map(Number);
        return lng >= bbox[0] && lng <= bbox[2] && lat >= bbox[1] && lat <= bbox[3];
      })
      .toBe(true);
  }
  expect([...seen].sort()).toEqual(Object.keys(reasons).sort());
});

/** Goes on by the tabulator until something has the focus. */
async function tabTo(page: Page, goal: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    if (await goal.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press(key);
  }
  throw new Error('the focus does not get there');
}

test('by keys alone: from a condition to the gap, the reason, the place and the report', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto('/insight/?unit=150702');
  await mapDrawn(page);
  const key = (name: string) => page.keyboard.press(name);
  const service = page.getByLabel('服务', { exact: true });
  await tabTo(page, service);
  const steps = (await service.locator('option').allTextContents()).indexOf('手机充电');
  for (let step = 0; step < steps; step++) await key('ArrowDown');
  await expect(page).toHaveURL(/service=charging/);
  await tabTo(page, page.getByRole('radio', { name: '排序' }));
  await key('ArrowRight');
  await expect(page).toHaveURL(/show=gaps/);
  const gap = page.locator('ol > li').first();
  await expect(gap.getByRole('button', { name: /最佳位置/ })).toBeVisible();
  await tabTo(page, gap.getByRole('button').first());
  await key('Enter');
  await expect(gap.getByRole('button').first()).toHaveAttribute('aria-pressed', 'true');
  await expect(page).toHaveURL(/map=/);
  await tabTo(page, gap.getByRole('button', { name: /空白区：为什么/ }));
  await key('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/^数据版本/)).toBeVisible();
  await tabTo(page, dialog.getByRole('button', { name: '关闭' }));
  await key('Enter');
  await expect(dialog).toBeHidden();
  // The focus is where it was.
  await expect(gap.getByRole('button', { name: /空白区：为什么/ })).toBeFocused();
  await tabTo(page, page.getByRole('radio', { name: '空白区' }), 'Shift+Tab');
  await key('ArrowRight');
  await tabTo(page, page.getByLabel('新增驿站数'));
  await page.keyboard.type('2'); // what a field holds is marked when one comes by the tabulator
  await key('Enter');
  const sites = page.getByRole('table', { name: '按开设顺序' });
  await expect(sites.locator('tbody tr')).toHaveCount(2, { timeout: 30_000 });
  await tabTo(page, sites.getByRole('button').first());
  await key('Enter');
  await expect(page).toHaveURL(/map=[\d.]+,[\d.]+,13/);
  await tabTo(page, page.getByRole('button', { name: '报告', exact: true }), 'Shift+Tab');
  await key('Enter');
  const sheet = page.getByRole('article', { name: '海拉尔区骑手驿站覆盖分析' });
  await expect(sheet).toBeVisible({ timeout: 45_000 });
  await tabTo(page, page.getByRole('button', { name: '返回工作台' }), 'Shift+Tab');
  await key('Enter');
  await mapDrawn(page);
});
