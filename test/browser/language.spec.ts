import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { drop } from './series.ts';

/** Texts of the page by language: names of their exports end in it, or are it. */
const LANGUAGES = { en: /^en$|En$|^ENGLISH$/, pt: /^pt$|Pt$|^PORTUGUESE$/ } as const;
type Language = keyof typeof LANGUAGES;
const OTHER = { en: 'pt', pt: 'en' } as const;

/** Not words of the page: columns of its series, what things are called in every language, and the link to the other one. */
const NAMES = [
  ...['close', 'open', 'high', 'low', 'volume', 'date', 'births'],
  ...['português', 'english', 'sequence', 'timestep', 'resident', 'auto', 'sigmoid', 'google'],
];

const TEXTS = ['demo/texts/en.ts', 'demo/texts/pt.ts', 'demo/texts/errors_en.ts', 'demo/texts/errors_pt.ts'].concat(
  readdirSync('demo')
    .map((folder) => `demo/${folder}/texts.ts`)
    .filter((path) => existsSync(path)),
);

const wordsIn = (text: string): string[] => (text.match(/\p{L}{3,}/gu) ?? []).map((word) => word.toLowerCase());

/** Words of a text, of all in an object, and of the strings in a function that makes one. */
function wordsOf(texts: unknown): string[] {
  if (typeof texts === 'string') return wordsIn(texts);
  if (typeof texts === 'object' && texts !== null) return Object.values(texts).flatMap(wordsOf);
  if (typeof texts !== 'function') return [];
  const strings = String(texts)
    .replace(/\$\{[^{}]*\}/g, ' ')
    .match(/'[^']*'|"[^"]*"|`[^`]*`/g);
  return (strings ?? []).flatMap(wordsIn);
}

const words: Record<Language, Set<string>> = { en: new Set(), pt: new Set() };

test.beforeAll(async () => {
  for (const path of TEXTS) {
    const exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    for (const language of ['en', 'pt'] as const)
      for (const [name, texts] of Object.entries(exported))
        if (LANGUAGES[language].test(name)) for (const word of wordsOf(texts)) words[language].add(word);
  }
  expect(words.en.size).toBeGreaterThan(400);
  expect(words.pt.size).toBeGreaterThan(400);
});

/** Everything that the page shows or reads out: texts that are rendered, and attributes; code and rows of a file are neither. */
const shown = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [document.title];
    const attributes = ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext', 'aria-roledescription'];
    const visit = (node: Node) => {
      if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent ?? '');
      if (!(node instanceof Element) || node.matches('script, style, pre, code')) return;
      const isOption = node instanceof HTMLOptionElement;
      if (node !== document.body && !isOption && node.getClientRects().length === 0) return;
      for (const name of attributes) found.push(node.getAttribute(name) ?? '');
      for (const child of node.childNodes) visit(child);
    };
    visit(document.body);
    return found.filter((text) => text.trim() !== '');
  });

/** Words of the other language that the page shows, each with its text. */
async function foreign(page: Page, language: Language): Promise<string[]> {
  const isForeign = (word: string) =>
    words[OTHER[language]].has(word) && !words[language].has(word) && !NAMES.includes(word);
  const texts = await shown(page);
  return texts.flatMap((text) => {
    const found = wordsIn(text).filter(isForeign);
    return found.length > 0 ? [`${found.join(', ')} in: ${text.trim().slice(0, 120)}`] : [];
  });
}

/** A season of days, one of them without a value, and one with a value of another order. */
const rows = Array.from({ length: 90 }, (_, k) => {
  const day = new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10);
  return `${day},${k === 40 ? '' : k === 20 ? '999999' : (100 + 10 * Math.sin(k / 3)).toFixed(2)}`;
});
const HOLES = ['ds,yhat', ...rows.toSpliced(60, 2)].join('\n');

for (const language of ['en', 'pt'] as const)
  test(`has no word of the other language: ${language}`, async ({ page }) => {
    await page.goto(`./?lang=${language}#forecast`);
    await expect(page.getByTestId('series-name')).toContainText(/1[.,]000/);
    await expect(page.getByTestId('train')).toBeEnabled({ timeout: 30_000 });
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    expect.soft(await foreign(page, language), 'before a run').toEqual([]);

    const alert = page.getByTestId('alert');
    for (const [name, text] of [
      ['a.csv', 'Xa,Xb\nAnn,Rome\nBob,Oslo\n'],
      ['b.csv', 'Xa,Xb\n1,5\n2,4\n4,7\n'],
      ['c.csv', 'Xa;Xb\n1;5;3\n'],
      ['d.csv', ''],
      ['e.csv', '<html><body></body></html>'],
      ['holes.csv', HOLES],
    ] as const) {
      await drop(page, name, text);
      await expect(alert).toContainText(name);
      expect.soft(await foreign(page, language), name).toEqual([]);
    }
    await page.getByTestId('missing').selectOption('interpolate');
    await expect(page.getByTestId('series-name')).toContainText('holes.csv: 88');
    expect.soft(await foreign(page, language), 'notes of a file').toEqual([]);

    await page.locator('#preset').selectOption('quick');
    for (const [id, wrong, right] of [
      ['hidden', '0', '32'],
      ['window', '', '10'],
      ['lr', '-1', '0.01'],
      ['window', '88', '10'],
    ] as const) {
      await page.locator(`#${id}`).fill(wrong);
      await page.getByTestId('train').click();
      await expect(alert).not.toBeEmpty({ timeout: 30_000 });
      expect.soft(await foreign(page, language), `${id} ${wrong}`).toEqual([]);
      await page.locator(`#${id}`).fill(right);
    }
    await page.locator('#plan').selectOption('resident');
    await page.locator('#layers').fill('2');
    await page.getByTestId('train').click();
    await expect(alert).toContainText('resident', { timeout: 30_000 });
    expect.soft(await foreign(page, language), 'a plan that cannot be').toEqual([]);
    await page.locator('#plan').selectOption('auto');
    await page.locator('#layers').fill('1');

    await page.locator('#epochs').fill('300');
    await page.getByTestId('train').click();
    await expect(page.getByTestId('status')).toContainText('300', { timeout: 30_000 });
    expect.soft(await foreign(page, language), 'during a run').toEqual([]);
    await page.getByTestId('pause').click();
    expect.soft(await foreign(page, language), 'in a pause').toEqual([]);
    await page.getByTestId('stop').click();
    await expect(page.getByTestId('stop')).toBeDisabled({ timeout: 30_000 });
    const forget = page.getByTestId('inside').locator('canvas.heat-map').nth(1);
    await forget.click({ position: { x: 20, y: 20 } });
    await expect(page.getByTestId('sum')).toBeVisible();
    expect.soft(await foreign(page, language), 'after a stop').toEqual([]);

    await page.getByTestId('forecast').click();
    await expect(page.getByTestId('ahead')).toBeVisible({ timeout: 90_000 });
    await expect(page.getByTestId('stop')).toBeDisabled();
    await expect(page.getByTestId('outliers-note')).toBeVisible();
    expect.soft(await foreign(page, language), 'after a forecast').toEqual([]);

    await page.getByTestId('backtest-run').click();
    await expect(page.getByTestId('backtest-scores')).toBeVisible({ timeout: 60_000 });
    expect.soft(await foreign(page, language), 'after a backtest').toEqual([]);

    await page.getByTestId('draw-open').click();
    await page.getByTestId('draw-canvas').press('ArrowRight');
    expect.soft(await foreign(page, language), 'while a series is drawn').toEqual([]);
    await page.getByTestId('draw-cancel').click();
    await page.reload();
    await expect(page.getByTestId('kept')).not.toBeEmpty();
    expect.soft(await foreign(page, language), 'after a reload').toEqual([]);
  });
