import { RECURRENT, type RecurrentOptions } from '../model/config.ts';
import type { OptionNames } from '../options.ts';

/** Arguments of torch.nn.LSTM, GRU or RNN, the device, and a seed. */
export interface ModuleOptions extends RecurrentOptions {
  /** The caller's device; never destroyed here. */
  device: GPUDevice;
  /** Inputs and outputs are [N, T, features] instead of [T, N, features]; the shape of states stays the same. Default false. */
  batchFirst?: boolean;
  /** As in `torch.manual_seed(seed)`: the same seed gives PyTorch's initial weights. Default 0. */
  seed?: number;
  /** One dispatch per time step, or one for all of them. Default 'timestep'. */
  plan?: 'timestep' | 'sequence';
}

/** Options of a module whose cell is known. */
export type LSTMOptions = Omit<ModuleOptions, 'cell'>;
/** torch.nn.GRU's arguments, and the device. */
export type GRUOptions = Omit<ModuleOptions, 'cell' | 'projSize'>;

/** torch.nn.RNN's arguments, and the device. */
export interface RNNOptions extends GRUOptions {
  /** Default 'tanh'. */
  nonlinearity?: 'tanh' | 'relu';
}

const { cell: _, ...OF_A_CELL } = RECURRENT;

/** Options of every module; the compiler requires every option. A module without projections rejects `projSize` by its value. */
export const MODULE_OPTIONS: OptionNames<LSTMOptions> = {
  ...OF_A_CELL,
  ...{ device: true, batchFirst: true, seed: true, plan: true },
};
