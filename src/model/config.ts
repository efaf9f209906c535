import { ConfigError } from '../errors.ts';

/** Sizes of LSTM(inputSize, hiddenSize, numLayers) followed by Linear(hiddenSize, outputSize) on the last state. */
export interface ModelConfig {
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  outputSize: number;
}

/** @throws ConfigError naming the first size that is not a positive integer. */
export function checkModelConfig(config: ModelConfig): ModelConfig {
  const { inputSize, hiddenSize, numLayers, outputSize } = config;
  for (const [name, value] of Object.entries({ inputSize, hiddenSize, numLayers, outputSize }))
    checkPositiveInteger(name, value);
  if (outputSize > inputSize)
    throw new ConfigError(
      `outputSize: got ${outputSize}, but the targets are the first columns of the series, which has ${inputSize}.`,
    );
  return { inputSize, hiddenSize, numLayers, outputSize };
}

/** @throws ConfigError */
export function checkPositiveInteger(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ConfigError(`${name}: got ${value}, expected a whole number of at least 1.`);
}

/** @throws ConfigError unless `min < value < max`. */
export function checkBetween(name: string, value: number, min: number, max: number): void {
  if (!(value > min && value < max))
    throw new ConfigError(`${name}: got ${value}, expected a number above ${min} and below ${max}.`);
}
