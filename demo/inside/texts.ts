import type { FlowWords } from './flow_text.ts';

/** The words around the inside of a layer. `step`, `unit`: from 1. */
export const insideEn = {
  title: 'Inside the network',
  intro:
    'What the first layer computes as it reads one window of the test set. While the model trains, the picture follows its ' +
    'weights.',
  empty:
    'Train a model to look inside: its gates and its memory at every step, the sum behind each number, and how far back the ' +
    'gradient reaches.',
  withColumns: 'This part is not available for a model that reads other columns, too.',
  row: 'Test window',
  window: (first: string, last: string) => `${first} to ${last}`,
  facts: (row: string, actual: string, predicted: string) => `Next, ${row}: actual ${actual}, predicted ${predicted}`,
  /** @param name of the step, such as its date; '' for none. */
  at: (step: number, name: string, x: string) => `Step ${step}${name && ` (${name})`}: input ${x} (scaled).`,
  keptAt: (input: string, state: string) =>
    `Gradient of the forecast: ${input} with respect to this input, ${state} with respect to the state (norm).`,
  cellAt: (gate: string, unit: number, step: number, name: string, value: string) =>
    `${gate} of unit ${unit} at step ${step}${name && ` (${name})`}: ${value}. Click or Enter: the sum behind it.`,
  barsNote: 'Bars: how strongly the forecast depends on each input (gradient).',
  mapsNote: 'Click a cell of a heat map, or press Enter on it, for the sum that makes its value.',
  heatMap: 'heat map',
  unit: 'unit',
  mapOf: (name: string, units: number, steps: number, low: string, high: string) =>
    `Heat map of ${name}: ${units} units over ${steps} steps, from ${low} to ${high}`,
  sumTitle: 'The sum behind a cell',
  sumOf: (gate: string, unit: number, step: number, name: string) =>
    `${gate} of unit ${unit} at step ${step}${name && ` (${name})`}`,
  close: 'Close',
  term: 'Term',
  values: 'Values',
  product: 'Product',
  others: (count: string) => `${count} smaller terms`,
  sum: 'Sum',
  sumNote:
    'x: the scaled input of this step. h: the hidden state one step earlier, zero before the first. W, b: the trained weights ' +
    'and biases, numbered as in PyTorch but from 1.',
  names: {
    i: 'i: input gate',
    f: 'f: forget gate',
    g: 'g: candidate',
    o: 'o: output gate',
    c: 'c: cell state',
    h: 'h: hidden state',
    r: 'r: reset gate',
    z: 'z: update gate',
    n: 'n: candidate',
  },
  meanings: {
    i: 'How much of the candidate is written into the cell: 0 nothing, 1 all of it.',
    f: 'How much of the cell is kept: 1 remembers, 0 forgets (Gers et al. 2000).',
    g: 'What would be written, from -1 to 1.',
    o: 'How much of the cell is shown to the next step and the layer above.',
    c: 'The memory: c[t] = f · c[t−1] + i · g. It is only scaled and added to, so gradients can survive (Hochreiter & Schmidhuber 1997).',
    h: 'The cell’s output, in an LSTM h = o · tanh(c). The output layer reads its last column.',
    r: 'How much of the previous state counts for the candidate (Cho et al. 2014).',
    z: 'How much of the previous state is kept.',
    n: 'What the state moves toward.',
  },
  flowTitle: 'How far back the gradient reaches',
  flowNote:
    'The gradient of the forecast with respect to the state at each step, h and an LSTM’s cell c, relative to the last step, on a ' +
    'log scale. ' +
    'Where it is tiny, early inputs contribute almost nothing to learning (Bengio et al. 1994; Pascanu et al. 2013). ' +
    'Untrained models have the same seed.',
  cells: { LSTM: 'LSTM', GRU: 'GRU', RNN_TANH: 'plain RNN', RNN_RELU: 'ReLU RNN' },
  untrained: (cell: string) => `${cell}, untrained`,
  flowKeeps: (cell, share, factor) => `${cell} ${share} (a factor of ${factor} a step)`,
  flowUntrained: (steps, parts) => `Gradient left at the first of ${steps} steps, untrained: ${parts}.`,
  flowTrained: (parts) => `After training: ${parts}.`,
  flowFaster: (cell) => `Here the ${cell} loses it faster.`,
  flowAlike: 'Both lose it at about the same rate.',
  flowWhy: (forget) =>
    `The untrained LSTM loses it, too: its forget-gate bias starts near 0, so the gate is about ${forget}, and each step back ` +
    'keeps only about that share of the cell. Training can open the gate.',
  flowChart: 'Gradient by time step, log scale',
  step: 'Step',
  compare: (cell: string) => `Train a ${cell} to compare`,
  comparing: (cell: string, epoch: string, epochs: string) => `Training a ${cell}: epoch ${epoch} of ${epochs}`,
} satisfies FlowWords & Record<string, unknown>;

export type InsideTexts = typeof insideEn;

export const insidePt: InsideTexts = {
  title: 'Por dentro da rede',
  intro:
    'O que a primeira camada calcula ao ler uma janela do conjunto de teste. Ela também é desenhada durante o treino, com os ' +
    'pesos daquele momento.',
  empty:
    'Treine um modelo para ver por dentro: as portas e a memória a cada passo, a soma por trás de cada número e até onde o ' +
    'gradiente alcança.',
  withColumns: 'Esta parte não está disponível para um modelo que também lê outras colunas.',
  row: 'Janela de teste',
  window: (first, last) => `De ${first} a ${last}`,
  facts: (row, actual, predicted) => `Em seguida, ${row}: real ${actual}, previsto ${predicted}`,
  at: (step, name, x) => `Passo ${step}${name && ` (${name})`}: entrada ${x} (normalizada).`,
  keptAt: (input, state) =>
    `Gradiente da previsão: ${input} em relação a esta entrada, ${state} em relação ao estado (norma).`,
  cellAt: (gate, unit, step, name, value) =>
    `${gate} da unidade ${unit} no passo ${step}${name && ` (${name})`}: ${value}. Clique ou Enter: a soma por trás do valor.`,
  barsNote: 'Barras: quanto a previsão depende de cada entrada (gradiente).',
  mapsNote: 'Clique numa célula de um mapa de calor, ou tecle Enter nela, para ver a soma que dá o valor.',
  heatMap: 'mapa de calor',
  unit: 'unidade',
  mapOf: (name, units, steps, low, high) =>
    `Mapa de calor de ${name}: ${units} unidades em ${steps} passos, de ${low} a ${high}`,
  sumTitle: 'A soma por trás de uma célula',
  sumOf: (gate, unit, step, name) => `${gate} da unidade ${unit} no passo ${step}${name && ` (${name})`}`,
  close: 'Fechar',
  term: 'Termo',
  values: 'Valores',
  product: 'Produto',
  others: (count) => `${count} termos menores`,
  sum: 'Soma',
  sumNote:
    'x: a entrada normalizada deste passo. h: o estado oculto do passo anterior, zero antes do primeiro. W, b: os pesos e vieses ' +
    'treinados, numerados como no PyTorch, mas a partir de 1.',
  names: {
    i: 'i: porta de entrada',
    f: 'f: porta de esquecimento',
    g: 'g: candidato',
    o: 'o: porta de saída',
    c: 'c: estado da célula',
    h: 'h: estado oculto',
    r: 'r: porta de reinício',
    z: 'z: porta de atualização',
    n: 'n: candidato',
  },
  meanings: {
    i: 'Quanto do candidato é escrito na célula: 0 nada, 1 tudo.',
    f: 'Quanto da célula é mantido: 1 lembra, 0 esquece (Gers et al. 2000).',
    g: 'O que seria escrito, de -1 a 1.',
    o: 'Quanto da célula é mostrado ao próximo passo e à camada de cima.',
    c: 'A memória: c[t] = f · c[t−1] + i · g. Ela só é multiplicada e somada, por isso o gradiente pode sobreviver (Hochreiter & Schmidhuber 1997).',
    h: 'A saída da célula, numa LSTM h = o · tanh(c). A camada de saída lê a última coluna.',
    r: 'Quanto do estado anterior conta para o candidato (Cho et al. 2014).',
    z: 'Quanto do estado anterior é mantido.',
    n: 'Para onde o estado se move.',
  },
  flowTitle: 'Até onde o gradiente alcança',
  flowNote:
    'O gradiente da previsão em relação ao estado de cada passo, h e a célula c de uma LSTM, relativo ao do último passo, em ' +
    'escala logarítmica. ' +
    'Onde ele é minúsculo, as entradas antigas quase não contribuem para o aprendizado (Bengio et al. 1994; Pascanu et al. ' +
    '2013). Os modelos sem treino têm a mesma semente.',
  cells: { LSTM: 'LSTM', GRU: 'GRU', RNN_TANH: 'RNN simples', RNN_RELU: 'RNN ReLU' },
  untrained: (cell) => `${cell}, sem treino`,
  flowKeeps: (cell, share, factor) => `${cell} ${share} (um fator de ${factor} por passo)`,
  flowUntrained: (steps, parts) => `O que resta do gradiente no primeiro de ${steps} passos, sem treino: ${parts}.`,
  flowTrained: (parts) => `Depois do treino: ${parts}.`,
  flowFaster: (cell) => `Aqui a ${cell} o perde mais depressa.`,
  flowAlike: 'As duas o perdem quase no mesmo ritmo.',
  flowWhy: (forget) =>
    `A LSTM sem treino também o perde: o viés da porta de esquecimento começa perto de 0, então a porta vale cerca de ${forget}, e ` +
    'cada passo para trás mantém só essa fração da célula. O treino pode abrir a porta.',
  flowChart: 'Gradiente por passo, escala logarítmica',
  step: 'Passo',
  compare: (cell) => `Treinar uma ${cell} para comparar`,
  comparing: (cell, epoch, epochs) => `Treinando uma ${cell}: época ${epoch} de ${epochs}`,
};
