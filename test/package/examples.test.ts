import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { resolveChrome } from '../../tools/chrome.ts';
import { NEEDED_DENO, resolveDeno } from '../../tools/deno.ts';
import { testWith } from '../skips.ts';
import { serve } from './static_server.ts';

// The examples in an empty folder, with the tarball and their other dependencies installed by npm.
const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-examples-'));
const shell = process.platform === 'win32';
const run = (command: string, args: readonly string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', shell, stdio: 'pipe' });

const deno = resolveDeno();
let browser: Browser;

beforeAll(async () => {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const beside = ['webgpu', '@sparticuz/chromium', 'vite'].map((name) => `${name}@${devDependencies[name]}`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', inject('tarball'), ...beside], folder);
  for (const name of ['node', 'own-device', 'browser', 'vite', 'worker'])
    cpSync(join('examples', name), join(folder, name), { recursive: true });
  symlinkSync(join(folder, 'node_modules'), join(folder, 'browser/node_modules'), 'junction');
  browser = await chromium.launch(await resolveChrome());
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The model's RMSE and the naive one's, as printed by an example. */
function scoresIn(output: string): { rmse: number; naive: number } {
  const [, rmse, naive] = /^RMSE ([\d.]+), tomorrow = today ([\d.]+)$/m.exec(output) ?? [];
  expect(rmse, output).toBeDefined();
  return { rmse: Number(rmse), naive: Number(naive) };
}

function expectForecast(output: string): void {
  const { rmse, naive } = scoresIn(output);
  expect(naive).toBeGreaterThan(50);
  expect(rmse).toBeGreaterThan(1);
  expect(rmse).toBeLessThan(naive);
}

/** The output of a page up to its scores, or an error. */
async function readPage(root: string): Promise<string> {
  const [visit] = await readVisits(root, 1);
  return visit!.output;
}

/** The output of a page on repeated visits; it must not request missing files. */
async function readVisits(root: string, visits: number): Promise<{ output: string; progress: number | undefined }[]> {
  const { url, server } = await serve(root);
  const page = await browser.newPage();
  const missing: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400 && !response.url().endsWith('/favicon.ico')) missing.push(response.url());
  });
  try {
    const seen = [];
    for (let visit = 0; visit < visits; visit++) {
      await page.goto(url);
      await page
        .locator('#output')
        .filter({ hasText: /RMSE|Error/ })
        .waitFor({ timeout: 60_000 });
      expect(missing).toEqual([]);
      seen.push({
        output: (await page.locator('#output').textContent()) ?? '',
        progress: await page.evaluate(() => document.querySelector('progress')?.value),
      });
    }
    return seen;
  } finally {
    await page.close();
    server.close();
  }
}

describe('the examples, with the package installed by npm', () => {
  test('node: forecasts better than tomorrow = today', () => {
    const output = run(process.execPath, ['train.js'], join(folder, 'node'));
    expectForecast(output);
    expect(output).toMatch(/^the next three days: \d+, \d+, \d+$/m);
  });

  testWith(deno ? undefined : NEEDED_DENO)('node: the same in Deno, on its own WebGPU', () => {
    const output = run(deno!, ['run', '--allow-all', 'train.js'], join(folder, 'node'));
    expectForecast(output);
  });

  test('own-device: forecasts on a device that is also used for other work during and after it', () => {
    const output = run(process.execPath, ['train.js'], join(folder, 'own-device'));
    expectForecast(output);
    expect(output).toMatch(/^doubled in between: 20, 40, 60$/m);
    expect(output).toMatch(/^and after it: 42$/m);
  });

  test('browser: forecasts without a bundler', async () => {
    expectForecast(await readPage(join(folder, 'browser')));
  });

  test.each([
    ['vite', 'nodenext', 'nodenext'],
    ['worker', 'bundler', 'esnext'],
  ])(
    "%s: type-checks, including the library, with only TypeScript's DOM types and the resolution %s",
    (name, resolution, module) => {
      const tsc = resolve('node_modules/typescript/bin/tsc');
      const options = ['--module', module, '--moduleResolution', resolution];
      run(process.execPath, [tsc, '-p', '.', ...options], join(folder, name));
    },
  );

  test('worker: trains in a worker, shows progress, and finds the kept model on the next visit', async () => {
    run('npx', ['--no-install', 'vite', 'build', '--logLevel', 'warn'], join(folder, 'worker'));
    const [first, second] = await readVisits(join(folder, 'worker/dist'), 2);
    for (const { output, progress } of [first!, second!]) {
      expectForecast(output);
      expect(output).toMatch(/^tomorrow, by the model that was kept: \d+$/m);
      expect(progress).toBe(1);
    }
    expect(first!.output).toContain('nothing kept yet');
    expect(second!.output).toMatch(/^kept from the last visit: \d{4,} bytes$/m);
  });

  test('vite: forecasts in a built application', async () => {
    run('npx', ['--no-install', 'vite', 'build', '--logLevel', 'warn'], join(folder, 'vite'));
    expectForecast(await readPage(join(folder, 'vite/dist')));
  });

  test('the command is installed', () => {
    expect(run('npx', ['--no-install', 'lstm-webgpu', '--help'], folder)).toContain('lstm-webgpu train');
  });
});
