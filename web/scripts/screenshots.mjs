// Takes the pictures of the README and the guides from a running server with the demo city.
//
//   YIZHAN_URL=http://127.0.0.1:8080 YIZHAN_DEMO_PASSWORD=… node web/scripts/screenshots.mjs docs/images [name…]
import { chromium } from '@playwright/test';

const [, , folder = '.', ...names] = process.argv;
const wanted = ({ name }) => names.length === 0 || names.includes(name);
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

/** Signs in, and comes back to the page. */
async function signIn(page, account) {
  const there = new URL(page.url());
  await page.goto(`${server}/login/?return_to=${encodeURIComponent(there.pathname + there.search)}`);
  await page.getByLabel('账号名').fill(account);
  await page.getByLabel('密码', { exact: true }).fill(process.env.YIZHAN_DEMO_PASSWORD ?? '');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}

/** Draws a line across a micro-grid. */
async function drawCut(page) {
  await signIn(page, 'demo-planner');
  await page.getByRole('button', { name: '开始划分' }).click();
  await page.getByRole('toolbar', { name: '工具' }).waitFor();
  for (const key of ['g', 'x', '.', 'Enter', '.', '.', 'Enter']) await page.keyboard.press(key);
}

const beside = [
  {
    name: 'analyst-indicators',
    act: async (page) => {
      await page.goto(`${server}/insight/?show=indicators`);
      await page.getByRole('button', { name: '常住人口城镇化率' }).click();
      await page.getByRole('table', { name: '按数值排序' }).waitFor();
      await below(page, '与覆盖率的关系');
    },
  },
  {
    name: 'analyst-places',
    act: async (page) => {
      await page.goto(`${server}/insight/?show=places`);
      await signIn(page, 'demo-analyst');
      await page.getByRole('list', { name: '地点图层' }).getByRole('button').first().click();
      await page.getByRole('heading', { name: '地点', exact: true }).waitFor();
      await below(page, '全部图层');
    },
  },
  {
    name: 'analyst-trend',
    act: async (page) => {
      await page.goto(`${server}/insight/?show=trend&unit=150702`);
      await signIn(page, 'demo-admin');
      await changeStations(page);
      await page.reload();
      await page.getByRole('table', { name: '每次变更后的覆盖情况' }).waitFor();
      await below(page, '时间范围');
    },
  },
];

/** Suspends some stations of Hailar and opens them again, one after the other, so that there is something to see. */
async function changeStations(page) {
  const { unit } = await (await page.request.get(`${server}/api/explain?radius_m=1000&unit=150702`)).json();
  const lone = [...unit.in_reach].sort((a, b) => b.alone - a.alone).slice(0, 3);
  const { csrf } = await (await page.request.get(`${server}/api/auth/me`)).json();
  for (const status of ['suspended', 'active'])
    for (const { code } of lone) {
      const item = `${server}/api/collections/stations/items/${code}`;
      const { etag } = (await page.request.get(item)).headers();
      await page.request.patch(item, {
        headers: { 'Content-Type': 'application/merge-patch+json', 'X-CSRF-Token': csrf, 'If-Match': etag },
        data: { properties: { status } },
      });
      await page.waitForTimeout(2_000);
    }
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
    name: 'analyst-why',
    act: async (page) => {
      await page
        .getByRole('button', { name: /空白区：为什么/ })
        .first()
        .click();
      await page.getByText(/^数据版本/).waitFor();
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
    name: 'analyst-compare',
    act: async (page) => {
      await page.getByLabel('并排比较').selectOption('城市现状');
      await page.getByRole('table', { name: /与 城市现状/ }).waitFor();
      await below(page, '并排比较');
    },
  },
  {
    name: 'analyst-report',
    act: async (page) => {
      await page.getByRole('button', { name: '结束比较' }).click();
      await page.getByRole('button', { name: '报告' }).click();
      await page.locator('.sheet').waitFor({ timeout: 60_000 });
    },
    of: (page) => page.locator('.sheet'),
  },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
for (const { name, path, act, ...options } of pictures.filter(wanted)) {
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
for (const chapter of [journey, ...beside.map((one) => [one])]) {
  if (!chapter.some(wanted)) continue;
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: desk });
  const page = await context.newPage();
  for (const { name, act, of = () => page } of chapter) {
    await act(page);
    if (await page.locator('[data-drawn]').count())
      await page.locator('[data-drawn="true"]').first().waitFor({ timeout: 60_000 });
    await page.waitForTimeout(5_000);
    await of(page).screenshot({ path: `${folder}/${name}.jpg`, type: 'jpeg', quality: 82 });
  }
  await context.close();
}
await browser.close();
