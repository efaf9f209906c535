import { CELLS, type CellName } from '../src/model/config.ts';

/** The sizes that determine the work of an optimizer step. */
export interface StepSizes {
  cell: CellName;
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  windowLength: number;
  batchSize: number;
}

/**
 * Floating-point operations of an optimizer step: two for each product of the gate matmuls forward, twice that backward.
 * Excludes the head, the loss and the optimizer.
 */
export function flopsPerStep(sizes: StepSizes): number {
  const { cell, inputSize, hiddenSize, numLayers, windowLength, batchSize } = sizes;
  const columns = inputSize + hiddenSize + (numLayers - 1) * 2 * hiddenSize; // of W_ih and W_hh, over all layers
  return 3 * batchSize * windowLength * 2 * CELLS[cell].gates * hiddenSize * columns;
}
