import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { useScheme } from './scheme.ts';
import { drop, FOUR_YEARS, SALES, SHOP, WAVE } from './series.ts';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };

const seriesName = (page: Page) => page.getByTestId('series-name');

/** Opens the page, and forecasts a dropped file of months. */
async function forecastSales(page: Page, language = 'en'): Promise<void> {
  await page.goto(`./?lang=${language}#forecast`);
  await drop(page, 'sales.csv', FOUR_YEARS);
  await expect(seriesName(page)).toContainText('sales.csv: 48');
  await page.getByTestId('forecast').click();
  await expect(page.getByTestId('ahead')).toBeVisible({ timeout: 90_000 });
}

const download = async (page: Page, testId: string): Promise<string> => {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testId).click()]);
  return readFileSync(await file.path(), 'latin1');
};

const epochLosses = (page: Page): Promise<(string | undefined)[]> =>
  page.locator('#epoch-rows tr').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.loss));

/** The link of what is shown. */
const linkOf = async (page: Page): Promise<string> => {
  const link = page.locator('#forecast-tab');
  return (await link.getAttribute('href')) ?? '';
};

test('forecasts a dropped file on a phone: the bar has what can be used, and nothing above the result moves', async ({
  page,
}) => {
  await page.setViewportSize(PHONE);
  await page.goto('./#forecast');
  await drop(page, 'sales.csv', FOUR_YEARS);
  await expect(seriesName(page)).toContainText('48 rows');
  const [chart, button] = [page.getByTestId('ahead-chart'), page.getByTestId('forecast')];
  const [loss, left, pause, stop] = ['live-loss', 'time-left', 'pause', 'stop'].map((id) => page.getByTestId(id));
  const areHidden = async (...all: (typeof loss)[]) => {
    for (const one of all) await expect(one!).toBeHidden();
  };
  await areHidden(loss, left, pause, stop);
  await expect(button).toBeEnabled({ timeout: 30_000 });
  for (const part of [page.locator('#file-label'), button, chart.locator('canvas')])
    await expect(part).toBeInViewport({ ratio: 1 });
  const tops = await chart.evaluateHandle((host) => {
    const seen = new Set([host.getBoundingClientRect().top]);
    const look = () => {
      seen.add(host.getBoundingClientRect().top);
      requestAnimationFrame(look);
    };
    look();
    return seen;
  });
  const atOnce = await button.evaluate((one: HTMLButtonElement) => {
    one.click();
    return (document.getElementById('progress') as HTMLProgressElement).position;
  });
  expect(atOnce).toBe(-1); // it moves, though nothing is known yet
  await expect(page.getByTestId('status')).toHaveText('Training the models …', { timeout: 30_000 });
  await expect(stop!).toBeVisible();
  await expect(left!).toBeVisible();
  await areHidden(loss, pause);
  await expect(page.getByTestId('status')).toContainText('Forecast made in', { timeout: 60_000 });
  await areHidden(left, stop);
  expect(await page.getByTestId('progress').evaluate(({ position }: HTMLProgressElement) => position)).toBe(0);
  await expect(page.getByTestId('ahead')).toBeVisible();
  await page.waitForTimeout(500);
  expect(await tops.evaluate((seen) => [...seen].length)).toBe(1);
  await expect(page.getByTestId('spoken')).toContainText('Forecast made in');
  await expect(page.getByTestId('ahead-chart').locator('.u-legend .u-label')).toHaveText([
    ...['Date', 'Actual', 'Forecast', '90% interval'],
  ]);
  const lines = (await download(page, 'take-forecast')).trim().split('\n');
  expect(lines).toHaveLength(13);
  expect(lines[1]).toMatch(/^1,2024-01,[\d.]+,[\d.]+,[\d.]+$/);
});

test('a link to a training shows its settings, and a click its results, also on a phone', async ({ page }) => {
  await page.setViewportSize(PHONE);
  await page.goto('./#forecast&train&epochs=200&batchSize=64');
  await expect(page.getByTestId('advanced').locator('summary').first()).toBeInViewport();
  await expect(page.getByTestId('train')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train').click();
  await expect(page.getByTestId('forecast-chart')).toBeInViewport({ ratio: 0.5 });
  for (const id of ['pause', 'stop']) await expect(page.getByTestId(id)).toBeVisible();
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('status')).toContainText('Training stopped after', { timeout: 30_000 });
});

test('a link holds a small series of the visitor, and how a bundled one is read', async ({ page, context }) => {
  await page.goto('./#forecast');
  await drop(page, 'sales.csv', SALES);
  await expect(seriesName(page)).toContainText('72 rows');
  await expect.poll(() => linkOf(page)).toMatch(/^#forecast&name=sales\.csv&data=[\w-]+$/);
  const other = await context.newPage();
  await other.goto(`./${await linkOf(page)}`);
  await expect(seriesName(other)).toHaveText('sales.csv: 72 rows, Jan 2018 to Dec 2023');
  expect(await linkOf(other)).toBe(await linkOf(page));
  await other.close();

  await page.getByTestId('births').click();
  await expect(seriesName(page)).toContainText('5,479 rows');
  await page.locator('#read-options > summary').click();
  await page.getByTestId('rows').fill('500');
  await page.getByTestId('rows').blur();
  await expect(seriesName(page)).toContainText('500 rows');
  await expect.poll(() => linkOf(page)).toBe('#forecast&series=births&column=1&last=500');
  await page.goto(`./?lang=pt${await linkOf(page)}`);
  await expect(seriesName(page)).toContainText('500 linhas');
});

test('takes a link that is pasted into an open tab: section, series and settings', async ({ page }) => {
  let loads = 0;
  page.on('load', () => loads++);
  const paste = (hash: string) => page.evaluate((to) => location.assign(to), hash);
  await page.goto('./#learn');
  await paste('#forecast&series=births&last=500&epochs=7&hiddenSize=5&outliers=keep');
  await expect(seriesName(page)).toContainText('500 rows');
  await expect(page.locator('#epochs')).toHaveValue('7');
  await expect(page.locator('#hidden')).toHaveValue('5');
  await expect(page.getByTestId('outliers')).toHaveValue('keep');
  await expect(page.getByTestId('advanced')).toHaveAttribute('open');
  await drop(page, 'wave.csv', WAVE);
  await expect(seriesName(page)).toContainText('wave.csv: 240 rows');
  const wave = await expect
    .poll(() => linkOf(page))
    .toContain('name=wave.csv')
    .then(() => linkOf(page));

  // tabs and the history do not touch what is shown, whatever the address had before the file was dropped
  await page.locator('#learn-tab').click();
  await expect(page.locator('#learn')).toBeVisible();
  await page.goBack();
  await expect(page.locator('#forecast')).toBeVisible();
  await page.locator('#learn-tab').click();
  await page.locator('#forecast-tab').click();
  await expect(page.locator('#forecast')).toBeVisible();
  await expect(page.locator('#epochs')).toHaveValue('7');
  await expect(seriesName(page)).toContainText('wave.csv: 240 rows');

  await paste('#forecast&series=sp500');
  await expect(seriesName(page)).toContainText('1,000 rows');
  await expect(page.locator('#epochs')).toHaveValue('20');
  await expect(page.getByTestId('outliers')).toHaveValue('replace');
  await expect(page.getByTestId('advanced')).not.toHaveAttribute('open');
  await paste('#forecast&data=!!!');
  await expect(page.getByTestId('alert')).toContainText('This link is damaged');
  await paste(wave);
  await expect(seriesName(page)).toContainText('wave.csv: 240 rows');
  await expect(page.getByTestId('alert')).toBeEmpty();

  await page.getByTestId('train').click();
  await expect(page.getByTestId('stop')).toBeEnabled();
  const training = page.url();
  await paste('#forecast&series=births');
  await expect(page.getByTestId('alert')).toHaveText('Stop what is running, then open the link again.');
  expect(page.url()).toBe(training);
  await expect(seriesName(page)).toContainText('wave.csv: 240 rows');
  await paste('#learn&task=adding&delay=30');
  await expect(page.getByTestId('delay')).toHaveValue('30');
  expect(loads).toBe(1);
});

for (const [language, names, words] of [
  [
    'en',
    ['Other columns', 'past', 'known ahead'],
    ['12 rows', /^“visits” is not known as far ahead .+ 12 rows more at its end/],
  ],
  [
    'pt',
    ['Outras colunas', 'passado', 'futuro conhecido'],
    ['12 linhas', /^“visits” não é conhecida até onde vai a previsão: .+ faltam 12 linhas/],
  ],
] as const)
  test(`trains and forecasts with other columns, up to the end or ahead: ${language}`, async ({ page, context }) => {
    await page.goto(`./?lang=${language}#forecast&train&epochs=3&batchSize=8&horizon=12`);
    await drop(page, 'shop.csv', SHOP);
    await expect(seriesName(page)).toContainText('shop.csv: 72');
    await expect(page.getByTestId('series-note')).toContainText(words[0]); // at the end have no value yet
    const group = page.getByTestId('side-columns');
    await expect(group.locator('summary')).toHaveText(names[0]);
    const [visits, promo] = ['visits', 'promo'].map((name) => group.getByLabel(name));
    const [status, code] = [page.getByTestId('status'), page.getByTestId('library-code')];

    await visits!.selectOption(names[2]);
    await expect(code).toContainText("future: ['visits']");
    await page.getByTestId('train').click();
    await expect(page.getByTestId('alert')).toHaveText(words[1]);

    await visits!.selectOption(names[1]);
    await promo!.selectOption(names[2]);
    await expect(code).toContainText("past: ['visits']");
    await expect(page.getByTestId('pytorch-code')).toContainText('is not exported for PyTorch');
    await page.getByTestId('train').click();
    await expect(status).toContainText('(12 ', { timeout: 30_000 });
    await expect(page.getByTestId('inside').locator('.heat-map').first()).toBeHidden();
    const predictions = (await download(page, 'take-predictions')).trim().split('\n');
    expect(predictions.at(-1)).toMatch(/^84,2024-12,12,,[\d.]+/);
    const model = await download(page, 'take-model');
    for (const said of ['\\"past\\":[\\"visits\\"]', '\\"future\\":[\\"promo\\"]', '\\"horizon\\":12'])
      expect(model).toContain(said);
    const losses = await epochLosses(page);
    expect(losses).toHaveLength(3);

    const link = await linkOf(page);
    expect(link).toMatch(/&column=1&past=visits&future=promo&epochs=3&/);
    const other = await context.newPage();
    await other.goto(`./?lang=${language}${link}`);
    await expect(other.getByTestId('side-columns').getByLabel('promo')).toHaveValue('future');
    await other.getByTestId('train').click();
    await expect(other.getByTestId('status')).toContainText('(12 ', { timeout: 30_000 });
    expect(await epochLosses(other)).toEqual(losses);
    await other.close();

    await drop(page, 'wave.csv', WAVE); // none of its columns is left
    await expect(group).toBeHidden();
    await page.setViewportSize(PHONE);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await expect.poll(width).toBeLessThanOrEqual(PHONE.width); // charts follow in a later frame
  });

test('forecasts with other columns, as far as they are known ahead', async ({ page }) => {
  test.setTimeout(240_000); // a model that reads other columns takes three times as many steps
  await page.goto('./#forecast');
  const [head, ...rows] = SHOP.split('\n');
  await drop(page, 'shop.csv', [head, ...rows.slice(24, -8)].join('\n'));
  await expect(seriesName(page)).toContainText('shop.csv: 48');
  await page.locator('#advanced > summary').click();
  await page.getByTestId('side-columns').getByLabel('promo').selectOption('known ahead');
  await expect(page.getByTestId('library-code')).toContainText("future: ['promo']");
  await page.getByTestId('forecast').click();
  await expect(page.getByTestId('ahead')).toBeVisible({ timeout: 200_000 });
  await expect(page.getByTestId('forecast-values').locator('tbody tr')).toHaveCount(4);
  await expect(page.getByTestId('forecast-code')).toContainText('{ target: values, moments, past, future }');
  await expect(page.getByTestId('forecast-code')).toContainText('{ device, horizon: 4 }');
});

test('backtests a training from several origins, and stops when asked', async ({ page }) => {
  await page.goto('./#forecast&train&epochs=10&batchSize=8&lr=0.01&horizon=5&scalerFit=train');
  const [run, table, status] = ['backtest-run', 'backtest-scores', 'status'].map((id) => page.getByTestId(id));
  await drop(page, 'wave.csv', WAVE);
  await expect(seriesName(page)).toContainText('wave.csv: 240 rows');
  await expect(run!).toBeDisabled(); // there is no training yet
  await page.getByTestId('train').click();
  await expect(run!).toBeEnabled({ timeout: 30_000 });
  await expect(table!).toBeHidden();
  const rmse = await page.getByTestId('score-rmse').textContent();
  await run!.click();
  await expect(status!).toContainText('Backtest done in', { timeout: 60_000 });
  // a fifth of the rows in five folds of nine
  await expect(table!.locator('tbody th')).toHaveText([
    ...['Jul 14, 2020 to Jul 22, 2020', 'Jul 23, 2020 to Jul 31, 2020', 'Aug 1, 2020 to Aug 9, 2020'],
    ...['Aug 10, 2020 to Aug 18, 2020', 'Aug 19, 2020 to Aug 27, 2020', 'All'],
  ]);
  await expect(table!.locator('thead th').nth(2)).toHaveText('Same as the row before');
  const errors = (await table!.locator('tbody td:nth-child(2)').allTextContents()).map(Number);
  const all = errors.pop()!;
  expect(errors.every((error) => error > 0 && error < 20)).toBe(true);
  expect(all).toBeCloseTo(errors.reduce((sum, error) => sum + error) / 5, 2); // as many rows in each
  await expect(page.getByTestId('backtest-verdict')).toContainText(`${all.toPrecision(4)} vs.`);
  await expect(page.getByTestId('backtest')).toContainText('over 1 to 5 steps ahead');
  await expect(page.getByTestId('score-rmse')).toHaveText(rmse!); // the training stays
  await page.setViewportSize(PHONE);
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);

  await page.locator('#epochs').evaluate((input: HTMLInputElement) => {
    input.value = '300';
  });
  await page.getByTestId('train').click();
  await expect(table!).toBeHidden(); // it was of the training before
  await expect(run!).toBeEnabled({ timeout: 60_000 });
  await run!.click();
  await expect
    .poll(() => page.getByTestId('progress').evaluate(({ value }: HTMLProgressElement) => value))
    .toBeGreaterThan(0);
  await page.getByTestId('stop').click();
  await expect(status!).toHaveText('The backtest was stopped.');
  await expect(page.getByTestId('alert')).toBeEmpty();
  await expect(table!).toBeHidden();
  await expect(run!).toBeEnabled();
});

test('notes the outliers that a forecast replaces, and keeps them when asked', async ({ page, context }) => {
  await page.goto('./#forecast');
  const lines = FOUR_YEARS.split('\n');
  const [before, , after] = lines.slice(21, 24).map((line) => Number(line.split(',')[1]));
  lines[22] = `${lines[22]!.split(',')[0]},999999`;
  await drop(page, 'sales.csv', lines.join('\n'));
  await expect(seriesName(page)).toContainText('sales.csv: 48');
  const [forecast, ahead, note] = ['forecast', 'ahead', 'outliers-note'].map((id) => page.getByTestId(id));
  await forecast!.click();
  await expect(ahead!).toBeVisible({ timeout: 90_000 });
  const mean = (before! + after!) / 2;
  await expect(note!).toHaveText(
    `An outlier was replaced by the mean of its neighbors: 999,999.0 (Oct 2021) → ${mean.toFixed(1)}. Keep it and forecast again`,
  );
  await expect(page.getByTestId('forecast-code')).toContainText('{ device }');
  await page.getByTestId('keep-outliers').click();
  await expect(page.getByTestId('forecast-code')).toContainText("{ device, outliers: 'keep' }", { timeout: 90_000 });
  await expect(note!).toBeHidden();
  await expect(page.getByTestId('outliers')).toHaveValue('keep');
  expect(new URL(page.url()).hash).toMatch(/^#forecast&name=sales.csv&data=[\w-]+&outliers=keep$/);

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(seriesName(other)).toContainText('sales.csv: 48');
  await expect(other.getByTestId('outliers')).toHaveValue('keep');
});

test('a link names a file that is too large for it, and asks for it', async ({ page }) => {
  const rows = Array.from({ length: 3000 }, (_, k) => `${k},${Math.sin(k ** 2).toFixed(6)}`);
  const large = `t,value\n${rows.join('\n')}\n`;
  await page.goto('./#forecast');
  await drop(page, 'large.csv', large);
  await expect(seriesName(page)).toContainText('3,000 rows');
  await expect.poll(() => linkOf(page)).toBe('#forecast&file=large.csv&file-rows=3000');
  await page.goto(`./?lang=en${await linkOf(page)}`);
  await expect(page.getByTestId('file-needed')).toHaveText(
    'This link needs a file: choose or drop “large.csv” (3,000 rows).',
  );
  await expect(page.getByTestId('forecast')).toBeDisabled();
  await drop(page, 'wave.csv', WAVE);
  await expect(page.getByTestId('file-needed')).toBeHidden();
});

test('a link to a large file has how it was read: of two series one, without holes, the last rows', async ({
  page,
}) => {
  const rows = Array.from({ length: 3000 }, (_, k) => {
    const day = new Date(Date.UTC(2010, 0, 1 + k)).toISOString().slice(0, 10);
    return `${day},north,${k === 2900 ? '' : Math.sin(k ** 2).toFixed(6)}\n${day},south,${k % 7}`;
  });
  const long = `date,shop,value\n${rows.join('\n')}\n`;
  await page.goto('./#forecast');
  await page.locator('#read-options > summary').click();
  await page.getByTestId('missing').selectOption('drop');
  await drop(page, 'long.csv', long);
  await expect(seriesName(page)).toContainText('long.csv: 2,999 rows');
  await page.getByTestId('rows').fill('2500');
  await page.getByTestId('rows').blur();
  await expect(seriesName(page)).toContainText('long.csv: the last 2,500 rows');
  const link = '#forecast&file=long.csv&file-rows=2500&column=2&last=2500&missing=drop&id-column=shop&id=north';
  await expect.poll(() => linkOf(page)).toBe(link);
  await page.goto(`./?lang=pt${link}`);
  await expect(page.getByTestId('file-needed')).toContainText('escolha ou solte “long.csv” (2.500 linhas)');
  await drop(page, 'long.csv', long);
  await expect(seriesName(page)).toContainText('long.csv: as últimas 2.500 linhas');
  await expect(page.getByTestId('missing')).toHaveValue('drop');
  await expect(page.getByTestId('series-id')).toHaveValue('north');
  await expect.poll(() => linkOf(page)).toBe(link);

  // the file that is open is read again by a link to it
  await page.evaluate((to) => location.assign(to), link.replaceAll('2500', '2000'));
  await expect(seriesName(page)).toContainText('long.csv: as últimas 2.000 linhas');
  await expect(page.getByTestId('file-needed')).toBeHidden();
});

for (const link of [
  '#forecast&data=!!!',
  '#forecast&data=AAAA',
  '#forecast&series=gold',
  `#forecast&data=${'A'.repeat(5000)}`,
])
  test(`refuses the damaged link ${link.slice(0, 24)}`, async ({ page }) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`./${link}`);
    await expect(page.getByTestId('alert')).toContainText('This link is damaged');
    await expect(seriesName(page)).toContainText('1,000 rows');
    await expect(page.getByTestId('alert')).toContainText('This link is damaged'); // still
    expect(errors).toEqual([]);
  });

test('two tabs that train at once keep both trainings', async ({ context }) => {
  const pages = await Promise.all(
    ['first.csv', 'second.csv'].map(async (name) => {
      const page = await context.newPage();
      await page.goto('./#forecast&train');
      await drop(page, name, WAVE);
      await expect(seriesName(page)).toContainText(name);
      await page.getByLabel('Preset').selectOption('quick');
      await page.getByLabel('Epochs').fill('10');
      return page;
    }),
  );
  await Promise.all(pages.map((page) => page.getByTestId('train').click()));
  for (const page of pages) await expect(page.getByTestId('status')).toContainText('(230 steps)', { timeout: 60_000 });
  const losses = await Promise.all(pages.map(epochLosses));
  expect(losses[0]).toEqual(losses[1]);
  for (const [k, page] of pages.entries()) {
    await page.reload();
    await expect(page.getByTestId('kept')).toContainText(`The model of “${['first', 'second'][k]}.csv”`);
  }
});

test('reads the progress of a training aloud from time to time, and keeps the focus in the bar', async ({ page }) => {
  await page.goto('./#forecast&epochs=500&batchSize=64');
  const changes = await page.getByTestId('spoken').evaluateHandle((region) => {
    const said: string[] = [];
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, { childList: true });
    return said;
  });
  await page.getByTestId('train').click();
  await expect(page.locator('#epoch-rows tr').nth(2)).toBeAttached({ timeout: 60_000 });
  await page.getByTestId('stop').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('spoken')).toContainText('Training stopped after', { timeout: 30_000 });
  await expect(page.getByTestId('forecast')).toBeFocused();
  const said = await changes.evaluate((texts) => texts);
  expect(said.filter((text) => text.startsWith('Epoch')).length).toBeLessThan(4);
});

for (const language of ['en', 'pt'] as const)
  test(`axe finds nothing on a phone and on a desk, light or dark, ${language}`, async ({ page }) => {
    await forecastSales(page, language);
    await page.locator('details').evaluateAll((all) => {
      for (const details of all) details.setAttribute('open', '');
    });
    for (const colorScheme of ['light', 'dark'] as const)
      for (const size of [DESKTOP, PHONE]) {
        await useScheme(page, colorScheme);
        await page.setViewportSize(size);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      }
    if (language === 'en') return;
    await expect(page.getByTestId('forecast-sentence')).toHaveText(
      / prevê esta série .+\. Em um teste com os dados mais recentes, de 12 meses, errou [\d,]+% menos que repetir o último ano e /,
    );
    await expect(page.getByTestId('ahead')).toContainText('12 meses à frente, de jan. a dez. de 2024.');
    await expect(page.getByTestId('forecast-methods')).toContainText('A LSTM');
    await page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

/** A phone of some years ago on a slow line: Lighthouse's "Slow 4G", and a quarter of the speed. */
test('paints within a second on a slow phone', { tag: '@alone' }, async ({ page }) => {
  await page.setViewportSize(PHONE);
  const phone = await page.context().newCDPSession(page);
  await phone.send('Network.enable');
  const [downloadThroughput, uploadThroughput] = [1.6e6 / 8, 750e3 / 8];
  await phone.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput,
    uploadThroughput,
  });
  await phone.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.goto('./#forecast');
  const painted = () =>
    page.evaluate(() => performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime));
  await expect.poll(painted).toHaveLength(1);
  const [ms] = await painted();
  console.log(`first contentful paint: ${Math.round(ms!)} ms`);
  expect(ms).toBeLessThan(1000);
});
