import type { BrowserType } from 'playwright';

/** The JSON that a page writes to its `<output>`. @throws Error if there is none within three minutes. */
export async function browserOutput<Output>(
  type: BrowserType,
  options: Parameters<BrowserType['launch']>[0],
  url: string,
): Promise<Output> {
  const browser = await type.launch(options);
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(error.message));
    await page.goto(url);
    const output = page.locator('output').filter({ hasText: '}' });
    await output.waitFor({ timeout: 180_000, state: 'attached' });
    return JSON.parse((await output.textContent())!) as Output;
  } finally {
    await browser.close();
  }
}
