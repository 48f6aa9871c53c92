import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { accessible, expect, password, signIn, test, type Page } from './test.ts';

/** Asks as whoever is signed in on the page. */
async function ask<T>(page: Page, path: string, body?: unknown): Promise<T> {
  const me = (await (await page.request.get('/api/auth/me')).json()) as { csrf: string };
  const answer = await page.request.fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'X-CSRF-Token': me.csrf, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { data: body }),
  });
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
  return (await answer.json()) as T;
}

/** Communities of the demo with a micro-grid that can be divided; each journey takes another. */
async function communityWith(page: Page, skip: number): Promise<string> {
  const { communities } = await ask<{
    communities: { code: string; status: string; micro_grids: { published: number } }[];
  }>(page, '/api/communities?unit=150702');
  const small = communities.filter(
    ({ status, micro_grids: { published } }) => status === 'published' && published >= 6 && published <= 40,
  );
  const found = small[skip]?.code;
  if (found === undefined) throw new Error('the demo has no such community');
  return found;
}

/** Divides the first micro-grid of a community in two. */
async function draw(page: Page, community: string): Promise<void> {
  const { features } = await ask<{
    features: { properties: { code: string; version: number; households: number } }[];
  }>(page, `/api/communities/${community}/at`);
  const first = features[0]?.properties;
  if (!first) throw new Error('the community is empty');
  await ask(page, `/api/communities/${community}/divide`, {
    households: Math.ceil(first.households / 2),
    micro_grids: [{ code: first.code, version: first.version }],
    reason: '一分为二',
  });
}

test('what somebody drew is reviewed by somebody else', async ({ page, browser, faults }) => {
  test.setTimeout(180_000);
  faults.allow(/403|409/);
  await signIn(page, 'demo-admin', '/plan/');
  const community = await communityWith(page, 0);
  await page.goto(`/plan/?unit=${community}&panel=review`);
  const panel = page.getByRole('region', { name: '详情' });
  await expect(panel.getByText('与上次发布的一样')).toBeVisible();

  // Another's change is there without asking.
  await draw(page, community);
  await expect(panel.locator('[data-status="draft"]')).toBeVisible();
  await expect(panel.getByText('新增', { exact: false }).first()).toBeVisible();
  await accessible(page);

  await panel.getByRole('button', { name: '在图上指定位置' }).click();
  await panel.getByLabel('写下意见').fill('这条边界应沿道路走');
  await panel.getByRole('button', { name: '点击图上的位置' }).click({ position: { x: 120, y: 90 } });
  await panel.getByRole('button', { name: '发表' }).click();
  await expect(panel.getByText('这条边界应沿道路走')).toBeVisible();
  await expect(panel.getByText('图上 1 号')).toBeVisible();

  // The difference and the comment are on the map of the page too, and a place is pinned there as well.
  const sheet = page.locator('.map-sheet');
  await expect(sheet.locator('text')).toHaveText('1');
  await expect.poll(() => sheet.locator('path[d*="L"]').count()).toBeGreaterThan(0);
  await panel.getByRole('button', { name: '在图上指定位置' }).click();
  await page.locator('.maplibregl-canvas').click({ position: { x: 260, y: 420 } });
  await expect(panel.getByText('已指定位置')).toBeVisible();
  await panel.getByRole('button', { name: '取消位置' }).click();

  await panel.getByLabel('说明（记入历史）').fill('请审核');
  await panel.getByRole('button', { name: '提交审核' }).click();
  await expect(panel.locator('[data-status="in_review"]')).toBeVisible();
  await expect(panel.getByRole('button', { name: '发布', exact: true })).toBeDisabled();
  await expect(panel.getByText('须由他人发布')).toBeVisible();
  // The page does not decide that: the server does.
  const refused = await page.evaluate(async (code) => {
    const me = (await (await fetch('/api/auth/me')).json()) as { csrf: string };
    const { seq } = (await (await fetch(`/api/communities/${code}`)).json()) as { seq: number };
    const answer = await fetch(`/api/communities/${code}/publish`, {
      method: 'POST',
      headers: { 'X-CSRF-Token': me.csrf, 'Content-Type': 'application/json' },
      body: JSON.stringify({ seq }),
    });
    return answer.status;
  }, community);
  expect(refused).toBe(403);

  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'demo-reviewer', '/plan/');
  await other.goto(`/plan/?unit=${community}&panel=review`);
  const theirs = other.getByRole('region', { name: '详情' });
  await theirs.getByRole('button', { name: '已处理' }).click();
  await expect(theirs.getByText('demo-reviewer 已处理')).toBeVisible();
  await theirs.getByRole('button', { name: '退回' }).click();
  await expect(panel.locator('[data-status="returned"]')).toBeVisible();
  await panel.getByRole('button', { name: '提交审核' }).click();
  await theirs.getByRole('button', { name: '发布', exact: true }).click();
  await expect(theirs.locator('[data-status="published"]')).toBeVisible();
  await expect(theirs.getByText('与上次发布的一样')).toBeVisible();
  await other.context().close();
});

test('an earlier state comes back, and every border tells who drew it', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'demo-planner', '/plan/');
  const community = await communityWith(page, 1);
  const count = async () =>
    (await ask<{ features: unknown[] }>(page, `/api/communities/${community}/at`)).features.length;
  const before = await count();
  await draw(page, community);
  expect(await count()).toBe(before + 1);

  await page.goto(`/plan/?unit=${community}&panel=history`);
  const panel = page.getByRole('region', { name: '详情' });
  await expect(panel.getByText('第 2 个状态，共 2 个')).toBeVisible();
  await expect(panel.getByText('一分为二')).toBeVisible();
  await expect(panel.getByRole('button', { name: '恢复到这个状态' })).toBeHidden();
  await panel.getByRole('slider').press('ArrowLeft');
  await expect(panel.getByText('第 1 个状态，共 2 个')).toBeVisible();
  await panel.getByText('边界由谁划定').click();
  await expect(panel.getByText('：demo-planner，', { exact: false }).first()).toBeVisible();
  await accessible(page);
  await panel.getByRole('button', { name: '恢复到这个状态' }).click();
  await expect(panel.getByText('已恢复为草稿')).toBeVisible();
  await expect(panel.getByText('第 3 个状态，共 3 个')).toBeVisible();
  expect(await count()).toBe(before);
});

test('two planners see who edits, and the second may take over', async ({ page, browser }) => {
  test.setTimeout(180_000);
  await signIn(page, 'demo-admin', '/plan/');
  const community = await communityWith(page, 2);
  await page.goto(`/plan/?unit=${community}`);
  await page.getByRole('button', { name: '开始划分' }).click();
  await expect(page.getByText('您正在编辑')).toBeVisible();
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'demo-planner', '/plan/');
  await other.goto(`/plan/?unit=${community}`);
  await expect(other.getByText('demo-admin 正在编辑')).toBeVisible();
  await other.getByRole('button', { name: '开始划分' }).click();
  await expect(other.getByText('demo-admin 正在编辑')).toBeVisible(); // whoever comes second is told, and takes nothing
  await other.getByRole('button', { name: '接手编辑' }).click();
  await expect(other.getByText('您正在编辑')).toBeVisible();

  // The first is told at the next sign of life, and may go on.
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByRole('alert').filter({ hasText: 'demo-planner 接手了编辑' })).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: '由我继续编辑' }).click();
  await expect(page.getByText('您正在编辑')).toBeVisible();
  await page.getByRole('button', { name: '结束划分' }).click();
  await expect(page.getByText('没有人在编辑')).toBeVisible();
  await other.context().close();
});

test('who edits on an old version is told what was and what is', async ({ page }) => {
  await signIn(page, 'demo-planner', '/plan/');
  const community = await communityWith(page, 3);
  const { features } = await ask<{ features: { id: string; properties: Record<string, unknown> }[] }>(
    page,
    `/api/communities/${community}/at`,
  );
  await draw(page, community);
  const first = features[0];
  const me = (await (await page.request.get('/api/auth/me')).json()) as { csrf: string };
  const answer = await page.request.post('/api/changesets', {
    headers: { 'X-CSRF-Token': me.csrf },
    data: {
      edits: [
        {
          op: 'update',
          collection: 'micro_grids',
          code: first?.id,
          version: first?.properties['version'],
          feature: first,
        },
      ],
    },
  });
  expect(answer.status()).toBe(409);
  const { conflicts } = (await answer.json()) as {
    conflicts: { base: { properties: { status: string } }; theirs: { properties: { status: string } } }[];
  };
  expect(conflicts).toHaveLength(1);
  expect(conflicts[0]?.base.properties.status).toBe('published');
  expect(conflicts[0]?.theirs.properties.status).toBe('draft');
});

/** The text of the page as the browser prints it. */
async function printed(page: Page, name: string): Promise<string> {
  const file = test.info().outputPath(`${name}.pdf`);
  writeFileSync(file, await page.pdf({ format: 'A4', preferCSSPageSize: true }));
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
}

test('a card and a list of leaders are printed, with names for who may see them', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'demo-planner', '/plan/');
  const community = await communityWith(page, 4);
  await page.goto(`/plan/?unit=${community}&panel=leaders`);
  const panel = page.getByRole('region', { name: '详情' });
  const first = panel.getByRole('article').first();
  await expect(first.getByText('缺：网格员、党小组长')).toBeVisible();
  await first.getByRole('button', { name: '指派' }).click();
  await first.getByLabel('角色').selectOption('party_group_leader');
  await first.getByLabel('姓名（可不填）').fill('欧阳测试');
  await first.getByLabel('电话（可不填）').fill('13900001234');
  await accessible(page);
  await first.getByRole('button', { name: '指派' }).click();
  await expect(first.getByText('欧**')).toBeVisible();
  await expect(first.getByText('缺：网格员', { exact: true })).toBeVisible();

  // What one does is changed without naming them again.
  const chosen = first.getByRole('listitem').filter({ hasText: '欧**' });
  await chosen.getByRole('button', { name: '改任' }).click();
  await chosen.getByLabel('联系户数').fill('999999');
  await expect(chosen.getByRole('button', { name: '保存' })).toBeDisabled();
  await chosen.getByLabel('联系户数').fill('3');
  await chosen.getByRole('button', { name: '保存' }).click();
  await expect(chosen.getByText('3 户')).toBeVisible();
  await expect(first.getByText('欧**')).toBeVisible();

  await first.getByRole('link', { name: '打印卡片' }).click();
  await expect(page.getByRole('heading', { name: '微网格“铁三角”公示卡' })).toBeVisible();
  await accessible(page);
  const masked = await printed(page, 'card-masked');
  for (const word of ['党小组长', '网格员', '空缺', '欧**', community]) expect(masked).toContain(word);
  expect(masked).not.toContain('欧阳测试');
  expect(masked).not.toContain('显示姓名和电话');

  await page.getByLabel('查看的理由').fill('张贴公示卡');
  await page.getByRole('button', { name: '显示姓名和电话' }).click();
  await expect(page.getByText('每一条都记入审计')).toBeVisible();
  const card = await printed(page, 'card');
  expect(card).toContain('欧阳测试');
  expect(card).toContain('13900001234');
  expect(page.url()).not.toContain(encodeURIComponent('欧阳'));

  await page.goto(`/plan/?print=list&unit=${community}`);
  await expect(page.getByRole('table')).toBeVisible();
  await accessible(page);
  const list = await printed(page, 'list');
  for (const word of ['单元（联户）长名单', '欧**', '空缺']) expect(list).toContain(word);
  expect(list).not.toContain('欧阳测试');
});

test('who has not signed in sees no reviews and no leaders', async ({ page, faults }) => {
  faults.allow(/401/);
  await page.goto('/plan/?unit=150702001001&panel=review');
  await expect(page.getByText('只对工作人员显示')).toBeVisible();
  await accessible(page);
  await page.goto('/plan/?print=list&unit=150702001001');
  await expect(page.getByRole('alert')).toBeVisible();
  expect(password).not.toBe('');
});
