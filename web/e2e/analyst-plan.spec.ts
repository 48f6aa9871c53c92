import { accessible, expect, mapDrawn, signIn, test, turn, type Page } from './test.ts';

const digits = (text: string | null) => Number((text ?? '').replaceAll('−', '-').replaceAll(/[^\d-]/g, ''));
const whatIfOf = (page: Page) => new URL(page.url()).searchParams.get('what_if') ?? '';

/** The edits that the address of the page carries. */
function editsOf(page: Page): { kind: string; station: string; location?: [number, number] }[] {
  return JSON.parse(Buffer.from(whatIfOf(page), 'base64url').toString()).edits;
}

/** Households that the edits of the page cover beyond the city as it is, asked for afresh. */
async function coveredMore(page: Page, unit: string): Promise<number> {
  const ask = async (query: string) =>
    (await (await page.request.get(`/api/coverage?radius_m=1000&unit=${unit}${query}`)).json())
      .covered as number;
  return (await ask(`&what_if=${whatIfOf(page)}`)) - (await ask(''));
}

test('a guest adds, moves and closes stations, and sees what that changes', async ({ page, browser }) => {
  await page.goto('/insight/?unit=150702&show=scenario&map=120.01,49.21,12');
  await mapDrawn(page);
  const change = page.getByRole('region', { name: '变化' }).locator('.big').first();
  const agrees = () =>
    expect(async () => {
      expect(digits(await change.textContent())).toBe(await coveredMore(page, '150702'));
    }).toPass();

  await page.getByRole('button', { name: '增设驿站' }).click();
  await page.getByRole('button', { name: '在地图中央增设' }).click();
  await expect(page.getByRole('button', { name: '增设 新驿站 1', exact: true })).toBeVisible();
  await agrees();
  expect(editsOf(page)).toMatchObject([{ kind: 'add_station', station: 'new-1' }]);

  // The pin moves by the keyboard, and by the pointer.
  const pin = page.getByRole('button', { name: /^新驿站 新驿站 1/ });
  const [first] = editsOf(page);
  await pin.press('Shift+ArrowRight');
  await expect.poll(() => editsOf(page)[0]?.location?.[0]).toBeGreaterThan(first?.location?.[0] ?? 181);
  const box = await pin.boundingBox();
  if (!box) throw new Error('the pin has no place');
  const before = editsOf(page)[0]?.location?.[1] ?? 0;
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y - 80, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => editsOf(page)[0]?.location?.[1]).toBeGreaterThan(before);
  await agrees();

  // The station of which most households have no other is closed.
  const why = await (await page.request.get('/api/explain?radius_m=1000&unit=150702')).json();
  const [lone] = [...why.unit.in_reach].sort((a, b) => b.alone - a.alone);
  await page.getByLabel('选择已有驿站').fill(`${lone.name} ${lone.code}`);
  const station = page.getByRole('region', { name: `驿站 ${lone.name}` });
  await station.getByRole('button', { name: '关闭这个驿站' }).click();
  await expect.poll(() => editsOf(page)).toHaveLength(2);
  await agrees();
  const closed = await change.textContent();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0); // what is out of date is dimmed
  await accessible(page);

  // Undo has exactly what was there, and a link what there is.
  const link = page.url();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect.poll(() => editsOf(page)).toHaveLength(1);
  await agrees();
  await page.getByRole('button', { name: '重做' }).click();
  await expect(page).toHaveURL(link);
  await expect(change).toHaveText(closed ?? '');
  await expect(page.getByRole('link', { name: '登录后可保存方案' })).toBeVisible();

  // The link is enough for somebody else.
  const elsewhere = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
  const other = await elsewhere.newPage();
  await other.goto(link);
  await expect(other.getByRole('region', { name: '变化' }).locator('.big').first()).toHaveText(closed ?? '');
  await elsewhere.close();
});

test('an analyst saves two scenarios and compares them in the same classes', async ({ page }) => {
  await signIn(
    page,
    'demo-analyst',
    '/insight/?classes=manual,0.2,0.6&show=scenario&unit=150702&map=119.75,49.21,10',
  );
  await mapDrawn(page);
  const name = page.getByLabel('方案名称');
  const add = async () => {
    await page.getByRole('button', { name: '增设驿站' }).click();
    await page.getByRole('button', { name: '在地图中央增设' }).click();
  };
  await add();
  await name.fill('方案甲');
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('已保存。')).toBeVisible();
  await expect(page).toHaveURL(/scenario=[a-z2-7]{16}/);
  const first = new URL(page.url()).searchParams.get('scenario') ?? '';

  await page.locator('.maplibregl-canvas').press('ArrowRight');
  await add();
  await name.fill('方案乙');
  await page.getByRole('button', { name: '另存为新方案' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('scenario')).not.toBe(first);
  await expect(page).not.toHaveURL(/what_if/);
  const second = new URL(page.url()).searchParams.get('scenario') ?? '';

  const tiles: string[] = [];
  page.on('request', (request) => tiles.push(request.url()));
  await page.getByLabel('并排比较').selectOption('方案甲');
  await expect(page.locator('.maplibregl-canvas')).toHaveCount(2);
  const legend = page.getByRole('region', { name: /^方案乙 · / });
  await expect(legend.getByRole('listitem')).toHaveText([/^0% 至不足 20%/, /^20% 至不足 60%/, /^60% 及以上/]);
  await expect.poll(() => tiles.some((url) => url.includes(`scenario=${first}`))).toBe(true);

  const table = page.getByRole('table', { name: '方案乙 与 方案甲：覆盖率' });
  const query = `radius_m=1000&unit=150702&ids=${second},${first}`;
  const compared = await (await page.request.get(`/api/scenarios/compare?${query}`)).json();
  const [whole] = compared.units;
  await expect(table.locator('tfoot td')).toHaveText([
    whole.figures[0].covered.toLocaleString('zh-CN'),
    whole.figures[1].covered.toLocaleString('zh-CN'),
    /./,
    '',
  ]);
  await accessible(page);
  await turn(page, 'dark');
  await accessible(page);
  await turn(page, 'light');
  await page.getByRole('button', { name: '结束比较' }).click();
  await expect(page.locator('.maplibregl-canvas')).toHaveCount(1);
});

test('classes follow the lines that are dragged, and the legend the map', async ({ page }) => {
  await page.goto('/insight/?measure=unmet&by=units');
  await mapDrawn(page);
  const legend = page.getByRole('region', { name: /每个单元/ });
  await page.getByLabel('分级方法').selectOption('分位数');
  await expect(page).toHaveURL(/classes=quantile,/);
  const counts = async () => (await legend.locator('.count').allTextContents()).map(Number);
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  expect(sum(await counts())).toBe(14);
  const labels = await legend.getByRole('listitem').allTextContents();

  const line = page.getByRole('slider', { name: '第 1 个分界' });
  const box = await line.boundingBox();
  if (!box) throw new Error('the line has no place');
  await page.mouse.move(box.x + 8, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x - 22, box.y + 20, { steps: 3 });
  await page.mouse.up();
  await expect(page).toHaveURL(/classes=manual,/);
  expect(await legend.getByRole('listitem').allTextContents()).not.toEqual(labels);
  expect(sum(await counts())).toBe(14);

  const value = Number(await line.getAttribute('aria-valuenow'));
  await line.press('ArrowRight');
  await expect(line).toHaveAttribute('aria-valuenow', String(value + 1));
  const { children } = await (await page.request.get('/api/coverage?radius_m=1000')).json();
  const below = children.filter(({ unmet }: { unmet: number }) => unmet < value + 1).length;
  expect((await counts())[0]).toBe(below);
  await accessible(page);

  await page.getByRole('button', { name: '未覆盖：为什么？' }).click();
  const dialog = page.getByRole('dialog', { name: '呼伦贝尔市的数字从何而来' });
  const whole = await (await page.request.get('/api/coverage?radius_m=1000')).json();
  const grouped = (count: number) => count.toLocaleString('zh-CN');
  await expect(dialog.getByText(`${grouped(whole.covered)} / ${grouped(whole.households)}`)).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

/** What each map shows around its middle, of pixels. */
async function middles(page: Page): Promise<string[]> {
  await expect(page.locator('[data-drawn="true"]')).toHaveCount(2);
  const canvases = page.locator('.maplibregl-canvas');
  const pictures: string[] = [];
  for (const index of [0, 1]) {
    const box = await canvases.nth(index).boundingBox();
    if (!box) throw new Error('the map has no place');
    const clip = { x: box.x + box.width / 2 - 90, y: box.y + box.height / 2 - 90, width: 180, height: 180 };
    pictures.push((await page.screenshot({ clip, animations: 'disabled' })).toString('base64'));
  }
  return pictures;
}

test('two states side by side are coloured by the same breaks', async ({ page }) => {
  // A station that is added far from what is looked at changes nothing here: both maps are to be one picture.
  const far = {
    kind: 'add_station',
    station: 'new-1',
    name: '',
    location: [117.44, 49.59],
    services: ['water'],
    opening_hours: '24/7',
    capacity: 0,
    heated: true,
  };
  const what_if = Buffer.from(JSON.stringify({ edits: [far] })).toString('base64url');
  const address = `/insight/?measure=unmet&show=scenario&map=119.803,49.194,11&what_if=${what_if}&compare=city`;
  const seen: string[] = [];
  for (const classes of ['', '&classes=manual,20,150']) {
    await page.goto(address + classes);
    await expect(async () => {
      const [left, right] = await middles(page);
      expect(left === right, 'the maps are the same').toBe(true);
      expect(seen.includes(left ?? ''), 'other breaks are another picture').toBe(false);
      seen.push(left ?? '');
    }).toPass({ timeout: 30_000 });
  }
});
