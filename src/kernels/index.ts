import adamShader from '../../shaders/adam.wgsl';
import biasReduceShader from '../../shaders/bias_reduce.wgsl';
import clipGradNormShader from '../../shaders/clip_grad_norm.wgsl';
import clipGradValueShader from '../../shaders/clip_grad_value.wgsl';
import crossEntropyLossShader from '../../shaders/cross_entropy_loss.wgsl';
import dropoutShader from '../../shaders/dropout.wgsl';
import gruTimestepBackwardShader from '../../shaders/gpu/gru_timestep_backward.wgsl';
import gruTimestepForwardShader from '../../shaders/gpu/gru_timestep_forward.wgsl';
import lstmPersistentBackwardShader from '../../shaders/gpu/lstm_persistent_backward.wgsl';
import lstmPersistentForwardShader from '../../shaders/gpu/lstm_persistent_forward.wgsl';
import lstmTimestepBackwardShader from '../../shaders/gpu/lstm_timestep_backward.wgsl';
import lstmTimestepForwardShader from '../../shaders/gpu/lstm_timestep_forward.wgsl';
import markUnwrittenShader from '../../shaders/gpu/mark_unwritten.wgsl';
import matmulPartsShader from '../../shaders/gpu/matmul_parts.wgsl';
import matmulTilesShader from '../../shaders/gpu/matmul_tiles.wgsl';
import matmulTilesAnyShader from '../../shaders/gpu/matmul_tiles_any.wgsl';
import packWeightsShader from '../../shaders/gpu/pack_weights.wgsl';
import residentQuadsShader from '../../shaders/gpu/resident_quads.wgsl';
import residentQuadsInMemoryShader from '../../shaders/gpu/resident_quads_in_memory.wgsl';
import residentRowsShader from '../../shaders/gpu/resident_rows.wgsl';
import residentRowsInMemoryShader from '../../shaders/gpu/resident_rows_in_memory.wgsl';
import residentRowsUpdateShader from '../../shaders/gpu/resident_rows_update.wgsl';
import rnnTimestepBackwardShader from '../../shaders/gpu/rnn_timestep_backward.wgsl';
import rnnTimestepForwardShader from '../../shaders/gpu/rnn_timestep_forward.wgsl';
import gradNormShader from '../../shaders/grad_norm.wgsl';
import gruCellBackwardShader from '../../shaders/gru_cell_backward.wgsl';
import gruCellForwardShader from '../../shaders/gru_cell_forward.wgsl';
import gruSequenceBackwardShader from '../../shaders/gru_sequence_backward.wgsl';
import gruSequenceForwardShader from '../../shaders/gru_sequence_forward.wgsl';
import holdShader from '../../shaders/hold.wgsl';
import huberLossShader from '../../shaders/huber_loss.wgsl';
import l1LossShader from '../../shaders/l1_loss.wgsl';
import linearBackwardInputShader from '../../shaders/linear_backward_input.wgsl';
import linearBackwardWeightShader from '../../shaders/linear_backward_weight.wgsl';
import linearForwardShader from '../../shaders/linear_forward.wgsl';
import lstmCellBackwardShader from '../../shaders/lstm_cell_backward.wgsl';
import lstmCellForwardShader from '../../shaders/lstm_cell_forward.wgsl';
import lstmSequenceBackwardShader from '../../shaders/lstm_sequence_backward.wgsl';
import lstmSequenceForwardShader from '../../shaders/lstm_sequence_forward.wgsl';
import mseLossShader from '../../shaders/mse_loss.wgsl';
import quantileLossShader from '../../shaders/quantile_loss.wgsl';
import residentPredictShader from '../../shaders/resident_predict.wgsl';
import rmspropShader from '../../shaders/rmsprop.wgsl';
import rnnCellBackwardShader from '../../shaders/rnn_cell_backward.wgsl';
import rnnCellForwardShader from '../../shaders/rnn_cell_forward.wgsl';
import rnnSequenceBackwardShader from '../../shaders/rnn_sequence_backward.wgsl';
import rnnSequenceForwardShader from '../../shaders/rnn_sequence_forward.wgsl';
import rollShader from '../../shaders/roll.wgsl';
import sampleGatherShader from '../../shaders/sample_gather.wgsl';
import sgdShader from '../../shaders/sgd.wgsl';
import matmulShader from '../../shaders/software/matmul.wgsl';
import matmulQuadShader from '../../shaders/software/matmul_quad.wgsl';
import residentShader from '../../shaders/software/resident.wgsl';
import residentWideShader from '../../shaders/software/resident_wide.wgsl';
import windowGatherShader from '../../shaders/window_gather.wgsl';
import type { WorkgroupCounts } from '../gpu/compile.ts';
import { defineKernel, foldedGrid, linearGrid, MAX_WORKGROUPS } from '../gpu/kernel.ts';
import type * as reads from './dims.ts';

// Every kernel consists of its shader, whose header has equations, shapes and grid, and of its grid as code.

type Workgroup = { WG: number };

/** C (+)= A B for strided matrices. */
export const matmul = defineKernel<reads.Matmul>(matmulShader, ({ M, N }, { TX, TY }) =>
  foldedGrid(N / (4 * TX), M / (4 * TY)),
);

/** Like matmul, for devices with subgroups. */
export const matmulQuad = defineKernel<reads.MatmulQuad>(matmulQuadShader, ({ M, N }, { TX, TY }) =>
  foldedGrid(N / (4 * TX), M / (16 * TY)),
);

/** A workgroup per tile of C and part of K. */
const tilesGrid = (
  { M, N, K, part }: reads.TilesDims,
  { ROWS, COLUMNS }: { ROWS: number; COLUMNS: number },
): WorkgroupCounts => {
  const [x, y] = linearGrid(Math.ceil(M / ROWS) * Math.ceil(N / COLUMNS), 1);
  return [x, y, Math.ceil(K / part)];
};

/** Like matmul, for GPUs: in tiles, for rows of whole vec4, and for any strides. */
export const matmulTiles = defineKernel<reads.MatmulTiles>(matmulTilesShader, tilesGrid);
export const matmulTilesAny = defineKernel<reads.MatmulTilesAny>(matmulTilesAnyShader, tilesGrid);

/** Products of parts of K -> C. */
export const matmulParts = defineKernel<reads.MatmulParts>(matmulPartsShader, ({ M, N }, { WG }) =>
  linearGrid(M * N, WG),
);

/** d_gates -> d_bias, and its twin. */
export const biasReduce = defineKernel<reads.BiasReduce>(biasReduceShader, ({ G }, { WG }) => [Math.ceil(G / WG)]);

/** One step of a cell: one invocation per hidden unit and row. */
const unitGrid = ({ N, H }: { N: number; H: number }, { WG }: Workgroup) => linearGrid(N * H, WG);

/** gates, c -> gates, c, h. */
export const lstmCellForward = defineKernel<reads.LstmCellForward>(lstmCellForwardShader, unitGrid);

/** gates, c, d_h, d_c -> the gates' gradients in place, d_c. */
export const lstmCellBackward = defineKernel<reads.LstmCellBackward>(lstmCellBackwardShader, unitGrid);

/** gates, h -> gates, h. */
export const gruCellForward = defineKernel<reads.GruCellForward>(gruCellForwardShader, unitGrid);

/** gates, h, d_h -> the gates' gradients in place, d_h of the previous state. */
export const gruCellBackward = defineKernel<reads.GruCellBackward>(gruCellBackwardShader, unitGrid);

/** gates -> gates, h. */
export const rnnCellForward = defineKernel<reads.RnnCellForward>(rnnCellForwardShader, unitGrid);

/** gates, d_h -> the gates' gradients in place. */
export const rnnCellBackward = defineKernel<reads.RnnCellBackward>(rnnCellBackwardShader, unitGrid);

/** State of rows that have ended -> the same state at the next step. */
export const hold = defineKernel<reads.Hold>(holdShader, ({ N, columns }, { WG }) => linearGrid(N * columns, WG));

/** All steps of a recurrence: one workgroup per tile of rows and direction. */
const tileGrid = ({ N, D }: { N: number; D: number }, { ROWS }: { ROWS: number }): WorkgroupCounts => [
  Math.ceil(N / ROWS),
  D,
];

/** gates, initial states -> gates, states. */
export const lstmSequenceForward = defineKernel<reads.LstmSequenceForward>(lstmSequenceForwardShader, tileGrid);

/** d_h from above -> the gates' gradients in place, the whole d_h. */
export const lstmSequenceBackward = defineKernel<reads.LstmSequenceBackward>(lstmSequenceBackwardShader, tileGrid);

/** gates, initial states -> gates, states. */
export const gruSequenceForward = defineKernel<reads.GruSequenceForward>(gruSequenceForwardShader, tileGrid);

/** d_h from above -> the gates' gradients in place, the whole d_h. */
export const gruSequenceBackward = defineKernel<reads.GruSequenceBackward>(gruSequenceBackwardShader, tileGrid);

/** gates, initial states -> gates, states. */
export const rnnSequenceForward = defineKernel<reads.RnnSequenceForward>(rnnSequenceForwardShader, tileGrid);

/** d_h from above -> the gates' gradients in place, the whole d_h. */
export const rnnSequenceBackward = defineKernel<reads.RnnSequenceBackward>(rnnSequenceBackwardShader, tileGrid);

/** One time step of a recurrence: one workgroup per tile of rows and columns of four sums, which are a unit's gates or four units. */
const timestepGrid =
  (unitsPerColumn: number) =>
  ({ N, H }: { N: number; H: number }, tile: Readonly<Record<'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS', number>>) =>
    foldedGrid(H / (unitsPerColumn * tile.COLUMNS), N / (tile.ROW_LANES * tile.LANE_ROWS));

/** gates, previous states -> gates, states. */
export const lstmTimestepForward = defineKernel<reads.LstmTimestepForward>(lstmTimestepForwardShader, timestepGrid(1));
export const gruTimestepForward = defineKernel<reads.GruTimestepForward>(gruTimestepForwardShader, timestepGrid(1));
export const rnnTimestepForward = defineKernel<reads.RnnTimestepForward>(rnnTimestepForwardShader, timestepGrid(4));

/** The next step's gate gradients, d_h from above, gates -> the whole d_h, the gates' gradients in place. */
export const lstmTimestepBackward = defineKernel<reads.LstmTimestepBackward>(
  lstmTimestepBackwardShader,
  timestepGrid(4),
);
export const gruTimestepBackward = defineKernel<reads.GruTimestepBackward>(gruTimestepBackwardShader, timestepGrid(4));
export const rnnTimestepBackward = defineKernel<reads.RnnTimestepBackward>(rnnTimestepBackwardShader, timestepGrid(4));

/** weight -> vectors. */
export const packWeights = defineKernel<reads.PackWeights>(packWeightsShader, ({ K, columns }, { WG }) =>
  linearGrid(K * columns, WG),
);

/** x -> y, partly zeroed. */
export const dropout = defineKernel<reads.Dropout>(dropoutShader, ({ count }, { WG }) => linearGrid(count, WG));

/** h -> y. */
export const linearForward = defineKernel<reads.LinearForward>(linearForwardShader, ({ N, T, O, every }, { WG }) =>
  linearGrid((every ? T : 1) * N * O, WG),
);

/** d_y -> d_h. */
export const linearBackwardInput = defineKernel<reads.LinearBackwardInput>(
  linearBackwardInputShader,
  ({ N, T, H }, { WG }) => linearGrid(T * N * H, WG),
);

/** All steps of a layer and direction over workgroups that exchange the states, or the gradients of the gates. */
export const lstmPersistentForward = defineKernel<reads.LstmPersistentForward>(
  lstmPersistentForwardShader,
  ({ N, H }, { COLUMNS, ROWS }) => [Math.ceil(H / COLUMNS), Math.ceil(N / ROWS)],
);
export const lstmPersistentBackward = defineKernel<reads.LstmPersistentBackward>(
  lstmPersistentBackwardShader,
  ({ N, H }, { COLUMNS, ROWS }) => [Math.ceil(H / (4 * COLUMNS)), Math.ceil(N / ROWS)],
);

/** words, before a persistent kernel. */
export const markUnwritten = defineKernel<reads.MarkUnwritten>(markUnwrittenShader, ({ rows, columns }, { WG }) =>
  linearGrid(rows * columns, WG),
);

/** d_y, h -> d_weight, d_bias. */
export const linearBackwardWeight = defineKernel<reads.LinearBackwardWeight>(
  linearBackwardWeightShader,
  ({ H, O }, { WG }) => linearGrid(O * (H + 1), WG),
);

/** y, target -> loss, d_y; likewise for the other losses. */
export const mseLoss = defineKernel<reads.MseLoss>(mseLossShader, () => [1]);
export const l1Loss = defineKernel<reads.L1Loss>(l1LossShader, () => [1]);
export const huberLoss = defineKernel<reads.HuberLoss>(huberLossShader, () => [1]);
export const quantileLoss = defineKernel<reads.QuantileLoss>(quantileLossShader, () => [1]);
export const crossEntropyLoss = defineKernel<reads.CrossEntropyLoss>(crossEntropyLossShader, () => [1]);

/** grads -> PARTS partial sums of squares. */
export const gradNorm = defineKernel<reads.GradNorm>(gradNormShader, (_, { PARTS }) => [PARTS]);

/** Over whole arenas: one invocation per parameter. */
const arenaGrid = ({ P }: { P: number }, { WG }: Workgroup) => linearGrid(P, WG);

/** partials, grads -> grads. */
export const clipGradNorm = defineKernel<reads.ClipGradNorm>(clipGradNormShader, arenaGrid);

/** grads -> grads. */
export const clipGradValue = defineKernel<reads.ClipGradValue>(clipGradValueShader, arenaGrid);

/** grads, m, v -> m, v, weights. */
export const adam = defineKernel<reads.Adam>(adamShader, arenaGrid);

/** grads, m -> m, weights. */
export const sgd = defineKernel<reads.Sgd>(sgdShader, arenaGrid);

/** grads, m, v -> m, v, weights. */
export const rmsprop = defineKernel<reads.Rmsprop>(rmspropShader, arenaGrid);

/** series -> x, target. */
export const windowGather = defineKernel<reads.WindowGather>(windowGatherShader, ({ N, T, I, O, every }, { WG }) =>
  linearGrid(T * N * I + (every ? T : 1) * N * O, WG),
);

/** inputs, targets -> x, target, lengths. */
export const sampleGather = defineKernel<reads.SampleGather>(sampleGatherShader, ({ N, T }, { WG }) =>
  linearGrid(T * N, WG),
);

/** y -> the rows after its window. */
export const roll = defineKernel<reads.Roll>(rollShader, ({ ahead }, { WG }) => linearGrid(ahead, WG));

/** Many optimizer steps of `models` models, one workgroup each. */
export const resident = defineKernel<reads.Resident>(residentShader, ({ models }) => [models]);
export const residentWide = defineKernel<reads.ResidentWide>(residentWideShader, ({ models }) => [models]);
export const residentQuads = defineKernel<reads.ResidentQuads>(residentQuadsShader, ({ models }) => [models]);
export const residentQuadsInMemory = defineKernel<reads.ResidentQuadsInMemory>(
  residentQuadsInMemoryShader,
  ({ models }) => [models],
);

/** series -> the gradients of a batch's shares, of every model. */
const shareGrid = ({ models }: { models: number }, { SHARES }: { SHARES: number }): WorkgroupCounts => [SHARES, models];
export const residentRows = defineKernel<reads.ResidentRows>(residentRowsShader, shareGrid);
export const residentRowsInMemory = defineKernel<reads.ResidentRowsInMemory>(residentRowsInMemoryShader, shareGrid);

/** Gradients of the shares -> losses, m, v, weights. */
export const residentRowsUpdate = defineKernel<reads.ResidentRowsUpdate>(
  residentRowsUpdateShader,
  ({ models, arena }, { WG }) => [Math.ceil(arena / WG), models],
);

/** Windows of one model per workgroup: reading the weights costs about as much as two windows. */
const WINDOWS_PER_GROUP = 16;

/** series, starts -> predictions of W windows of every model; sequentially if each provides rows of the next. */
export const residentPredict = defineKernel<reads.ResidentPredict>(residentPredictShader, ({ models, W, ahead }) => [
  models,
  ahead > 0 ? 1 : Math.min(MAX_WORKGROUPS, Math.ceil(W / WINDOWS_PER_GROUP)),
]);
