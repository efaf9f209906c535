import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import { type ConsoleMessage, expect, type Page, test } from '@playwright/test';
import { en } from '../../demo/texts/en.ts';
import { readSafetensors } from '../../src/io/safetensors.ts';
import { NEEDED_FIREFOX, resolveFirefox } from '../../tools/firefox.ts';
import { longTasks } from './main_thread.ts';
import { useScheme } from './scheme.ts';
import { drop, FOUR_YEARS, SALES, WAVE } from './series.ts';

const run = promisify(execFile);

const firefox = await resolveFirefox();
test.beforeEach(({ browserName }, info) => info.skip(browserName === 'firefox' && !firefox, NEEDED_FIREFOX));

const complaints: string[] = [];

/** Opens the page and waits for the bundled series; console messages are kept for the end of the test. */
async function open(page: Page): Promise<void> {
  complaints.length = 0;
  page.on('console', (message: ConsoleMessage) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`request failed: ${request.url()}`));
  await page.goto('./#forecast&train');
  await unfoldReading(page);
  await expect(page.getByTestId('series-name')).toContainText('1,000 rows');
}

/** Trains with the preset that takes a second, to its end. */
async function trainQuickly(page: Page): Promise<void> {
  await page.getByLabel('Preset').selectOption('quick');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 30_000 });
}

/** Forecasts the series that is shown, to the end. */
async function forecast(page: Page): Promise<void> {
  await page.getByTestId('forecast').click();
  await expect(page.getByTestId('ahead')).toBeVisible({ timeout: 60_000 });
}

/** What a click downloads. */
async function take(page: Page, testId: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testId).click()]);
  return readFileSync(await download.path());
}

/** Share of a chart's pixels that have exactly this color of style.css: a line's own, which nothing else has. */
async function paintedShare(page: Page, testId: string, color: string): Promise<number> {
  await page.getByTestId(testId).locator('canvas').waitFor(); // it is drawn in the next frame
  return page.getByTestId(testId).evaluate((host, variable) => {
    const { width, height } = host.querySelector('canvas')!;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    copy.fillStyle = getComputedStyle(host).getPropertyValue(variable).trim();
    copy.fillRect(0, 0, 1, 1);
    const [red, green, blue] = copy.getImageData(0, 0, 1, 1).data;
    copy.clearRect(0, 0, 1, 1);
    copy.drawImage(host.querySelector('canvas')!, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let painted = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3]! > 200) painted++;
    return painted / (data.length / 4);
  }, color);
}

/** Opens the options of how the file is read. */
const unfoldReading = (page: Page): Promise<void> =>
  page.locator('#read-options').evaluate((details) => details.setAttribute('open', ''));

/** Opens all that is folded. */
const unfold = (page: Page): Promise<void> =>
  page.locator('details').evaluateAll((all) => {
    for (const details of all) details.setAttribute('open', '');
  });

const epochLosses = (page: Page): Promise<number[]> =>
  page.locator('#epoch-rows tr').evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.loss)));

test('drops a CSV, trains, and sees the loss fall and both charts drawn', async ({ page }) => {
  await open(page);
  await drop(page, 'wave.csv', WAVE);
  await expect(page.getByTestId('series-name')).toHaveText('wave.csv: 240 rows, Jan 1 to Aug 27, 2020');
  await expect(page.getByTestId('column')).toHaveValue('1');
  const before = await paintedShare(page, 'forecast-chart', '--model');
  expect(before).toBe(0);

  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText(/Training done in .+ \(3,680 steps\)/, { timeout: 45_000 });

  const losses = await epochLosses(page);
  expect(losses).toHaveLength(20);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 20);
  await expect(page.getByTestId('verdict')).toContainText('Better than ');
  await expect.poll(() => paintedShare(page, 'forecast-chart', '--model')).toBeGreaterThan(0.001);
  expect(await paintedShare(page, 'forecast-chart', '--chart-actual')).toBeGreaterThan(0.001);
  expect(await paintedShare(page, 'loss-chart', '--model')).toBeGreaterThan(0.001);
  expect(await paintedShare(page, 'loss-chart', '--chart-actual')).toBeGreaterThan(0.0003); // of the test part
  await expect(page.getByTestId('forecast-chart')).toHaveAttribute('aria-label', /240 rows, 46 of them predicted/);
  expect(complaints).toEqual([]);
});

test('forecasts a season ahead at one click, with dates, a band and the scores of each method, and hands all out', async ({
  page,
}) => {
  await open(page);
  await drop(page, 'sales.csv', SALES);
  await expect(page.getByTestId('series-name')).toHaveText('sales.csv: 72 rows, Jan 2018 to Dec 2023');
  const ahead = page.getByTestId('ahead');
  await expect(ahead).toBeHidden();
  await expect(page.locator('#ahead-title')).toHaveText('3 The series');
  await forecast(page);
  await expect(page.getByTestId('status')).toContainText('Forecast made in');
  await expect(page.getByTestId('forecast-sentence')).toHaveText(
    /^(No method )?.+ forecasts this series .+\. In 3 tests on the most recent data, 12 months ahead each, its error was [\d.]+% smaller than that of repeating the last year and /,
  );
  await expect(ahead).toContainText(
    '12 months ahead, Jan to Dec 2024. The band should contain about 90% of future values.',
  );
  const rows = page.getByTestId('forecast-values').locator('tbody tr');
  await expect(rows).toHaveCount(12);
  await expect(rows.first()).toHaveText(/^Jan 2024(\d{2,3}\.\d){3}$/); // the data have one decimal
  await expect(rows.last()).toContainText('Dec 2024');
  await expect(page.locator('#ahead-title')).toHaveText('3 The forecast');
  const methods = page.getByTestId('forecast-methods').locator('tbody tr');
  await expect(methods.filter({ hasText: /^The LSTM/ })).toHaveCount(1);
  const maes = await methods.locator('td:nth-child(2)').allTextContents();
  expect(maes.length).toBeGreaterThanOrEqual(6);
  await expect(methods.first().locator('.best')).toHaveCount(2);
  const mases = (await methods.locator('td:nth-child(3)').allTextContents()).map(Number);
  expect(mases).toEqual(mases.toSorted((a, b) => a - b));
  await expect(page.getByTestId('ahead-chart')).toHaveAttribute('aria-label', 'Chart of sales: 72 rows, and 12 ahead');
  expect(await paintedShare(page, 'ahead-chart', '--ahead')).toBeGreaterThan(0.0002); // dashed, and drawn by the CPU, with softer edges

  const lines = (await take(page, 'take-forecast')).toString().trim().split('\n');
  expect(lines).toHaveLength(13);
  expect(lines[0]).toBe('step,date,predicted,low,high');
  for (const line of lines.slice(1)) {
    const [, date, predicted, low, high] = line.split(',');
    expect(date).toMatch(/^2024-\d\d$/);
    expect(Number(low)).toBeLessThan(Number(predicted));
    expect(Number(high)).toBeGreaterThan(Number(predicted));
  }
  const svg = (await take(page, 'take-forecast-svg')).toString();
  expect(svg).toMatch(/^<svg [^>]*>/);
  for (const text of ['>sales<', '>Actual<', '>Forecast<', '>Jan 2023<', '>Jan 2024<']) expect(svg).toContain(text);
  expect(svg).not.toContain('NaN');
  expect((await take(page, 'take-forecast-png')).subarray(1, 4).toString()).toBe('PNG');
  expect((await take(page, 'take-recipe')).toString('latin1')).toContain('lstm_webgpu');
  await expect(page.getByTestId('forecast-code')).toContainText("readSeries(text, { column: 'sales' })");
  await page.locator('#ahead-step').getByTestId('show-all').click();
  await expect(page.locator('#ahead-step').getByTestId('show-all')).toHaveAttribute('aria-pressed', 'true');

  await drop(page, 'wave.csv', WAVE); // the forecast is not of this one
  await expect(page.getByTestId('series-name')).toContainText('240 rows');
  await expect(ahead).toBeHidden();
  expect(complaints).toEqual([]);
});

test('stops a forecast when asked, reports that one failed with its worker, and forecasts again, beside the trained model', async ({
  page,
}) => {
  await open(page);
  await drop(page, 'sales.csv', FOUR_YEARS);
  await expect(page.getByTestId('series-name')).toContainText('48 rows');
  await trainQuickly(page);
  const trained = await result(page);
  await page.getByTestId('forecast').click();
  await expect
    .poll(() => page.getByTestId('progress').evaluate(({ value }: HTMLProgressElement) => value))
    .toBeGreaterThan(0);
  for (const id of ['train', 'forecast', 'pause', 'column']) await expect(page.getByTestId(id)).toBeDisabled();
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('status')).toHaveText('The forecast was stopped.');
  await expect(page.getByTestId('alert')).toBeEmpty();
  await expect(page.getByTestId('ahead')).toBeHidden();

  await page.getByTestId('forecast').click();
  await expect(page.getByTestId('status')).toHaveText(/^(Preparing|Training) the models …$/);
  for (const worker of page.workers()) await worker.evaluate(() => setTimeout(() => self.close()));
  await expect(page.getByTestId('status')).toHaveText('The forecast failed; see the message.');
  await expect(page.getByTestId('alert')).toContainText('The worker failed: it ran out of memory, or was ended.');
  await forecast(page); // in another worker
  await expect(page.getByTestId('alert')).toBeEmpty();
  expect(await result(page)).toEqual(trained);
  await trainQuickly(page);
  await expect(page.getByTestId('ahead')).toBeVisible(); // it is still of this series
  expect(complaints).toEqual([]);
});

test('stops training when asked, and trains again', async ({ page }) => {
  await open(page);
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill('500');
  await page.getByTestId('train').click();
  await expect(page.locator('#epoch-rows tr').first()).toBeAttached({ timeout: 30_000 });
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('status')).toContainText('Training stopped after');
  await expect(page.getByTestId('score-rmse')).not.toContainText('–');
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill('1');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText(/Training done in .+ \(792 steps\)/, { timeout: 30_000 });
  expect(complaints).toEqual([]);
});

test('reports what is wrong with a file, and keeps the series before it', async ({ page }) => {
  await open(page);
  await drop(page, 'names.csv', 'Name,City\nAnn,Rome\nBob,Oslo\n');
  await expect(page.getByTestId('alert')).toHaveText(
    /^names\.csv: No column has numbers.+ Still shown: S&P 500, daily close\.$/,
  );
  await expect(page.getByTestId('sp500')).toHaveAttribute('aria-pressed', 'true');
  await drop(page, 'hole.csv', `${WAVE}\n28/08/2020;n.d.\n29/08/2020;soon\n`);
  await expect(page.getByTestId('alert')).toContainText('Row 242');
  await expect(page.getByTestId('series-name')).toContainText('S&P 500');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('stop')).toBeEnabled();
  expect(page.url()).toMatch(/#forecast&train=&series=sp500$/); // what is trained, not what was refused
  expect(complaints).toEqual([]);
});

test('offers the series of a file that has several, and the columns that could each be meant', async ({ page }) => {
  await open(page);
  const days = Array.from({ length: 60 }, (_, k) => new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10));
  const rows = days.flatMap((day, k) => [`${day},north,${k}`, `${day},south,${100 + (k % 7)}`]);
  await drop(page, 'shops.csv', `date,shop,sales\n${days[0]},closed,\n${rows.join('\n')}\n`);
  const [picker, note] = [page.getByTestId('series-id'), page.locator('#series-note')];
  await expect(page.getByTestId('series-name')).toHaveText('shops.csv: 60 rows, Jan 1 to Feb 29, 2024');
  await expect(picker.locator('option')).toHaveText(['north', 'south']);
  await expect(picker).toHaveValue('north');
  await expect(note).toContainText('One of 2 series in “shop”. Not readable: closed.');
  await picker.selectOption('south');
  await expect(page.getByTestId('library-code')).toContainText(
    "readManySeries(text, { id: 'shop', column: 'sales' }).get('south')",
  );
  await expect(picker).toHaveValue('south');
  await trainQuickly(page);
  await expect(page.getByTestId('forecast-chart')).toHaveAttribute('aria-label', /60 rows/);

  const both = days.map((day, k) => `${day},${(7 * k) % 11},${100 - k}`).join('\n');
  await drop(page, 'two.csv', `date,north,south\n${both}\n`);
  await expect(page.getByTestId('alert')).toContainText('More than one column could be the series');
  await expect(picker).toBeHidden();
  await page.getByTestId('column').selectOption('south');
  await expect(note).toContainText('Forecasting “south”');
  await expect(page.getByTestId('alert')).toBeEmpty();
  expect(complaints).toEqual([]);
});

test('fills rows that are missing by the dates when asked', async ({ page }) => {
  await open(page);
  const [gaps, name, note] = [
    page.getByTestId('gaps'),
    page.getByTestId('series-name'),
    page.getByTestId('series-note'),
  ];
  await drop(page, 'wave.csv', WAVE);
  await expect(name).toContainText('wave.csv: 240 rows');
  await expect(gaps).toBeHidden();
  const rows = WAVE.split('\n').toSpliced(101, 2);
  await drop(page, 'gaps.csv', rows.join('\n'));
  await expect(name).toContainText('gaps.csv: 238 rows');
  await expect(note).toContainText('2 dates have no row (holidays, for example), the first after Apr 9, 2020');
  await expect(gaps).toHaveValue('');
  await gaps.selectOption('interpolate');
  await expect(name).toHaveText('gaps.csv: 240 rows, Jan 1 to Aug 27, 2020');
  await expect(note).toContainText('2 rows missing first after Apr 9, 2020 were inserted');
  await expect(page.getByTestId('library-code')).toContainText("{ column: 'Fechamento', gaps: 'interpolate' }");
  await expect(page.getByTestId('pytorch-code')).toContainText('format="%d/%m/%Y"');
  await page.getByTestId('rows').fill('230'); // read again by the same rule
  await page.getByTestId('rows').blur();
  await expect(name).toContainText('232 rows');
  await expect(gaps).toHaveValue('interpolate');
  await trainQuickly(page);
  await expect(page.getByTestId('forecast-chart')).toHaveAttribute('aria-label', /232 rows/);
  await page.reload();
  await page.getByTestId('kept').getByRole('button', { name: 'Show' }).click();
  await expect(name).toContainText('gaps.csv: 232 rows');
  await expect(gaps).toHaveValue('interpolate');
  await unfoldReading(page);
  await gaps.selectOption('leave as they are');
  await expect(name).toContainText('230 rows');
  await gaps.selectOption('previous');
  await expect(name).toContainText('232 rows');
  await drop(page, 'wave.csv', WAVE); // another file, by the default rule
  await expect(name).toContainText('wave.csv: 240 rows');
  await expect(gaps).toBeHidden();
  expect(complaints).toEqual([]);
});

test('goes only so far, also for a link that asks for more', async ({ page }) => {
  await page.goto('./#forecast&horizon=1000000');
  await expect(page.getByTestId('series-name')).toContainText('1,000 rows');
  const [alert, train] = [page.getByTestId('alert'), page.getByTestId('train')];
  const far = { horizon: en.settings.horizon, ensemble: 'Ensemble', batch: 'Batch size', epochs: 'Epochs' };
  const model = { window: 'Window', hidden: 'Hidden units', layers: 'Layers' };
  // the first of the form's that is too large is named
  for (const [id, name] of Object.entries({ ...far, ...model })) {
    await page.locator(`#${id}`).fill('1000000');
    await train.click();
    await expect(alert).toHaveText(new RegExp(`^${name}: enter a whole number from 1 to \\d+, not 1000000\\.$`));
    await expect(train).toBeEnabled();
  }
});

test('reads a refused file again when missing values are to be handled otherwise', async ({ page }) => {
  await open(page);
  const lines = WAVE.split('\n');
  const holes = [...lines.slice(0, 101), '09/04/2020;n.d.', '10/04/2020;', ...lines.slice(103)].join('\n');
  await drop(page, 'holes.csv', holes);
  const [alert, name] = [page.getByTestId('alert'), page.getByTestId('series-name')];
  await expect(alert).toContainText('holes.csv: ');
  await expect(name).toContainText('S&P 500');
  await page.getByTestId('missing').selectOption('interpolate');
  await expect(name).toContainText('holes.csv: 240 rows');
  await expect(alert).toBeEmpty();
  await page.getByTestId('missing').selectOption('error');
  await expect(alert).toContainText('holes.csv: ');
  await expect(name).toContainText('240 rows');
  await page.getByTestId('missing').selectOption('drop');
  await expect(name).toContainText('holes.csv: 238 rows');
  await expect(alert).toBeEmpty();

  await page.getByTestId('sp500').click();
  await expect(name).toContainText('1,000 rows');
  await page.getByTestId('missing').selectOption('error');
  await drop(page, 'holes.csv', holes);
  await expect(alert).toContainText('holes.csv: ');
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill('1');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 30_000 });
  await page.getByTestId('missing').selectOption('drop'); // the refused file was left for the one that is shown
  await expect(page.getByTestId('status')).toHaveText('Ready.');
  await expect(name).toContainText('S&P 500');
  expect(complaints).toEqual([]);
});

test('reports what is wrong with a setting, and loses nothing', async ({ page }) => {
  await open(page);
  await page.getByLabel('Hidden units').fill('0');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('alert')).toContainText('Hidden units: enter a whole number from 1 to 1024, not 0.');
  await page.getByLabel('Hidden units').fill('32');
  await expect(page.getByTestId('train')).toBeEnabled();
  expect(complaints).toEqual([]);
});

/** Tries to leave the place where it runs. @returns the error's name; undefined: it could. */
const leave = (url: string): Promise<string | undefined> =>
  fetch(url, { method: 'POST', mode: 'no-cors', body: 'the series' }).then(
    () => undefined,
    (error: Error) => error.name,
  );

test('asks no other server for anything, and could not: neither the page nor its worker', async ({ page }) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await open(page);
  await drop(page, 'wave.csv', WAVE);
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill('1');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 30_000 });
  expect([...hosts].filter((host) => host !== '')).toEqual([new URL(page.url()).host]);

  const heard: string[] = [];
  const other = createServer((request, response) => {
    heard.push(request.url!);
    response.end();
  });
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const [worker] = page.workers();
  expect(await page.evaluate(leave, `${url}/page`)).toBe('TypeError');
  expect(await worker!.evaluate(leave, `${url}/worker`)).toBe('TypeError');
  expect(heard).toEqual([]);
  other.close();
});

test('fits a phone: nothing is wider than 360 px', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.getByLabel('Preset').selectOption('quick');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('inside').locator('.heat-map')).toHaveCount(6, { timeout: 30_000 });
  const rightOf = (selector: string) =>
    page.locator(selector).evaluate((element) => element.getBoundingClientRect().right);
  expect(await rightOf('#inside .unrolled .now')).toBeLessThanOrEqual(await rightOf('#inside .unrolled'));
  await unfold(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

/** The page's final state as the library gave it: exact scores, and every epoch's loss. */
const result = async (page: Page) => ({
  losses: await epochLosses(page),
  rmse: await page.getByTestId('score-rmse').textContent(),
});

/** What PyTorch has for the tutorial's job. */
const golden = (JSON.parse(readFileSync('test/golden/tutorial.json', 'utf8')) as { sp500: { loss: number[] } }).sp500;

test("trains the tutorial to PyTorch's losses", { tag: '@firefox' }, async ({ page }) => {
  await open(page);
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText(/Training done in .+ \(15,840 steps\)/, { timeout: 90_000 });
  const losses = await epochLosses(page);
  expect(losses).toHaveLength(golden.loss.length);
  for (const [k, loss] of golden.loss.entries()) expect(Math.abs(losses[k]! - loss)).toBeLessThan(1e-5);
  await expect.poll(() => paintedShare(page, 'forecast-chart', '--model')).toBeGreaterThan(0.001);
  await expect(page.getByTestId('device-card-ceiling')).toContainText('GFLOP/s');
  await expect(page.getByTestId('device-card-achieved')).toContainText('of the peak');
  expect(complaints).toEqual([]);
});

test('trains the tutorial as the command does: the same losses for the same seed', async ({ page }) => {
  await open(page);
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText(/Training done in .+ \(15,840 steps\)/, { timeout: 45_000 });
  const command = resolve('test-results/command'); // within the project, so that it finds its dependencies
  await run('npx', ['--no-install', 'vite', 'build', '--mode', 'library', '--outDir', command]);
  const { stdout } = await run(process.execPath, [
    ...[`${command}/node/cli.js`, 'train', 'node_modules/vega-datasets/data/sp500-2000.csv', '--rows', '1000'],
    ...['--preset', 'tutorial', '--scaler-fit', 'all', '--seed', '0', '--json'],
  ]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const losses = lines.filter(({ type }) => type === 'epoch').map(({ loss }) => loss as number);
  const got = await result(page);
  expect(got.losses).toHaveLength(20);
  for (const [k, loss] of losses.entries()) expect(Math.abs(got.losses[k]! / loss - 1)).toBeLessThan(1e-3);
  const rmse = lines.find(({ type }) => type === 'result')!.rmse as number;
  expect(got.rmse).toContain(rmse.toLocaleString('en', { maximumSignificantDigits: 4 }));
  expect(complaints).toEqual([]);
});

test('pauses and resumes, and learns the same bit for bit', async ({ page }) => {
  await open(page);
  await page.getByLabel('Preset').selectOption('quick');
  await page.getByLabel('Epochs').fill('30');
  const train = page.getByTestId('train');
  await train.click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 30_000 });
  const straight = await result(page);
  await train.click();
  await expect(page.locator('#epoch-rows tr').nth(1)).toBeAttached();
  await page.getByTestId('pause').click();
  await expect(page.getByTestId('status')).toContainText('Paused in epoch');
  await page.waitForTimeout(300);
  const done = (await epochLosses(page)).length;
  await page.waitForTimeout(700);
  expect((await epochLosses(page)).length).toBe(done);
  expect(done).toBeLessThan(30);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 30_000 });
  expect(await result(page)).toEqual(straight);
  expect(complaints).toEqual([]);
});

test('does not say of a purely seasonal series that tomorrow = today is never wrong', async ({ page }) => {
  await open(page);
  const season = [3, 5, 2, 8, 9, 4, 1];
  await drop(
    page,
    'saw.csv',
    ['date,rate', ...Array.from({ length: 70 }, (_, k) => `${k + 1},${season[k % 7]}`)].join('\n'),
  );
  await expect(page.getByTestId('series-name')).toContainText('70 rows');
  await trainQuickly(page);
  await expect(page.getByTestId('verdict')).toHaveText(
    /^The test set repeats itself every 7 rows, so “Same as 7 rows earlier” is never wrong there; the average error of the model is [\d.]+\.$/,
  );
  await expect(page.getByTestId('score-mae').locator('.best')).toHaveText('0');
  expect(complaints).toEqual([]);
});

test('puts the run into the link, and a link reproduces it', async ({ page, context }) => {
  await open(page);
  await page.getByLabel('Preset').selectOption('births');
  await expect(page.getByTestId('series-name')).toContainText('US births, 2000 to 2014: 5,479 rows');
  await page.getByLabel('Epochs').fill('1');
  await page.getByLabel('Seed').fill('3');
  await expect(page.getByLabel('Preset')).toHaveValue('own');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 45_000 });
  expect(page.url()).toContain('#forecast&train=&series=births&');
  await expect(page.getByTestId('scores')).toContainText('Same as 7 rows earlier');
  const first = await result(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByTestId('series-name')).toContainText('US births');
  await other.getByTestId('train').click();
  await expect(other.getByTestId('status')).toContainText('Training done', { timeout: 45_000 });
  expect(await result(other)).toEqual(first);
  expect(complaints).toEqual([]);
});

test('opens the section that the link names; one with settings alone is a forecast', async ({ page }) => {
  const [learn, forecastSection] = [page.locator('#learn'), page.locator('#forecast')];
  await page.goto('./#learn');
  await expect(learn).toBeVisible();
  await expect(forecastSection).toBeHidden();
  await expect(page.getByRole('link', { name: 'Learn' })).toHaveAttribute('aria-current', 'page');
  await page.getByRole('link', { name: 'Forecast' }).click();
  await expect(forecastSection).toBeVisible();
  await expect(learn).toBeHidden();
  await expect(page).toHaveURL(/#forecast(&|$)/);
  await page.goBack();
  await expect(learn).toBeVisible();
  await page.goto('./?lang=en#epochs=7');
  await expect(forecastSection).toBeVisible();
  await expect(page.locator('#epochs')).toHaveValue('7');
});

test('speaks Portuguese, with its numbers, and keeps the settings', async ({ page }) => {
  await open(page);
  await page.getByLabel('Epochs').fill('1');
  await page.getByRole('link', { name: 'Português' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'pt-BR');
  await expect(page.getByTestId('series-name')).toContainText('1.000');
  await expect(page.locator('#epochs')).toHaveValue('1');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('score-rmse')).toContainText(/\d,\d/, { timeout: 30_000 });
  await expect(page.locator('#series-note')).toHaveText(
    'Previsão de “close” (escolhida automaticamente: veja “Coluna” em “Como o arquivo é lido”). 37 datas não têm linha (feriados, por exemplo), a primeira depois de ' +
      '27/05/2016.',
  );
  const alert = page.getByTestId('alert');
  await drop(page, 'names.csv', 'Name,City\nAnn,Rome\nBob,Oslo\n');
  await expect(alert).toContainText('names.csv: Nenhuma coluna tem números. Colunas: “Name”, “City”.');
  await page.getByLabel('Unidades ocultas').fill('');
  await page.getByTestId('train').click();
  await expect(alert).toHaveText('Unidades ocultas: informe um número inteiro de 1 a 1024.');
  await page.getByLabel('Unidades ocultas').fill('32');
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  expect(complaints).toEqual([]);
});

test('takes rows that are pasted, and shows the first of them', async ({ page }) => {
  await open(page);
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, WAVE);
  await expect(page.getByTestId('series-name')).toContainText('pasted rows: 240 rows');
  await expect(page.getByTestId('preview')).toContainText('Data;Fechamento');
  expect(complaints).toEqual([]);
});

test('explains what to do where there is no WebGPU, and still reads files', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.route('**/worker-*.js', async (route) => {
    const response = await route.fetch();
    const hide = "Object.defineProperty(navigator, 'gpu', { value: undefined });";
    await route.fulfill({ response, body: hide + (await response.text()) });
  });
  await open(page);
  await expect(page.getByTestId('no-device')).toContainText('WebGPU is not available');
  await expect(page.getByTestId('train')).toBeDisabled();
  await drop(page, 'wave.csv', WAVE);
  await expect(page.getByTestId('series-name')).toContainText('240 rows');
});

test('has no serious problem of accessibility, light or dark', async ({ page }) => {
  await open(page);
  await trainQuickly(page);
  await forecast(page);
  await unfold(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await useScheme(page, colorScheme);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  }
});

for (const [work, button, done] of [
  ['training', 'train', 'Training done'],
  ['forecast', 'forecast', 'Forecast made'],
] as const)
  test(`no task of the main thread computes or waits for the GPU for 50 ms in a ${work}`, { tag: '@alone' }, async ({
    page,
  }) => {
    await open(page);
    await page.getByLabel('Preset').selectOption('quick');
    await page.getByLabel('Epochs').fill('30');
    await page.waitForTimeout(500); // loading the page is not counted
    const tasks = await longTasks(page, async () => {
      await page.getByTestId(button).click();
      await expect(page.getByTestId('status')).toContainText(done, { timeout: 60_000 });
    });
    expect(tasks).toEqual([]);
  });

test('hands out the model, the predictions, the chart and the series', async ({ page }) => {
  await open(page);
  await drop(page, 'wave.csv', WAVE);
  await page.getByLabel('Preset').selectOption('quick');
  await expect(page.getByTestId('series-name')).toContainText('wave.csv');
  await expect(page.getByTestId('take-model')).toBeDisabled();
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 30_000 });
  const { tensors, metadata } = readSafetensors(await take(page, 'take-model'));
  expect([...tensors.keys()]).toContain('lstm.weight_hh_l0');
  expect(JSON.parse(metadata['lstm_webgpu.forecaster']!).shape).toMatchObject({ windowLength: 10 });
  const predictions = (await take(page, 'take-predictions')).toString().trim().split('\n');
  expect(predictions).toHaveLength(1 + 46 + 10);
  expect(predictions[1]).toMatch(/^195,13\/07\/2020,\d+\.\d+,\d+\.\d+,\d+\.\d+$/);
  expect((await take(page, 'take-chart-png')).subarray(1, 4).toString()).toBe('PNG');
  expect((await take(page, 'take-series')).toString()).toBe(WAVE);
  await expect(page.getByTestId('library-code')).toContainText("readFileSync('wave.csv'");
  await expect(page.getByTestId('pytorch-code')).toContainText('nn.LSTM(');
  await expect(page.getByTestId('device-card-plan')).toHaveText('resident');
  await expect(page.getByTestId('device-card-ceiling')).toContainText('GFLOP/s');
  await expect(page.getByTestId('device-card-achieved')).toContainText('of the peak');
  expect(complaints).toEqual([]);
});

test('shows gates and states of a window, and one cursor for all of them', async ({ page }) => {
  await open(page);
  await trainQuickly(page);
  const inside = page.getByTestId('inside');
  await expect(inside.getByRole('application')).toHaveCount(6);
  await expect(
    inside.getByRole('application', { name: /Heat map of f: 32 units over 10 steps, from 0 to 1/ }),
  ).toBeVisible();
  await expect(inside).toContainText('Next, Apr 17, 2020: actual 2,874.56, predicted');
  await inside.getByRole('group', { name: 'Step', exact: true }).press('ArrowLeft');
  await expect(inside).toContainText('Step 9 (Apr 15, 2020): input');
  await inside
    .getByRole('application')
    .first()
    .hover({ position: { x: 3, y: 20 } });
  await expect(inside).toContainText(/i of unit \d+ at step 1 \(Apr 2, 2020\)/);
  await page.getByTestId('inside-row').press('ArrowLeft');
  await expect(inside).toContainText('Next, Apr 16, 2020: actual');
  expect(complaints).toEqual([]);
});

test('zooms to the test part, and moves sideways by the wheel, within the data', async ({ page }) => {
  await open(page);
  await trainQuickly(page);
  await page.getByTestId('show-test').click();
  const plot = page.locator('#forecast-chart .u-over');
  const dateAtLeft = async () => {
    await plot.hover({ position: { x: 2, y: 40 } });
    return page.locator('#forecast-chart .u-legend .u-value').first().textContent();
  };
  await expect.poll(dateAtLeft).toMatch(/^2019-0[67]/);
  await page.mouse.wheel(-200, 0);
  await expect.poll(dateAtLeft).toMatch(/^2019-0[3-5]/);
  for (let k = 0; k < 30; k++) await page.mouse.wheel(-500, 0);
  await expect.poll(dateAtLeft).toMatch(/^2016-04-2[89]/);
  expect(complaints).toEqual([]);
});

test('goes on with a training after a reload, and with its file: the same losses bit for bit', async ({ page }) => {
  await open(page);
  await drop(page, 'wave.csv', WAVE);
  await page.getByLabel('Preset').selectOption('quick');
  await page.getByLabel('Epochs').fill('10');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Training done', { timeout: 30_000 });
  const straight = await result(page);
  await page.evaluate(() => {
    const rows = document.querySelector('#epoch-rows')!;
    // the first epoch was kept before the second ended
    new MutationObserver(() => rows.childElementCount === 2 && location.reload()).observe(rows, { childList: true });
  });
  await page.getByTestId('train').click();
  const kept = page.getByTestId('kept');
  await expect(kept).toHaveText(/Resume training “wave\.csv” from epoch [2-9]\?/, { timeout: 30_000 });
  await expect(page.getByTestId('series-name')).toContainText('wave.csv: 240 rows'); // it is in the link
  await kept.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByTestId('series-name')).toContainText('wave.csv: 240 rows');
  await expect(kept).toBeEmpty();
  await expect(page.getByTestId('status')).toContainText(/Training done: 230 steps, the last \d+ in/, {
    timeout: 30_000,
  });
  expect(await result(page)).toEqual(straight);
  await expect(page.getByTestId('device-card-achieved')).toContainText('of the peak');

  await page.reload();
  await expect(kept).toContainText('The model of “wave.csv” was saved');
  await kept.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByTestId('status')).toContainText('The saved model', { timeout: 30_000 });
  expect(await result(page)).toEqual(straight);
  expect(complaints).toEqual([]);
});

test('offers a kept training only to its own link, and forgets it when asked', async ({ page }) => {
  await open(page);
  await trainQuickly(page);
  const own = page.url();
  await page.goto('./#forecast&epochs=7&series=sp500');
  await page.reload();
  const kept = page.getByTestId('kept');
  await expect(page.getByTestId('train')).toBeEnabled();
  await expect(kept).toBeEmpty();
  await page.goto(own);
  await page.reload();
  await kept.getByRole('button', { name: 'Discard' }).click();
  await expect(kept).toBeEmpty();
  await page.waitForTimeout(300);
  await page.reload();
  await expect(page.getByTestId('train')).toBeEnabled();
  await expect(kept).toBeEmpty();
  expect(complaints).toEqual([]);
});

test('keeps training where nothing can be kept, and reports it', async ({ page }) => {
  await page.route('**/worker-*.js', async (route) => {
    const response = await route.fetch();
    const hide = "Object.defineProperty(self, 'indexedDB', { value: undefined }); delete self.FileSystemFileHandle;";
    await route.fulfill({ response, body: hide + (await response.text()) });
  });
  await open(page);
  await trainQuickly(page);
  await expect(page.getByTestId('kept')).toContainText(
    'will not survive a reload: The browser stores nothing for this page.',
  );
});

test('trains on where there is no room, and leaves what was kept before', async ({ page }) => {
  await open(page);
  const storage = await page.context().newCDPSession(page);
  const limitTo = (room: { quotaSize?: number }) =>
    storage.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, ...room });
  await drop(page, 'first.csv', WAVE);
  await expect(page.getByTestId('series-name')).toContainText('first.csv');
  await trainQuickly(page);
  await limitTo({ quotaSize: 1000 });
  await drop(page, 'second.csv', WAVE);
  await expect(page.getByTestId('series-name')).toContainText('second.csv');
  await trainQuickly(page);
  const kept = page.getByTestId('kept');
  await expect(kept).toContainText('This training will not survive a reload: There is no room: 0.');
  await page.reload();
  await expect(kept).toContainText('The model of “first.csv” was saved');
  await limitTo({});
  expect(complaints).toEqual([]);
});

test('reports that its worker is gone, and resumes in another with what was kept', async ({ page }) => {
  await open(page);
  await page.getByLabel('Preset').selectOption('quick');
  await page.locator('#epochs').fill('500');
  const [status, alert, train] = ['status', 'alert', 'train'].map((id) => page.getByTestId(id));
  const isGone = async (end: () => unknown, words: string) => {
    for (const worker of page.workers()) await worker.evaluate(end);
    await expect(alert!).toHaveText(`The worker failed: ${words}. Train again, or reload the page.`);
    await expect(status!).toHaveText('Training failed; see the message.');
    await expect(page.getByTestId('stop')).toBeDisabled();
    await expect(train!).toBeEnabled();
    await expect(page.getByTestId('kept')).toContainText('Resume training');
  };
  await train!.click();
  const throws = () => {
    setTimeout(() => {
      throw new Error('out of order');
    });
  };
  await expect(page.locator('#epoch-rows tr').nth(2)).toBeAttached({ timeout: 30_000 });
  await isGone(throws, 'Uncaught Error: out of order');
  await page.getByTestId('take-model').click();
  await expect(alert!).toContainText('The model was lost with its worker.');
  await page.locator('.kept-go:enabled').click();
  await expect(status!).toHaveText('Compiling the kernels …');
  await isGone(() => setTimeout(() => self.close()), 'it ran out of memory, or was ended');
});
