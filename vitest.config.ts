import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { hasGraphicsDriver, useSoftwareVulkan } from './src/node/software.ts';
import { resolveChrome } from './tools/chrome.ts';
import { NEEDED_DENO } from './tools/deno.ts';
import { NEEDED_FIREFOX, resolveFirefox } from './tools/firefox.ts';
import { pageScript } from './tools/page_script.ts';
import { wgsl } from './tools/wgsl.ts';

if (!hasGraphicsDriver()) await useSoftwareVulkan(); // sets environment variables that the forked test processes inherit
const chrome = await resolveChrome();
const firefox = await resolveFirefox();
const requireGpu = process.env.REQUIRE_GPU === '1' || process.env.CI === 'true';
const env = {
  REQUIRE_GPU: requireGpu ? '1' : '',
  ALL_EPOCHS: process.env.ALL_EPOCHS ?? '',
  LSTM_FAULTS: process.env.LSTM_FAULTS ?? '',
  KERNEL_FAMILY: process.env.KERNEL_FAMILY ?? '',
};
/** Set by `npm test`: see test/gpu/cases.ts. */
const divided = process.env.DIVIDED === '1';
/** Left to Node then: none of it depends on the host, and its kernels take long to compile. */
const SIDE_BY_SIDE = 'test/gpu/side_by_side.test.ts';
/** Measures the heap, so in Chrome it runs alone in its own page, */
const LEAKS = 'test/gpu/leaks.test.ts';
/** with garbage collection on request, without optimized code (10 MiB that come and go), and with exact byte counts. */
const HEAP_FLAGS = ['--js-flags=--expose-gc --lite-mode', '--enable-precise-memory-info'];
/** The tests in test/node that depend on the device and not on Node; they also run in Deno. */
const IN_DENO = ['checkpoint', 'memory', 'recover', 'trainer_checkpoint'].map((name) => `test/node/${name}.test.ts`);
/** For projects with a GPU. */
const setupFiles = ['test/gpu/setup.ts'];
/** Kernels for GPUs are slow on a software adapter. */
const testTimeout = process.env.KERNEL_FAMILY ? 900_000 : 120_000;
const shared = { env, testTimeout, hookTimeout: 120_000 };

const headless = (browser: 'chromium' | 'firefox', launchOptions: object) => ({
  enabled: true,
  headless: true,
  fileParallelism: false, // files share an origin and its storage quota
  screenshotFailures: false,
  provider: playwright({ launchOptions }),
  instances: [{ browser }],
});

/**
 * test/gpu runs four times and must give the same numbers: on Dawn in Node and headless Chrome, on wgpu in Deno and headless
 * Firefox. `npm test` divides its longest lists of cases between Node and Chrome. Tests that do not depend on the host, and those of
 * the command, are in test/node. `tools/test.mjs` runs the project `deno` in Deno.
 */
export default defineConfig({
  plugins: [wgsl()],
  test: {
    maxWorkers: 2, // tests often wait for the device's shader compiler, so two workers help even on two cores
    projects: [
      { plugins: [wgsl()], test: { ...shared, name: 'pure', include: ['test/pure/**/*.test.ts'], isolate: false } },
      {
        plugins: [wgsl(), pageScript()],
        test: {
          ...shared,
          setupFiles,
          name: 'node',
          include: ['test/gpu/**/*.test.ts', 'test/node/**/*.test.ts'],
          env: { ...env, DIVIDED: divided ? 'node' : '' },
          globalSetup: 'test/node/build_folder.ts',
        },
      },
      {
        plugins: [wgsl()],
        test: {
          ...shared,
          setupFiles,
          name: 'deno',
          include: ['test/gpu/**/*.test.ts', ...IN_DENO],
          ...(!('Deno' in globalThis) && { env: { ...env, MISSING_HOST: NEEDED_DENO } }), // in Node, where all are skipped
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
          hookTimeout: 120_000, // npm, Vite and Chrome, alongside other tests
        },
      },
      { plugins: [wgsl()], test: { ...shared, setupFiles, name: 'parity', include: ['test/parity/**/*.test.ts'] } },
      {
        plugins: [wgsl()],
        test: {
          ...shared,
          setupFiles,
          name: 'chrome',
          env: { ...env, DIVIDED: divided ? 'chrome' : '' },
          include: ['test/gpu/**/*.test.ts', 'test/chrome/**/*.test.ts'],
          exclude: divided ? [LEAKS, SIDE_BY_SIDE] : [LEAKS],
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
          sequence: { groupOrder: 1 }, // after all other projects
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
          ...(firefox ? { browser: headless('firefox', firefox) } : { env: { ...env, MISSING_HOST: NEEDED_FIREFOX } }), // in Node, where all are skipped
        },
      },
    ],
  },
});
