import { type Note, type NoteWords, noteText, spans } from '../../src/data/notes.ts';

const lines = (n: number): string => `${n} ${n === 1 ? 'linha' : 'linhas'}`;

const FOUND_BY: Readonly<Record<Extract<Note, { code: 'column' }>['foundBy'], string>> = {
  name: 'pelo nome',
  index: 'pelo índice',
  'usual-name': 'escolhida pelo nome, já que nenhuma foi pedida',
  'file-name': 'escolhida por ter o nome do arquivo',
  only: 'a única com números a prever',
};

const INSERTED: Readonly<Record<Extract<Note, { code: 'rows-inserted' }>['policy'], string>> = {
  interpolate: 'preenchimento por interpolação',
  previous: 'preenchimento com o valor anterior',
  skip: 'fora de todas as janelas',
};

const pt: NoteWords = {
  column: ({ column, index, foundBy }) => `coluna “${column}” (índice ${index}), ${FOUND_BY[foundBy]}`,
  'ambiguous-decimal': ({ cell, decimal }) =>
    `“${cell}” foi lido com ${decimal === '.' ? 'ponto' : 'vírgula'} decimal, já que nenhuma célula decide`,
  'turned-around': () => 'o arquivo começa pela linha mais nova, e por isso foi invertido',
  'rows-sorted': ({ column }) =>
    `as datas em “${column}” sobem e descem no arquivo, e por isso as linhas foram ordenadas por elas`,
  'rows-missing': ({ rows, after }) =>
    rows === 1
      ? `pelas datas falta 1 linha, depois de ${after}`
      : `pelas datas faltam ${rows} linhas, a primeira depois de ${after}`,
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

/** What the reader of a CSV did, in each language. */
export const noteTexts = {
  en: (notes: readonly Note[]): string => noteText(notes),
  pt: (notes: readonly Note[]): string => noteText(notes, pt),
};
