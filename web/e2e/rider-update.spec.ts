// A rider whose phone keeps one build of the page when the city has put up another.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';

test.use({ viewport: { width: 360, height: 800 }, hasTouch: true });

/** Stands before the server under test and can pretend that the next build of the page is up. */
class Builds {
  next = false;
  readonly #server: Server;

  constructor(private readonly origin: string) {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(502).end(String(error));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path.startsWith('/api/events')) {
      response.writeHead(204).end(); // no news: the page is what this is about
      return;
    }
    const { status, headers, body } = await this.#fetch(path);
    const type = headers.get('content-type') ?? '';
    response.writeHead(status, { 'content-type': type, 'cache-control': headers.get('cache-control') ?? '' });
    response.end(this.next ? pretend(path, body) : body);
  }

  async #fetch(path: string) {
    const answer = await fetch(this.origin + path);
    return {
      status: answer.status,
      headers: answer.headers,
      body: Buffer.from(await answer.arrayBuffer()),
    };
  }
}

/** What the next build differs in: the name of the shell, and the page. */
function pretend(path: string, body: Buffer): Buffer {
  const text = body.toString();
  if (path === '/sw.js')
    return Buffer.from(text.replace(/"version":"[0-9a-f]{12}"/, '"version":"feedfacefeed"'));
  if (path === '/') return Buffer.from(text.replace('<body>', '<body data-build="next">'));
  return body;
}

test('an open page goes on as it is; a tap takes the new build, and the old pieces go', async ({
  page,
  baseURL,
}) => {
  const builds = new Builds(baseURL ?? '');
  const origin = await builds.listen();
  try {
    await page.goto(`${origin}/?place=150702&open=any`);
    await expect(page.getByRole('article').first()).toBeVisible();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    const shells = () =>
      page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('yizhan-shell-')));
    const [before] = await shells();

    builds.next = true;
    await page.evaluate(async () => {
      await (await navigator.serviceWorker.getRegistration())?.update();
    });
    const take = page.getByRole('button', { name: '有新版本，点此更新' });
    await expect(take).toBeVisible();
    await expect(page.locator('body'), 'the open page is not exchanged').not.toHaveAttribute('data-build');
    await page.reload();
    await expect(page.locator('body'), 'nor by a reload').not.toHaveAttribute('data-build');

    await take.click();
    await expect(page.locator('body')).toHaveAttribute('data-build', 'next');
    await expect(page.getByRole('article').first(), 'with all that was kept').toBeVisible();
    await expect(take).toBeHidden();
    await expect.poll(shells).toContain('yizhan-shell-feedfacefeed');
    expect((await shells()).filter((name) => name !== before)).toEqual(['yizhan-shell-feedfacefeed']);
  } finally {
    builds.close();
  }
});
