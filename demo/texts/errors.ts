import { type ErrorCode, type ErrorDetails, LstmError } from '../../src/errors.ts';
import { messageOf } from '../../src/shown.ts';
import { pt } from './pt.ts';

/**
 * Codes that nothing on the page leads to, or that stand for many things, which their messages tell apart. The compiler asks
 * for words for every other one.
 */
type WithoutWords =
  | (
      | 'option'
      | 'unknown-option'
      | 'unknown-series'
      | 'state'
      | 'already-training'
      | 'not-trained'
      | 'nothing-to-resume'
      | 'shape'
      | 'data'
    )
  | ('csv-no-whole-row' | 'future-too-short' | 'file-unreadable')
  | ('device' | 'beyond-limit' | 'worker' | 'shader');

/** Codes of errors that a visitor of the page can meet. */
export type VisitorCode = Exclude<ErrorCode, WithoutWords>;

/** What the form calls an argument of the library. */
const FIELDS: Readonly<Record<string, string>> = {
  ...pt.settings,
  ...{ rows: pt.lastRows, column: pt.column, missing: pt.missingValues, series: pt.seriesTitle },
};

/** An empty field of the form is not a number. */
const gotInstead = ({ argument, got }: { argument: string; got: string }): string =>
  `${FIELDS[argument] ?? argument}: ${got === 'NaN' ? 'o campo está vazio' : `o valor é ${got}`}, mas deveria ser`;

const lines = (n: number): string => `${n} ${n === 1 ? 'linha' : 'linhas'}`;

const list = (columns: readonly { name: string }[]): string => columns.map(({ name }) => `“${name}”`).join(', ');

const mebibytes = (bytes: number): string => `${decimalComma((bytes / 2 ** 20).toFixed(1))} MiB`;

function range({ above, atLeast, below, atMost }: ErrorDetails['out-of-range']): string {
  const bounds = [
    above !== undefined && `maior que ${above}`,
    atLeast !== undefined && `no mínimo ${atLeast}`,
    below !== undefined && `menor que ${below}`,
    atMost !== undefined && `no máximo ${atMost}`,
  ];
  return `um número: ${bounds.filter(Boolean).join(' e ')}`;
}

const decimalComma = (text: number | string): string => String(text).replace('.', ',');

const OTHER_FILES: Readonly<Record<Exclude<ErrorDetails['csv-not-text']['is'], 'page'>, string>> = {
  archive: 'um arquivo zip ou uma pasta do Excel',
  workbook: 'uma pasta do Excel antiga',
  gzip: 'um arquivo gzip',
  parquet: 'um arquivo Parquet',
  pdf: 'um PDF',
  'other encoding': 'um arquivo em outra codificação',
};

/** Errors in Portuguese, by code. */
export const PORTUGUESE: { readonly [Code in VisitorCode]: (details: ErrorDetails[Code]) => string } = {
  'not-whole-number': (details) => {
    const { min, max } = details;
    return `${gotInstead(details)} um número inteiro ${max === undefined ? `a partir de ${min}` : `de ${min} a ${max}`}.`;
  },
  'out-of-range': (details) => `${gotInstead(details)} ${range(details)}.`,
  'not-a-choice': (details) => `${gotInstead(details)} um destes: ${details.choices.join(', ')}.`,
  'nothing-to-train-on': () =>
    'Não sobra nenhuma janela para treinar. Use mais linhas, uma parte de treino maior, ou uma janela menor.',
  disposed: () => 'O modelo já foi liberado. Treine de novo.',
  'csv-empty': () => 'O arquivo está vazio; deveria ter um cabeçalho e linhas com números.',
  'csv-no-rows': () => 'O arquivo tem um cabeçalho, mas nenhuma linha abaixo dele.',
  'csv-not-text': ({ is }) =>
    is === 'page'
      ? 'Isto é uma página da web ou XML, e não um CSV. O endereço do arquivo está certo?'
      : `Isto é ${OTHER_FILES[is]}, e não texto. Salve a tabela como CSV antes.`,
  'csv-open-quote': ({ row }) =>
    `Linha ${row}: há uma aspa que não termina onde a célula termina. Dentro de uma célula, escreva a aspa duas vezes ("").`,
  'csv-row-length': ({ row, got, expected, delimiter }) =>
    `Linha ${row}: tem ${got} células, mas deveria ter ${expected}, como a primeira, separadas por “${delimiter}”. Veja se ` +
    'falta ou sobra um separador; números com vírgula decimal precisam de aspas, ou de ; entre as células.',
  'csv-no-numbers': ({ columns }) =>
    `Nenhuma coluna tem números. Colunas: ${list(columns)}. O separador do arquivo está certo?`,
  'csv-no-column': ({ got, columns }) => `A coluna “${got}” não está no arquivo, que tem ${list(columns)}.`,
  'csv-not-numbers': ({ column, kind }) =>
    `A coluna “${column}” tem ${kind === 'date' ? 'datas' : 'texto'}, e não números.`,
  'csv-which-column': ({ columns }) =>
    `Mais de uma coluna pode ser a série: ${list(columns)}. Escolha uma em “${pt.column}”.`,
  'csv-many-series': ({ column, series }) =>
    `A coluna “${column}” tem os nomes de ${series} séries, mas só uma é lida. Deixe uma só no arquivo.`,
  'csv-bad-date': ({ row, column, got }) =>
    `Linha ${row}, coluna “${column}”: “${got}” não é uma data, ou não pode estar nesse lugar. Corrija a célula ou escolha, em ` +
    `“${pt.missingValues}”, “${pt.leaveOut}”.`,
  'csv-hole': ({ row, column, got, decimal }) => {
    const what = got.trim() === '' ? 'a célula está vazia' : `a célula tem “${got}”`;
    const mark = decimal === ',' ? ' com vírgula decimal' : '';
    return (
      `Linha ${row}, coluna “${column}”: ${what}, mas deveria ter um número${mark}. Corrija a célula ou escolha, em “${pt.missingValues}”, ` +
      `“${pt.leaveOut}” ou “${pt.fillIn}”.`
    );
  },
  'bad-value': ({ argument, index, got }) =>
    `${FIELDS[argument] ?? argument}: o valor ${index + 1} é ${got}, que não serve como número.`,
  'too-short': ({ rows, needed }) =>
    `A série tem ${lines(rows)}, mas com esta janela precisa de pelo menos ${needed}. Use mais linhas, ou uma janela menor.`,
  constant: ({ value }) =>
    `Todos os valores são iguais a ${decimalComma(value)}: não há nada a aprender numa série constante. Escolha outra coluna, ou mais linhas.`,
  'file-damaged': () => 'O arquivo do modelo está danificado ou incompleto.',
  'file-of-another-kind': () => 'Este arquivo não é um modelo desta biblioteca.',
  'file-without-checksum': () =>
    'O arquivo do modelo não tem soma de verificação: foi escrito por uma versão anterior, ou por outro programa.',
  'file-of-another-version': () => 'O arquivo do modelo foi escrito por outra versão desta biblioteca. Treine de novo.',
  'other-series': () => 'A série não é a mesma com que o treino começou, e por isso ele não pode continuar.',
  'storage-refused': () =>
    'O navegador não guarda nada para esta página. Saia da janela anônima, ou permita dados do site.',
  'storage-full': ({ used, quota }) =>
    `Não há espaço: ${mebibytes(used)} de ${mebibytes(quota)} deste site estão em uso. Libere espaço no disco.`,
  'storage-failed': () =>
    'O navegador não conseguiu ler ou escrever o que guarda para esta página; os dados do site podem ter sido apagados.',
  'no-webgpu': () =>
    'Não há WebGPU aqui. Use Chrome ou Edge 113, Safari 26, Firefox 141 (no Linux, com dom.webgpu.enabled em about:config) ou mais novos, numa página https:// ou localhost.',
  'no-adapter': () =>
    'O WebGPU não encontrou nenhum adaptador. No Chrome, veja chrome://gpu e ative a aceleração de hardware, ou inicie-o com ' +
    '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
  'too-large': ({ bytes, limit }) =>
    `O modelo precisa de ${mebibytes(bytes)} num só buffer, mas esta GPU permite ${mebibytes(limit)}. Use um lote menor, uma ` +
    'janela menor ou menos unidades ocultas.',
  'loops-cut-short': ({ rounds }) =>
    `O driver desta GPU interrompe laços depois de ${rounds} voltas, e os números sairiam errados. Atualize o driver de vídeo.`,
  'command-refused': () =>
    'A GPU recusou um comando. Tente de novo; se acontecer outra vez, atualize o driver de vídeo.',
  'out-of-memory': () => 'A memória da GPU acabou. Use lote, janela ou ensemble menores, ou menos unidades ocultas.',
  'device-lost': () => 'A GPU foi perdida. Tente de novo para pedir outra.',
  'training-not-finite': ({ epoch, step }) =>
    `Época ${epoch}, passo ${step}: a perda deixou de ser um número finito. Os últimos pesos bons foram mantidos. Use uma taxa de ` +
    'aprendizado menor, ou procure valores discrepantes na série.',
};

function portuguese(error: unknown): string {
  if (!(error instanceof LstmError)) return messageOf(error);
  const { code, details } = error;
  const words = PORTUGUESE as Readonly<Partial<Record<ErrorCode, (details: object) => string>>>;
  return words[code]?.(details) ?? error.message;
}

/** The library's own words, but for what only a program can do about it. */
function english(error: unknown): string {
  if (!(error instanceof LstmError && error.code === 'storage-full')) return messageOf(error);
  const [used, quota] = ['used', 'quota'].map((name) => (Number(error.details[name]) / 2 ** 20).toFixed(1));
  return `There is no room: ${used} of ${quota} MiB of this site are in use. Free space on the disk.`;
}

/** What went wrong, in each language; where there are no words for it, in English. */
export const errorTexts = { en: english, pt: portuguese };
