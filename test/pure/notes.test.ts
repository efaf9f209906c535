import { expect, test } from 'vitest';
import { notesEn, notesPt } from '../../demo/texts/notes.ts';
import type { Note } from '../../src/data/notes.ts';
import { noteText } from '../../src/data/notes.ts';

/** Each note, its text in the library, and on the page in English and Portuguese. */
const WORDS: { readonly [Code in Note['code']]: readonly [Extract<Note, { code: Code }>, string, string, string] } = {
  column: [
    { code: 'column', column: 'Close', index: 4, foundBy: 'name' },
    'Column "Close" (index 4), chosen by name.',
    'Forecasting “Close”.',
    'Previsão de “Close”.',
  ],
  'ambiguous-decimal': [
    { code: 'ambiguous-decimal', column: 'Close', cell: '1.234', decimal: ',' },
    '"1.234" read with a decimal comma, but could be read either way (see the option decimal).',
    '“1.234” was read with a decimal comma, as no cell decides.',
    '“1.234” foi lido com vírgula decimal, já que nenhuma célula decide.',
  ],
  'turned-around': [
    { code: 'turned-around' },
    'The file has its newest row first and was reversed.',
    'The file has its newest row first, so it was reversed.',
    'O arquivo começa pela linha mais nova, e por isso foi invertido.',
  ],
  'rows-sorted': [
    { code: 'rows-sorted', column: 'Date' },
    'The dates in "Date" are not in order, so the rows were sorted by them.',
    'Dates in “Date” are not in order, so the rows were sorted by them.',
    'As datas em “Date” não estão em ordem, e por isso as linhas foram ordenadas por elas.',
  ],
  'rows-missing': [
    { code: 'rows-missing', rows: 2, after: '2024-01-05' },
    '2 rows are missing according to the dates, the first after 2024-01-05. Rows are read as consecutive, which shifts any ' +
      "season. Use gaps: 'interpolate' to fill them.",
    '2 dates have no row (holidays, for example), the first after 2024-01-05.',
    '2 datas não têm linha (feriados, por exemplo), a primeira depois de 2024-01-05.',
  ],
  'dates-repeated': [
    { code: 'dates-repeated', rows: 1, date: '2024-01-05' },
    '1 duplicate date, 2024-01-05.',
    '1 row repeats the date 2024-01-05.',
    '1 linha repete a data 2024-01-05.',
  ],
  'ambiguous-date': [
    { code: 'ambiguous-date', column: 'Date', cell: '01/02/2020' },
    '"01/02/2020" is ambiguous: no date in its column shows whether the day or the month is first.',
    '“01/02/2020” may be another day, with day and month swapped: no date in its column decides.',
    '“01/02/2020” pode ser outro dia, com dia e mês trocados: nenhuma data da coluna decide.',
  ],
  'no-dates': [
    { code: 'no-dates', column: 'When' },
    '"When" is in order but not recognized as dates, so rows stay in file order.',
    '“When” is in order but has no readable dates, so rows stay in the order of the file.',
    '“When” está em ordem, mas não tem datas legíveis, e por isso as linhas ficam na ordem do arquivo.',
  ],
  'lines-left-out': [
    { code: 'lines-left-out', lines: [1, 2, 3, 5, 8, 9] },
    'Left out lines 1-3, 5, 8-9.',
    'Skipped what is not a row of the table: lines 1-3, 5, 8-9.',
    'Ficou de fora o que não é linha da tabela: linhas 1-3, 5, 8-9.',
  ],
  sentinel: [
    { code: 'sentinel', column: 'NOx', value: -200, rows: 6 },
    '-200 in 6 rows of "NOx" may mark a missing value (see the option missingValues).',
    '-200 in 6 rows of “NOx” may stand for a missing value.',
    '-200 em 6 linhas de “NOx” pode estar no lugar de um valor ausente.',
  ],
  'rows-dropped': [
    { code: 'rows-dropped', rows: 1 },
    '1 row without a number dropped.',
    '1 row without a number was skipped.',
    '1 linha sem número foi descartada.',
  ],
  'holes-filled': [
    { code: 'holes-filled', holes: 2 },
    '2 holes filled by interpolation.',
    '2 missing values were interpolated.',
    '2 valores ausentes foram preenchidos por interpolação.',
  ],
  'holes-repeated': [
    { code: 'holes-repeated', holes: 1 },
    '1 hole filled with the previous value.',
    '1 missing value repeats the one before.',
    '1 valor ausente foi preenchido com o valor anterior.',
  ],
  'rows-skipped': [
    { code: 'rows-skipped', rows: 2 },
    '2 rows without a number, excluded from all windows.',
    '2 rows without a number, in no window.',
    '2 linhas sem número, fora de todas as janelas.',
  ],
  'rows-inserted': [
    { code: 'rows-inserted', rows: 3, after: '2024-01-05', policy: 'skip' },
    'Inserted 3 rows missing according to the dates, the first after 2024-01-05: excluded from all windows.',
    'By the dates, 3 rows missing first after 2024-01-05 were inserted: in no window.',
    'Pelas datas faltavam 3 linhas, a primeira depois de 2024-01-05, que foram inseridas: fora de todas as janelas.',
  ],
  'fewer-rows': [
    { code: 'fewer-rows', asked: 5, rows: 2 },
    'The last 5 rows were requested, but there are only 2.',
    'The last 5 rows were asked for, but there are only 2.',
    'Foram pedidas as últimas 5 linhas, mas só há 2.',
  ],
  'rows-to-come': [
    { code: 'rows-to-come', rows: 1 },
    '1 future row without a target value.',
    '1 row at the end has no value yet.',
    '1 linha por vir no final, sem o valor a prever.',
  ],
  'unseen-value': [
    { code: 'unseen-value', column: 'sky', value: 'fog', rows: 2 },
    '"fog" in 2 rows of "sky" is not a value that the model was trained on.',
    '“fog” in 2 rows of “sky” is not a value that the model was trained on.',
    '“fog” em 2 linhas de “sky” não é um dos valores com que o modelo foi treinado.',
  ],
  'other-column': [
    { code: 'other-column', trained: 'sales', column: 'visits' },
    'The model was trained on the column "sales", whose scale is used for "visits".',
    'The model was trained on the column “sales”, and “visits” uses its scale.',
    'O modelo foi treinado com a coluna “sales”, e “visits” usa a escala dela.',
  ],
};

test.each(Object.entries(WORDS))(
  '%s has text in both languages of the page',
  (_, [note, library, english, portuguese]) => {
    expect(noteText([note])).toBe(library);
    expect(noteText([note], notesEn)).toBe(english);
    expect(noteText([note], notesPt)).toBe(portuguese);
  },
);

test('notes of a file and notes of a model are separate sentences', () => {
  const [first] = WORDS.column;
  const [second] = WORDS['turned-around'];
  expect(noteText([first, WORDS['other-column'][0], second])).toBe(
    `Column "Close" (index 4), chosen by name; the file has its newest row first and was reversed. ${WORDS['other-column'][1]}`,
  );
  expect(noteText([])).toBe('');
});
