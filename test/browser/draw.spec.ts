import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page, test } from '@playwright/test';

/** A zigzag, as shares of the canvas from its top left corner. */
const SHAPE: readonly (readonly [x: number, y: number])[] = [
  [0.02, 0.5],
  [0.25, 0.1],
  [0.5, 0.9],
  [0.8, 0.3],
  [0.98, 0.6],
];

/** Height of the shape at a share of the width, from 0 at the bottom to 1. */
function heightAt(x: number): number {
  const right = Math.max(
    1,
    SHAPE.findIndex(([at]) => at >= x),
  );
  const [[x0, y0], [x1, y1]] = [SHAPE[right - 1]!, SHAPE[right]!];
  return 1 - (y0 + ((x - x0) / (x1 - x0)) * (y1 - y0));
}

async function open(page: Page): Promise<Locator> {
  await page.goto('./#forecast&train');
  await expect(page.getByTestId('series-name')).toContainText('1,000 rows');
  await page.getByTestId('draw-open').click();
  const canvas = page.getByTestId('draw-canvas');
  await expect(canvas).toBeVisible();
  await expect(page.getByTestId('draw-use')).toBeDisabled();
  return canvas;
}

/** The values of the series that is shown, as its file has them. */
async function series(page: Page): Promise<number[]> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('take-series').click()]);
  const [head, ...values] = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n');
  expect(head).toBe('value');
  return values.map(Number);
}

/** Uses what was drawn, and compares it with the shape: within a pixel, and what the nearest column moves it by. */
async function expectShape(page: Page, { width, height }: { width: number; height: number }): Promise<void> {
  await page.getByTestId('draw-use').click();
  await expect(page.getByTestId('draw')).toBeHidden();
  const count = 191 + 2; // columns 4 to 195 of 200, and one for where pixels are rounded
  await expect(page.getByTestId('series-name')).toContainText(/^drawn series: 19\d rows/);
  const values = await series(page);
  expect(Math.abs(values.length - count)).toBeLessThanOrEqual(2);
  const first = Math.round(0.02 * 199);
  const steepest = Math.max(...SHAPE.slice(1).map(([x, y], k) => Math.abs((y - SHAPE[k]![1]) / (x - SHAPE[k]![0]))));
  const column = (height / 199) * steepest; // pixels by which the steepest line moves within a column
  for (const [k, value] of values.entries()) {
    const x = Math.max(0.02, Math.min(0.98, (first + k) / 199));
    const off = Math.abs(value / 100 - heightAt(x)) * height;
    expect(off, `value ${k}: ${value}, at ${x * width} pixels`).toBeLessThanOrEqual(1 + column);
  }
}

test('makes a series of what the mouse draws, within a pixel, and takes back strokes', async ({ page }) => {
  const canvas = await open(page);
  const box = (await canvas.boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(SHAPE[0]!));
  await page.mouse.down();
  for (const point of SHAPE.slice(1)) await page.mouse.move(...at(point), { steps: 40 });
  await page.mouse.up();
  await expect(page.getByTestId('draw')).toContainText(/19\d values/);
  await page.mouse.move(...at([0.3, 0.05])); // another stroke, over the first
  await page.mouse.down();
  await page.mouse.move(...at([0.6, 0.05]), { steps: 10 });
  await page.mouse.up();
  await page.getByTestId('draw-clear').click();
  await expect(page.getByTestId('draw-use')).toBeDisabled();
  await page.getByTestId('draw-undo').click();
  await page.getByTestId('draw-undo').click();
  await expectShape(page, box);
});

test('draws by keys: arrows move a cursor, and the point at it', async ({ page }) => {
  const canvas = await open(page);
  await canvas.focus();
  const press = async (key: string, times: number) => {
    for (let k = 0; k < times; k++) await canvas.press(key);
  };
  await press('Shift+ArrowUp', 2);
  await expect(page.getByTestId('draw')).toContainText('Point 1 of 200: 70');
  await press('Shift+ArrowRight', 10);
  await press('Shift+ArrowDown', 4);
  await press('ArrowDown', 1);
  await expect(page.getByTestId('draw')).toContainText('Point 101 of 200: 29');
  await page.getByTestId('draw-use').click();
  await expect(page.getByTestId('series-name')).toHaveText('drawn series: 101 rows');
  const values = await series(page);
  for (const [k, value] of values.entries()) expect(value).toBeCloseTo(70 - 0.41 * k, 0);
});

test.describe('on a phone', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('makes a series of what a finger draws, within a pixel, and the page does not scroll', async ({ page }) => {
    const canvas = await open(page);
    await expect(canvas).toHaveCSS('touch-action', 'none');
    const box = (await canvas.boundingBox())!;
    expect(box.x + box.width).toBeLessThanOrEqual(390);
    const scrolled = await page.evaluate(() => scrollY);
    const touch = await page.context().newCDPSession(page);
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', [x, y]: readonly [number, number]) =>
      touch.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: box.x + x * box.width, y: box.y + y * box.height }],
      });
    await send('touchStart', SHAPE[0]!);
    for (const [k, [x, y]] of SHAPE.slice(1).entries()) {
      const [x0, y0] = SHAPE[k]!;
      for (let step = 1; step <= 20; step++)
        await send('touchMove', [x0 + (step / 20) * (x - x0), y0 + (step / 20) * (y - y0)]);
    }
    await send('touchEnd', SHAPE.at(-1)!);
    expect(await page.evaluate(() => scrollY)).toBe(scrolled);
    await expectShape(page, box);
  });
});
