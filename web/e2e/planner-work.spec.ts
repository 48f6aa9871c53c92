// What becomes of work: when somebody else saves, when the network goes, when the page or the session does.
import type { Browser } from '@playwright/test';
import { addressOf, around, begin, between, cornersOf, dragTo, gridsOf, has, save, sharedCorner, signIn, tools, type View } from './planner-tools.ts'; // prettier-ignore
import { accessible, expect, mapDrawn, test, type Page } from './test.ts';

/** Another person at another computer. */
async function another(browser: Browser, baseURL: string | undefined): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', ...(baseURL ? { baseURL } : {}) });
  return context.newPage();
}

/** Drags the corner at which most micro-grids meet towards the middle of what the camera shows. */
async function moveCorner(page: Page, view: View, code: string, share: number): Promise<void> {
  const grids = await gridsOf(page, code.slice(0, 12));
  const { place } = sharedCorner(grids, code);
  await dragTo(page, view, place, between(place, view.center, share));
  await expect(page.getByText(/个微网格一起动/)).toBeVisible();
  await page.mouse.up();
  await expect(page.getByText(/处未保存的改动/)).toBeVisible();
}

test('what others save arrives, merges, and is asked about where it cannot', async ({
  page,
  browser,
  baseURL,
  faults,
}) => {
  test.setTimeout(240_000);
  faults.allow(/409/);
  const community = '150702001004';
  const grids = await gridsOf(page, community);
  const [near = '', far = ''] = [`${community}010`, `${community}040`];
  const [view, farView] = [around(grids.get(near)), around(grids.get(far))];
  await signIn(page, addressOf(near, view));
  await begin(page);
  const other = await another(browser, baseURL);
  await signIn(other, addressOf(far, farView), 'demo-admin');
  await begin(other);

  // Elsewhere in the community: it is merged without a question, and my work stays.
  await moveCorner(page, view, near, 0.2);
  await moveCorner(other, farView, far, 0.2);
  await save(other);
  await expect(page.getByText('其他人保存了改动，已并入这里')).toBeVisible({ timeout: 10_000 });
  await expect(page.getByText(/处未保存的改动/)).toBeVisible();
  await save(page);

  // The same vertex: one of the two can stand.
  await expect(other.getByText('其他人保存了改动，已并入这里')).toBeVisible({ timeout: 10_000 });
  await other.goto(addressOf(near, view));
  await begin(other);
  await page.goto(addressOf(near, view));
  await begin(page);
  await moveCorner(page, view, near, 0.3);
  await moveCorner(other, view, near, 0.5);
  await save(other);
  const theirs = await gridsOf(page, community);

  const conflict = page.getByRole('region', { name: '两人改了同一处' });
  await expect(conflict).toBeVisible({ timeout: 10_000 });
  await expect(conflict.getByRole('columnheader')).toHaveText(['', '原来', '我的', '对方的']);
  await expect(conflict.getByRole('button', { name: '按选择合并' })).toBeDisabled();
  await accessible(page);
  await conflict.getByRole('radio', { name: '我的' }).check();
  await conflict.getByRole('button', { name: '按选择合并' }).click();
  await expect(conflict).toBeHidden();
  await save(page);
  const settled = await gridsOf(page, community);
  expect(settled.get(near)?.geometry).not.toEqual(theirs.get(near)?.geometry);
  const kept = cornersOf(settled.get(near)).filter((corner) => !has(theirs.get(near), corner));
  expect(kept.length).toBeGreaterThan(0);
  await other.context().close();
});

test('work outlives a lost network, a closed page and a lost session', async ({ page, context, faults }) => {
  test.setTimeout(240_000);
  faults.allow(/ERR_INTERNET_DISCONNECTED|401|403|Failed to fetch/);
  const community = '150702001006';
  const code = `${community}030`;
  const view = around((await gridsOf(page, community)).get(code));
  await signIn(page, addressOf(code, view));
  await begin(page);

  // No network: nothing is lost, and it is saved when the network is back.
  await moveCorner(page, view, code, 0.2);
  await context.setOffline(true);
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('没有网络，没有保存')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText(/已保存 \d+ 处改动/)).toBeVisible();

  // The page is closed without a word.
  await moveCorner(page, view, code, 0.2);
  const count = await page.getByText(/处未保存的改动/).textContent();
  await page.waitForTimeout(600); // a draft is kept shortly after the last change
  await page.close({ runBeforeUnload: false });
  const again = await context.newPage();
  await again.goto(addressOf(code, view));
  await mapDrawn(again);
  await expect(again.getByText('本机有未保存的草稿')).toBeVisible();
  await again.getByRole('button', { name: '继续划分' }).click();
  await expect(again.getByText(count ?? '')).toBeVisible();
  await expect(again.getByText(/已恢复 .* 的草稿/)).toBeVisible();

  // A second tab does not draw over the first, unless it is told to.
  const second = await context.newPage();
  await second.goto(addressOf(code, view));
  await mapDrawn(second);
  await second.getByRole('button', { name: '继续划分' }).click();
  await expect(second.getByText('另一个标签页正在划分这个社区')).toBeVisible();
  await second.getByRole('button', { name: '在这里继续' }).click();
  await expect(tools(second)).toBeVisible();
  await expect(second.getByText(count ?? '')).toBeVisible();
  await expect(again.getByText('另一个标签页正在划分这个社区')).toBeVisible();

  // The session is over: the draft waits for the next one.
  await context.clearCookies();
  await second.getByRole('button', { name: '保存', exact: true }).click();
  await expect(second.getByText('登录已过期，没有保存')).toBeVisible();
  await signIn(second, addressOf(code, view));
  await mapDrawn(second);
  await second.getByRole('button', { name: '继续划分' }).click();
  await expect(second.getByText(count ?? '')).toBeVisible();
  await save(second);
});
