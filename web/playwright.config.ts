import { defineConfig } from '@playwright/test';

/** The server under test: one that runs already, or a real one of our own with the demo city, made anew. */
const running = process.env.YIZHAN_URL;
const listen = process.env.YIZHAN_E2E_LISTEN ?? '127.0.0.1:18081';
const baseURL = running ?? `http://${listen}`;

/** Of the demo accounts; a server that runs already says its own. */
const password = (process.env.YIZHAN_DEMO_PASSWORD ??= 'journeys-of-the-demo');

export default defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1, // software rendering takes a core by itself
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  ...(running
    ? {}
    : {
        webServer: {
          command: `rm -rf ../.cache/e2e && exec ../bin/yizhan serve --demo --demo-password ${password} --rate-limit 0 --listen ${listen} --data ../.cache/e2e`,
          url: `${baseURL}/readyz`,
          timeout: 120_000,
          gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 15_000 },
        },
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
