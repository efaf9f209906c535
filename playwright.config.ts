import { defineConfig } from '@playwright/test';
import { resolveChrome } from './tools/chrome.ts';

const { executablePath, args, env } = await resolveChrome();
const port = 4319;

/** The page as it is served: built, then opened in headless Chrome. */
export default defineConfig({
  testDir: 'test/browser',
  timeout: 120_000,
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    launchOptions: { executablePath, args, env },
  },
  webServer: {
    command: `npx --no-install vite build && npx --no-install vite preview --host 127.0.0.1 --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/`,
    timeout: 120_000,
  },
});
