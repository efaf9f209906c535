// Takes the README's picture: builds the page, trains on it in headless Chrome, and writes demo/page.png.
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { resolveChrome } from './chrome.ts';

const path = process.argv[2] ?? 'demo/page.png';
const link = process.argv[3] ?? '';
const [width, height] = (process.argv[4] ?? '1320x1000').split('x').map(Number) as [number, number];
await build({ logLevel: 'warn' });
const server = await preview({ preview: { port: 0, host: '127.0.0.1' } });
const browser = await chromium.launch(await resolveChrome());
try {
  const scheme = process.argv[5] === 'dark' ? 'dark' : 'light';
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(`${server.resolvedUrls!.local[0]}${link}`);
  await page.locator('#train:enabled').click({ timeout: 30_000 });
  await page.locator('#show-test:enabled').waitFor({ timeout: 30_000 });
  await page.locator('#stop:disabled').waitFor({ timeout: 300_000 });
  await page.locator('#show-test').click();
  await page.waitForTimeout(500);
  await page.screenshot({ path, fullPage: true });
  console.log(`${path}: ${width} pixels wide`);
} finally {
  await browser.close();
  await server.close();
}
process.exit(0);
