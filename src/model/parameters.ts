import type { ModelConfig } from './config.ts';

/** Name and shape of a parameter, as in PyTorch's state dict. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A parameter with its values, row-major. */
export interface ParameterValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters by PyTorch's names, in PyTorch's order. */
export type StateDict = ReadonlyMap<string, ParameterValue>;

/**
 * The parameters of a module with `self.lstm = nn.LSTM(...)` and `self.fc = nn.Linear(...)`, in the order PyTorch
 * registers (and so draws) them. Gate rows are i, f, g, o.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
export function parameterTable({ inputSize, hiddenSize, numLayers, outputSize }: ModelConfig): ParameterSpec[] {
  const gates = 4 * hiddenSize;
  const table: ParameterSpec[] = [];
  for (let layer = 0; layer < numLayers; layer++) {
    table.push(
      { name: `lstm.weight_ih_l${layer}`, shape: [gates, layer === 0 ? inputSize : hiddenSize] },
      { name: `lstm.weight_hh_l${layer}`, shape: [gates, hiddenSize] },
      { name: `lstm.bias_ih_l${layer}`, shape: [gates] },
      { name: `lstm.bias_hh_l${layer}`, shape: [gates] },
    );
  }
  table.push({ name: 'fc.weight', shape: [outputSize, hiddenSize] }, { name: 'fc.bias', shape: [outputSize] });
  return table;
}
