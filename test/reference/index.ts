/** Every kernel in plain float64 loops, by its name. */
export { adam } from './adam.ts';
export { biasReduce } from './bias_reduce.ts';
export { linearBackwardInput } from './linear_backward_input.ts';
export { linearBackwardWeight } from './linear_backward_weight.ts';
export { linearForward } from './linear_forward.ts';
export { lstmCellBackward } from './lstm_cell_backward.ts';
export { lstmCellForward } from './lstm_cell_forward.ts';
export { matmul } from './matmul.ts';
export { mseLoss } from './mse_loss.ts';
export { windowGather } from './window_gather.ts';
