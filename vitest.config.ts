import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { hasGraphicsDriver, useSoftwareVulkan } from './src/node/software.ts';
import { resolveChrome } from './tools/chrome.ts';
import { NEEDED_DENO } from './tools/deno.ts';
import { NEEDED_FIREFOX, resolveFirefox } from './tools/firefox.ts';
import { wgsl } from './tools/wgsl.ts';

if (!hasGraphicsDriver()) await useSoftwareVulkan(); // sets the environment that the forked test processes inherit
const chrome = await resolveChrome();
const firefox = await resolveFirefox();
const requireGpu = process.env.REQUIRE_GPU === '1' || process.env.CI === 'true';
const env = {
  REQUIRE_GPU: requireGpu ? '1' : '',
  ALL_EPOCHS: process.env.ALL_EPOCHS ?? '',
  LSTM_FAULTS: process.env.LSTM_FAULTS ?? '',
};
/** Reads the heap: in Chrome it has a page of its own, where nothing else runs, */
const LEAKS = 'test/gpu/leaks.test.ts';
/** which collects garbage when asked, keeps no code that it optimized (10 MiB that come and go), and tells bytes exactly. */
const HEAP_FLAGS = ['--js-flags=--expose-gc --lite-mode', '--enable-precise-memory-info'];
/** Of the tests in Node, those that are about what a device does, and not about Node: also run in Deno. */
const IN_DENO = ['checkpoint', 'memory', 'recover', 'trainer_checkpoint'].map((name) => `test/node/${name}.test.ts`);
/** Where tests have a GPU. */
const setupFiles = ['test/gpu/setup.ts'];
const shared = { env, testTimeout: 120_000, hookTimeout: 120_000 };

const headless = (browser: 'chromium' | 'firefox', launchOptions: object) => ({
  enabled: true,
  headless: true,
  fileParallelism: false, // files share an origin, and the room that its stores have
  screenshotFailures: false,
  provider: playwright({ launchOptions }),
  instances: [{ browser }],
});

/**
 * test/gpu runs four times: the same numbers are asked of Dawn in Node and in headless Chrome, and of wgpu in Deno and in headless
 * Firefox. What a host cannot change, and the command, is in test/node. `tools/test.mjs` runs the project `deno` in Deno.
 */
export default defineConfig({
  plugins: [wgsl()],
  test: {
    maxWorkers: 2, // a file waits for its device's compiler much of its time, also on two cores
    projects: [
      { plugins: [wgsl()], test: { ...shared, name: 'pure', include: ['test/pure/**/*.test.ts'] } },
      {
        plugins: [wgsl()],
        test: { ...shared, setupFiles, name: 'node', include: ['test/gpu/**/*.test.ts', 'test/node/**/*.test.ts'] },
      },
      {
        plugins: [wgsl()],
        test: {
          ...shared,
          setupFiles,
          name: 'deno',
          include: ['test/gpu/**/*.test.ts', ...IN_DENO],
          ...(!('Deno' in globalThis) && { env: { ...env, MISSING_HOST: NEEDED_DENO } }), // Node, which skips all of them
        },
      },
      { plugins: [wgsl()], test: { ...shared, setupFiles, name: 'mutants', include: ['test/mutants/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/package/pack.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000, // npm, Vite and Chrome, beside other tests
        },
      },
      { plugins: [wgsl()], test: { ...shared, setupFiles, name: 'parity', include: ['test/parity/**/*.test.ts'] } },
      {
        plugins: [wgsl()],
        test: {
          ...shared,
          setupFiles,
          name: 'chrome',
          include: ['test/gpu/**/*.test.ts', 'test/chrome/**/*.test.ts'],
          exclude: [LEAKS],
          browser: headless('chromium', chrome),
        },
      },
      {
        plugins: [wgsl()],
        test: {
          ...shared,
          setupFiles,
          name: 'chrome-alone',
          include: [LEAKS],
          browser: headless('chromium', { ...chrome, args: [...chrome.args, ...HEAP_FLAGS] }),
          sequence: { groupOrder: 1 }, // after all others
        },
      },
      {
        plugins: [wgsl()],
        test: {
          ...shared,
          setupFiles,
          name: 'firefox',
          include: ['test/gpu/**/*.test.ts'],
          exclude: [LEAKS],
          ...(firefox ? { browser: headless('firefox', firefox) } : { env: { ...env, MISSING_HOST: NEEDED_FIREFOX } }), // Node, which skips all of them
        },
      },
    ],
  },
});
