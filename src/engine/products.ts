import { type MatmulDims, matmulDims, type Operand } from '../kernels/matmul_dims.ts';
import { type ModelConfig, outputFeatures, stateSize } from '../model/config.ts';
import { CELL_KERNELS, type GateBlock } from './cells.ts';
import { transposed } from './layout.ts';

/**
 * The products of a recurrence, for `loadProduct`: one of each shape, at the first time step of the first direction. Its
 * operands are those of `DirectionLayout`.
 */
export function productsOf(
  config: ModelConfig,
  options: { windowLength: number; batchSize: number; training: boolean; states: boolean; fused: boolean },
): MatmulDims[] {
  const { windowLength: T, batchSize: N, training, states, fused } = options;
  const { cell, inputSize, hiddenSize: H, numLayers, projSize } = config;
  const { fromInput, fromState, slots } = CELL_KERNELS[cell];
  const R = T * N;
  const gates = ({ slot, count }: GateBlock, rows: number) => ({
    ...{ rows, columns: count * H },
    ...{ offset: slot * H, stride: slots * H },
  });
  const weight = ({ gate, count }: GateBlock, columns: number) => ({
    ...{ rows: count * H, columns },
    offset: gate * H * columns,
  });
  const state = (rows: number) => ({ rows, columns: stateSize(config), stride: outputFeatures(config) });
  const raw = (rows: number) => ({ rows, columns: H });
  const projection = { rows: projSize, columns: H };
  const list: MatmulDims[] = [];
  const multiply = (a: Operand, b: Operand, { offset, stride }: Operand) =>
    list.push(matmulDims(a, b, { ...(offset && { offset }), ...(stride && { stride }) }));

  const widths = numLayers > 1 ? [inputSize, outputFeatures(config)] : [inputSize];
  for (const [layer, columns] of widths.entries())
    for (const block of fromInput) {
      const input = { rows: R, columns };
      multiply(input, transposed(weight(block, columns)), gates(block, R));
      if (!training) continue;
      multiply(transposed(gates(block, R)), input, weight(block, columns));
      if (layer > 0 || states) multiply(gates(block, R), weight(block, columns), input);
    }
  const own = stateSize(config);
  for (const block of fromState) {
    if (!fused) multiply(state(N), transposed(weight(block, own)), gates(block, N));
    if (training) multiply(transposed(gates(block, R)), state(R), weight(block, own));
    if (training && !fused) multiply(gates(block, N), weight(block, own), state(N));
  }
  if (projSize === 0) return list;
  if (!fused) multiply(raw(N), transposed(projection), state(N));
  if (training) multiply(transposed(state(R)), raw(R), projection);
  if (training && !fused) multiply(state(N), projection, raw(N));
  return list;
}
