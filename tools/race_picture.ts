// Writes demo/race.webp, an animation of three networks learning a task on the page in headless Chrome. The race runs to its end
// first; then each picture is a frame of its film, so that the spacing is the same on every machine.
// npm run picture:race -- path 'link' 390x844 dark: the same with another link, size or color scheme.
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright';
import sharp from 'sharp';
import { STEPS_PER_FRAME } from '../demo/learn/race.ts';
import { withPage } from './page.ts';

const [path = 'demo/race.webp', link = '?lang=en#learn&task=wave&delay=30', size = '1200x900', scheme] =
  process.argv.slice(2);
const PICTURES = 48;
const [PICTURE_MS, LAST_MS] = [110, 2500];

await withPage(link, { size, scheme }, async (page) => {
  const toggle = page.getByTestId('race-toggle');
  if ((await toggle.textContent()) === 'Start') await toggle.click({ timeout: 60_000 });
  await page.getByText('The race ended').waitFor({ timeout: 600_000 });
  console.log(await page.getByTestId('race-status').textContent());
  // room for the longest verdict, so that all pictures are of one size
  await page.getByTestId('race-status').evaluate((status: HTMLElement) => {
    status.style.minHeight = `${status.offsetHeight}px`;
  });
  const film = page.getByTestId('film');
  const [newest, every] = await film.evaluate((input: HTMLInputElement) => [Number(input.max), Number(input.step)]);
  // closer together at the start, where most happens
  const numbers = Array.from(
    { length: PICTURES },
    (_, k) => Math.round(((k / (PICTURES - 1)) ** 2 * newest!) / every!) * every!,
  );
  const pictures: Buffer[] = [];
  for (const number of new Set(numbers)) pictures.push(await pictureOf(page, number));
  const delay = pictures.map((_, k) => (k === pictures.length - 1 ? LAST_MS : PICTURE_MS));
  const moving = await sharp(pictures, { join: { animated: true } })
    .webp({ quality: 70, effort: 6, delay, loop: 0 })
    .toBuffer();
  writeFileSync(path, moving);
  console.log(`${path}: ${pictures.length} pictures, ${Math.round(moving.byteLength / 1000)} KB`);
});
process.exit(0);

/** A screenshot of the race at a frame of the film. */
async function pictureOf(page: Page, number: number): Promise<Buffer> {
  await page.getByTestId('film').evaluate((input: HTMLInputElement, value) => {
    input.value = String(value);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, number);
  const isShown = (step: number) =>
    Number(document.querySelector('[data-testid=race-step]')!.textContent!.replace(/\D/g, '')) === step;
  await page.waitForFunction(isShown, number * STEPS_PER_FRAME);
  return page.locator('.panel.race').screenshot();
}
