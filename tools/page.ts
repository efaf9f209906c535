import { chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { resolveChrome } from './chrome.ts';

interface Look {
  /** Size of the window in pixels, such as `1440x810`. */
  size: string;
  /** 'light' or 'dark'. */
  scheme?: string | undefined;
}

/** Builds the page and opens it in headless Chrome while `use` runs. @param link the part of the URL after the address. */
export async function withPage(
  link: string,
  { size, scheme }: Look,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const [width, height] = size.split('x').map(Number) as [number, number];
  await build({ logLevel: 'warn' });
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' } });
  const browser = await chromium.launch(await resolveChrome());
  try {
    const colorScheme = scheme === 'dark' ? 'dark' : 'light';
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`${server.resolvedUrls!.local[0]}${link}`);
    await use(page);
  } finally {
    await browser.close();
    await server.close();
  }
}
