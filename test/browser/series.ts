import { expect, type Page } from '@playwright/test';

/** A wave that an LSTM learns in seconds, in the form a Brazilian spreadsheet writes: `;` and a decimal comma. */
export const WAVE = [
  'Data;Fechamento',
  ...Array.from({ length: 240 }, (_, row) => {
    const date = new Date(Date.UTC(2020, 0, 1 + row)).toLocaleDateString('pt-BR', { timeZone: 'UTC' });
    return `${date};${(100 + 10 * Math.sin(row / 2)).toFixed(2).replace('.', ',')}`;
  }),
].join('\n');

/** Six years of months with a season, which grow. */
export const SALES = [
  'month,sales',
  ...Array.from({ length: 72 }, (_, row) => {
    const sales = (100 + row) * (1 + 0.3 * Math.sin((2 * Math.PI * row) / 12)) + ((7 * row) % 13) / 3;
    return `${new Date(Date.UTC(2018, row)).toISOString().slice(0, 7)},${sales.toFixed(1)}`;
  }),
].join('\n');

/** The last four of these years, which are forecast in half the time. */
export const FOUR_YEARS = SALES.split('\n').toSpliced(1, 24).join('\n');

/** All six years with two columns beside them: visits, and promotions that are planned for a year to come. */
export const SHOP = SALES.split('\n')
  .map((line, row) =>
    row === 0 ? `${line},visits,promo` : `${line},${200 + ((11 * row) % 17)},${Number(row % 5 === 0)}`,
  )
  .concat(Array.from({ length: 12 }, (_, k) => `2024-${String(k + 1).padStart(2, '0')},,,${Number(k % 5 === 0)}`))
  .join('\n');

/** Drops a file on the page as a person does: a drag with a file in it, let go over the page. */
export async function drop(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([content!], fileName!, { type: 'text/csv' }));
      return data;
    },
    [name, text],
  );
  // a drag has an event every few milliseconds, so it does not matter that the page is not ready for the first one
  await expect(async () => {
    await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
    await expect(page.getByText(/Drop the CSV to forecast it|Solte o CSV para prever/)).toBeVisible({ timeout: 250 });
  }).toPass();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}
