import { defineConfig } from '@playwright/test';

/**
 * The server under test: one that runs already, or real ones of our own with the demo city, made anew. Each worker has
 * one to itself, on a port and with a data folder of its own: no journey meets what another changes meanwhile.
 */
const running = process.env.YIZHAN_URL;
const workers = running ? 1 : Number(process.env.YIZHAN_E2E_WORKERS ?? 1);
const [host = '', port = ''] = (process.env.YIZHAN_E2E_LISTEN ?? '127.0.0.1:18081').split(':');
const listen = (worker: number) => `${host}:${String(Number(port) + worker)}`;
const data = (worker: number) => `.cache/e2e/${String(worker)}`;

/** Of the worker that reads this; the process that starts them reads it too, and takes the first. */
const worker = Number(process.env.TEST_PARALLEL_INDEX ?? 0);
const baseURL = running ?? `http://${listen(worker)}`;
process.env.YIZHAN_E2E_DATA = data(worker);

/** Of the demo accounts; a server that runs already says its own. */
const password = (process.env.YIZHAN_DEMO_PASSWORD ??= 'journeys-of-the-demo');

export default defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers, // software rendering takes a core by itself
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  ...(running
    ? {}
    : {
        webServer: Array.from({ length: workers }, (_, each) => ({
          command: `rm -rf ../${data(each)} && exec ../bin/yizhan serve --demo --demo-password ${password} --rate-limit 0 --listen ${listen(each)} --data ../${data(each)}`,
          url: `http://${listen(each)}/readyz`,
          timeout: 120_000,
          gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 15_000 },
        })),
      }),
  use: {
    baseURL,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1280, height: 800 },
    screenshot: 'on', // each journey ends with a picture in test-results
    // Recording each step doubles the time under software rendering: ask for it when it is needed.
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
        '--ignore-gpu-blocklist',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
