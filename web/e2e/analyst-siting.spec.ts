// Places for new stations, by everything that one can ask: each answer is the one that the API gives for a body
// written here, by hand.
import { accessible, expect, mapDrawn, signIn, test, turn, type Page } from './test.ts';

const digits = (text: string | null) => Number((text ?? '').replaceAll('−', '-').replaceAll(/[^\d-]/g, ''));

interface Answer {
  sites: {
    name: string;
    h3: string;
    location: [number, number];
    community: string;
    gain: number;
    cumulative: number;
    cost: number;
  }[];
  banners: { code: string; name: string; gain: number; stations: number }[];
  objective: number;
  bound: number;
  proved: boolean;
  cost: number;
  siting_model: 'mclp' | 'second_cover' | 'lscp';
  households: number;
  covered_before: number;
  at_least: number | null;
  possible: boolean;
}

const words = (count: number) => count.toLocaleString('zh-CN');
const percent = (share: number) => `${(share * 100).toFixed(1)}%`;

/** What the page is to say of an answer: what it comes to, and how good it is. */
function sentences({ sites, siting_model: model, ...told }: Answer): string[] {
  const count = String(sites.length);
  if (model === 'lscp') {
    const after = percent((told.covered_before + told.objective) / told.households);
    const grown = `覆盖率从 ${percent(told.covered_before / told.households)} 提高到 ${after}`;
    const spare = String(sites.length - (told.at_least ?? NaN));
    if (!told.possible) return [`这 ${count} 处使${grown}，已是上限。`];
    return [
      `再设 ${count} 处，${grown}，`,
      told.proved
        ? '已证明少一处就达不到。'
        : `至少要 ${String(told.at_least)} 处；本方案最多多用 ${spare} 处。`,
    ];
  }
  return [
    model === 'mclp'
      ? `这 ${count} 处共可新覆盖 ${words(told.objective)} 户。`
      : `这 ${count} 处可让 ${words(told.objective)} 户从只有一个驿站变为有两个以上。`,
    told.proved ? '已证明没有更好的方案。' : `任何 ${count} 处的方案都不会超过 ${words(told.bound)} 户`,
  ];
}

/** At night, for phones. */
const asked = { radius_m: 1000, services: ['charging'], quarter: 184 };
const address = '/insight/?service=charging&hour=46&show=siting';

async function send(page: Page, path: string, data: object): Promise<unknown> {
  const { csrf } = await (await page.request.get('/api/auth/me')).json();
  const answer = await page.request.post(path, { data, headers: { 'X-CSRF-Token': csrf } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.json();
}

/** What the API finds by itself. */
async function oracle(page: Page, more: object): Promise<Answer> {
  const { id } = (await send(page, '/api/siting', { ...asked, ...more })) as { id: string };
  const job = async () => (await (await page.request.get(`/api/jobs/${id}`)).json()).state as string;
  await expect.poll(job).toBe('done');
  return (await page.request.get(`/api/jobs/${id}/result`)).json();
}

const sitesOf = (page: Page) => page.getByRole('table', { name: '按开设顺序' }).locator('tbody tr');

/** Runs the search of the form, which is to find what the API finds. */
async function finds(page: Page, more: object): Promise<Answer> {
  const expected = await oracle(page, more);
  const question = page.waitForRequest(
    (request) => request.method() === 'POST' && request.url().endsWith('/api/siting'),
  );
  await page.getByRole('button', { name: '计算选址' }).click();
  expect((await question).postDataJSON()).toEqual({ candidates: 'cells', ...asked, ...more });
  const rows = sitesOf(page);
  await expect(rows).toHaveCount(expected.sites.length);
  expect((await rows.locator('td:nth-child(2)').allTextContents()).map(digits)).toEqual(
    expected.sites.map(({ gain }) => gain),
  );
  expect((await rows.locator('td:nth-child(3)').allTextContents()).map(digits)).toEqual(
    expected.sites.map(({ cumulative }) => cumulative),
  );
  for (const said of sentences(expected)) await expect(page.getByText(said)).toBeVisible();
  return expected;
}

test('an analyst asks for places in every way, and makes stations of them', async ({ page, faults }) => {
  test.setTimeout(180_000);
  await signIn(page, 'demo-admin', address);
  await mapDrawn(page);
  const p = page.getByLabel('新增驿站数');
  const candidates = page.getByLabel('候选位置');
  const alert = page.getByRole('alert');

  await test.step('wherever people live, but not in some banners', async () => {
    const free = await finds(page, { p: 5 });
    await page.getByText('不在这些地方设站').click();
    const [best] = free.banners.toSorted((a, b) => b.gain - a.gain);
    if (!best) throw new Error('no banner gains anything');
    await page.getByRole('checkbox', { name: best.name, exact: true }).check();
    const bound = await finds(page, { p: 5, excluded: { units: [best.code] } });
    expect(bound.sites.map(({ community }) => community.slice(0, 6))).not.toContain(best.code);
    expect(bound.objective).toBeLessThan(free.objective);
    await page.getByRole('checkbox', { name: best.name, exact: true }).uncheck();
  });

  await test.step('at least so many in a banner', async () => {
    await page.getByText('各旗市区至少设几处').click();
    await page.getByLabel('新巴尔虎右旗至少').fill('2');
    const found = await finds(page, { p: 5, floors: [{ banner: '150727', stations: 2 }] });
    expect(found.banners.find(({ code }) => code === '150727')?.stations).toBe(2);
    const row = page
      .getByRole('table', { name: '各旗市区得到多少' })
      .getByRole('row', { name: /新巴尔虎右旗/ });
    await expect(row.getByRole('cell').first()).toHaveText('2');
    // More than there are to be is impossible, and said so.
    faults.allow(/400/);
    await p.fill('1');
    await page.getByRole('button', { name: '计算选址' }).click();
    await expect(alert).toContainText('各旗市区的最少站数无法同时满足');
    await page.getByLabel('新巴尔虎右旗至少').fill('');
  });

  await test.step('for so much money', async () => {
    await p.fill('5');
    await page.getByLabel('总预算').fill('70');
    await page.getByLabel('单站费用').fill('20');
    const found = await finds(page, { p: 5, budget: 70, cost: 20 });
    expect(found.sites).toHaveLength(3);
    await expect(page.getByText('合计费用 60。')).toBeVisible();
    await page.getByLabel('总预算').fill('10');
    await page.getByRole('button', { name: '计算选址' }).click();
    await expect(page.getByText('在这些条件下一处也设不了')).toBeVisible();
    await page.getByLabel('总预算').fill('');
  });

  await test.step('from a list that is read from a file', async () => {
    await candidates.selectOption('给定的清单');
    await expect(page.getByText('清单里还没有位置。')).toBeVisible();
    const line = (name: string, at: readonly number[], cost: string) => [name, ...at, cost].join(',');
    const text = [
      '名称,经度,纬度,费用',
      line('夹信子广场', [119.7601, 49.2101], '60'),
      line('满洲里口岸', [117.4441, 49.5901], ''),
      line('扎兰屯车站', [122.7401, 48.0101], '30'),
      '不知在哪,一百,四十',
    ];
    const file = { name: '候选.csv', mimeType: 'text/csv', buffer: Buffer.from(text.join('\r\n')) };
    await page.getByLabel('或选择 CSV 文件').setInputFiles(file);
    await expect(page.getByText('第 5 行看不懂')).toBeVisible();
    await expect(page.getByRole('button', { name: '计算选址' })).toBeDisabled();
    await page.getByLabel(/^每行一个/).fill(text.slice(0, 4).join('\n'));
    await expect(page.getByText('读到 3 个位置')).toBeVisible();
    await page.getByLabel('总预算').fill('60');
    await accessible(page);
    await turn(page, 'dark');
    await accessible(page);
    const list = [
      { name: '夹信子广场', location: [119.7601, 49.2101], cost: 60 },
      { name: '满洲里口岸', location: [117.4441, 49.5901] },
      { name: '扎兰屯车站', location: [122.7401, 48.0101], cost: 30 },
    ];
    const found = await finds(page, { p: 5, budget: 60, cost: 20, candidates: list });
    await expect(sitesOf(page).locator('th').getByRole('button')).toHaveText(
      found.sites.map(({ name }, index) => `${String(index + 1)}. ${name}`),
    );
    await page.getByLabel('总预算').fill('');
  });

  await test.step('from what riders wish for', async () => {
    await candidates.selectOption('骑手的建议');
    await page.getByRole('button', { name: '计算选址' }).click();
    await expect(alert).toContainText('这里还没有处理中的骑手建议');
    const wishes: number[] = [];
    for (const [n, location] of [
      [117.4441, 49.5901],
      [117.4901, 49.5801],
    ].entries()) {
      const key = `0000000${String(n)}-0000-4000-8000-0000051719e0`;
      await send(page, '/api/reports', { key, kind: 'suggestion', location, services: ['charging'] });
    }
    const open = await (await page.request.get('/api/reports?kind=suggestion&unit=150781')).json();
    for (const { id, version } of open.reports) {
      await send(page, `/api/reports/${String(id)}/move`, { to: 'collected', version });
      wishes.push(id);
    }
    expect(wishes).toHaveLength(2);
    await page.getByLabel('每条建议折合户数').fill('25');
    const found = await finds(page, { p: 5, candidates: 'suggestions', wish: 25 });
    expect(found.sites.map(({ name }) => name).sort()).toEqual(
      wishes.map((id) => `reports/${String(id)}`).sort(),
    );
    await expect(sitesOf(page).first()).toContainText(/骑手建议 \d+/);
    await expect(page.getByText('每条建议按 25 户计入')).toBeVisible();
    await accessible(page); // by night still
    await turn(page, 'light');
    await page.getByLabel('每条建议折合户数').fill('0');
    const bare = await finds(page, { p: 5, candidates: 'suggestions', wish: 0 });
    expect(bare.objective).toBe(found.objective - 50);
    for (const { id } of open.reports) {
      const { version } = await (await page.request.get(`/api/reports/${String(id)}`)).json();
      await send(page, `/api/reports/${String(id)}/move`, { to: 'declined', version, answer: '试算完毕。' });
    }
    await candidates.selectOption('所有有住户的位置');
  });

  const aim = page.getByLabel('想要什么');
  await test.step('a second station for those who have one', async () => {
    await aim.selectOption('让最多户数有第二个驿站');
    await expect(page.getByText('一个也没有的不算在内')).toBeVisible();
    const found = await finds(page, { model: 'second_cover', p: 5 });
    await expect(page.getByRole('columnheader', { name: '新有第二站的户数' }).first()).toBeVisible();
    // In a scenario they cross-cover so many more, and those who have none yet are told apart.
    await page.getByRole('button', { name: '放入方案' }).click();
    await expect(page).toHaveURL(/what_if=/);
    const what_if = new URL(page.url()).searchParams.get('what_if') ?? '';
    const under = `${asQuery}&what_if=${what_if}`;
    const [before, after] = await Promise.all(
      [asQuery, under].map(async (query) => (await page.request.get(`/api/coverage?${query}`)).json()),
    );
    expect(before.cross_covered).toBe(found.covered_before);
    expect(after.cross_covered - before.cross_covered).toBe(found.objective);
    await page.goBack(); // to the search, and from it to the city as it is
    await expect(page).not.toHaveURL(/what_if=/);
    await page.getByRole('radio', { name: '选址' }).check();
  });

  await test.step('the fewest stations for a share of the households', async () => {
    await aim.selectOption('用最少的驿站达到一个覆盖率');
    await expect(page.getByLabel('新增驿站数')).toHaveCount(0);
    await expect(page.getByLabel('总预算')).toHaveCount(0);
    await expect(page.getByText('各旗市区至少设几处')).toHaveCount(0);
    const share = page.getByLabel('目标覆盖率');
    const now = (await coverage(page)) as Covered & { share: number };
    await expect(page.getByText(`现在为 ${percent(now.share)}。`)).toBeVisible();
    await expect(share).toHaveValue(String((Math.floor(now.share * 20) + 1) * 5));
    const found = await finds(page, { model: 'lscp', share: Number(await share.inputValue()) / 100 });
    expect(found.covered_before + found.objective).toBeGreaterThanOrEqual(
      (Number(await share.inputValue()) / 100) * found.households,
    );
    expect(found.sites.length).toBeGreaterThan(1);
    await accessible(page);

    // What is reached already takes no station, and what cannot be reached is said.
    await share.fill('5');
    await page.getByRole('button', { name: '计算选址' }).click();
    await expect(page.getByText('已达到目标 5%，不用再设。')).toBeVisible();
    await candidates.selectOption('给定的清单');
    await page.getByLabel(/^每行一个/).fill('甲,117.4441,49.5901,60\n乙,122.7401,48.0101');
    await share.fill('99');
    const list = [
      { name: '甲', location: [117.4441, 49.5901], cost: 60 },
      { name: '乙', location: [122.7401, 48.0101] },
    ];
    const short = await finds(page, { model: 'lscp', share: 0.99, candidates: list });
    expect(short.possible).toBe(false);
    await candidates.selectOption('所有有住户的位置');
    await aim.selectOption('新覆盖最多户数');
  });

  await test.step('a long search is cancelled midway', async () => {
    await p.fill('100');
    const started = page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/api/siting'),
    );
    await page.getByRole('button', { name: '计算选址' }).click();
    const { id } = await (await started).json();
    await expect(page.getByRole('progressbar')).toBeVisible();
    await page.getByRole('button', { name: '取消', exact: true }).click();
    await expect(page.getByText('已取消。可以改条件后重新计算。')).toBeVisible();
    const state = async () => (await (await page.request.get(`/api/jobs/${id as string}`)).json()).state;
    await expect.poll(state).toBe('cancelled');
  });

  await test.step('what is found becomes planned stations, and is taken back', async () => {
    await p.fill('3');
    const found = await finds(page, { p: 3 });
    const codes = found.sites.map(({ h3 }) => `PLAN-${h3.toUpperCase()}`);
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: '登记为规划驿站' }).click();
    await expect(page.getByText('已登记 3 处规划驿站。')).toBeVisible();
    for (const [index, code] of codes.entries()) {
      const item = await (await page.request.get(`/api/collections/stations/items/${code}`)).json();
      const { community, location } = found.sites[index] ?? {};
      expect(item.properties).toMatchObject({ status: 'planned', community });
      expect(item.geometry.coordinates).toEqual(location);
    }
    const link = await page.getByRole('link', { name: '在管理页查看' }).getAttribute('href');
    const desk = await page.context().newPage();
    await desk.goto(link ?? '');
    await expect(desk.getByRole('row', { name: /PLAN-/ })).toHaveCount(3);
    await desk.close();
    // Nobody is covered by what is planned: the same places are found again.
    await expect(page.getByText('实时更新')).toBeVisible();
    expect((await oracle(page, { p: 3 })).objective).toBe(found.objective);
    await accessible(page);
    await page.getByRole('button', { name: '撤销登记' }).click();
    await expect(page.getByText('已撤销登记。')).toBeVisible();
    for (const code of codes) {
      expect((await page.request.get(`/api/collections/stations/items/${code}`)).status()).toBe(404);
    }
  });

  await test.step('what is found goes into a scenario, and covers there what was promised', async () => {
    const found = await oracle(page, { p: 3 });
    await page.getByRole('button', { name: '放入方案' }).click();
    const change = page.getByRole('region', { name: '变化' }).locator('.big').first();
    await expect.poll(async () => digits(await change.textContent())).toBe(found.objective);
    // Places for more are sought beside those of the scenario.
    await page.getByRole('radio', { name: '选址' }).check();
    await p.fill('1');
    const what_if = new URL(page.url()).searchParams.get('what_if');
    const next = await finds(page, { p: 1, what_if });
    const four = await oracle(page, { p: 4 });
    expect(found.objective + next.objective).toBeLessThanOrEqual(four.bound);
  });

  // The panel scrolls, and never the page.
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);

  await test.step('what the scenario promises is what the city has once it is done', async () => {
    await page.getByRole('radio', { name: '方案' }).check();
    const lone = await loneStation(page);
    await page.getByLabel('选择已有驿站').fill(`${lone.name} ${lone.code}`);
    await page
      .getByRole('region', { name: `驿站 ${lone.name}` })
      .getByRole('button', { name: '关闭这个驿站' })
      .click();
    const found = await oracle(page, { p: 3 });
    const before = await coverage(page);
    const done = await build(page, found, lone.code);
    try {
      const after = await coverage(page);
      expect(after.covered).not.toBe(before.covered);
      const change = page.getByRole('region', { name: '变化' });
      await expect
        .poll(async () => digits(await change.locator('.big').first().textContent()))
        .toBe(after.covered - before.covered);
      const rows = change.getByRole('table').locator('tbody tr');
      const units = await rows.evaluateAll((list) =>
        list.map((row) => [...row.children].slice(0, 4).map((cell) => cell.textContent.trim())),
      );
      expect(units.length).toBeGreaterThan(1);
      for (const [name, was, is] of units) {
        const of = ({ children }: Covered) => children.find((unit) => unit.name === name)?.covered;
        expect([digits(was ?? ''), digits(is ?? '')], name).toEqual([of(before), of(after)]);
      }
    } finally {
      await done.undo();
    }
    expect((await coverage(page)).covered).toBe(before.covered);
  });
});

interface Covered {
  seq: number;
  covered: number;
  children: { code: string; name: string; covered: number }[];
}

const asQuery = 'radius_m=1000&services=charging&quarter=184';

async function coverage(page: Page): Promise<Covered> {
  return (await page.request.get(`/api/coverage?${asQuery}`)).json();
}

/** The station of which most households have no other, of those that are open at night. */
async function loneStation(page: Page): Promise<{ code: string; name: string }> {
  const { unit } = await (await page.request.get(`/api/explain?${asQuery}`)).json();
  const open = unit.in_reach.filter(({ counts }: { counts: string }) => counts === 'yes');
  return open.toSorted((a: { alone: number }, b: { alone: number }) => b.alone - a.alone)[0];
}

/** Builds the sites, and closes a station, in the city itself. */
async function build(page: Page, { sites }: Answer, close: string): Promise<{ undo: () => Promise<void> }> {
  const edits = sites.map(({ h3, location, community }) => ({
    op: 'create',
    collection: 'stations',
    code: `BUILT-${h3.toUpperCase()}`,
    feature: {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: location },
      properties: {
        code: `BUILT-${h3.toUpperCase()}`,
        name: '建成',
        sponsor: 'party_centre',
        community,
        status: 'active',
        opening_hours: '24/7',
        services: [{ service: 'charging', condition: 'working' }],
      },
    },
  }));
  const item = await (await page.request.get(`/api/collections/stations/items/${close}`)).json();
  const { version } = item.properties;
  const feature = { ...item, properties: { ...item.properties, status: 'suspended' } };
  const closing = { op: 'update', collection: 'stations', code: close, version, feature };
  const reason = '与方案对照';
  const { seq: was } = await coverage(page);
  const { id } = (await send(page, '/api/changesets', { reason, edits: [...edits, closing] })) as {
    id: number;
  };
  await expect.poll(async () => (await coverage(page)).seq).toBeGreaterThanOrEqual(was + edits.length + 1);
  return {
    undo: async () => {
      const before = (await coverage(page)).seq;
      await send(page, `/api/changesets/${String(id)}/revert`, {});
      await expect.poll(async () => (await coverage(page)).seq).toBeGreaterThan(before);
    },
  };
}
