import { type Note, type NoteWords, spans } from '../../src/data/notes.ts';

const rowsOf = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;

/** The page's own words: where the library's name an option, a field of the form is meant. */
export const notesEn: NoteWords = {
  column: ({ column, foundBy }) => {
    if (foundBy === 'name' || foundBy === 'index') return `forecasting “${column}”`;
    return `forecasting “${column}” (${foundBy === 'only' ? 'the only column with numbers' : 'chosen automatically: see “Column” under “How the file is read”'})`;
  },
  'ambiguous-decimal': ({ cell, decimal }) =>
    `“${cell}” was read with a decimal ${decimal === '.' ? 'point' : 'comma'}, as no cell decides`,
  'turned-around': () => 'the file has its newest row first, so it was reversed',
  'rows-sorted': ({ column }) => `dates in “${column}” are not in order, so the rows were sorted by them`,
  'rows-missing': ({ rows, after }) =>
    rows === 1
      ? `1 date has no row (a holiday, for example), after ${after}`
      : `${rows} dates have no row (holidays, for example), the first after ${after}`,
  'dates-repeated': ({ rows, date }) =>
    rows === 1 ? `1 row repeats the date ${date}` : `${rows} rows repeat a date, the first of them ${date}`,
  'ambiguous-date': ({ cell }) =>
    `“${cell}” may be another day, with day and month swapped: no date in its column decides`,
  'no-dates': ({ column }) =>
    `“${column}” is in order but has no readable dates, so rows stay in the order of the file`,
  'lines-left-out': ({ lines }) =>
    `skipped what is not a row of the table: ${lines.length === 1 ? 'line' : 'lines'} ${spans(lines)}`,
  sentinel: ({ column, value, rows }) => `${value} in ${rowsOf(rows)} of “${column}” may stand for a missing value`,
  'rows-dropped': ({ rows }) => `${rowsOf(rows)} without a number ${rows === 1 ? 'was' : 'were'} skipped`,
  'holes-filled': ({ holes }) =>
    holes === 1 ? '1 missing value was interpolated' : `${holes} missing values were interpolated`,
  'holes-repeated': ({ holes }) =>
    holes === 1 ? '1 missing value repeats the one before' : `${holes} missing values repeat the one before`,
  'rows-skipped': ({ rows }) => `${rowsOf(rows)} without a number, in no window`,
  'rows-inserted': ({ rows, after, policy }) =>
    `by the dates, ${rowsOf(rows)} missing ${rows === 1 ? '' : 'first '}after ${after} ${rows === 1 ? 'was' : 'were'} inserted: ${INSERTED_EN[policy]}`,
  'fewer-rows': ({ asked, rows }) => `the last ${rowsOf(asked)} were asked for, but there are only ${rows}`,
  'rows-to-come': ({ rows }) => `${rowsOf(rows)} at the end ${rows === 1 ? 'has' : 'have'} no value yet`,
  'unseen-value': ({ column, value, rows }) =>
    `“${value}” in ${rowsOf(rows)} of “${column}” is not a value that the model was trained on`,
  'other-column': ({ trained, column }) =>
    `the model was trained on the column “${trained}”, and “${column}” uses its scale`,
};

const INSERTED_EN: Readonly<Record<Extract<Note, { code: 'rows-inserted' }>['policy'], string>> = {
  interpolate: 'interpolated',
  previous: 'with the value before',
  skip: 'in no window',
};

const lines = (n: number): string => `${n} ${n === 1 ? 'linha' : 'linhas'}`;

const INSERTED: Readonly<Record<Extract<Note, { code: 'rows-inserted' }>['policy'], string>> = {
  interpolate: 'preenchimento por interpolação',
  previous: 'preenchimento com o valor anterior',
  skip: 'fora de todas as janelas',
};

export const notesPt: NoteWords = {
  column: ({ column, foundBy }) => {
    if (foundBy === 'name' || foundBy === 'index') return `previsão de “${column}”`;
    return `previsão de “${column}” (${foundBy === 'only' ? 'a única coluna com números' : 'escolhida automaticamente: veja “Coluna” em “Como o arquivo é lido”'})`;
  },
  'ambiguous-decimal': ({ cell, decimal }) =>
    `“${cell}” foi lido com ${decimal === '.' ? 'ponto' : 'vírgula'} decimal, já que nenhuma célula decide`,
  'turned-around': () => 'o arquivo começa pela linha mais nova, e por isso foi invertido',
  'rows-sorted': ({ column }) =>
    `as datas em “${column}” não estão em ordem, e por isso as linhas foram ordenadas por elas`,
  'rows-missing': ({ rows, after }) =>
    rows === 1
      ? `1 data não tem linha (um feriado, por exemplo), depois de ${after}`
      : `${rows} datas não têm linha (feriados, por exemplo), a primeira depois de ${after}`,
  'dates-repeated': ({ rows, date }) =>
    rows === 1 ? `1 linha repete a data ${date}` : `${rows} linhas repetem uma data, a primeira delas ${date}`,
  'ambiguous-date': ({ cell }) => `“${cell}” pode ser outro dia, com dia e mês trocados: nenhuma data da coluna decide`,
  'no-dates': ({ column }) =>
    `“${column}” está em ordem, mas não tem datas legíveis, e por isso as linhas ficam na ordem do arquivo`,
  'lines-left-out': ({ lines: some }) =>
    `ficou de fora o que não é linha da tabela: ${some.length === 1 ? 'linha' : 'linhas'} ${spans(some)}`,
  sentinel: ({ column, value, rows }) =>
    `${value} em ${lines(rows)} de “${column}” pode estar no lugar de um valor ausente`,
  'rows-dropped': ({ rows }) =>
    rows === 1 ? '1 linha sem número foi descartada' : `${rows} linhas sem número foram descartadas`,
  'holes-filled': ({ holes }) =>
    holes === 1
      ? '1 valor ausente foi preenchido por interpolação'
      : `${holes} valores ausentes foram preenchidos por interpolação`,
  'holes-repeated': ({ holes }) =>
    holes === 1
      ? '1 valor ausente foi preenchido com o valor anterior'
      : `${holes} valores ausentes foram preenchidos com o valor anterior`,
  'rows-skipped': ({ rows }) => `${lines(rows)} sem número, fora de todas as janelas`,
  'rows-inserted': ({ rows, after, policy }) =>
    rows === 1
      ? `pelas datas faltava 1 linha, depois de ${after}, que foi inserida: ${INSERTED[policy]}`
      : `pelas datas faltavam ${rows} linhas, a primeira depois de ${after}, que foram inseridas: ${INSERTED[policy]}`,
  'fewer-rows': ({ asked, rows }) =>
    asked === 1
      ? `foi pedida a última linha, mas só há ${rows}`
      : `foram pedidas as últimas ${asked} linhas, mas só há ${rows}`,
  'rows-to-come': ({ rows }) => `${lines(rows)} por vir no final, sem o valor a prever`,
  'unseen-value': ({ column, value, rows }) =>
    `“${value}” em ${lines(rows)} de “${column}” não é um dos valores com que o modelo foi treinado`,
  'other-column': ({ trained, column }) =>
    `o modelo foi treinado com a coluna “${trained}”, e “${column}” usa a escala dela`,
};
