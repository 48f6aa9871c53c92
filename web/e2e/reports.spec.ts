// A rider says what is wrong, what is fine and what is wanted; staff take it up and answer.
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, Locator } from '@playwright/test';
import { accessible, expect, test, type Page } from './test.ts';

const password = process.env.YIZHAN_DEMO_PASSWORD ?? '';
const hailar = { longitude: 119.736449, latitude: 49.212251 };

test.use({ viewport: { width: 360, height: 800 }, hasTouch: true });

/** Every target of what is open is large enough for a glove, and every text for the cold. */
async function forGloves(page: Page, within: string): Promise<void> {
  const small = await page.locator(within).evaluate((root) =>
    [...root.querySelectorAll<HTMLElement>('button, input, textarea, label, p, h2, h3, span')]
      .filter((each) => each.checkVisibility() && each.textContent.trim() !== '')
      .map((each) => ({
        name: each.textContent.trim().slice(0, 30),
        height: each.matches('button, .topics label, .button') ? each.getBoundingClientRect().height : 60,
        letters: Number.parseFloat(getComputedStyle(each).fontSize),
      }))
      .filter(({ height, letters }) => height < 60 || letters < 18),
  );
  expect(small).toEqual([]);
  const { violations } = await new AxeBuilder({ page })
    .include(within)
    .withRules(['color-contrast-enhanced'])
    .analyze();
  expect(violations.flatMap(({ nodes }) => nodes.map(({ html }) => html.slice(0, 160)))).toEqual([]);
}

/** What the page and its service worker send. */
function listen(context: BrowserContext): { method: string; url: string; body: string }[] {
  const sent: { method: string; url: string; body: string }[] = [];
  context.on('request', (request) => {
    sent.push({ method: request.method(), url: request.url(), body: request.postData() ?? '' });
  });
  return sent;
}

/** Goes straight to what stands below the list, and waits until the cards that came into sight have their height. */
async function goDownTo(target: Locator): Promise<void> {
  await target.waitFor();
  await target.evaluate(async (element) => {
    element.scrollIntoView({ block: 'center' });
    const picture = () => new Promise(requestAnimationFrame);
    for (let before = Number.NaN, still = 0; still < 10; still++) {
      const { top } = element.getBoundingClientRect();
      if (top !== before) still = 0;
      before = top;
      await picture();
    }
  });
}

async function settle(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller || !(await caches.match('/api/stations.pack'))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}

/** A page of somebody at a desk, signed in. */
async function desk(page: Page, name: string): Promise<Page> {
  const browser = page.context().browser();
  if (!browser) throw new Error('there is no browser');
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    baseURL: new URL(page.url()).origin,
  });
  const staff = await context.newPage();
  await staff.goto('/login/?return_to=/admin/?view=reports');
  await staff.getByLabel('账号名').fill(name);
  await staff.getByLabel('密码', { exact: true }).fill(password);
  await staff.getByRole('button', { name: '登录', exact: true }).click();
  await expect(staff).toHaveURL(/view=reports/);
  return staff;
}

async function ofStation(
  page: Page,
  code: string,
  origin = '',
): Promise<{ confirmed_at: string; version: number }> {
  const answer = await page.request.get(`${origin}/api/collections/stations/items/${code}`);
  return ((await answer.json()) as { properties: { confirmed_at: string; version: number } }).properties;
}

test('three reports made without a network are sent once each, after the page was closed', async ({
  page,
  context,
  faults,
}) => {
  faults.allow(/Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  test.setTimeout(120_000);
  await settle(page, '/s/150702-0003');
  const fine = page.getByRole('button', { name: '我在这里，一切正常' });
  await expect(fine).toBeVisible();
  const before = await ofStation(page, '150702-0003');
  await context.setOffline(true);
  await fine.click();
  await expect(page.getByText('没有网络，已存在手机里，有网时自动发送。')).toBeVisible();
  for (const topic of ['没有热水', '其他问题']) {
    await page.getByRole('button', { name: '有问题？' }).click();
    await page.getByRole('radio', { name: topic }).check({ force: true });
    if (topic === '其他问题') {
      await expect(page.getByRole('button', { name: '发送' })).toBeDisabled();
      await page.getByRole('textbox', { name: '请写明问题' }).fill('门口的灯坏了');
    }
    await page.getByRole('button', { name: '发送' }).click();
  }
  await page.getByRole('button', { name: '查看进展' }).click();
  await expect(page.getByRole('dialog').getByText('存在手机里，等网络')).toHaveCount(3);
  await accessible(page);
  await forGloves(page, 'dialog');
  await page.close();

  const sent = listen(context);
  const again = await context.newPage();
  await again.goto('/s/150702-0003');
  await expect(again.getByRole('heading', { level: 1 })).toBeVisible();
  await context.setOffline(false);
  await again.reload();
  await expect
    .poll(() => sent.filter(({ method, url }) => method === 'POST' && url.endsWith('/api/reports')).length)
    .toBeGreaterThanOrEqual(3);
  await expect.poll(async () => (await ofStation(again, '150702-0003')).version).toBe(before.version + 1);
  await again.goto('/?place=150702&open=any');
  await again.getByRole('button', { name: /我的上报（3）/ }).click();
  const dialog = again.getByRole('dialog');
  await expect(dialog.getByText('存在手机里，等网络')).toHaveCount(0);
  await expect(dialog.getByText('征集：已收到')).toHaveCount(2);
  await expect(dialog.getByText('转化：已办结')).toHaveCount(1);

  // Played again, however often, it is the same three.
  const reports = sent.filter(({ method, url }) => method === 'POST' && url.endsWith('/api/reports'));
  const keys = new Set(reports.map(({ body }) => (JSON.parse(body) as { key: string }).key));
  expect(keys.size).toBe(3);
  for (const { body } of reports) {
    const replay = await again.request.post('/api/reports', {
      headers: { 'Content-Type': 'application/json' },
      data: body,
    });
    expect(replay.status()).toBe(200);
    expect(JSON.parse(body)).not.toHaveProperty('location');
  }
  expect((await ofStation(again, '150702-0003')).version).toBe(before.version + 1);
});

test('what waits is sent once when no page is open any more', async ({ page, context, faults }) => {
  faults.allow(/Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  await settle(page, '/s/150702-0005');
  const before = await ofStation(page, '150702-0005');
  await context.setOffline(true);
  await page.getByRole('button', { name: '我在这里，一切正常' }).click();
  await expect(page.getByText('没有网络，已存在手机里，有网时自动发送。')).toBeVisible();
  const asked = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (registration as unknown as { sync: { getTags(): Promise<string[]> } }).sync.getTags();
    });
  await expect.poll(asked, 'the browser is asked to send it later').toEqual(['yizhan-reports']);

  // The browser says that there is a network, as it does minutes later by itself; twice, as it may.
  const { origin } = new URL(page.url());
  const elsewhere = await context.newPage();
  const session = await context.newCDPSession(elsewhere);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      for (const { scopeURL, registrationId } of registrations) {
        if (scopeURL === `${origin}/`) resolve(registrationId);
      }
    });
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  await page.close();
  const sent = listen(context);
  await context.setOffline(false);
  for (let i = 0; i < 2; i++) {
    const event = { origin, registrationId, tag: 'yizhan-reports', lastChance: false };
    await session.send('ServiceWorker.dispatchSyncEvent', event);
  }
  await expect
    .poll(async () => (await ofStation(elsewhere, '150702-0005', origin)).version)
    .toBe(before.version + 1);
  const posted = () => sent.filter(({ url }) => url.endsWith('/api/reports'));
  expect(posted()).toHaveLength(1);

  // The next page finds it sent.
  await elsewhere.goto(`${origin}/?place=150702&open=any`);
  await elsewhere.getByRole('button', { name: /我的上报（1）/ }).click();
  await expect(elsewhere.getByRole('dialog').getByText('转化：已办结')).toBeVisible();
  expect(posted()).toHaveLength(1);
});

test('a wish sends the one place that was chosen, and no other', async ({ page, context }) => {
  await context.grantPermissions(['geolocation']);
  await context.setGeolocation(hailar);
  const sent = listen(context);
  await page.goto('/?open=any');
  await page.getByRole('main').getByRole('button', { name: '用我的位置' }).click();
  const wish = page.getByRole('button', { name: '这里需要驿站' });
  await goDownTo(wish);
  await wish.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: '发送' })).toBeDisabled();
  await expect(dialog.getByText('你选的这个地点会发给管理部门')).toBeVisible();
  await dialog.getByRole('button', { name: '我现在的位置' }).click();
  await expect(dialog.getByText('将发送：东经 119.7364，北纬 49.2123')).toBeVisible();
  await dialog.getByRole('button', { name: '取暖' }).click();
  await accessible(page);
  await forGloves(page, 'dialog');
  await dialog.getByRole('button', { name: '发送' }).click();
  await expect(page.getByText('已收到，谢谢。')).toBeVisible();
  const withPlace = sent.filter(({ url, body }) => /119\.73|49\.21/.test(url + body));
  expect(withPlace).toHaveLength(1);
  expect(withPlace[0]?.url).toMatch(/\/api\/reports$/);
  expect(JSON.parse(withPlace[0]?.body ?? '')).toMatchObject({
    kind: 'suggestion',
    location: [119.7364, 49.2123],
    services: ['heating'],
  });
});

test('a problem with a photo is taken up, answered, and the rider reads the answer', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto('/s/150702-0004');
  await page.getByRole('button', { name: '有问题？' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: '不暖和' }).check({ force: true });
  await dialog.locator('input[type="file"]').setInputFiles('public/icon-512.png');
  await expect(dialog.getByRole('img')).toBeVisible();
  await dialog.getByLabel('联系方式（可不填）').fill('微信 qishou-1');
  await accessible(page);
  await forGloves(page, 'dialog');
  await dialog.getByRole('button', { name: '发送' }).click();
  await expect(page.getByText('已收到，谢谢。')).toBeVisible();

  const staff = await desk(page, 'demo-keeper');
  const row = staff.getByRole('row', { name: /不暖和/ }).first();
  await expect(row).toBeVisible();
  await accessible(staff);
  await row.getByRole('button').first().click();
  const panel = staff.getByRole('complementary');
  await expect(panel.getByRole('img', { name: '骑手拍的照片' })).toBeVisible();
  await panel.getByRole('button', { name: '收集：采纳' }).click();
  await expect(panel.getByText('收集', { exact: true }).first()).toBeVisible();
  await panel.getByLabel('交给').selectOption({ label: '驿站管理员' });
  await panel.getByRole('button', { name: '保存分派' }).click();
  await expect(panel.getByText('分派', { exact: true })).toBeVisible();
  await panel.getByRole('button', { name: '办理：开始处理' }).click();
  await panel.getByLabel('给骑手的答复').fill('暖气已经修好，欢迎来取暖。');
  await accessible(staff);
  await panel.getByRole('button', { name: '转化：办结' }).click();
  await expect(panel.getByText('暖气已经修好，欢迎来取暖。').first()).toBeVisible();
  await staff.context().close();

  await page.getByRole('button', { name: '查看进展' }).click();
  await expect(page.getByRole('dialog').getByText('暖气已经修好，欢迎来取暖。')).toBeVisible();
  await expect(page.getByRole('dialog').getByText('转化：已办结')).toBeVisible();
});

test('wishes for one place are merged, and become a planned station', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto('/');
  const key = (n: number) => `0000000${String(n)}-0000-4000-8000-00000000e2e0`;
  for (const [n, lng] of [119.7601, 119.7604].entries()) {
    const data = { key: key(n), kind: 'suggestion', location: [lng, 49.2201], services: ['heating'] };
    expect((await page.request.post('/api/reports', { data })).ok()).toBe(true);
  }
  const staff = await desk(page, 'demo-keeper');
  await staff.getByLabel('类别').selectOption({ label: '建议设站' });
  const rows = staff.getByRole('row', { name: /远山社区/ });
  await expect(rows).toHaveCount(2);
  await rows.first().getByRole('button').first().click();
  const panel = staff.getByRole('complementary');
  await expect(panel.getByText(/可能重复的上报（1）/)).toBeVisible();
  await panel.getByRole('button', { name: '并入这一条' }).click();
  await expect(panel.getByText(/已并入的上报（1）/)).toBeVisible();
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('2 人');
  await panel.getByRole('button', { name: '收集：采纳' }).click();
  await panel.getByRole('button', { name: '办理：开始处理' }).click();
  await panel.getByLabel('驿站名称').fill('远山新驿站');
  await panel.getByLabel('给骑手的答复').first().fill('明年春天建好。');
  await accessible(staff);
  await panel.getByRole('button', { name: '建为筹建驿站' }).click();
  const link = panel.getByRole('link', { name: /^150702-\d+$/ });
  await expect(link).toBeVisible();
  const code = (await link.textContent()) ?? '';
  const planned = await page.request.get(`/api/collections/stations/items/${code}`);
  expect(((await planned.json()) as { properties: unknown }).properties).toMatchObject({
    name: '远山新驿站',
    status: 'planned',
  });
  await staff.getByRole('radio', { name: '统计' }).check({ force: true });
  const table = staff.getByRole('region', { name: '各单元各阶段的上报数' }).getByRole('table');
  await expect(table.locator('tfoot td').nth(5)).toHaveText(
    await table.locator('tbody td').nth(5).innerText(),
  );
  await accessible(staff);
  await staff.setViewportSize({ width: 390, height: 800 });
  await staff.goto('/admin/?view=reports');
  await expect(staff.getByRole('button', { name: '征集' })).toBeVisible();
  await accessible(staff);
  await staff.context().close();
});
