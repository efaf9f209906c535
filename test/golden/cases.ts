import { type ModelConfig, modelConfig } from '../../src/model/config.ts';
import model from './model.json';

/** A whole model's numbers in PyTorch, from generate.py. */
export interface ModelCase extends ModelConfig {
  seed: number;
  N: number;
  T: number;
  /** [N * (T + 1), I]: sample n starts at row n (T + 1), and the first O columns of its last row are the target. */
  series: number[];
  y: number[];
  loss: number;
  gradients: Record<string, number[]>;
  /** After 10 steps on the same batch; `losses` are those before each step. */
  adam?: { lr: number; losses: number[]; weights: Record<string, number[]> };
}

export const modelCases = (model.cases as unknown as ModelCase[]).map((golden) => ({
  ...golden,
  ...modelConfig(golden),
}));

export const startsOf = ({ N, T }: ModelCase): number[] => Array.from({ length: N }, (_, n) => n * (T + 1));

export const titleOf = ({ cell, bias, N, T, inputSize, hiddenSize, outputSize, numLayers }: ModelCase): string =>
  `${cell}${bias ? '' : ' without biases'} N=${N} T=${T} I=${inputSize} H=${hiddenSize} O=${outputSize} L=${numLayers}`;
