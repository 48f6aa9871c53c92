// What goes to paper, as the browser prints it: the PDF is read page by page.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessible, expect, test, type Page } from './test.ts';

const bare = (text: string) => text.replaceAll(/\s/g, '');

interface Paper {
  size: string;
  pages: string[];
}

async function printed(page: Page): Promise<Paper> {
  const folder = mkdtempSync(join(tmpdir(), 'yizhan-report-'));
  try {
    const path = join(folder, 'report.pdf');
    await page.pdf({ path, preferCSSPageSize: true, printBackground: true });
    const pages = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
    const size = execFileSync('pdfinfo', [path], { encoding: 'utf8' });
    return { size, pages: pages.split('\f').slice(0, -1).map(bare) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const drawn = async (page: Page, sheets: number, timeout: number) => {
  await expect(page.getByRole('article')).toHaveCount(sheets, { timeout });
  await expect(page.getByRole('button', { name: '打印或存为 PDF' })).toBeEnabled();
};

const question = 'radius_m=1000&services=charging&quarter=184';

test('a report goes to paper with its legend, sources and licence, sheet by sheet', async ({ page }) => {
  test.setTimeout(process.env.YIZHAN_ATLAS === 'all' ? 600_000 : 180_000);
  // However dark the screen is, paper is white.
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/insight/?unit=150702&service=charging&hour=46&measure=unmet&report=a4');
  const sheet = page.getByRole('article', { name: '海拉尔区骑手驿站覆盖分析' });
  await drawn(page, 1, 60_000);
  await page.getByLabel('审图号').fill('蒙S(2026)001号');
  const legendOf = async () =>
    (await page.locator('.legend').first().locator('li').allInnerTexts()).map((line) => bare(line));
  // Drawn from a cold start, it is what is drawn when everything is there.
  const cold = await legendOf();
  await accessible(page);
  const { seq, covered } = await (await page.request.get(`/api/coverage?${question}&unit=150702`)).json();
  const onEach = [
    '制图日期',
    `数据版本 ${String(seq)}`,
    '审图号：蒙S(2026)001号',
    '资料来源',
    'H3 第 10 级',
    'WGS84',
    '星期二 22:00',
    '公里',
  ].map(bare);

  await test.step('A4', async () => {
    const { size, pages } = await printed(page);
    expect(size).toMatch(/Pages:\s+1\n[\s\S]*\(A4\)/);
    const wanted = [
      ...onEach,
      ...(await legendOf()),
      '海拉尔区骑手驿站覆盖分析',
      '1公里内有驿站提供手机充电的户数占比（星期二22:00）',
      covered.toLocaleString('zh-CN'),
    ];
    for (const words of wanted) expect(pages[0]).toContain(words);
    // The map is by day: its land is lighter than the ink on it.
    const light = await sheet.locator('img').evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      const canvas = new OffscreenCanvas(40, 40);
      const pen = canvas.getContext('2d');
      pen?.drawImage(image, 0, 0, 40, 40);
      const { data } = pen?.getImageData(0, 0, 40, 40) ?? { data: [] };
      return [...data].filter((_, index) => index % 4 === 1).reduce((sum, green) => sum + green, 0) / 1600;
    });
    expect(light).toBeGreaterThan(160);
    const [picture] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '下载 PNG' }).click(),
    ]);
    expect(picture.suggestedFilename()).toMatch(/^yizhan-150702-\d+\.png$/);
  });

  await test.step('A3', async () => {
    await page.getByRole('radio', { name: 'A3' }).check();
    await expect(page).toHaveURL(/report=a3/);
    await drawn(page, 1, 60_000);
    expect(await legendOf()).toEqual(cold);
    const { size, pages } = await printed(page);
    expect(size).toMatch(/Pages:\s+1\n[\s\S]*\(A3\)/);
    for (const words of [...onEach, ...(await legendOf())]) expect(pages[0]).toContain(words);
  });

  await test.step('an atlas: the city, and each banner', async () => {
    // Software draws a sheet in seconds: all banners are for who asks for them.
    const all = process.env.YIZHAN_ATLAS === 'all';
    await page.route('**/api/city', async (route) => {
      const city = await (await route.fetch()).json();
      await route.fulfill({ json: { ...city, banners: all ? city.banners : city.banners.slice(0, 2) } });
    });
    await page.reload();
    await page.getByLabel('审图号').fill('蒙S(2026)001号');
    await page.getByRole('radio', { name: '分旗市区图集' }).check();
    const { banners } = await (await page.request.get('/api/city')).json();
    const asked = new Set(banners.slice(0, all ? 99 : 2).map(({ code }: { code: string }) => code));
    const whole = await (await page.request.get(`/api/coverage?${question}`)).json();
    const children = whole.children.filter(({ code }: { code: string }) => asked.has(code));
    expect(children.length).toBeGreaterThan(1);
    const names = ['呼伦贝尔市', ...children.map(({ name }: { name: string }) => name)];
    await drawn(page, names.length, all ? 280_000 : 90_000);
    const { size, pages } = await printed(page);
    expect(size).toMatch(/\(A3\)/);
    expect(pages).toHaveLength(names.length);
    const titles = pages.map((text) =>
      names.find((name) => text.includes(`${name as string}骑手驿站覆盖分析`)),
    );
    expect(titles.toSorted()).toEqual(names.toSorted());
    const classes = (
      await page.locator('.legend').first().locator('li > span:nth-child(2)').allInnerTexts()
    ).map(bare);
    pages.forEach((text, index) => {
      for (const words of [...onEach, ...classes]) expect(text).toContain(words);
      expect(text).toContain(`第${String(index + 1)}页，共${String(names.length)}页`);
    });
    for (const { name, covered } of children as { name: string; covered: number }[]) {
      const text = pages[titles.indexOf(name)];
      expect(text, name).toContain(covered.toLocaleString('zh-CN'));
    }
  });
});
