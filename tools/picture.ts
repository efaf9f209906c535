// Takes the README's picture: builds the page, forecasts the births on it in headless Chrome, and writes demo/page.png.
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { resolveChrome } from './chrome.ts';

const path = process.argv[2] ?? 'demo/page.png';
const link = process.argv[3] ?? '?lang=en#forecast&series=births';
const [width, height] = (process.argv[4] ?? '1440x810').split('x').map(Number) as [number, number];
await build({ logLevel: 'warn' });
const server = await preview({ preview: { port: 0, host: '127.0.0.1' } });
const browser = await chromium.launch(await resolveChrome());
try {
  const scheme = process.argv[5] === 'dark' ? 'dark' : 'light';
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(`${server.resolvedUrls!.local[0]}${link}`);
  await page.locator('#forecast-button:enabled').click({ timeout: 60_000 });
  await page.getByTestId('ahead').waitFor({ timeout: 300_000 });
  await page.locator('#run-bar').evaluate((bar) => scrollTo({ top: (bar as HTMLElement).offsetTop - 12 }));
  await page.waitForTimeout(500);
  await page.screenshot({ path });
  console.log(`${path}: ${width} x ${height} pixels`);
} finally {
  await browser.close();
  await server.close();
}
process.exit(0);
