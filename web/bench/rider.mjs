// Measures the rider's page as its budgets are written: on a phone that is 6 times slower than this machine, at
// 400 kbps with 400 ms, and by Lighthouse. Each time stands beside its floor in the same run: when the last
// byte that the list needs has arrived.
//
//   scripts/bench.sh rider [--runs 5] [--json]     starts a server with the demo city of its own
//   YIZHAN_URL=http://localhost:8080 scripts/bench.sh rider
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.mjs';
import { audit } from './lighthouse.mjs';

const runs = Number(option('--runs') ?? 5);
const server = process.env.YIZHAN_URL ?? 'http://127.0.0.1:8080';
const list = `${server}/?place=150702&open=any`;
const phone = { viewport: { width: 360, height: 800 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** Notes in the page when the first card is drawn, how far things jump, and how long each tap takes. */
function watch() {
  const seen = { card: 0, shift: 0, tap: 0 };
  Object.assign(window, { seen });
  new MutationObserver((_, observer) => {
    if (!document.querySelector('article')) return;
    observer.disconnect();
    requestAnimationFrame(() => (seen.card = performance.now()));
  }).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((entries) => {
    for (const entry of entries.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((entries) => {
    for (const entry of entries.getEntries()) {
      if (entry.interactionId) seen.tap = Math.max(seen.tap, entry.duration);
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
}

async function slow(context, page) {
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 400,
    downloadThroughput: 400_000 / 8,
    uploadThroughput: 400_000 / 8,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
}

async function onPhone(browser, act) {
  const context = await browser.newContext({ ...phone, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    return await act(page, context);
  } finally {
    await context.close();
  }
}

/**
 * Waits until a card was drawn, from outside: what the driver of the browser looks for elements with is 330 kB of
 * script in the page, which a slow phone takes a tenth of a second to read.
 */
async function carded(context, page) {
  const session = await context.newCDPSession(page);
  for (;;) {
    const { result } = await session.send('Runtime.evaluate', { expression: 'window.seen?.card ?? 0' });
    if (result.value > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** First visit on a poor network: until the first card, and the bytes that it took. */
const firstVisit = (browser) =>
  onPhone(browser, async (page, context) => {
    await slow(context, page);
    await page.goto(list, { waitUntil: 'commit' });
    await carded(context, page);
    return page.evaluate(() => {
      const { card, shift } = window.seen;
      const [{ encodedBodySize: html }] = performance.getEntriesByType('navigation');
      const needed = performance
        .getEntriesByType('resource')
        .filter(({ responseEnd, startTime }) => responseEnd > 0 && responseEnd <= card && startTime < 1_500);
      const code = needed.filter(({ name }) => /\.(js|css)$/.test(name));
      const sum = (of, what) => of.reduce((total, each) => total + each[what], 0);
      return {
        card,
        shift,
        picture: performance.getEntriesByName('first-contentful-paint')[0].startTime,
        floor: Math.max(...needed.map(({ responseEnd }) => responseEnd)),
        bytes: html + sum(needed, 'encodedBodySize'),
        code: html + sum(code, 'encodedBodySize'), // the styles are in the page
      };
    });
  });

/** Reload without a network, on this machine as it is. */
const offlineReload = (browser) =>
  onPhone(browser, async (page, context) => {
    await page.goto(list);
    await page.locator('article').first().waitFor();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while (!navigator.serviceWorker.controller || !(await caches.match('/api/stations.pack'))) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    await context.setOffline(true);
    await page.reload({ waitUntil: 'commit' });
    await carded(context, page);
    return page.evaluate(() => ({ card: window.seen.card, shift: window.seen.shift }));
  });

/** What is tapped: the names of buttons, and whatever else a selector finds. */
const tapped = [
  ...[
    '饮水',
    '充电',
    '饮水',
    '充电',
    '现在开门',
    '现在开门',
    '严寒模式',
    '严寒模式',
    '最近的暖处',
    '严寒模式',
  ],
  'article a',
  'button.back',
  'article >> nth=4 >> a',
  'button.back',
];

/**
 * Taps of filters, of stations and back, on the slow phone: how long each waits for a new picture. The fingers are
 * outside the page: they know where to tap before it is slowed.
 */
const taps = (browser) =>
  onPhone(browser, async (page, context) => {
    await page.goto(list);
    await page.locator('article').nth(19).waitFor();
    await page.waitForTimeout(1_000);
    const session = await context.newCDPSession(page);
    const all = [];
    for (const what of tapped) {
      const target = what.includes('a') ? page.locator(what) : page.getByRole('button', { name: what });
      await target.first().scrollIntoViewIfNeeded();
      const box = await target.first().boundingBox();
      await page.evaluate(() => (window.seen.tap = 0));
      await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
      await page.touchscreen.tap(box.x + Math.min(box.width / 2, 40), box.y + box.height / 2);
      await page.waitForTimeout(1_200);
      await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
      await page.waitForTimeout(100);
      all.push({ what, ms: await page.evaluate(() => window.seen.tap) });
    }
    return { all, longest: Math.max(...all.map(({ ms }) => ms)) };
  });

async function several(act) {
  const all = [];
  for (let i = 0; i < runs; i++) all.push(await act());
  return all;
}

const median = (all, of) => all.map((each) => each[of]).sort((a, b) => a - b)[Math.floor(all.length / 2)];
const worst = (all, of) => Math.max(...all.map((each) => each[of]));

const browser = await chromium.launch(launchOptions);
const visits = await several(() => firstVisit(browser));
const reloads = await several(() => offlineReload(browser));
const touches = await several(() => taps(browser));
await browser.close();
const lighthouse = await audit(server);

const rows = [
  ['page, styles and scripts before the map, as sent', 40_000, median(visits, 'code'), 'bytes'],
  ['all that the list needs, as sent', null, median(visits, 'bytes'), 'bytes'],
  ['last byte of that, 400 kbps, 400 ms (floor)', null, median(visits, 'floor'), 'ms'],
  ['first picture, 400 kbps, 400 ms, CPU 6×', null, median(visits, 'picture'), 'ms'],
  ['first card, 400 kbps, 400 ms, CPU 6×', 2_500, median(visits, 'card'), 'ms'],
  ['  over the floor', null, median(visits, 'card') / median(visits, 'floor'), '×'],
  ['layout shift, worst', 0.05, Math.max(worst(visits, 'shift'), worst(reloads, 'shift')), ''],
  ['reload without a network', 500, median(reloads, 'card'), 'ms'],
  ['longest tap to picture, CPU 6×', 200, median(touches, 'longest'), 'ms'],
  ['Lighthouse mobile: performance', 90, lighthouse.performance, 'of 100', true],
  ['Lighthouse mobile: accessibility', 100, lighthouse.accessibility, 'of 100', true],
  ['Lighthouse mobile: best practices', null, lighthouse.bestPractices, 'of 100'],
  ...Object.entries(lighthouse.metrics).map(([what, ms]) => [`Lighthouse: ${what}`, null, ms, 'ms']),
  ['Lighthouse: index of this machine', null, lighthouse.benchmarkIndex, ''],
].map(([what, asked, got, unit, atLeast = false]) => ({
  what,
  asked,
  got: got > 100 ? Math.round(got) : Math.round(got * 1000) / 1000,
  unit,
  met: asked === null ? null : atLeast ? got >= asked : got <= asked,
}));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ runs, visits, reloads, touches, lighthouse, rows }, null, 2));
} else {
  const say = (met) => (met === null ? '' : met ? 'ok' : 'MISSED');
  console.log(`the rider's page, median of ${runs}\n`);
  for (const { what, asked, got, unit, met } of rows) {
    console.log(
      `${what.padEnd(48)} ${String(asked ?? '').padStart(7)} ${String(got).padStart(10)} ${unit.padEnd(7)} ${say(met)}`,
    );
  }
  const worstOf = (at) => Math.max(...touches.map(({ all }) => all[at].ms));
  console.log(`  each tap at its worst: ${tapped.map((what, at) => `${what} ${worstOf(at)}`).join(', ')} ms`);
  for (const fault of lighthouse.faults) console.log(`  Lighthouse: ${fault}`);
}
