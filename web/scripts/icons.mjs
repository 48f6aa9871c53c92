// Draws the icons of the home screen from src/ui/icon.svg: node scripts/icons.mjs
import { readFile } from 'node:fs/promises';
import { chromium } from '@playwright/test';

const icon = await readFile('src/ui/icon.svg', 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

/** A maskable icon is cut to any shape: its picture keeps to the middle four fifths. */
async function draw(file, size, share) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const side = Math.round(size * share);
  await page.setContent(`<style>
      body { margin: 0; display: grid; place-items: center; height: 100vh; ${share < 1 ? 'background: #075e59' : ''} }
      svg { width: ${side}px; height: ${side}px; display: block }
    </style>${icon}`);
  await page.screenshot({ path: `public/${file}`, omitBackground: true });
  await page.close();
}

await draw('icon-192.png', 192, 1);
await draw('icon-512.png', 512, 1);
await draw('icon-maskable-512.png', 512, 0.8);
await browser.close();
