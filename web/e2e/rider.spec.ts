// A rider in the cold: where am I, what is open and warm, how do I get there, what if not.
import AxeBuilder from '@axe-core/playwright';
import { accessible, expect, mapDrawn, test, type Page } from './test.ts';

const hailar = { longitude: 119.7364, latitude: 49.2122 };
const mondayMorning = new Date('2026-11-23T10:10:00+08:00');
const mondayNight = new Date('2026-11-23T03:00:00+08:00');

test.use({
  viewport: { width: 360, height: 800 },
  hasTouch: true,
  geolocation: hailar,
  permissions: ['geolocation'],
});

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(mondayMorning);
});

const cards = (page: Page) => page.getByRole('main').getByRole('article');

async function locate(page: Page): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: '用我的位置' }).click();
  await expect(cards(page).first()).toBeVisible();
}

/** The distances of the cards, in metres. */
async function metersOf(page: Page): Promise<number[]> {
  const texts = await page.locator('article .distance').allTextContents();
  return texts.map((text) => {
    const [figure = '', unit = ''] = text.split(' ');
    return Number(figure.replaceAll(',', '')) * (unit === '公里' ? 1000 : 1);
  });
}

/** Every target is large enough for a glove, those of the map too. */
async function largeTargets(page: Page): Promise<void> {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, input, summary, [role="button"], a.nav, dialog a')]
      .filter((each) => each.checkVisibility())
      .map((each) => ({ box: (each.closest('label') ?? each).getBoundingClientRect(), each }))
      .filter(({ box }) => box.bottom > 0 && box.top < innerHeight)
      .map(({ box, each }) => ({
        name: each.getAttribute('aria-label') ?? each.textContent.trim(),
        size: Math.min(box.width, box.height),
      }))
      .filter(({ size }) => size < 60),
  );
  expect(small).toEqual([]);
}

/** Nothing is written smaller than 18 px, and every text reaches 7:1. */
async function legible(page: Page): Promise<void> {
  const small = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (!parent?.checkVisibility() || text === '' || parent.closest('.maplibregl-map, noscript')) continue;
      if (Number.parseFloat(getComputedStyle(parent).fontSize) < 18) found.push(text);
    }
    return found;
  });
  expect(small).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).withRules(['color-contrast-enhanced']).analyze();
  expect(violations.flatMap(({ nodes }) => nodes.map(({ html }) => html.slice(0, 160)))).toEqual([]);
}

async function noSidewaysScroll(page: Page): Promise<void> {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(wide).toBeLessThanOrEqual(room ?? 0);
}

test('asks for a place only on a tap, then lists what is open by distance', async ({ page }) => {
  await page.addInitScript(() => {
    const counter = window as unknown as { asked: number };
    counter.asked = 0;
    const { geolocation } = navigator;
    const ask = geolocation.getCurrentPosition.bind(geolocation);
    geolocation.getCurrentPosition = (...args) => {
      counter.asked += 1;
      ask(...args);
    };
  });
  const asked = () => page.evaluate(() => (window as unknown as { asked: number }).asked);

  await page.goto('/');
  await expect(page.getByRole('heading', { name: '你在哪儿？' })).toBeVisible();
  await expect(page.getByText('演示数据').first()).toBeVisible();
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(14);
  expect(await asked()).toBe(0);

  await locate(page);
  expect(await asked()).toBe(1);
  await expect(page.getByRole('button', { name: '现在开门' })).toHaveAttribute('aria-pressed', 'true');
  await expect(cards(page)).toHaveCount(20);
  const meters = await metersOf(page);
  expect(meters).toEqual(meters.toSorted((a, b) => a - b));
  for (const state of await page.locator('article .state').allTextContents()) {
    expect(state).toMatch(/全天开放|开放至|关门，剩/);
  }
  await expect(page.getByText(/更新$/)).toBeVisible();
  await expect(cards(page).first()).toContainText(/确认/);
});

test('no coordinate leaves the phone', async ({ page, context }) => {
  const sent: string[] = [];
  // Also what the service worker asks.
  context.on('request', (request) => {
    sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`);
  });
  await page.goto('/');
  await locate(page);
  await page.getByRole('button', { name: '最近的暖处' }).click();
  await cards(page).first().getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  await expect(page.getByText('距我的位置')).toBeVisible(); // remembered in the tab
  await page.getByRole('button', { name: '列表' }).click();
  await page.getByRole('button', { name: '更新数据' }).click();
  await expect(page.getByText('刚刚更新')).toBeVisible();

  // Nor with a report: it names the station, and says nothing of where the rider is.
  await page.clock.setFixedTime(new Date()); // a report of another week is of no use to anybody
  await cards(page).nth(2).getByRole('link').first().click();
  const code = /\/s\/([0-9A-Z-]+)/.exec(page.url())?.[1] ?? '';
  await page.getByRole('button', { name: '我在这里，一切正常' }).click();
  await page.getByRole('button', { name: '有问题？' }).click();
  await page.getByRole('radio', { name: '没有热水' }).check({ force: true });
  await page.getByRole('button', { name: '发送' }).click();
  const reports = () => sent.filter((request) => request.includes('/api/reports '));
  await expect.poll(() => reports().length).toBe(2);
  for (const report of reports()) expect(report).toContain(`"station":"${code}"`);

  expect(sent.length).toBeGreaterThan(10);
  expect(sent.filter((request) => /119\.7|49\.2|lng|lat=|location/.test(request))).toEqual([]);
  expect(page.url()).not.toMatch(/119|49\.2/);
});

test('the phone ranks as the server does', async ({ page, request }) => {
  const nearest = await request.get('/api/nearest', {
    params: { lng: hailar.longitude, lat: hailar.latitude, k: 20, open_at: mondayMorning.toISOString() },
  });
  const { features } = (await nearest.json()) as { features: { properties: { name: string } }[] };
  await page.goto('/');
  await locate(page);
  await expect(page.locator('article h3')).toHaveText(features.map(({ properties: { name } }) => name));
});

test('one tap in the cold: the nearest open and heated place, and the way there', async ({ page }) => {
  await page.goto('/?open=any');
  await page.getByRole('button', { name: '最近的暖处' }).click(); // locates too
  await expect(page.getByRole('button', { name: '严寒模式' })).toHaveAttribute('aria-pressed', 'true');
  const go = page.getByRole('button', { name: /^导航: 导航去/ }).first();
  await expect(go).toContainText('去最近的暖处');
  expect((await go.boundingBox())?.height).toBeGreaterThanOrEqual(84);
  // The first card is that place: open, and with heat.
  const name = await cards(page).first().getByRole('heading').innerText();
  await expect(go).toContainText(name);
  await expect(cards(page).first()).toContainText('取暖');
  await expect(cards(page).first().locator('.state')).toHaveText(/开放|关门，剩/);
  await expect(page).toHaveURL(/cold=1/);
  await accessible(page);
  await largeTargets(page);
  await legible(page);
  await go.click();
  await expect(page.getByRole('dialog', { name: '用哪个地图导航？' })).toBeVisible();
  await page.keyboard.press('Escape');

  await page.goto('/'); // remembered until it is switched off by hand
  await expect(page.getByText('去最近的暖处')).toBeVisible();
  await page.getByRole('button', { name: '严寒模式' }).click();
  await expect(page.getByText('去最近的暖处')).toBeHidden();
  await expect(page).not.toHaveURL(/cold/);
});

test('at night nothing warm is open near: it is said, and the list goes on', async ({ page }) => {
  await page.clock.setFixedTime(mondayNight);
  await page.route('**/api/stations.pack*', async (route) => {
    const answer = await route.fetch();
    const pack = (await answer.json()) as { hours: string[] };
    pack.hours = pack.hours.map((text) => (text === '24/7' ? 'Mo-Su 08:30-17:30' : text));
    await route.fulfill({ response: answer, json: pack });
  });
  await page.goto('/?place=150702&cold=1&open=any');
  await expect(page.getByText('现在没有开门的暖处')).toBeVisible();
  await expect(cards(page).first()).toBeVisible();
  await accessible(page);
});

test('nothing found names the filter to drop and keeps its promise', async ({ page }) => {
  await page.clock.setFixedTime(mondayNight);
  await page.goto(
    '/?place=150702&services=toilet,wifi,microwave,first_aid,battery_swap,books,rain_gear,counselling',
  );
  const drop = page.getByRole('main').getByRole('button', { name: /^去掉/ });
  await expect(drop).toBeVisible();
  await accessible(page);
  await largeTargets(page);
  const promise = await page.getByText(/就有 \d+ 个/).innerText();
  const count = Number(/就有 (\d+) 个/.exec(promise)?.[1]);
  await drop.click();
  await expect(page.locator('.summary')).toHaveText(new RegExp(`^${String(count)} 个`));
});

test('navigation: chosen once, then one tap, in the datum of the app', async ({ page }) => {
  await page.goto('/');
  await locate(page);
  await cards(page).first().getByRole('button', { name: /^导航/ }).click();
  const sheet = page.getByRole('dialog');
  await accessible(page);
  await largeTargets(page);
  const baidu = new URL((await sheet.getByRole('link', { name: '百度地图' }).getAttribute('href')) ?? '');
  expect(baidu.searchParams.get('coord_type')).toBe('wgs84');
  // The tests never leave the server: the choice is what matters.
  await page.evaluate(() => {
    addEventListener('click', (event) => {
      event.preventDefault();
    });
  });
  await sheet.getByRole('link', { name: '高德地图' }).click();
  await expect(sheet).toBeHidden();
  const link = cards(page).first().getByRole('link', { name: /^导航/ });
  const amap = new URL((await link.getAttribute('href')) ?? '');
  expect(amap.origin + amap.pathname).toBe('https://uri.amap.com/navigation');
  const [lng = 0, lat = 0] = (amap.searchParams.get('to') ?? '').split(',').map(Number);
  const [, latOfBaidu = '', lngOfBaidu = ''] =
    /latlng:([\d.]+),([\d.]+)/.exec(baidu.searchParams.get('destination') ?? '') ?? [];
  expect(lng - Number(lngOfBaidu)).toBeCloseTo(0.0074, 3);
  expect(lat - Number(latOfBaidu)).toBeCloseTo(0.0019, 3);
  await page.reload();
  await expect(cards(page).first().getByRole('link', { name: /^导航/ })).toBeVisible();
});

test('a station has its door, week, services and three others, and back finds the card', async ({ page }) => {
  await page.goto('/');
  await locate(page);
  const fifth = cards(page).nth(4);
  const name = (await fifth.getByRole('heading').textContent()) ?? '';
  await fifth.getByRole('link', { name }).click();
  await expect(page).toHaveURL(/\/s\/[0-9A-Z-]+/);
  await expect(page.getByRole('heading', { level: 1, name })).toBeFocused();
  await expect(
    page.getByText('这个驿站是生成的演示数据').or(page.getByText('上次确认')).first(),
  ).toBeVisible();
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(8);
  await expect(page.getByRole('heading', { name: '附近别的驿站' })).toBeVisible();
  await expect(page.getByText(/^距本站/)).toHaveCount(3);
  await page.getByRole('button', { name: '门口二维码' }).click();
  await expect(page.getByRole('img', { name: `通往${name}页面的二维码` })).toBeVisible();
  await accessible(page);
  await largeTargets(page);
  await legible(page);
  await noSidewaysScroll(page);

  await page.reload(); // the address alone is enough
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.getByRole('button', { name: '列表' }).click();
  await expect(fifth).toBeInViewport();
});

test('an unknown station says so and leads back', async ({ page, faults }) => {
  faults.allow(/status of 404/);
  await page.goto('/s/NO-SUCH-1');
  await expect(page.getByRole('heading', { name: '没有找到这个驿站' })).toBeVisible();
  await page.getByRole('button', { name: '列表' }).click();
  await expect(page).toHaveURL(/\/$/);
});

test('without a network: the cause, a retry, and what still works', async ({ page, faults }) => {
  faults.allow(/Failed to load resource|ERR_/);
  await page.route('**/api/stations.pack*', (route) => route.abort());
  await page.goto('/?place=150702');
  await expect(page.getByRole('alert')).toContainText('驿站没有取到', { timeout: 20_000 });
  await expect(page.getByRole('link', { name: '去高德地图找' })).toBeVisible();
  await accessible(page);
  await largeTargets(page);
  await page.unroute('**/api/stations.pack*');
  await page.getByRole('button', { name: '重试' }).click();
  await expect(cards(page).first()).toBeVisible();
});

test('without permission: why, and a banner instead', async ({ page, context }) => {
  await context.clearPermissions();
  await page.goto('/');
  await page.getByRole('main').getByRole('button', { name: '用我的位置' }).click();
  await expect(page.getByRole('alert')).toContainText('没有得到定位许可');
  await page.getByRole('button', { name: '满洲里市' }).click();
  await expect(cards(page).first()).toBeVisible();
  await expect(page).toHaveURL(/place=150781/);
});

test('a township can be found by name', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('searchbox').fill('街道');
  await page.getByRole('main').getByRole('listitem').first().getByRole('button').click();
  await expect(cards(page).first()).toBeVisible();
  await expect(page).toHaveURL(/place=\d{9}/);
});

test('the map comes only when asked for', async ({ page }) => {
  const scripts: string[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('.js')) scripts.push(response.url());
  });
  await page.goto('/');
  await locate(page);
  await page.waitForLoadState('networkidle');
  expect(scripts.filter((url) => /map-|maplibre/.test(url))).toEqual([]);
  await page.getByRole('button', { name: '地图' }).click();
  await mapDrawn(page);
  await expect(page).toHaveURL(/map=1/);
  await largeTargets(page);
  await page.getByRole('button', { name: '列表' }).click();
  await expect(cards(page).first()).toBeVisible();
});

test('a point of the map that is tapped is where the list begins', async ({ page }) => {
  await page.goto('/?place=150702&open=any&map=1');
  await mapDrawn(page);
  const map = await page.locator('.maplibregl-canvas').boundingBox();
  if (!map) throw new Error('the map has no box');
  const before = await page.locator('header .place').innerText();
  // A corner of the view: no station stands there, as the nearest ones are in the middle.
  await page.mouse.click(map.x + 24, map.y + map.height * 0.7);
  await expect(page.locator('header .place')).not.toHaveText(before);
  await expect(page.locator('header .place')).toContainText('地图上的点');
  await expect(page, 'a place stands in no address').not.toHaveURL(/119\.|49\./);
});

test('without WebGL2 the list goes on', async ({ page }) => {
  await page.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  await page.goto('/?place=150702&map=1');
  await expect(page.getByText('列表照常能用。')).toBeVisible();
});

for (const theme of ['day', 'night'] as const) {
  test(`${theme}: every target, text and name`, async ({ page, faults }) => {
    test.setTimeout(180_000);
    await page.goto(`/?theme=${theme}`);
    await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(14);
    await accessible(page);
    await largeTargets(page);
    await legible(page);
    await locate(page);
    await accessible(page);
    await largeTargets(page);
    await legible(page);
    await noSidewaysScroll(page);
    await page.getByRole('button', { name: '设置' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await accessible(page);
    await largeTargets(page);
    // The other states, which have journeys of their own by day.
    if (theme === 'day') return;
    for (const [address, there] of [
      ['/?place=150702&cold=1', '去最近的暖处'],
      [
        '/?place=150702&services=toilet,wifi,microwave,first_aid,battery_swap,books,rain_gear',
        '没有符合全部条件的驿站',
      ],
      ['/s/150702-0003?place=150702', '附近别的驿站'],
      ['/s/NO-SUCH-1', '没有找到这个驿站'],
    ] as const) {
      faults.allow(/status of 404/);
      await page.clock.setFixedTime(address.includes('services') ? mondayNight : mondayMorning);
      await page.goto(`${address}${address.includes('?') ? '&' : '?'}theme=${theme}`);
      await expect(page.getByText(there).first()).toBeVisible();
      await accessible(page);
      await largeTargets(page);
      await legible(page);
    }
    await page.getByRole('button', { name: '列表' }).click();
    await page.route('**/api/stations.pack*', (route) => route.abort());
    faults.allow(/Failed to load resource|ERR_/);
    await page.getByRole('button', { name: '更新数据' }).click();
    await expect(page.getByText(/^离线/)).toBeVisible({ timeout: 20_000 });
    await accessible(page);
    await legible(page);
  });
}

test('who listens, and who types, goes from what is asked to what is found', async ({ page }) => {
  await page.goto('/?place=150702');
  await expect(cards(page).first()).toBeVisible();
  const names: string[] = [];
  for (let i = 0; i < 24; i++) {
    await page.keyboard.press('Tab');
    names.push(
      await page.evaluate(() => {
        const { activeElement: at } = document;
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim().replaceAll(/\s+/g, ' ') ?? '';
      }),
    );
  }
  const [first = '', second = ''] = await page.locator('article h3').allTextContents();
  expect(names.slice(0, 6)).toEqual([
    '跳到主要内容',
    '设置',
    expect.stringContaining('换地点'),
    expect.stringContaining('更新数据'),
    '现在开门',
    '严寒模式：暖处在前',
  ]);
  const at = names.indexOf(first);
  expect(names.slice(at - 3, at)).toEqual(['用我的位置', '最近的暖处', '地图']);
  expect(names[at + 1], 'the way there stands beside its station').toContain(first);
  expect(names[at + 2]).toBe(second);

  // A card is read in the order of what matters: how far, when, what, how sure.
  const read = await cards(page)
    .first()
    .evaluate((card) => card.textContent.replaceAll(/\s+/g, ' '));
  const order = [first, /\d (?:米|公里)/, /开放|关门/, /服务：/, /确认/].map((part) => read.search(part));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(Math.min(...order)).toBeGreaterThanOrEqual(0);
});

test('nothing moves for who asks for less motion', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/?place=150702');
  await expect(cards(page).first()).toBeVisible();
  await page.getByRole('button', { name: '设置' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  const longest = await page.evaluate(() =>
    Math.max(
      ...[...document.querySelectorAll('*')].flatMap((each) => {
        const { transitionDuration, animationDuration } = getComputedStyle(each);
        return `${transitionDuration},${animationDuration}`.split(',').map(Number.parseFloat);
      }),
    ),
  );
  expect(longest).toBeLessThanOrEqual(0.001);
});

test('English is complete, and stays in the address', async ({ page }) => {
  await page.goto('/?lang=en&place=150702');
  await expect(cards(page).first()).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const own = (await page.locator('body').innerText())
    .split('\n')
    .filter((line) => /\p{Script=Han}/u.test(line));
  const names = await page.locator('article h3').allTextContents();
  expect(own.filter((line) => !names.includes(line))).toEqual([]);
  await expect(page).toHaveURL(/lang=en/);
});

test('the elder view: every letter larger, and all still fits', async ({ page }) => {
  await page.goto('/?place=150702');
  await expect(cards(page).first()).toBeVisible();
  await page.getByRole('button', { name: '设置' }).click();
  await page.getByRole('radio', { name: '大字' }).check({ force: true });
  await page.keyboard.press('Escape');
  const sizes = await page
    .locator('article h3')
    .first()
    .evaluate((heading) => Number.parseFloat(getComputedStyle(heading).fontSize));
  expect(sizes).toBeGreaterThanOrEqual(22);
  await noSidewaysScroll(page);
  await accessible(page);
  await largeTargets(page);
  await page.reload();
  await expect(page.locator('html')).toHaveClass(/large/);
});

test('a sheet for each door of a banner, on A5', async ({ page }) => {
  await page.goto('/s/print?place=150702');
  const sheets = page.getByRole('article');
  await expect(page.getByText(/^海拉尔区：\d+ 张$/)).toBeVisible();
  const count = Number(/(\d+) 张/.exec(await page.getByText(/^海拉尔区：/).innerText())?.[1]);
  await expect(sheets).toHaveCount(count);
  await expect(sheets.first().getByRole('img')).toBeVisible();
  await accessible(page);
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const pages = pdf.toString('latin1').match(/\/MediaBox \[0 0 (\d+)(?:\.\d+)? (\d+)/g) ?? [];
  expect(pages.length).toBe(count);
  expect(pages[0]).toMatch(/\[0 0 419|\[0 0 420/); // 148 mm
});

test('inside WeChat: how to get out, and a map on the web', async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    ...(baseURL ? { baseURL } : {}),
    userAgent: 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130 Mobile MicroMessenger/8.0.50',
    viewport: { width: 360, height: 800 },
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(mondayMorning);
  await page.goto('/?place=150702');
  await cards(page).first().getByRole('button', { name: /^导航/ }).click();
  await expect(page.getByRole('dialog')).toContainText('在浏览器打开');
  await expect(page.getByRole('link', { name: '腾讯地图网页版' })).toHaveAttribute('href', /coord_type=1/);
  await accessible(page);
  await context.close();
});

test('at 200 % on a narrow phone all can be reached', async ({ page }) => {
  await page.setViewportSize({ width: 180, height: 400 });
  await page.goto('/?place=150702');
  await expect(cards(page).first()).toBeVisible();
  await noSidewaysScroll(page);
  await cards(page).first().getByRole('button', { name: /^导航/ }).scrollIntoViewIfNeeded();
  await cards(page).first().getByRole('button', { name: /^导航/ }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
});
