import { createHmac } from 'node:crypto';
import type { Browser } from '@playwright/test';
import { accessible, expect, password, signIn, test, type Page } from './test.ts';

async function panelOf(page: Page, code: string) {
  await page.goto(`/admin/?station=${code}`);
  const panel = page.getByRole('complementary');
  await expect(panel.getByLabel('名称')).toBeVisible();
  return panel;
}

/** A station as anybody sees it. */
async function stationOf(page: Page, code: string) {
  const answer = await page.request.get(`/api/collections/stations/items/${code}`);
  return (await answer.json()) as {
    geometry: { coordinates: [number, number] };
    properties: { version: number; status: string; opening_hours: string; community: string };
  };
}

test('a wrong password is told, and sign-in leads back to where one came from', async ({ page, faults }) => {
  faults.allow(/401/);
  await page.goto('/admin/?status=suspended');
  await expect(page.getByText('请先登录')).toBeVisible();
  await accessible(page);
  await page.getByRole('main').getByRole('button', { name: '登录', exact: true }).click();
  await expect(page).toHaveURL(/\/login\/\?return_to=/);

  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByText('请填写账号名和密码')).toBeVisible();
  await page.getByLabel('账号名').fill('demo-keeper');
  await page.getByLabel('密码', { exact: true }).fill('not the password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('账号名、密码或验证码不对');
  await expect(page.getByLabel('密码', { exact: true })).toBeFocused();
  await accessible(page);

  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/admin\/\?status=suspended/);
  await expect(page.getByRole('banner')).toContainText('驿站管理员');

  // A keeper keeps stations; accounts and the trail are for administrators.
  const sections = page.getByRole('navigation', { name: '管理栏目' });
  await expect(sections.getByRole('link')).toHaveText(['驿站', '骑手上报', '导入', '我的账号']);

  await page.goto('/plan/');
  await page.getByRole('banner').getByRole('button', { name: '退出登录' }).click();
  await expect(page.getByRole('banner').getByRole('button', { name: '登录', exact: true })).toBeVisible();
  await page.goto('/admin/');
  await expect(page.getByText('请先登录')).toBeVisible();
});

test('too many failures say how long to wait', async ({ page, faults }) => {
  faults.allow(/401|429/);
  await page.goto('/login/');
  await page.getByLabel('账号名').fill('nobody-of-this-name');
  const said = page.getByRole('alert');
  for (let attempt = 0; attempt < 12; attempt++) {
    await page.getByLabel('密码', { exact: true }).fill(`wrong ${String(attempt)}`);
    await page.keyboard.press('Enter');
    await expect(said).not.toBeEmpty();
    await expect(page.getByRole('button', { name: '正在登录' })).toBeHidden();
    if ((await said.textContent())?.includes('失败次数太多')) break;
  }
  await expect(said).toContainText(/请在 .*\d+ 秒 后再试/);
  await expect(page.getByRole('button', { name: '登录', exact: true })).toBeDisabled();
});

test('a keeper moves a station by its pin, riders see it, and it can be taken back', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, 'demo-keeper');
  const code = '150702-0001';
  const before = await stationOf(page, code);
  const panel = await panelOf(page, code);

  const pin = panel.getByRole('button', { name: '驿站位置' });
  await expect(pin).toBeVisible({ timeout: 30_000 });
  await pin.focus();
  for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+ArrowUp');
  await expect(panel.getByText(/移动了 30 米/)).toBeVisible();
  await expect(panel.getByText(/所在：海拉尔区/)).toBeVisible();

  // Hours are read as they are typed.
  const hours = panel.getByLabel('营业时间');
  await hours.fill('Mo-Fr 8-17');
  await expect(panel.getByText('读不懂“8”')).toBeVisible();
  await expect(panel.getByRole('button', { name: '保存' })).toBeDisabled();
  await hours.fill('Mo-Sa 06:00-23:00');
  await expect(panel.getByRole('definition').first()).toHaveText('06:00–23:00');
  await expect(panel.getByText('2 项有改动')).toBeVisible();
  await accessible(page);
  await panel.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText(/已保存“/)).toBeVisible();

  const after = await stationOf(page, code);
  expect(after.geometry.coordinates[1]).toBeCloseTo(before.geometry.coordinates[1] + 30 / 111_320, 6);
  expect(after.properties.opening_hours).toBe('Mo-Sa 06:00-23:00; Su off'); // as the server writes it

  // The rider's data follow the feed.
  const [lng, lat] = after.geometry.coordinates;
  await expect
    .poll(async () => {
      const answer = await page.request.get(`/api/nearest?lng=${String(lng)}&lat=${String(lat)}&k=1`);
      const { features } = (await answer.json()) as {
        features: { id: string; properties: { distance_m: number } }[];
      };
      return features.map(({ id, properties }) => `${id} ${String(properties.distance_m)}`);
    })
    .toEqual([`${code} 0`]);
  const rider = await page.context().newPage();
  await rider.goto(`/s/${code}`);
  await expect(rider.getByText('06:00–23:00').first()).toBeVisible();
  await rider.close();

  await page.getByRole('button', { name: '撤销这次修改' }).click();
  await expect(page.getByText('已撤销，1 处驿站恢复原样')).toBeVisible();
  expect((await stationOf(page, code)).geometry).toEqual(before.geometry);
  await expect(panel.getByLabel('营业时间')).toHaveValue(before.properties.opening_hours);
  await panel.getByRole('button', { name: '关闭' }).click();
  await page.goBack();
  await expect(panel.getByLabel('营业时间')).toBeVisible();
});

test('a change is undone from where it was made', async ({ page }) => {
  await signIn(page, 'demo-keeper');
  const code = '150702-0002';
  const before = await stationOf(page, code);
  const panel = await panelOf(page, code);
  await panel.getByLabel('座位').fill('1001');
  await expect(panel.getByText('座位数是 0 到 1000 的整数')).toBeVisible();
  await panel.getByLabel('座位').fill('33');
  await panel.getByLabel('状态').selectOption({ label: '暂停' });
  await panel.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText(/已保存“/)).toBeVisible();
  expect((await stationOf(page, code)).properties.status).toBe('suspended');
  await page.getByRole('button', { name: '撤销这次修改' }).click();
  await expect(page.getByText('已撤销，1 处驿站恢复原样')).toBeVisible();
  const { properties } = await stationOf(page, code);
  expect({ ...properties, version: 0 }).toEqual({ ...before.properties, version: 0 });
  // The form shows what there is again.
  await expect(panel.getByLabel('座位')).not.toHaveValue('33');
});

test('when somebody was faster, nothing is overwritten unseen', async ({ page, browser, faults }) => {
  faults.allow(/412/);
  await signIn(page, 'demo-keeper');
  const code = '150702-0004';
  const panel = await panelOf(page, code);
  const address = (await panel.getByLabel('地址').inputValue()).replace(/（.*/, '');
  const seats = String(((Number(await panel.getByLabel('座位').inputValue()) + 7) % 90) + 1);
  await panel.getByLabel('地址').fill(`${address}（西门 ${seats}）`);

  const other = await another(browser, 'demo-admin');
  const theirs = await panelOf(other, code);
  await theirs.getByLabel('地址').fill(`${address}（东门）`);
  await theirs.getByLabel('座位').fill(seats);
  await theirs.getByRole('button', { name: '保存' }).click();
  await expect(other.getByText(/已保存“/)).toBeVisible();
  await other.context().close();

  await panel.getByRole('button', { name: '保存' }).click();
  await expect(panel.getByText('别人先改了这处驿站')).toBeVisible();
  const rows = panel.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: '地址' }).getByRole('radio').first()).toBeChecked();
  await expect(rows.filter({ hasText: '座位' }).getByRole('radio').last()).toBeChecked();
  await accessible(page);
  await panel.getByRole('button', { name: '按所选保存' }).click();
  await expect(page.getByText(/已保存“/)).toBeVisible();
  await expect(panel.getByLabel('地址')).toHaveValue(`${address}（西门 ${seats}）`);
  await expect(panel.getByLabel('座位')).toHaveValue(seats);
});

test('many stations are changed with a preview, and changed back', async ({ page }) => {
  await signIn(page, 'demo-admin', '/admin/?unit=150782&status=active');
  const table = page.getByRole('table', { name: '驿站' });
  await expect(table.getByRole('row').nth(2)).toBeVisible();
  await accessible(page);
  await page.getByRole('checkbox', { name: '选中本页全部' }).check();
  const bar = page.getByRole('group', { name: /^已选/ });
  await bar.getByRole('button', { name: '选中全部' }).click(); // those of other pages too
  const count = Number(/\d+/.exec((await bar.textContent()) ?? '')?.[0]);
  expect(count).toBeGreaterThan(50);
  await bar.getByRole('button', { name: '批量修改' }).click();

  const panel = page.getByRole('complementary');
  await panel.getByLabel('状态').last().selectOption({ label: '暂停' });
  await panel.getByLabel('原因').fill('供暖季核查');
  await expect(panel.getByText(`${String(count)} 处会改动，0 处不变`)).toBeVisible();
  await expect(panel.getByRole('listitem').first()).toContainText(/在用.*暂停/);
  await accessible(page);
  await panel.getByRole('button', { name: '试算' }).click();
  await expect(panel.getByText(`服务器已试算：${String(count)} 处可以修改`)).toBeVisible();
  await panel.getByRole('button', { name: `修改 ${String(count)} 处` }).click();
  await expect(page.getByText(`已修改 ${String(count)} 处驿站`)).toBeVisible();
  await expect(page.getByText('没有符合这些条件的驿站')).toBeVisible();

  await page.getByRole('button', { name: '撤销这次修改' }).click();
  await expect(page.getByText(`已撤销，${String(count)} 处驿站恢复原样`)).toBeVisible();
  await expect(page.getByText(new RegExp(`^${String(count)} / 550 处驿站`))).toBeVisible();

  await page.getByRole('link', { name: '操作记录' }).click();
  await page.getByLabel('操作类别').selectOption({ label: '修改城市数据' });
  await expect(page).toHaveURL(/view=audit&act=changes\./);
  await expect(page.getByRole('row').nth(1)).toContainText('demo-admin');
  await expect(page.getByRole('row').nth(1)).toContainText('提交变更集');
  await accessible(page);
});

test('a right is given and taken away', async ({ page, browser, faults }) => {
  faults.allow(/409/);
  const name = `keeper-${Date.now().toString(36)}`;
  await signIn(page, 'demo-admin', '/admin/?view=users');
  await page.getByRole('button', { name: '新建账号' }).click();
  const panel = page.getByRole('complementary');
  await panel.getByRole('button', { name: '建立账号' }).click();
  await expect(panel.getByText('请选择单元')).toBeVisible();
  await panel.getByLabel('账号名').fill(name);
  await panel.getByLabel('姓名或岗位').fill('值班员');
  await panel.getByLabel('初始密码').fill(password);
  await panel.getByLabel('角色').selectOption({ label: '查看员' });
  // The unit comes from the tree, by keyboard alone.
  await panel.getByRole('button', { name: /^单元/ }).press('Enter');
  await expect(panel.getByRole('searchbox', { name: '按名称或代码找单元' })).toBeFocused();
  await page.keyboard.type('海拉尔');
  await expect(panel.getByRole('treeitem').first()).toContainText('海拉尔区');
  await accessible(page);
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('button', { name: /^单元/ })).toContainText('海拉尔区');
  await panel.getByRole('button', { name: '建立账号' }).click();
  await expect(page.getByText(`账号 ${name} 已建立`)).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`user=${name}`));

  let keeper = await another(browser, name);
  await panelOf(keeper, '150702-0005');
  await expect(keeper.getByText('你的角色在这里不能修改驿站')).toBeVisible();
  await keeper.context().close();

  await panel.getByLabel('角色').selectOption({ label: '驿站管理员' });
  await panel.getByRole('button', { name: /^单元/ }).click();
  const hailar = panel.getByRole('treeitem', { name: /海拉尔区/ });
  await expect(hailar).toBeVisible();
  await hailar.click();
  await panel.getByRole('button', { name: '授权', exact: true }).click();
  await expect(page.getByText('已授权：驿站管理员（海拉尔区）')).toBeVisible();

  keeper = await another(browser, name);
  await panelOf(keeper, '150702-0005');
  await expect(keeper.getByRole('button', { name: '保存' })).toBeVisible();

  await panel.getByRole('button', { name: '撤销 驿站管理员（海拉尔区）' }).click();
  await expect(page.getByText('已撤销：驿站管理员（海拉尔区）')).toBeVisible();
  await keeper.reload();
  await expect(keeper.getByText('请先登录')).toBeVisible();
  await keeper.context().close();
  await accessible(page);

  await panel.getByRole('button', { name: '停用账号' }).click();
  await panel.getByRole('button', { name: '确定' }).click();
  await expect(page.getByText(`账号 ${name} 已停用`)).toBeVisible();
});

test('a token is shown once, serves, and is revoked', async ({ page, playwright, baseURL }) => {
  await signIn(page, 'demo-admin', '/admin/?view=account');
  const purpose = `QGIS ${Date.now().toString(36)}`;
  await page.getByLabel('用途').fill(purpose);
  await page.getByRole('button', { name: '账号与操作记录' }).click();
  await page.getByRole('button', { name: '生成令牌' }).click();
  const secret = await page.getByText(/^yz_/).textContent();
  await accessible(page);
  const program = await playwright.request.newContext({
    ...(baseURL === undefined ? {} : { baseURL }),
    extraHTTPHeaders: { Authorization: `Bearer ${secret ?? ''}` },
  });
  expect((await program.get('/api/users')).status()).toBe(200);
  await page.getByRole('button', { name: '我已保存' }).click();
  await expect(page.getByText(/^yz_/)).toBeHidden();
  await page.getByRole('button', { name: `撤销令牌 ${purpose}` }).click();
  await expect(page.getByText(`令牌“${purpose}”已撤销`)).toBeVisible();
  expect((await program.get('/api/users')).status()).toBe(401);
  await program.dispose();
});

test('an account with a second factor signs in with a code', async ({
  page,
  playwright,
  baseURL,
  faults,
}) => {
  faults.allow(/401/);
  const name = `two-${Date.now().toString(36)}`;
  const office = await playwright.request.newContext(baseURL === undefined ? {} : { baseURL });
  const { csrf } = (await (
    await office.post('/api/auth/login', { data: { name: 'demo-admin', password } })
  ).json()) as { csrf: string };
  const made = await office.post('/api/users', {
    headers: { 'X-CSRF-Token': csrf },
    data: { name, password, display_name: '两步', grants: [{ role: 'viewer', unit: '150702' }] },
  });
  expect(made.status()).toBe(201);
  await office.dispose();

  await signIn(page, name, '/admin/?view=account');
  await page.getByRole('button', { name: '开启两步验证' }).click();
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '继续' }).click();
  const key = (await page.locator('code').textContent()) ?? '';
  await page.getByLabel('代码').fill(codeOf(key));
  await accessible(page);
  await page.getByRole('button', { name: '确认' }).click();
  await expect(page.getByText('恢复码，只显示这一次')).toBeVisible();
  const spare = await page.locator('.codes li').first().textContent();

  await page.getByRole('banner').getByRole('button', { name: '退出登录' }).click();
  await expect(page.getByText('请先登录')).toBeVisible();
  await page.goto('/login/?return_to=/insight/');
  await page.getByLabel('账号名').fill(name);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '两步验证' })).toBeVisible();
  await expect(page.getByLabel('验证码')).toBeFocused();
  await accessible(page);
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('账号名、密码或验证码不对')).toBeVisible();
  await page.getByLabel('验证码').fill(spare ?? '');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/insight\//);
  await expect(page.getByRole('banner')).toContainText('两步');
});

test('a failure says what still works, and asking again helps', async ({ page, faults }) => {
  faults.allow(/503/);
  await signIn(page, 'demo-admin', '/admin/?view=account');
  const refuse = '**/api/collections/stations/items?*';
  await page.route(refuse, (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto('/admin/?lang=en&theme=night');
  await expect(page.getByText('The stations did not arrive')).toBeVisible();
  await expect(page.getByText('Accounts and the audit trail still work.')).toBeVisible();
  await accessible(page);
  await page.unroute(refuse);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('table', { name: 'Stations' })).toBeVisible();
  await accessible(page);
});

/** A page of somebody else. */
async function another(browser: Browser, name: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
  const page = await context.newPage();
  await signIn(page, name);
  return page;
}

/** The code of the moment of a second factor (RFC 6238). */
function codeOf(key: string): string {
  const bits = [...key.replaceAll(/[^A-Z2-7]/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', secret).update(step).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
