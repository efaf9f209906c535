import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { drop } from './series.ts';

const PHONE = { width: 390, height: 844 };
const SIZES = [PHONE, { width: 1440, height: 900 }];
const LANGUAGES = ['en', 'pt'] as const;
/** Of a target, in CSS pixels: WCAG 2.5.8. */
const LEAST_TARGET = 24;
/** Of a choice, besides its text: padding on both sides and the arrow. */
const SELECT_EXTRA = 34;

/** Sum of the layout shifts since the page was asked for, as in Core Web Vitals, where more than 0.1 needs improvement. */
async function shiftsOf(page: Page, link: string): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const shifts: PerformanceEntry[] = [];
    new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({
      type: 'layout-shift',
      buffered: true,
    });
    Object.assign(globalThis, { shifts });
  });
  await page.goto(link);
  return () =>
    page.evaluate(() =>
      (globalThis as unknown as { shifts: { value: number }[] }).shifts.reduce((sum, { value }) => sum + value, 0),
    );
}

for (const size of SIZES)
  for (const language of LANGUAGES)
    test(`nothing moves while the page opens, ${language}, ${size.width} px wide`, async ({ page }) => {
      await page.setViewportSize(size);
      for (const [section, seen] of [
        ['forecast', '#ahead-step .uplot'],
        ['learn', '[data-testid="race-losses"] .uplot'],
      ] as const) {
        const shifted = await shiftsOf(page, `./?lang=${language}&${section}#${section}`);
        await expect(page.locator(seen)).toBeVisible();
        await page.waitForTimeout(1500);
        expect(await shifted(), section).toBeLessThan(0.02);
      }
    });

for (const size of SIZES)
  test(`every target has the least size, and no choice is cut off, ${size.width} px wide`, async ({ page }) => {
    await page.setViewportSize(size);
    for (const language of LANGUAGES)
      for (const section of ['learn', 'forecast&train'] as const) {
        await page.goto(`./?lang=${language}&${section}#${section}`);
        await page
          .locator(section === 'learn' ? '#learn .uplot' : '#forecast-chart .uplot')
          .first()
          .waitFor();
        await page.locator('details').evaluateAll((all) => {
          for (const details of all) details.setAttribute('open', '');
        });
        const faults = await page.evaluate(
          ({ least, extra }) => {
            const seen = (selector: string) =>
              [...document.querySelectorAll<HTMLElement>(selector)].filter(
                (one) =>
                  one.checkVisibility() && !one.matches('.skip, label input:not([type="range"]):not([type="number"])'),
              );
            const small = seen('a, button, input, select, summary, label:has(input), [role="button"], [tabindex="0"]')
              .map((one) => ({ one, size: one.getBoundingClientRect() }))
              .filter(({ size }) => Math.min(size.width, size.height) < least)
              .map(({ one, size }) => `${one.outerHTML.slice(0, 60)}: ${size.width} x ${size.height}`);
            const pen = document.createElement('canvas').getContext('2d')!;
            const cut = (seen('select') as HTMLSelectElement[]).filter((select) => {
              pen.font = getComputedStyle(select).font;
              const longest = Math.max(...[...select.options].map(({ text }) => pen.measureText(text).width));
              return longest + extra > select.clientWidth;
            });
            return [...small, ...cut.map(({ id }) => `${id} is cut off`)];
          },
          { least: LEAST_TARGET, extra: SELECT_EXTRA },
        );
        expect(faults, `${language} ${section}`).toEqual([]);
        const { violations } = await new AxeBuilder({ page }).withRules(['target-size']).analyze();
        expect(violations).toEqual([]);
      }
  });

test('on a phone the steps stand in their order, and no date or number of a table breaks', async ({ page }) => {
  await page.setViewportSize(PHONE);
  await page.goto('./?lang=pt#forecast');
  const days = Array.from({ length: 120 }, (_, k) => {
    const date = new Date(Date.UTC(2020, 0, 1 + k)).toLocaleDateString('pt-BR', { timeZone: 'UTC' });
    return `${date};${(12_345 + 100 * Math.sin(k)).toFixed(2).replace('.', ',')}`;
  });
  await drop(page, 'dias.csv', ['Data;Valor', ...days].join('\n'));
  await expect(page.getByTestId('series-name')).toContainText('120');
  const tops = await page
    .locator('#forecast .number')
    .evaluateAll((all) => all.map((one) => ({ number: one.textContent, top: one.getBoundingClientRect().top })));
  expect(tops.toSorted((a, b) => a.top - b.top).map(({ number }) => number)).toEqual(['1', '2', '3']);
  await page.getByTestId('forecast').click();
  await expect(page.getByTestId('ahead')).toBeVisible({ timeout: 90_000 });
  const lines = await page
    .locator('[data-testid="forecast-values"] :is(th, td), [data-testid="forecast-methods"] td')
    .evaluateAll((cells) =>
      cells.map((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        return text.getClientRects().length;
      }),
    );
  expect(lines.length).toBeGreaterThan(30);
  expect(new Set(lines)).toEqual(new Set([1]));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
});
