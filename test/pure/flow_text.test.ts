import { expect, test } from 'vitest';
import { flowText } from '../../demo/inside/flow_text.ts';
import type { Flow } from '../../demo/inside/inspect.ts';
import { insideEn, insidePt } from '../../demo/inside/texts.ts';
import { numberFormats } from '../../src/report/format.ts';

/** A gradient over 5 steps that changes by a factor per step back. */
const flow = (cell: Flow['cell'], trained: boolean, factor: number): Flow => ({
  cell,
  trained,
  norms: Float64Array.from({ length: 5 }, (_, t) => factor ** (4 - t)),
});
const english = (...flows: Flow[]) => flowText(flows, 0.49, insideEn, numberFormats('en'));

test('names the model whose gradient vanishes faster, whichever it is, before and after training', () => {
  const rnn = [flow('RNN_TANH', false, 0.5), flow('RNN_TANH', true, 0.05)];
  const lstm = [flow('LSTM', false, 0.25), flow('LSTM', true, 0.8)];
  expect(english(rnn[0]!, lstm[0]!, rnn[1]!, lstm[1]!)).toBe(
    'Gradient left at the first of 5 steps, untrained: plain RNN 0.063 (a factor of 0.5 a step); LSTM 0.0039 (a factor of 0.25 a ' +
      'step). Here the LSTM loses it faster. The untrained LSTM loses it, too: its forget-gate bias starts near 0, so the gate is ' +
      'about 0.49, and each step back keeps only about that share of the cell. Training can open the gate. After training: ' +
      'plain RNN 6.3e-6 (a factor of 0.05 a step); LSTM 0.41 (a factor of 0.8 a step). Here the plain RNN loses it faster.',
  );
  expect(flowText([rnn[0]!, lstm[0]!, rnn[1]!, lstm[1]!], 0.49, insidePt, numberFormats('pt-BR'))).toBe(
    'O que resta do gradiente no primeiro de 5 passos, sem treino: RNN simples 0,063 (um fator de 0,5 por passo); LSTM 0,0039 (um ' +
      'fator de 0,25 por passo). Aqui a LSTM o perde mais depressa. A LSTM sem treino também o perde: o viés da porta de ' +
      'esquecimento começa perto de 0, então a porta vale cerca de 0,49, e cada passo para trás mantém só essa fração da célula. ' +
      'O treino pode abrir a porta. Depois do treino: RNN simples 6,3e-6 (um fator de 0,05 por passo); LSTM 0,41 (um fator de 0,8 ' +
      'por passo). Aqui a RNN simples o perde mais depressa.',
  );
});

test('does not mention the forget gate of an LSTM that keeps the gradient, and does not compare a single model', () => {
  const text = english(flow('RNN_TANH', false, 0.95), flow('LSTM', false, 0.95), flow('GRU', true, 1.1));
  expect(text).toContain('Both lose it at about the same rate. After training: GRU 1.5 (a factor of 1.1 a step).');
  expect(text).not.toContain('forget');
});
