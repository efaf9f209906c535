/** What the panel says about the inside of a layer. */
export const insideEn = {
  title: 'Inside the network',
  intro:
    'What the trained layer does while it reads one window of the test part: units from top to bottom, time from left to right.',
  row: 'Window before row',
  facts: (row: string, actual: string, predicted: string) => `${row}: actual ${actual}, predicted ${predicted}`,
  at: (step: number, x: string, h: string) => `Step ${step}: reads ${x} (scaled), mean |h| ${h}`,
  mapOf: (name: string, units: number, steps: number, low: string, high: string) =>
    `Heat map of ${name}: ${units} units over ${steps} steps, from ${low} to ${high}`,
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
    c: 'The memory: c = f · c + i · g. It is only scaled and added to, so gradients survive (Hochreiter & Schmidhuber 1997).',
    h: 'What the cell says: h = o · tanh(c) in an LSTM. The last column makes the forecast.',
    r: 'How much of the state before counts for the candidate (Cho et al. 2014).',
    z: 'How much of the state before is kept.',
    n: 'What the state moves towards.',
  },
  flowTitle: 'How far back learning reaches',
  flowNote:
    'The gradient of the last hidden state, at every step before it, over that at the last step. In a plain RNN it shrinks or ' +
    'grows by about the same factor at every step, so early inputs are hardly learned from (Bengio et al. 1994; Pascanu et al. ' +
    '2013); an LSTM can keep it where its forget gates are open. RNN and LSTM: untrained, with the same seed.',
  flow: { RNN: 'RNN, untrained', LSTM: 'LSTM, untrained', trained: 'This model' },
  flowChart: 'Gradient flow by time step',
  step: 'Step',
};

export type InsideTexts = typeof insideEn;

export const insidePt: InsideTexts = {
  title: 'Por dentro da rede',
  intro:
    'O que a camada treinada faz ao ler uma janela da parte de teste: unidades de cima para baixo, tempo da esquerda para a direita.',
  row: 'Janela antes da linha',
  facts: (row, actual, predicted) => `${row}: real ${actual}, previsto ${predicted}`,
  at: (step, x, h) => `Passo ${step}: lê ${x} (na escala), |h| médio ${h}`,
  mapOf: (name, units, steps, low, high) =>
    `Mapa de calor de ${name}: ${units} unidades em ${steps} passos, de ${low} a ${high}`,
  names: {
    i: 'i: porta de entrada',
    f: 'f: porta de esquecimento',
    g: 'g: candidato',
    o: 'o: porta de saída',
    c: 'c: estado da célula',
    h: 'h: estado oculto',
    r: 'r: porta de reset',
    z: 'z: porta de atualização',
    n: 'n: candidato',
  },
  meanings: {
    i: 'Quanto do candidato é escrito na célula: 0 nada, 1 tudo.',
    f: 'Quanto da célula é mantido: 1 lembra, 0 esquece (Gers et al. 2000).',
    g: 'O que seria escrito, de -1 a 1.',
    o: 'Quanto da célula é mostrado ao próximo passo e à camada de cima.',
    c: 'A memória: c = f · c + i · g. Ela só é multiplicada e somada, por isso o gradiente sobrevive (Hochreiter & Schmidhuber 1997).',
    h: 'O que a célula diz: h = o · tanh(c) numa LSTM. A última coluna faz a previsão.',
    r: 'Quanto do estado anterior conta para o candidato (Cho et al. 2014).',
    z: 'Quanto do estado anterior é mantido.',
    n: 'Para onde o estado se move.',
  },
  flowTitle: 'Até onde o aprendizado alcança',
  flowNote:
    'O gradiente do último estado oculto em cada passo anterior, dividido pelo do último passo. Numa RNN simples ele encolhe ou ' +
    'cresce quase pelo mesmo fator a cada passo, e mal se aprende com as entradas antigas (Bengio et al. 1994; Pascanu et al. ' +
    '2013); uma LSTM pode mantê-lo onde as portas de esquecimento estão abertas. RNN e LSTM: sem treino, com a mesma semente.',
  flow: { RNN: 'RNN, sem treino', LSTM: 'LSTM, sem treino', trained: 'Este modelo' },
  flowChart: 'Fluxo do gradiente por passo',
  step: 'Passo',
};
