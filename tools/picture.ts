// Writes the README's picture, demo/page.png: a forecast of the births on the page in headless Chrome.
// npm run picture -- path 'link' 360x800 dark: the same with another link, size or color scheme.
import { withPage } from './page.ts';

const [path = 'demo/page.png', link = '?lang=en#forecast&series=births', size = '1440x810', scheme] =
  process.argv.slice(2);
await withPage(link, { size, scheme }, async (page) => {
  await page.locator('#forecast-button:enabled').click({ timeout: 60_000 });
  await page.getByTestId('ahead').waitFor({ timeout: 300_000 });
  await page.locator('#run-bar').evaluate((bar) => scrollTo({ top: (bar as HTMLElement).offsetTop - 12 }));
  await page.waitForTimeout(500);
  await page.screenshot({ path });
});
console.log(`${path}: ${size}`);
process.exit(0);
