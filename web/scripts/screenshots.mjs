// Takes the pictures of the README and the guides from a running server with the demo city.
//
//   YIZHAN_URL=http://127.0.0.1:8080 YIZHAN_DEMO_PASSWORD=… node web/scripts/screenshots.mjs docs/images
import { chromium } from '@playwright/test';

const [, , folder = '.'] = process.argv;
const server = process.env.YIZHAN_URL ?? 'http://127.0.0.1:8080';
const noon = new Date('2026-11-24T12:10:00+08:00');
const hailar = { longitude: 119.7364, latitude: 49.2122 };
const phone = { width: 390, height: 844 };
const desk = { width: 1440, height: 900 };

const pictures = [
  { name: 'rider', path: '/', viewport: phone, act: (page) => page.getByText('用我的位置').click() },
  { name: 'rider-station', path: '/s/150702-0002', viewport: phone },
  { name: 'planner', path: '/plan/?unit=150702002009', viewport: desk },
  {
    name: 'planner-edit',
    path: '/plan/?grid=150702001007031',
    viewport: desk,
    act: drawCut,
  },
  { name: 'analyst', path: '/insight/', viewport: desk },
  { name: 'analyst-night', path: '/insight/?map=119.74,49.235,11', viewport: desk, colorScheme: 'dark' },
];

/** Signs in as the demo's planner and draws a line across a micro-grid. */
async function drawCut(page) {
  const there = new URL(page.url());
  await page.goto(`${server}/login/?return_to=${encodeURIComponent(there.pathname + there.search)}`);
  await page.getByLabel('账号名').fill('demo-planner');
  await page.getByLabel('密码', { exact: true }).fill(process.env.YIZHAN_DEMO_PASSWORD ?? '');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('button', { name: '开始划分' }).click();
  await page.getByRole('toolbar', { name: '工具' }).waitFor();
  for (const key of ['g', 'x', '.', 'Enter', '.', '.', 'Enter']) await page.keyboard.press(key);
}

// The journey of the analyst's guide: each picture goes on where the last one ended.
const question = '/insight/?service=charging&hour=46';
const below = (page, text) =>
  page
    .getByText(text)
    .first()
    .evaluate((element) => element.scrollIntoView());
const journey = [
  {
    name: 'analyst-gaps',
    act: async (page) => {
      await page.goto(`${server}${question}&show=gaps`);
      await page.locator('ol > li button').first().click();
      await page.waitForTimeout(4_000);
      await below(page, '查看');
    },
  },
  {
    name: 'analyst-siting',
    act: async (page) => {
      await page.goto(`${server}${question}&show=siting`);
      await page.getByRole('button', { name: '计算选址' }).click();
      await page.getByRole('button', { name: '放入方案' }).waitFor({ timeout: 60_000 });
      await below(page, /这 5 处共可/);
    },
  },
  {
    name: 'analyst-plan',
    act: async (page) => {
      await page.getByRole('button', { name: '放入方案' }).click();
      await page.getByRole('region', { name: '变化' }).locator('.big').first().waitFor();
      await below(page, '未保存的方案');
    },
  },
  {
    name: 'analyst-report',
    act: async (page) => {
      await page.getByRole('button', { name: '报告' }).click();
      await page.locator('.sheet').waitFor({ timeout: 60_000 });
    },
  },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
for (const { name, path, act, ...options } of pictures) {
  const context = await browser.newContext({
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    geolocation: hailar,
    permissions: ['geolocation'],
    ...options,
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(noon);
  await page.goto(server + path);
  await act?.(page);
  await page.waitForTimeout(6_000); // software rendering: until every tile is drawn
  await page.screenshot({ path: `${folder}/${name}.jpg`, type: 'jpeg', quality: 82 });
  await context.close();
}
const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: desk });
const page = await context.newPage();
for (const { name, act } of journey) {
  await act(page);
  await page.waitForTimeout(5_000);
  await page.screenshot({ path: `${folder}/${name}.jpg`, type: 'jpeg', quality: 82 });
}
await browser.close();
