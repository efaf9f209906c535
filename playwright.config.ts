import { defineConfig } from '@playwright/test';
import { resolveChrome } from './tools/chrome.ts';
import { NEEDED_FIREFOX, resolveFirefox } from './tools/firefox.ts';

const { executablePath, args, env } = await resolveChrome();
const firefox = await resolveFirefox();
if (!firefox && (process.env.CI === 'true' || process.env.REQUIRE_GPU === '1'))
  throw new Error(`REQUIRE_GPU is set, but the tests need ${NEEDED_FIREFOX}`);
const chrome = (...more: string[]) => {
  const launchOptions = { executablePath, args: [...args, ...more], env };
  return { browserName: 'chromium' as const, launchOptions };
};
const port = Number(process.env.PAGE_PORT ?? 4319);

/**
 * The page as it is deployed: built, then opened in headless Chrome; tests tagged @firefox also in headless Firefox. Tests tagged
 * @alone measure time and run after the others, one at a time.
 */
export default defineConfig({
  testDir: 'test/browser',
  timeout: 120_000,
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  use: { baseURL: `http://127.0.0.1:${port}/` },
  projects: [
    // drawn by the CPU itself, not by a GPU that it emulates
    { name: 'chrome', use: chrome('--disable-gpu-compositing'), grepInvert: /@alone/ },
    { name: 'chrome-alone', use: chrome(), grep: /@alone/, workers: 1, dependencies: ['chrome', 'firefox'] },
    { name: 'firefox', use: { browserName: 'firefox', launchOptions: firefox ?? {} }, grep: /@firefox/ },
  ],
  webServer: {
    command: `npx --no-install vite build && npx --no-install vite preview --host 127.0.0.1 --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/`,
    timeout: 120_000,
  },
});
