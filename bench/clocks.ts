// node tools/run.mjs bench/clocks.ts: the ceiling on the page's device card and a product, timed by the device's clock and
// by the host's over four seconds of the same work: in Node, headless Chrome and headless Firefox.
import { chromium, firefox } from 'playwright';
import { requestDevice } from '../src/node/index.ts';
import { browserOutput } from '../tools/browser_output.ts';
import { resolveChrome } from '../tools/chrome.ts';
import { resolveFirefox } from '../tools/firefox.ts';
import { type ClockTruth, clockTruth } from './clock_truth.ts';
import { servePage } from './page_server.ts';

function report(host: string, { device, ...rates }: ClockTruth): void {
  for (const [what, { measured, truth }] of Object.entries(rates)) {
    const off = `${(100 * (measured / truth - 1)).toFixed(1)} %`;
    console.log(
      `${host.padEnd(8)} ${device}: ${what} ${measured.toFixed(2)} GFLOP/s, in truth ${truth.toFixed(2)}, off by ${off}`,
    );
  }
}

const { url, server } = await servePage('bench/page/clocks.html');
const device = await requestDevice();
report('Node', await clockTruth(device));
device.destroy();
report('Chrome', await browserOutput(chromium, await resolveChrome(), url));
const fox = await resolveFirefox();
if (fox) report('Firefox', await browserOutput(firefox, fox, url));
await server.close();
