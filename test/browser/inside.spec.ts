import { expect, type Locator, type Page, test } from '@playwright/test';

/** Opens the page and trains with the preset that takes a second. */
async function train(page: Page, query = ''): Promise<Locator> {
  await page.goto(`./${query}#forecast&train`);
  await expect(page.getByTestId('series-name')).toContainText(/1[.,]000/);
  await page.locator('#preset').selectOption('quick');
  await page.getByTestId('train').click();
  await expect(page.locator('#stop')).toBeDisabled({ timeout: 60_000 });
  const inside = page.getByTestId('inside');
  await expect(inside.locator('canvas.heat-map')).toHaveCount(6);
  return inside;
}

/** The numbers in the last column of the sum that is shown. */
const products = async (sum: Locator): Promise<number[]> =>
  (await sum.locator('td:last-child').allTextContents()).map((text) => Number(text.replace(/,/g, '')));

test('describes what there is to see before a training', async ({ page }) => {
  await page.goto('./#forecast&train');
  const inside = page.getByTestId('inside');
  await expect(inside).toContainText('Train a model to look inside');
  await expect(inside.locator('canvas')).toHaveCount(0);
});

test('shows the sum behind a cell by a click, and by keys', async ({ page }) => {
  const inside = await train(page);
  const forget = inside.getByRole('application', { name: 'Heat map of f: 32 units over 10 steps, from 0 to 1' });
  const { width, height } = (await forget.boundingBox())!;
  await forget.click({ position: { x: 0.25 * width, y: (4.5 / 32) * height } });
  const sum = page.getByTestId('sum');
  await expect(sum).toContainText(/^f of unit 5 at step 3 \(Apr \d, 2020\)/);
  await expect(sum.locator('code')).toHaveText('f = sigmoid(W_if x + b_if + W_hf h[t−1] + b_hf)');
  const all = await products(sum);
  const [total, value] = all.slice(-2) as [number, number];
  expect(all).toHaveLength(6 + 1 + 2);
  expect(all.slice(0, 7).reduce((a, b) => a + b, 0)).toBeCloseTo(total, 3);
  expect(1 / (1 + Math.exp(-total))).toBeCloseTo(value, 3);

  const cell = inside.getByRole('application', { name: /Heat map of c/ });
  await cell.focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'Enter']) await cell.press(key);
  await expect(sum).toContainText(/^c of unit 3 at step 4 /);
  await expect(sum.locator('code')).toHaveText('c = f · c[t−1] + i · g');
  const [first, second, c] = (await products(sum)) as [number, number, number];
  expect(first + second).toBeCloseTo(c, 3);
  await sum.getByRole('button', { name: 'Close' }).click();
  await expect(sum).toHaveCount(0);
});

test('shows what the forecast depends on at the step that is pointed at', async ({ page }) => {
  const inside = await train(page);
  const place = inside.locator('.place');
  await inside.getByRole('group', { name: 'Step', exact: true }).press('ArrowLeft');
  const words =
    /^Step 9 \(Apr 15, 2020\): input [\d.]+ \(scaled\)\. Gradient of the forecast: -?[\d.]+ .*, [\d.]+ with respect to the state/;
  await expect(place).toHaveText(words);
  const box = (await inside.locator('.unrolled svg').boundingBox())!;
  await page.mouse.move(box.x + 13, box.y + 50);
  await expect(place).toHaveText(/^Step 1 \(Apr \d, 2020\)/);
  await expect(inside.locator('.kept-bar')).toHaveCount(10);
});

test('is drawn while the model trains', async ({ page }) => {
  await page.goto('./#series=sp500&epochs=400');
  await page.getByTestId('train').click({ timeout: 30_000 });
  const forget = page.getByTestId('inside').locator('canvas').nth(1);
  await expect(forget).toBeVisible({ timeout: 60_000 });
  const pixels = () => forget.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const first = await pixels();
  await expect.poll(async () => (await pixels()) === first, { timeout: 30_000 }).toBe(false);
  await expect(page.getByTestId('status')).toContainText('Epoch');
});

test('trains the other cell to compare, and reports which one loses the gradient faster', async ({ page }) => {
  const inside = await train(page);
  const caption = inside.getByTestId('flow-caption');
  await expect(caption).toContainText(
    /^Gradient left at the first of 10 steps, untrained: plain RNN [\d.]+ .*; LSTM [\d.]+ /,
  );
  await inside.getByRole('button', { name: 'Train a plain RNN to compare' }).click();
  await expect(caption).toContainText(/After training: LSTM [\d.]+ .*; plain RNN [\d.]+ .*\. (Here the|Both)/, {
    timeout: 60_000,
  });
  await expect(page.getByTestId('compare')).toBeHidden();
  await expect(page.getByTestId('train')).toBeEnabled();
  const names = inside.locator('.u-legend .u-label');
  await expect(names).toHaveText(['Step', 'plain RNN, untrained', 'LSTM, untrained', 'LSTM', 'plain RNN']);
  await page.getByTestId('inside-row').press('ArrowLeft'); // another window, of both
  await expect(caption).toContainText(/After training: LSTM .*; plain RNN /);
});
