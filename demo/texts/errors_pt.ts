import type { ErrorDetails } from '../../src/errors.ts';
import { type ErrorWords, listed, mebibytes } from './error_words.ts';
import { pt } from './pt.ts';

/** What the form calls an argument of the library. */
const FIELDS: Readonly<Record<string, string>> = {
  ...pt.settings,
  ...{ rows: pt.lastRows, column: pt.column, missing: pt.missingValues, series: pt.seriesTitle },
};

/** What a field of the form should have; `got` is NaN where it is empty. */
const enter = ({ argument, got }: { argument: string; got: string }, what: string): string =>
  `${FIELDS[argument] ?? argument}: informe ${what}${got === 'NaN' ? '' : `, e não ${decimalComma(got)}`}.`;

const lines = (n: number): string => `${n} ${n === 1 ? 'linha' : 'linhas'}`;

const mebi = (bytes: number): string => mebibytes(bytes, ',');

function range({ above, atLeast, below, atMost }: ErrorDetails['out-of-range']): string {
  const bounds = [
    above !== undefined && `maior que ${above}`,
    atLeast !== undefined && `no mínimo ${atLeast}`,
    below !== undefined && `menor que ${below}`,
    atMost !== undefined && `no máximo ${atMost}`,
  ];
  return `um número ${bounds.filter(Boolean).join(' e ')}`;
}

const decimalComma = (text: number | string): string => String(text).replace('.', ',');

const OTHER_FILES: Readonly<Record<Exclude<ErrorDetails['csv-not-text']['is'], 'page'>, string>> = {
  archive: 'um arquivo zip ou uma pasta do Excel',
  workbook: 'uma pasta do Excel antiga',
  gzip: 'um arquivo gzip',
  parquet: 'um arquivo Parquet',
  arrow: 'um arquivo Arrow ou Feather',
  pdf: 'um PDF',
  json: 'JSON sem uma tabela',
  model: 'um modelo treinado',
  'other encoding': 'um arquivo em outra codificação',
};

/** Errors in Portuguese, by code. */
export const PORTUGUESE: ErrorWords = {
  'not-whole-number': (details) => {
    const { min, max } = details;
    return enter(details, `um número inteiro ${max === undefined ? `a partir de ${min}` : `de ${min} a ${max}`}`);
  },
  'out-of-range': (details) => enter(details, range(details)),
  'not-a-choice': (details) => enter(details, `um destes: ${details.choices.join(', ')}`),
  'nothing-to-train-on': () =>
    `Não sobra nenhuma janela para treinar. Use mais linhas, “${pt.settings.split}” maior ou “${pt.settings.windowLength}” menor.`,
  disposed: () => 'O modelo já foi liberado. Treine de novo.',
  'csv-empty': () => 'O arquivo está vazio; deveria ter um cabeçalho e linhas com números.',
  'csv-no-rows': () => 'O arquivo tem um cabeçalho, mas nenhuma linha abaixo dele.',
  'csv-not-text': ({ is }) =>
    is === 'page'
      ? 'Isto é uma página da web ou XML, e não um CSV. O endereço do arquivo está certo?'
      : `Isto é ${OTHER_FILES[is]}, e não uma tabela em texto. Salve a tabela como CSV antes.`,
  'csv-open-quote': ({ row }) =>
    `Linha ${row}: há uma aspa que não termina onde a célula termina. Dentro de uma célula, escreva a aspa duas vezes ("").`,
  'csv-row-length': ({ row, got, expected, delimiter }) =>
    `Linha ${row}: tem ${got} ${got === 1 ? 'célula' : 'células'}, mas deveria ter ${expected}, como a primeira, separadas por “${delimiter}”. Veja se ` +
    'falta ou sobra um separador; números com vírgula decimal precisam de aspas, ou de ; entre as células.',
  'csv-no-numbers': ({ columns }) =>
    `Nenhuma coluna tem números. Colunas: ${listed(columns)}. O separador do arquivo está certo?`,
  'csv-no-column': ({ got, columns }) => `A coluna “${got}” não está no arquivo, que tem ${listed(columns)}.`,
  'csv-not-numbers': ({ column, kind }) =>
    `A coluna “${column}” tem ${kind === 'date' ? 'datas' : 'texto'}, e não números.`,
  'csv-which-column': ({ columns }) =>
    `Mais de uma coluna pode ser a série: ${listed(columns)}. Escolha uma em “${pt.column}”.`,
  'csv-no-whole-row': ({ columns }) =>
    `Nenhuma linha tem números em ${columns.map((name) => `“${name}”`).join(' e ')}.`,
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
    `A série tem ${lines(rows)}, mas com esta janela precisa de pelo menos ${needed}. Use mais linhas, ou “${pt.settings.windowLength}” menor.`,
  'future-too-short': ({ column, rows, needed }) =>
    `“${column}” não é conhecida até onde vai a previsão: no fim do arquivo ${needed - rows === 1 ? 'falta' : 'faltam'} ` +
    `${lines(needed - rows)} com “${column}” preenchida e a série vazia. Ou escolha “${pt.sideColumns.choices.past}” para ela, ou ` +
    `menos “${pt.settings.horizon}”.`,
  'csv-many-values': ({ column, values, most }) =>
    `A coluna “${column}” tem ${values} textos diferentes, mas só é possível ler até ${most}. Escolha “${pt.sideColumns.choices.ignore}” ` +
    'para ela.',
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
    `Não há espaço: ${mebi(used)} de ${mebi(quota)} deste site estão em uso. Libere espaço no disco.`,
  'storage-failed': () =>
    'O navegador não conseguiu ler ou escrever o que guarda para esta página; os dados do site podem ter sido apagados.',
  device: () =>
    'Não foi possível usar a GPU. Recarregue a página; se acontecer outra vez, atualize o navegador e o driver de vídeo.',
  shader: () => 'A GPU recusou um dos programas desta página. Atualize o navegador e o driver de vídeo.',
  'plan-unfit': ({ plan }) =>
    `${pt.settings.plan}: “${plan}” não roda este modelo. Escolha “auto”, “sequence” ou “timestep”.`,
  'no-webgpu': () =>
    'Não há WebGPU aqui. Use Chrome ou Edge 113, Safari 26, Firefox 141 (no Linux, com dom.webgpu.enabled em about:config) ou mais novos, numa página https:// ou localhost.',
  'no-adapter': () =>
    'O WebGPU não encontrou nenhum adaptador. No Chrome, veja chrome://gpu e ative a aceleração de hardware, ou inicie-o com ' +
    '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
  'too-large': ({ bytes, limit }) =>
    `O modelo precisa de ${mebi(bytes)} num só buffer, mas esta GPU permite ${mebi(limit)}. Diminua ` +
    `“${pt.settings.batchSize}”, “${pt.settings.windowLength}” ou “${pt.settings.hiddenSize}”.`,
  'loops-cut-short': ({ rounds }) =>
    `O driver desta GPU interrompe laços depois de ${rounds} voltas, e os números sairiam errados. Atualize o driver de vídeo.`,
  'command-refused': () =>
    'A GPU recusou um comando. Tente de novo; se acontecer outra vez, atualize o driver de vídeo.',
  'out-of-memory': () =>
    `A memória da GPU acabou. Diminua “${pt.settings.batchSize}”, “${pt.settings.windowLength}”, “${pt.settings.ensemble}” ou ` +
    `“${pt.settings.hiddenSize}”.`,
  'device-lost': () => 'A GPU foi perdida. Tente de novo para pedir outra.',
  'training-not-finite': ({ epoch, step }) =>
    `Época ${epoch}, passo ${step}: a perda deixou de ser um número finito. Os últimos pesos bons foram mantidos. Diminua ` +
    `“${pt.settings.lr}”, ou procure valores discrepantes na série.`,
};
