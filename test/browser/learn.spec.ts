import AxeBuilder from '@axe-core/playwright';
import { type ConsoleMessage, expect, type Page, test } from '@playwright/test';
import { longTasks } from './main_thread.ts';
import { useScheme } from './scheme.ts';

const complaints: string[] = [];

/** Opens the section "Learn". @param state what else the link holds. */
async function open(page: Page, state = '', lang = 'en'): Promise<void> {
  complaints.length = 0;
  page.on('console', (message: ConsoleMessage) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  await page.goto(`./?lang=${lang}#learn${state}`);
}

const numberIn = (text: string | null): number => Number((text ?? '').replace(/\D/g, ''));
/** The step that is shown. */
const stepOf = async (page: Page): Promise<number> => numberIn(await page.getByTestId('race-step').textContent());
const reach = (page: Page, step: number) =>
  expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThanOrEqual(step);

/** Waits until the frame under way is done, and no other comes. */
async function rest(page: Page): Promise<number> {
  let step = -1;
  const stays = async () => {
    const before = step;
    step = await stepOf(page);
    return step === before;
  };
  await expect.poll(stays, { intervals: [1500], timeout: 20_000 }).toBe(true);
  return step;
}

/** What the three pictures and the heat maps look like, as their pixels. */
const pixels = (page: Page): Promise<string[]> =>
  page
    .locator('.lane-picture, .film .heat-map')
    .evaluateAll((canvases) => canvases.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
const scores = (page: Page): Promise<string[]> => page.locator('.lane-score').allTextContents();

/** Moves the film to a frame, as its slider does. */
const scrub = (page: Page, number: number): Promise<void> =>
  page.getByTestId('film').evaluate((film, value) => {
    (film as HTMLInputElement).value = String(value);
    film.dispatchEvent(new Event('input', { bubbles: true }));
  }, number);

test('starts automatically, moves, and describes each network', async ({ page }) => {
  await open(page);
  await reach(page, 8);
  const before = await pixels(page);
  await reach(page, (await stepOf(page)) + 12); // a fast device is far beyond 8 by now
  const after = await pixels(page);
  expect(after.slice(0, 3).every((picture, k) => picture !== before[k])).toBe(true);
  for (const racer of ['RNN', 'GRU', 'LSTM'])
    await expect(page.getByTestId(`lane-${racer}`).getByRole('img')).toHaveAttribute('aria-label', new RegExp(racer));
  await expect(page.getByTestId('race-status')).toHaveText('None of the three has learned the task yet.');
  const movedMs = await page.evaluate(() =>
    performance.getEntriesByName('first-movement').map((mark) => mark.startTime),
  );
  expect(movedMs).toHaveLength(1);
  expect(complaints).toEqual([]);
});

test('learns the task, and states it once', async ({ page }) => {
  await open(page, '&task=recall&delay=4');
  await expect(page.getByTestId('race-status')).toContainText(/The LSTM learned it after \d+ training steps/, {
    timeout: 90_000,
  });
});

test('starts only when asked where less motion is wanted', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page);
  const toggle = page.getByTestId('race-toggle');
  await expect(toggle).toBeEnabled();
  await expect(toggle).toHaveText('Start');
  await expect(page.getByTestId('race-status')).toHaveText('Ready to start.');
  await expect(page.getByTestId('film-place')).toHaveText('Training step 0 of 0');
  await expect(page.locator('.film').getByText('How far back the gradient reaches')).toBeHidden();
  await page.waitForTimeout(500);
  expect(await stepOf(page)).toBe(0);
  await toggle.press('Enter');
  await reach(page, 4);
});

test('pauses and goes on, by keys too, and when its section is left', async ({ page }) => {
  await open(page);
  await reach(page, 8);
  const toggle = page.getByTestId('race-toggle');
  await toggle.focus();
  await page.keyboard.press('Space');
  await expect(toggle).toHaveText('Resume');
  const step = await rest(page);
  await page.keyboard.press('Space');
  await reach(page, step + 8);
  await page.locator('#forecast-tab').click();
  const left = await rest(page);
  await page.locator('#learn-tab').click();
  await reach(page, left + 8);
});

test('scrubs back to a frame, to the pixel, and goes back to live', async ({ page }) => {
  await open(page, '&task=order&delay=6');
  await reach(page, 12);
  await page.getByTestId('race-toggle').click();
  await rest(page);
  await page.getByTestId('film').scrollIntoViewIfNeeded();
  const frame = (await stepOf(page)) / 4;
  await scrub(page, frame);
  await expect(page.getByTestId('film-live')).toHaveAttribute('aria-pressed', 'false');
  const [then, scoresThen] = [await pixels(page), await scores(page)];
  expect(then.length).toBe(9); // three pictures, and an LSTM's gates and states
  const scales = () => page.locator('.film .heat-legend').allTextContents();
  expect((await scales()).slice(0, 4)).toEqual(['01', '01', '-11', '01']); // i, f, g, o
  await page.getByTestId('film-live').click();
  await page.getByTestId('race-toggle').click();
  await reach(page, 4 * frame + 20);
  await page.getByTestId('race-toggle').click();
  const newest = await rest(page);
  await scrub(page, frame);
  await expect(page.getByTestId('film-place')).toHaveText(`Training step ${4 * frame} of ${newest}`);
  expect(await scores(page)).toEqual(scoresThen);
  expect(await pixels(page)).toEqual(then);
  await page.getByTestId('film-live').click();
  await expect(page.getByTestId('race-step')).toHaveText(`Training step ${newest}`);
  expect(await pixels(page)).not.toEqual(then);
  const newestScales = await scales();
  await scrub(page, frame);
  expect(await scales()).toEqual(newestScales); // also of c, which has no bound: the film has one scale
});

test('starts over when the delay or the task changes, and has both in the link', async ({ page }) => {
  await open(page);
  await reach(page, 12);
  const delay = page.getByTestId('delay');
  await expect(delay).toHaveValue('10');
  await delay.press('ArrowRight');
  await expect(delay).toHaveAttribute('aria-valuetext', '11 time steps');
  await expect.poll(() => page.url()).toContain('delay=11');
  await reach(page, 4);
  await page.getByRole('radio', { name: 'Add' }).check();
  await expect(page.getByText('What is their sum?')).toBeVisible();
  await expect.poll(() => page.url()).toContain('#learn&task=adding&delay=8&seed=0');
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Add' })).toBeChecked();
});

test('shows the gates of another network, and of another sequence', async ({ page }) => {
  await open(page);
  await reach(page, 4);
  await page.getByRole('radio', { name: 'GRU' }).check();
  await expect(page.locator('.film .heat-map')).toHaveCount(4);
  await page.getByRole('radio', { name: 'RNN', exact: true }).check();
  await expect(page.locator('.film .heat-map')).toHaveCount(1);
  await page.getByTestId('race-toggle').click();
  await rest(page);
  const one = await pixels(page);
  await page.getByLabel('Test sequence').press('ArrowRight');
  await expect.poll(async () => (await pixels(page)).join() === one.join()).toBe(false);
});

test('speaks Portuguese, without a word of English', async ({ page }) => {
  await open(page, '&task=adding', 'pt');
  await reach(page, 4);
  const text = await page.locator('#learn').evaluate((section) => {
    const copy = section.cloneNode(true) as HTMLElement;
    for (const title of copy.querySelectorAll('[lang="en"]')) title.remove(); // of a paper
    return copy.textContent;
  });
  expect(text).toContain('Qual rede se lembra?');
  expect(text).toContain('Nenhuma das três aprendeu a tarefa ainda.');
  expect(text).not.toMatch(/\b(the|step|steps|delay|loss|network|pause|live|sequence|error)\b/i);
});

for (const width of [390, 1440])
  test(`has no problem of accessibility, light or dark, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page);
    await reach(page, 4);
    await page.getByTestId('race-toggle').click();
    await page.locator('#learn summary').click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await useScheme(page, colorScheme);
      const { violations } = await new AxeBuilder({ page }).include('#learn').analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });

test('draws the states of the newest frame as they come into view, also of a race at rest', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 500 });
  await open(page, '&task=recall&delay=4');
  await reach(page, 60);
  await page.getByTestId('race-toggle').click();
  await rest(page);
  const drawn = () => pixels(page).then((all) => all.slice(3));
  await page.locator('.film .heat-maps').scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  const seen = await drawn();
  await page.getByTestId('film-live').click();
  await page.waitForTimeout(500);
  expect(seen).toEqual(await drawn());
});

test('has the task, the button and the pictures on the first screen of a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await reach(page, 4);
  for (const part of [page.locator('.race .choice').first(), page.getByTestId('race-toggle'), page.locator('.lanes')]) {
    const { y, height } = (await part.boundingBox())!;
    expect(y + height).toBeLessThanOrEqual(844);
  }
});

test('no task of the main thread computes or waits for the GPU for 50 ms in a race', { tag: '@alone' }, async ({
  page,
}) => {
  await open(page);
  await reach(page, 8);
  const tasks = await longTasks(page, async () => {
    await page.getByTestId('film').scrollIntoViewIfNeeded();
    await reach(page, 48);
  });
  expect(tasks).toEqual([]);
});
