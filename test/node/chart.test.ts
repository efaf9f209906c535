import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { english } from '../../src/report/format.ts';
import { resolveChrome } from '../../tools/chrome.ts';
import { describeGpu } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, NUM_ROWS, QUICK, type Run, wave, write } from './command.ts';

/** Everything that breaks a careless page. */
const COLUMN = `</script><!-- "é" & 'b' <img src=x onerror="document.title='oops'"> slot:data $&`;

describeGpu('--chart-out', () => {
  let run: Run;
  let html: string;
  let browser: Browser;
  let page: Page;
  const noise: string[] = [];

  beforeAll(async () => {
    const rows = wave.map(({ date, value }) => `${date},${value}\n`).join('');
    write('wave.csv', `date,"${COLUMN.replaceAll('"', '""')}"\n${rows}`);
    run = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--chart-out', 'charts/wave.html', '--json']);
    html = readFileSync(inFolder('charts/wave.html'), 'utf8');
    const { executablePath, args, env } = await resolveChrome();
    browser = await chromium.launch({ executablePath, args, env });
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (error) => noise.push(String(error)));
    page.on('request', (request) => noise.push(`request ${request.url()}`));
    await page.goto(pathToFileURL(inFolder('charts/wave.html')).href);
  });
  afterAll(() => browser?.close());

  test('writes one file without addresses', () => {
    expect(run.code).toBe(0);
    expect(html).not.toMatch(/https?:|\/\/[a-z0-9-]+\.[a-z]|url\(|@import/i);
  });

  test('has the series, the test set and the losses as JSON', async () => {
    const { charts, epochs: losses } = JSON.parse((await page.textContent('#data'))!);
    const [data] = charts;
    const epochs = events(run).flatMap(({ type, loss, lastLoss }) => (type === 'epoch' ? [{ loss, lastLoss }] : []));
    expect(data).toMatchObject({ column: COLUMN, firstRow: NUM_ROWS - 11 });
    expect(losses).toEqual(epochs);
    expect(data.actual).toEqual(wave.map(({ value }) => Number(value)));
    expect(data.dates).toEqual(wave.map(({ date }) => date));
    expect(data.rules[0].predicted).toEqual(data.actual.slice(-12, -1));
    expect(data.predicted).toHaveLength(11);
  });

  test('shows names literally, and runs nothing from them', async () => {
    expect(await page.textContent('h1')).toBe(`${COLUMN} of wave.csv`);
    expect(await page.title()).toBe(`${COLUMN} of wave.csv – lstm-webgpu`);
    expect(await page.locator('img').count()).toBe(0);
  });

  test("shows the verdict, the scores next to the naive forecast's, device and settings", async () => {
    const { type: _, verdict, ...result } = events(run).at(-1)!;
    expect(await page.textContent('.verdict')).toBe(verdict);
    const rmse = (await page.locator('tr', { hasText: 'RMSE' }).locator('td').allTextContents()).map(Number);
    expect(rmse[0]).toBeCloseTo(result.rmse as number, 2);
    expect(rmse[1]).toBeCloseTo(result.naiveRmse as number, 2);
    const footer = await page.textContent('footer');
    expect(footer).toContain(events(run)[0]!.name);
    expect(await page.getByText('the direction is right in').count()).toBe(1);
    expect(footer).toContain(
      'window 5 · hidden units 4 · layers 1 · seed 0 · epochs 2 · batch size 8 · training share 0.8 · learning rate 0.001',
    );
  });

  test.each(['light', 'dark'] as const)('draws both charts in %s colors', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((n) => document.querySelectorAll('canvas').length === n, 2);
    const color = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--model'));
    for (const id of ['[data-chart]', '#loss']) {
      const points = () => page.evaluate(countPixels, { selector: `${id} canvas`, color: color.trim() });
      // the page redraws in a frame after its colors changed
      await expect.poll(points, { message: `${id} has pixels of ${color}` }).toBeGreaterThan(20);
    }
  });

  test('shows the day and both values under the cursor', async () => {
    await page.hover('[data-chart] .u-over', { position: await nearRightEdge(page) });
    const legend = await page.textContent('[data-chart] .u-legend');
    expect(legend).toContain(wave.at(-1)!.date);
    expect(legend).toContain(String(Number(wave.at(-1)!.value)));
  });

  test('shows only the test set on demand', async () => {
    await page.click('[data-part=test]');
    expect(await page.getAttribute('[data-part=test]', 'aria-pressed')).toBe('true');
    expect(await page.getAttribute('[data-part=all]', 'aria-pressed')).toBe('false');
    await page.hover('[data-chart] .u-over', { position: { x: 1, y: 50 } });
    expect(await page.textContent('[data-chart] .u-legend')).toContain(wave[NUM_ROWS - 12]!.date);
  });

  test('fills the requested interval, and reports how many rows are inside it', async () => {
    const kept = ['--validation', '0.4', '--interval', '0.9', '--quantiles', '0.1,0.5,0.9'];
    const { code, stderr } = await lstmWebgpu([
      ...['train', 'wave.csv', ...QUICK, ...kept, '--chart-out', 'interval.html', '--predictions-out', 'interval.csv'],
    ]);
    expect(code, stderr).toBe(0);
    const other = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    other.on('pageerror', (error) => noise.push(String(error)));
    await other.goto(pathToFileURL(inFolder('interval.html')).href);
    const [{ interval }] = JSON.parse((await other.textContent('#data'))!).charts;
    const [header, ...rows] = readFileSync(inFolder('interval.csv'), 'utf8').trimEnd().split('\n');
    const [low, high] = ['low', 'high'].map((name) => header!.split(',').indexOf(name));
    const column = (at: number) => rows.map((row) => Number(row.split(',')[at]));
    expect(interval).toEqual({ level: 0.9, low: column(low!), high: column(high!) });
    await other.hover('[data-chart] .u-over', { position: await nearRightEdge(other) });
    const legend = await other.textContent('[data-chart] .u-legend');
    for (const name of ['90% quantile', '10% quantile', '90% interval']) expect(legend).toContain(name);
    const { low: lows, high: highs } = interval;
    expect(legend).toContain(`${english.value(lows.at(-1))} – ${english.value(highs.at(-1))}`);
    const band = () =>
      other.evaluate(() => document.querySelector<HTMLCanvasElement>('[data-chart] canvas')!.toDataURL());
    const [name, withBand] = [other.getByRole('button', { name: '90% interval' }), await band()];
    await name.click();
    await expect.poll(band).not.toBe(withBand);
    expect(await name.getAttribute('aria-pressed')).toBe('false');
    await name.click();
    await expect.poll(band).toBe(withBand); // both bounds are back
    expect(await other.getByText(/of the rows are inside the 90% intervals\./).count()).toBe(1);
    await other.close();
  });

  test('requests nothing, and logs nothing', () => {
    expect(noise).toEqual([`request ${pathToFileURL(inFolder('charts/wave.html')).href}`]);
  });

  test('of predict shows the end of the series, the forecast with its dates, and its values', async () => {
    const args = ['train', 'wave.csv', ...QUICK, '--horizon', '3', '--validation', '0.3', '--model-out', 'wave.st'];
    expect((await lstmWebgpu(args)).code).toBe(0);
    const given = ['predict', 'wave.st', 'wave.csv', '--interval', '0.5', '--chart-out', 'ahead.html', '--json'];
    const predicted = await lstmWebgpu(given);
    const { dates, interval, ...result } = events(predicted).at(-1) as {
      dates: string[];
      predicted: number[];
      interval: { low: number[] };
    };
    expect(dates).toEqual(['2024-03-01', '2024-03-02', '2024-03-03']);
    await page.goto(pathToFileURL(inFolder('ahead.html')).href);
    const [data] = JSON.parse((await page.textContent('#data'))!).charts;
    expect(data).toMatchObject({ futureDates: dates, future: result.predicted, firstRow: NUM_ROWS, predicted: [] });
    expect(data.interval.low).toEqual(interval.low);
    expect(await page.textContent('h1')).toBe(`${COLUMN} of wave.csv`);
    expect(await page.textContent('.verdict')).toContain('3 steps ahead, from 2024-03-01 to 2024-03-03.');
    expect(await page.locator('.scores tbody th').allTextContents()).toEqual(dates);
    expect(await page.locator('.scores tbody tr').first().locator('td').count()).toBe(3);
    await page.waitForFunction((n) => document.querySelectorAll('canvas').length === n, 1);
    await page.locator('[data-chart]').focus();
    await page.keyboard.press('ArrowLeft'); // the last step ahead
    await expect.poll(() => page.locator('.u-legend .u-value').first().textContent()).toBe('2024-03-03');
    expect(noise.filter((line) => !line.includes('file:'))).toEqual([]);
  });
});

/** Runs in the page: pixels of a canvas that are nearly of a color such as #1f5fd0. */
function countPixels({ selector, color }: { selector: string; color: string }): number {
  const canvas = document.querySelector<HTMLCanvasElement>(selector)!;
  // a copy, because Chrome warns about canvases that are read repeatedly
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  let count = 0;
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3]! > 200 && wanted.every((value, k) => Math.abs(value - data[at + k]!) < 24)) count++;
  return count;
}

async function nearRightEdge(page: Page): Promise<{ x: number; y: number }> {
  const { width } = (await page.locator('[data-chart] .u-over').boundingBox())!;
  return { x: width - 2, y: 50 };
}
