import { type ConsoleMessage, expect, type Page, test } from '@playwright/test';

/** A wave that an LSTM learns in seconds, in the form a Brazilian spreadsheet writes: `;` and a decimal comma. */
const WAVE = [
  'Data;Fechamento',
  ...Array.from({ length: 240 }, (_, row) => {
    const date = new Date(Date.UTC(2020, 0, 1 + row)).toLocaleDateString('pt-BR', { timeZone: 'UTC' });
    return `${date};${(100 + 10 * Math.sin(row / 2)).toFixed(2).replace('.', ',')}`;
  }),
].join('\n');

const complaints: string[] = [];

/** Opens the page and waits for the bundled series; whatever the console says is kept for the end of the test. */
async function open(page: Page): Promise<void> {
  complaints.length = 0;
  page.on('console', (message: ConsoleMessage) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`request failed: ${request.url()}`));
  await page.goto('./');
  await expect(page.getByTestId('series-name')).toContainText('1,000 rows');
}

/** Drops a file on the page as a person does: a drag with a file in it, let go over the page. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([content!], fileName!, { type: 'text/csv' }));
      return data;
    },
    [name, text],
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
  await expect(page.getByText('Drop the CSV to forecast it')).toBeVisible();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

/** Share of a chart's pixels that have exactly this colour of style.css: a line's own, which nothing else has. */
async function paintedShare(page: Page, testId: string, colour: string): Promise<number> {
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
  }, colour);
}

const epochLosses = (page: Page): Promise<number[]> =>
  page.locator('#epoch-rows tr').evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.loss)));

test('drops a CSV, trains, and sees the loss fall and both charts drawn', async ({ page }) => {
  await open(page);
  await drop(page, 'wave.csv', WAVE);
  await expect(page.getByTestId('series-name')).toHaveText('wave.csv: 240 rows, 01/01/2020 to 27/08/2020');
  await expect(page.getByTestId('column')).toHaveValue('1');
  const before = await paintedShare(page, 'forecast-chart', '--model');
  expect(before).toBe(0);

  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Done: 3,680 steps', { timeout: 45_000 });

  const losses = await epochLosses(page);
  expect(losses).toHaveLength(20);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 20);
  await expect(page.getByTestId('verdict')).toContainText('Better than guessing');
  await expect.poll(() => paintedShare(page, 'forecast-chart', '--model')).toBeGreaterThan(0.001);
  expect(await paintedShare(page, 'forecast-chart', '--chart-actual')).toBeGreaterThan(0.001);
  expect(await paintedShare(page, 'loss-chart', '--model')).toBeGreaterThan(0.001);
  await expect(page.getByTestId('forecast-chart')).toHaveAttribute('aria-label', /240 rows, 46 of them predicted/);
  expect(complaints).toEqual([]);
});

test('stops training when asked, and trains again', async ({ page }) => {
  await open(page);
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill('500');
  await page.getByTestId('train').click();
  await expect(page.locator('#epoch-rows tr').first()).toBeAttached({ timeout: 30_000 });
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('status')).toContainText('Stopped after');
  await expect(page.getByTestId('score-rmse')).not.toContainText('–');
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill('1');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Done: 792 steps', { timeout: 30_000 });
  expect(complaints).toEqual([]);
});

test('says what is wrong with a file, and keeps the series before it', async ({ page }) => {
  await open(page);
  await drop(page, 'names.csv', 'Name,City\nAnn,Rome\nBob,Oslo\n');
  await expect(page.getByTestId('alert')).toContainText('names.csv: CSV: no column holds numbers');
  await drop(page, 'hole.csv', `${WAVE}\n28/08/2020;n.d.\n29/08/2020;soon\n`);
  await expect(page.getByTestId('alert')).toContainText('row 242');
  await expect(page.getByTestId('series-name')).toContainText('S&P 500');
  await expect(page.getByTestId('train')).toBeEnabled();
  expect(complaints).toEqual([]);
});

test('says what is wrong with a setting, and loses nothing', async ({ page }) => {
  await open(page);
  await page.getByLabel('Hidden units').fill('0');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('alert')).toContainText('hiddenSize: got 0');
  await page.getByLabel('Hidden units').fill('32');
  await expect(page.getByTestId('train')).toBeEnabled();
  expect(complaints).toEqual([]);
});

test('asks no other server for anything', async ({ page }) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await open(page);
  await drop(page, 'wave.csv', WAVE);
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill('1');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('status')).toContainText('Done', { timeout: 30_000 });
  expect([...hosts].filter((host) => host !== '')).toEqual([new URL(page.url()).host]);
});

test('fits a phone: nothing is wider than 360 px', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
