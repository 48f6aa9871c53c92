// The test of every journey: fails on anything the page writes to the console as an error, and on any request
// to somewhere else than the server under test.
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';

export { expect, type Page } from '@playwright/test';

interface Faults {
  /** Lets errors pass that the journey itself causes. */
  allow(pattern: RegExp): void;
}

export const test = base.extend<{ faults: Faults }>({
  faults: [
    async ({ page, baseURL }, use) => {
      const seen: string[] = [];
      const allowed: RegExp[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') seen.push(`${message.text()} ${message.location().url}`);
      });
      page.on('pageerror', (error) => seen.push(error.stack ?? error.message));
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        const local =
          protocol === 'data:' || protocol === 'blob:' || origin === new URL(baseURL ?? '').origin;
        if (!local) seen.push(`request to ${request.url()}`);
      });
      await use({ allow: (pattern) => allowed.push(pattern) });
      expect(
        seen.filter((fault) => !allowed.some((pattern) => pattern.test(fault))),
        'errors on the page',
      ).toEqual([]);
    },
    { auto: true },
  ],
});

/** Waits until the map has drawn everything that it asked for. */
export async function mapDrawn(page: Page): Promise<void> {
  await expect(page.locator('[data-drawn="true"]')).toBeVisible({ timeout: 30_000 });
}

/** Has the screen be dark or light, and waits until the page has turned, which it does by itself. */
export async function turn(page: Page, colorScheme: 'dark' | 'light'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  const theme = colorScheme === 'dark' ? 'night' : 'day';
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
}

/** No breach of WCAG 2.2 A and AA that a machine can find, once nothing is on its way from one look to another. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((each) => each instanceof CSSTransition)
        .map((each) => each.finished),
    ),
  );
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
  ).toEqual([]);
}

/** Of all demo accounts. */
export const password = process.env.YIZHAN_DEMO_PASSWORD ?? '';

/** Signs in by the form, and waits for the page that comes next. */
export async function signIn(page: Page, name: string, to = '/admin/'): Promise<void> {
  await page.goto(`/login/?return_to=${encodeURIComponent(to)}`);
  await page.getByLabel('账号名').fill(name);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${to.replaceAll('?', '\\?')}`));
}
