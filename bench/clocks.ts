// node tools/run.mjs bench/clocks.ts: the ceiling on the page's device card, and what autotune finds, by the device's own clock,
// against four seconds of the same work by the host's: in Node, headless Chrome and headless Firefox.
import { type BrowserType, chromium, firefox } from 'playwright';
import { createServer } from 'vite';
import { requestDevice } from '../src/node/index.ts';
import { resolveChrome } from '../tools/chrome.ts';
import { resolveFirefox } from '../tools/firefox.ts';
import { wgsl } from '../tools/wgsl.ts';
import { type ClockTruth, clockTruth } from './clock_truth.ts';

function report(host: string, { device, ...rates }: ClockTruth): void {
  for (const [what, { measured, truth }] of Object.entries(rates)) {
    const off = `${(100 * (measured / truth - 1)).toFixed(1)} %`;
    console.log(
      `${host.padEnd(8)} ${device}: ${what} ${measured.toFixed(2)} GFLOP/s, in truth ${truth.toFixed(2)}, off by ${off}`,
    );
  }
}

const server = await createServer({
  configFile: false,
  root: '.',
  logLevel: 'error',
  plugins: [wgsl()],
  server: { port: 0, host: '127.0.0.1', hmr: false },
  optimizeDeps: { entries: ['bench/page/clocks.html'] },
});
await server.listen();

async function inBrowser(type: BrowserType, options: Parameters<BrowserType['launch']>[0]): Promise<ClockTruth> {
  const browser = await type.launch(options);
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(`${server.resolvedUrls!.local[0]}bench/page/clocks.html`);
  const output = page.locator('output').filter({ hasText: '}' });
  await output.waitFor({ timeout: 120_000, state: 'attached' });
  const found = JSON.parse((await output.textContent())!) as ClockTruth;
  await browser.close();
  return found;
}

const device = await requestDevice();
report('Node', await clockTruth(device));
device.destroy();
report('Chrome', await inBrowser(chromium, await resolveChrome()));
const fox = await resolveFirefox();
if (fox) report('Firefox', await inBrowser(firefox, fox));
await server.close();
