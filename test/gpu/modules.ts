import { GRU, LSTM, type ModuleOptions, type RecurrentModule, RNN } from '../../src/nn/recurrent.ts';

/** A module of any kind. */
export function createModule({ cell, ...options }: ModuleOptions): Promise<RecurrentModule> {
  if (cell === 'GRU') return GRU.create(options);
  if (cell === 'RNN_TANH' || cell === 'RNN_RELU')
    return RNN.create({ ...options, nonlinearity: cell === 'RNN_TANH' ? 'tanh' : 'relu' });
  return LSTM.create(options);
}
