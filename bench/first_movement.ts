// Time from navigation to the first movement on the page: `node tools/run.mjs bench/first_movement.ts [times]`.
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { resolveChrome } from '../tools/chrome.ts';

const times = Number(process.argv[2] ?? 5);
await build({ logLevel: 'warn' });
const server = await preview({ preview: { port: 0, host: '127.0.0.1' } });
const browser = await chromium.launch(await resolveChrome());

/** Milliseconds from the start of navigation in a new browser profile, measured in the page. */
async function measure(): Promise<{ paint: number; movement: number; device: string }> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${server.resolvedUrls!.local[0]}#learn`);
    await page.waitForFunction(() => performance.getEntriesByName('first-movement').length > 0, undefined, {
      timeout: 60_000,
    });
    return await page.evaluate(() => ({
      paint: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
      movement: performance.getEntriesByName('first-movement')[0]!.startTime,
      device: document.querySelector('#device')!.textContent,
    }));
  } finally {
    await context.close();
  }
}

try {
  await measure(); // warms the browser process's caches
  const runs = [];
  for (let k = 0; k < times; k++) runs.push(await measure());
  const line = (name: string, values: number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    const [least, middle, most] = [0, Math.floor((times - 1) / 2), times - 1].map((at) => Math.round(sorted[at]!));
    console.log(`${name}: median ${middle} ms (${least} to ${most})`);
  };
  console.log(`${times} loads on ${runs[0]!.device}`);
  line('first contentful paint', runs.map(({ paint }) => paint)); // biome-ignore format: a line each
  line('first movement', runs.map(({ movement }) => movement)); // biome-ignore format: a line each
} finally {
  await browser.close();
  await server.close();
}
process.exit(0);
