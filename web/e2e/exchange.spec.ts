import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { accessible, expect, signIn, test, turn, type Page } from './test.ts';

interface Item {
  id: string;
  geometry: { coordinates: [number, number] };
  properties: { name: string; capacity: number };
}

async function stationsOf(page: Page, unit: string): Promise<Item[]> {
  const answer = await page.request.get(`/api/collections/stations/items?unit=${unit}&limit=40`);
  return ((await answer.json()) as { features: Item[] }).features;
}

async function drop(page: Page, name: string, content: string | Buffer) {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
}

test('an office takes its list out in GCJ-02, edits it, and brings it back', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'demo-planner', '/admin/?view=export');
  await page.getByLabel('格式').selectOption('excel-csv');
  await page.getByLabel('坐标系').selectOption('gcj02');
  await accessible(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '生成文件' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^服务驿站-gcj02-seq\d+\.csv$/);
  await expect(page.getByText(/^服务驿站-gcj02-seq\d+\.csv：/)).toBeVisible();
  const text = await readFile(await download.path(), 'utf8');

  // Of a part only: a box that the form checks, and a condition that the server does.
  await page.getByText('更多条件').click();
  await page.getByLabel('矩形范围').fill('119.6，49.1');
  await expect(page.getByRole('button', { name: '生成文件' })).toBeDisabled();
  await page.getByLabel('矩形范围').fill('119.6, 49.1, 119.9, 49.3');
  await page.getByLabel('条件（CQL2）').fill("A_CONTAINS(services, ('water'))");
  const [part] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '生成文件' }).click(),
  ]);
  const few = (await readFile(await part.path(), 'utf8')).split('\r\n').length;
  expect(few).toBeGreaterThan(2);
  expect(few).toBeLessThan(text.split('\r\n').length);

  // The map of a banner, as an archive of tiles.
  await page.getByLabel('矩形范围').fill('');
  await page.getByLabel('内容', { exact: true }).selectOption('tiles');
  await expect(page.getByLabel('格式')).toHaveValue('pmtiles');
  await page.getByLabel('最大级别').selectOption('10');
  const [pack] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '生成文件' }).click(),
  ]);
  expect(pack.suggestedFilename()).toMatch(/^地图瓦片-gcj02-seq\d+\.pmtiles$/);
  expect((await readFile(await pack.path())).subarray(0, 7).toString()).toBe('PMTiles');
  await accessible(page);

  // As it is, it changes nothing.
  await page.goto('/admin/?view=import');
  await accessible(page);
  await drop(page, 'as-it-is.csv', text);
  await expect(page.getByRole('button', { name: '下一步：坐标系' })).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: '下一步：坐标系' }).click();
  await expect(page.getByRole('radio').first()).toBeChecked();
  await expect(page.getByText('GCJ-02').first()).toBeVisible();
  await page.getByRole('button', { name: '下一步：列' }).click();
  await page.getByRole('button', { name: '检查整个文件' }).click();
  await expect(page.getByText('没有需要提交的改动。')).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: '放弃这次导入' }).click();
  await expect(page.getByText('已放弃，数据没有改动。')).toBeVisible();

  // With one figure changed, one change.
  const [first] = await stationsOf(page, '150702');
  const seats = (first?.properties.capacity ?? 0) + 1;
  const edited = text
    .split('\r\n')
    .map((line) =>
      line.startsWith(`${first?.id ?? ''},`)
        ? line.replace(/^((?:[^,]*,){5})\d+/, `$1${String(seats)}`)
        : line,
    )
    .join('\r\n');
  await drop(page, 'edited.csv', edited);
  await page.getByRole('button', { name: '下一步：坐标系' }).click({ timeout: 30_000 });
  await page.reload(); // the address holds the import
  await page.getByRole('button', { name: '下一步：列' }).click({ timeout: 30_000 });
  await page.getByRole('button', { name: '检查整个文件' }).click();
  await page.getByLabel('为什么改').fill('三月现场核实', { timeout: 60_000 });
  await page.getByRole('button', { name: '提交 1 处改动' }).click();
  const committed = page.getByText(/已提交：变更集/);
  await expect(committed).toBeVisible({ timeout: 60_000 });
  const changeset = /\d+/.exec((await committed.textContent()) ?? '')?.[0] ?? '';
  const { reason } = (await (await page.request.get(`/api/changesets/${changeset}`)).json()) as {
    reason: string;
  };
  expect(reason).toMatch(/^三月现场核实 · import of edited\.csv /);
  expect((await stationsOf(page, '150702'))[0]?.properties.capacity).toBe(seats);
  await accessible(page);
  await turn(page, 'dark');
  await accessible(page);
  await page.getByRole('button', { name: '撤销这次导入' }).click();
  await expect(page.getByText(/已撤销：变更集/)).toBeVisible({ timeout: 60_000 });
  expect((await stationsOf(page, '150702'))[0]?.properties.capacity).toBe(seats - 1);
});

test('files that are wrong say so, each row by itself', async ({ page, faults }) => {
  test.setTimeout(120_000);
  faults.allow(/4\d\d \(/);
  await signIn(page, 'demo-planner', '/admin/?view=import');
  const [template] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: '驿站模板' }).click(),
  ]);
  expect(template.suggestedFilename()).toBe('导入模板.xlsx');
  await drop(page, 'broken.zip', Buffer.from('PK\x03\x04 is all that it has'));
  await expect(page.getByRole('alert')).toContainText('文件：', { timeout: 30_000 });
  await page.getByRole('button', { name: '放弃这次导入' }).click();

  const [one] = await stationsOf(page, '150702');
  const [lng, lat] = one?.geometry.coordinates ?? [0, 0];
  await drop(
    page,
    'problems.csv',
    `驿站编码,名称,座位数,经度,纬度\r\n${one?.id ?? ''},改名,很多,${String(lng)},${String(lat)}\r\n`,
  );
  await page.getByRole('button', { name: '下一步：坐标系' }).click({ timeout: 30_000 });
  await page.getByRole('button', { name: '下一步：列' }).click({ timeout: 30_000 });
  await page.getByRole('button', { name: '检查整个文件' }).click();
  await expect(page.getByText(/有错误的行不能提交/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('listitem').filter({ hasText: '座位数' })).toContainText('不是整数');
  await accessible(page);
  await turn(page, 'dark');
  await accessible(page);
  await page.getByRole('button', { name: '放弃这次导入' }).click();

  // What lies in another banner than the account's is told at the check, and leads there.
  const [theirs] = await stationsOf(page, '150703');
  await drop(page, 'two-banners.csv', `驿站编码,座位数\r\n${one?.id ?? ''},41\r\n${theirs?.id ?? ''},42\r\n`);
  await page.getByRole('button', { name: '下一步：坐标系' }).click({ timeout: 30_000 });
  await page.getByRole('button', { name: '下一步：列' }).click();
  await page.getByRole('button', { name: '检查整个文件' }).click();
  await expect(page.getByText('有 1 处不在你的账号负责的范围内')).toBeVisible({ timeout: 60_000 });
  const outside = page.getByRole('listitem').filter({ hasText: theirs?.id ?? '' });
  await expect(outside).toContainText('不在你负责的范围内');
  await outside.getByRole('button').click();
  await expect(outside.getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  await accessible(page);
  await page.getByRole('button', { name: '回去修改设置' }).click();
  await page.getByLabel('跳过有错误的行').check();
  await page.getByRole('button', { name: '重新检查' }).click();
  await expect(page.getByRole('button', { name: '提交 1 处改动' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: '放弃这次导入' }).click();

  // What is clear only to a person is settled on the page: one row is chosen, one is left out. By keyboard alone.
  const called = one?.properties.name ?? '';
  await drop(page, 'old-list.csv', `驿站名称,座位数\r\n${called.slice(0, -1)},31\r\n火星上的据点,32\r\n`);
  await page.getByRole('button', { name: '下一步：坐标系' }).press('Enter', { timeout: 30_000 });
  await expect(page.getByText('没有坐标', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: '下一步：列' }).press('Enter');
  await page.getByRole('button', { name: '检查整个文件' }).press('Enter');
  await expect(page.getByRole('button', { name: '待人工 2' })).toBeVisible({ timeout: 60_000 });
  await page.getByLabel('第 2 行说的是').selectOption({ value: one?.id ?? '' });
  await page.getByLabel('第 3 行说的是').focus();
  await page.keyboard.press('End'); // the last choice: leave it out
  await expect(page.getByLabel('第 3 行说的是')).toHaveValue('-');
  await accessible(page);
  await page.getByRole('button', { name: '按 2 个决定重新检查' }).press('Enter');
  await expect(page.getByText('已按人工决定处理 2 处。')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: '提交 1 处改动' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: one?.id ?? '' })).toContainText('座位数');
  await page.getByRole('button', { name: '重新决定' }).press('Enter');
  await expect(page.getByRole('button', { name: '待人工 2' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: '放弃这次导入' }).click();
  await expect(page.getByText('已放弃，数据没有改动。')).toBeVisible();
});

test('an upload goes on after the network was lost, and after the page was left', async ({
  page,
  context,
  faults,
}) => {
  test.setTimeout(120_000);
  faults.allow(/ERR_INTERNET_DISCONNECTED/);
  const row = (i: number) =>
    `备选点 ${String(i)},${(119.7 + (i % 900) / 9e3).toFixed(6)},49.21,${'。'.repeat(40)}\r\n`;
  const rows = 30_000;
  const text = Buffer.from(
    `名称,经度,纬度,备注\r\n${Array.from({ length: rows }, (_, i) => row(i)).join('')}`,
  );
  expect(text.length).toBeGreaterThan(4 << 20);

  // The network goes while the third part is on its way, and what is between here and the server with the fourth.
  let sent = 0;
  let away = false;
  const cuts = [2 << 20, 3 << 20];
  await page.route('**/file?offset=*', async (route) => {
    if (away) return route.abort('internetdisconnected');
    const offset = Number(new URL(route.request().url()).searchParams.get('offset'));
    sent += Math.min(1 << 20, text.length - offset);
    if (offset !== cuts[0]) return route.continue();
    cuts.shift();
    if (cuts.length > 0) await context.setOffline(true);
    else away = true;
    return route.abort('internetdisconnected');
  });
  await signIn(page, 'demo-planner', '/admin/?view=import');
  await drop(page, 'many.csv', text);
  await expect(page.getByText('恢复后会自动接着传')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByLabel(/^正在上传：2\.\d MB/)).toBeVisible();
  await accessible(page);
  await context.setOffline(false);
  await expect.poll(() => away, { timeout: 30_000 }).toBe(true);
  await expect(page.getByText('恢复后会自动接着传')).toBeVisible();
  await page.reload();
  away = false;

  // Another file of the same name and size does not go into this one; the same file goes on.
  const other = Buffer.from(text);
  other[100] = 0x41;
  await expect(page.getByText('还没有传完：再选一次“many.csv”，接着传')).toBeVisible();
  await drop(page, 'many.csv', other);
  await expect(page.getByRole('alert')).toContainText('这不是上次开始传的文件');
  await accessible(page);
  await drop(page, 'many.csv', text);
  await expect(page.getByRole('button', { name: '下一步：坐标系' })).toBeVisible({ timeout: 60_000 });
  expect(sent).toBeLessThan(1.6 * text.length);
  const id = new URL(page.url()).searchParams.get('import') ?? '';
  const report = (await (await page.request.get(`/api/imports/${id}`)).json()) as {
    file: { sha256: string };
  };
  expect(report.file.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  await page.getByRole('button', { name: '放弃这次导入' }).click();
  await expect(page.getByText('已放弃，数据没有改动。')).toBeVisible();
});
