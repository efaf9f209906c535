// Written by `npm run dims` from shaders/, whose headers define the names.

/** Numbers, by their type in the shader. */
type u32 = number;
type f32 = number;

/** shaders/shared/cell.wgsl */
export type CellDims = {
  N: u32;
  H: u32;
  t: u32;
  gates: u32;
  h_before: u32;
  h_after: u32;
  h_stride: u32;
  c_before: u32;
  c_after: u32;
  c_stride: u32;
};

/** shaders/shared/cell.wgsl */
export type CellBackwardDims = {
  N: u32;
  H: u32;
  t: u32;
  gates: u32;
  h_before: u32;
  h_after: u32;
  h_stride: u32;
  c_before: u32;
  c_after: u32;
  c_stride: u32;
  d_h_before: u32;
  d_h_after: u32;
  d_h_stride: u32;
  d_c: u32;
  d_c_stride: u32;
  fresh: u32;
  to_before: u32;
};

/** shaders/shared/head.wgsl */
export type HeadDims = { N: u32; T: u32; H: u32; O: u32; every: u32 };

/** shaders/shared/loss.wgsl */
export type LossDims = { R: u32; N: u32; O: u32; Q: u32; mean: u32 };

/** shaders/shared/position.wgsl */
export type PositionDims = { step: u32 };

/** shaders/shared/resident_model.wgsl */
export type ResidentModelDims = {
  models: u32;
  T: u32;
  H: u32;
  arena: u32;
  weight_ih: u32;
  weight_hh: u32;
  bias_ih: u32;
  bias_hh: u32;
  fc_weight: u32;
  fc_bias: u32;
  beta1: f32;
  one_minus_beta1: f32;
  beta2: f32;
  one_minus_beta2: f32;
  eps: f32;
};

/** shaders/shared/sequence.wgsl */
export type SequenceDims = {
  N: u32;
  T: u32;
  H: u32;
  P: u32;
  D: u32;
  weight_hh: u32;
  weight_hr: u32;
  bias_ih: u32;
  bias_hh: u32;
  bias: u32;
  reverse: u32;
  ragged: u32;
  states: u32;
};

/** shaders/shared/quad_training.wgsl */
export type SliceDims = { num_steps: u32 };

/** shaders/shared/step.wgsl */
export type StepDims = {
  first: u32;
  rows: u32;
  slot: u32;
  number: u32;
  lr: f32;
  step_size: f32;
  bias_correction2_sqrt: f32;
  decay: f32;
};

/** shaders/shared/tiles.wgsl */
export type TilesDims = {
  M: u32;
  N: u32;
  K: u32;
  accumulate: u32;
  a_offset: u32;
  a_row: u32;
  a_col: u32;
  b_offset: u32;
  b_row: u32;
  b_col: u32;
  c_offset: u32;
  c_row: u32;
  c_col: u32;
  part: u32;
  c_part: u32;
};

/** shaders/shared/timestep_backward.wgsl */
export type TimestepBackwardDims = {
  N: u32;
  H: u32;
  t: u32;
  gates: u32;
  h_before: u32;
  h_after: u32;
  h_stride: u32;
  c_before: u32;
  c_after: u32;
  c_stride: u32;
  d_h_before: u32;
  d_h_after: u32;
  d_h_stride: u32;
  d_c: u32;
  d_c_stride: u32;
  fresh: u32;
  to_before: u32;
  next: u32;
  K: u32;
};

/** shaders/shared/timestep_forward.wgsl */
export type TimestepForwardDims = {
  N: u32;
  H: u32;
  t: u32;
  gates: u32;
  h_before: u32;
  h_after: u32;
  h_stride: u32;
  c_before: u32;
  c_after: u32;
  c_stride: u32;
  K: u32;
};

export type Adam = {
  dims: {
    P: u32;
    beta1: f32;
    one_minus_beta1: f32;
    beta2: f32;
    one_minus_beta2: f32;
    eps: f32;
    weight_decay: f32;
    amsgrad: u32;
  };
  overrides: 'WG';
};

export type BiasReduce = {
  dims: { R: u32; row: u32; first: u32; G: u32; to: u32; twin: u32 };
  overrides: 'WG';
};

export type ClipGradNorm = {
  dims: { P: u32; max_norm: f32 };
  overrides: 'WG' | 'PARTS';
};

export type ClipGradValue = {
  dims: { P: u32; clip_value: f32 };
  overrides: 'WG';
};

export type CrossEntropyLoss = {
  dims: LossDims;
  overrides: 'WG';
};

export type Dropout = {
  dims: { count: u32; x_offset: u32; y_offset: u32; accumulate: u32; seed: u32; layer: u32; p: f32 };
  overrides: 'WG';
};

export type GradNorm = {
  dims: { P: u32 };
  overrides: 'WG' | 'PARTS';
};

export type GruCellBackward = {
  dims: CellBackwardDims;
  overrides: 'WG';
};

export type GruCellForward = {
  dims: CellDims;
  overrides: 'WG';
};

export type GruSequenceBackward = {
  dims: SequenceDims;
  overrides: 'WG' | 'ROWS' | 'PROJECTED';
};

export type GruSequenceForward = {
  dims: SequenceDims;
  overrides: 'WG' | 'ROWS' | 'PROJECTED';
};

export type GruTimestepBackward = {
  dims: TimestepBackwardDims;
  overrides: 'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS' | 'K_LANES' | 'DEPTH';
};

export type GruTimestepForward = {
  dims: TimestepForwardDims;
  overrides: 'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS' | 'K_LANES' | 'DEPTH';
};

export type Hold = {
  dims: { N: u32; columns: u32; t: u32; source: u32; to: u32; stride: u32; accumulate: u32 };
  overrides: 'WG';
};

export type HuberLoss = {
  dims: LossDims;
  overrides: 'WG' | 'DELTA' | 'SCALE';
};

export type L1Loss = {
  dims: LossDims;
  overrides: 'WG';
};

export type LinearBackwardInput = {
  dims: HeadDims;
  overrides: 'WG';
};

export type LinearBackwardWeight = {
  dims: HeadDims;
  overrides: 'WG';
};

export type LinearForward = {
  dims: HeadDims;
  overrides: 'WG';
};

export type LstmCellBackward = {
  dims: CellBackwardDims;
  overrides: 'WG';
};

export type LstmCellForward = {
  dims: CellDims;
  overrides: 'WG';
};

export type LstmPersistentBackward = {
  dims: {
    N: u32;
    H: u32;
    T: u32;
    gates: u32;
    d_h: u32;
    d_h_stride: u32;
    c: u32;
    c_stride: u32;
    reverse: u32;
    polls: u32;
  };
  overrides: 'COLUMNS' | 'SLICES' | 'LANES' | 'TERMS' | 'ROWS' | 'ROUND';
};

export type LstmPersistentForward = {
  dims: { N: u32; H: u32; T: u32; gates: u32; h: u32; h_stride: u32; c: u32; c_stride: u32; reverse: u32; polls: u32 };
  overrides: 'COLUMNS' | 'SLICES' | 'LANES' | 'TERMS' | 'ROWS' | 'ROUND';
};

export type LstmSequenceBackward = {
  dims: SequenceDims;
  overrides: 'WG' | 'ROWS' | 'PROJECTED';
};

export type LstmSequenceForward = {
  dims: SequenceDims;
  overrides: 'WG' | 'ROWS' | 'PROJECTED';
};

export type LstmTimestepBackward = {
  dims: TimestepBackwardDims;
  overrides: 'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS' | 'K_LANES' | 'DEPTH';
};

export type LstmTimestepForward = {
  dims: TimestepForwardDims;
  overrides: 'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS' | 'K_LANES' | 'DEPTH';
};

export type MarkUnwritten = {
  dims: { rows: u32; columns: u32; first: u32; stride: u32 };
  overrides: 'WG';
};

export type Matmul = {
  dims: {
    M: u32;
    N: u32;
    K: u32;
    accumulate: u32;
    a_offset: u32;
    a_row: u32;
    a_col: u32;
    b_offset: u32;
    b_row: u32;
    b_col: u32;
    c_offset: u32;
    c_row: u32;
    c_col: u32;
  };
  overrides: 'BLOCK' | 'TX' | 'TY';
};

export type MatmulParts = {
  dims: { M: u32; N: u32; P: u32; accumulate: u32; c_offset: u32; c_row: u32; c_col: u32 };
  overrides: 'WG';
};

export type MatmulQuad = {
  dims: {
    M: u32;
    N: u32;
    K: u32;
    accumulate: u32;
    a_offset: u32;
    a_row: u32;
    a_col: u32;
    b_offset: u32;
    b_row: u32;
    b_col: u32;
    c_offset: u32;
    c_row: u32;
    c_col: u32;
  };
  overrides: 'ODD' | 'LONG' | 'BLOCK' | 'TX' | 'TY';
};

export type MatmulTiles = {
  dims: TilesDims;
  overrides: 'ROWS' | 'COLUMNS' | 'DEPTH' | 'SIDE' | 'LANES' | 'A_BY_K' | 'B_BY_K' | 'BLOCK';
};

export type MatmulTilesAny = {
  dims: TilesDims;
  overrides: 'ROWS' | 'COLUMNS' | 'DEPTH' | 'SIDE' | 'LANES' | 'A_BY_K' | 'B_BY_K' | 'BLOCK';
};

export type MseLoss = {
  dims: LossDims;
  overrides: 'WG';
};

export type PackWeights = {
  dims: { K: u32; columns: u32; k_stride: u32; u_stride: u32; e_stride: u32; step: u32; count: u32 };
  overrides: 'WG';
};

export type QuantileLoss = {
  dims: LossDims;
  overrides: 'WG';
};

export type Resident = {
  dims: ResidentModelDims;
  overrides: 'LANES' | 'I' | 'O' | 'C';
};

export type ResidentPredict = {
  dims: {
    models: u32;
    T: u32;
    H: u32;
    W: u32;
    ahead: u32;
    Q: u32;
    q: u32;
    arena: u32;
    weight_ih: u32;
    weight_hh: u32;
    bias_ih: u32;
    bias_hh: u32;
    fc_weight: u32;
    fc_bias: u32;
  };
  overrides: 'LANES' | 'I' | 'O';
};

export type ResidentQuads = {
  dims: ResidentModelDims;
  overrides: 'LANES' | 'UNITS' | 'I' | 'O' | 'C' | 'KEPT' | 'STORED' | 'COLUMNS' | 'SHARES' | 'CELL';
};

export type ResidentQuadsInMemory = {
  dims: ResidentModelDims;
  overrides: 'LANES' | 'UNITS' | 'I' | 'O' | 'C' | 'KEPT' | 'STORED' | 'COLUMNS' | 'SHARES' | 'CELL';
};

export type ResidentRows = {
  dims: ResidentModelDims;
  overrides: 'LANES' | 'UNITS' | 'I' | 'O' | 'C' | 'KEPT' | 'STORED' | 'COLUMNS' | 'SHARES' | 'CELL';
};

export type ResidentRowsInMemory = {
  dims: ResidentModelDims;
  overrides: 'LANES' | 'UNITS' | 'I' | 'O' | 'C' | 'KEPT' | 'STORED' | 'COLUMNS' | 'SHARES' | 'CELL';
};

export type ResidentRowsUpdate = {
  dims: ResidentModelDims;
  overrides: 'WG' | 'SHARES' | 'O';
};

export type ResidentWide = {
  dims: ResidentModelDims;
  overrides: 'H' | 'O' | 'I' | 'C';
};

export type Rmsprop = {
  dims: { P: u32; alpha: f32; one_minus_alpha: f32; eps: f32; weight_decay: f32; momentum: f32; centered: u32 };
  overrides: 'WG';
};

export type RnnCellBackward = {
  dims: CellBackwardDims;
  overrides: 'RELU' | 'WG';
};

export type RnnCellForward = {
  dims: CellDims;
  overrides: 'RELU' | 'WG';
};

export type RnnSequenceBackward = {
  dims: SequenceDims;
  overrides: 'WG' | 'ROWS' | 'PROJECTED' | 'RELU';
};

export type RnnSequenceForward = {
  dims: SequenceDims;
  overrides: 'WG' | 'ROWS' | 'PROJECTED' | 'RELU';
};

export type RnnTimestepBackward = {
  dims: TimestepBackwardDims;
  overrides: 'RELU' | 'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS' | 'K_LANES' | 'DEPTH';
};

export type RnnTimestepForward = {
  dims: TimestepForwardDims;
  overrides: 'RELU' | 'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS' | 'K_LANES' | 'DEPTH';
};

export type Roll = {
  dims: { T: u32; I: u32; ahead: u32; Q: u32; q: u32 };
  overrides: 'WG';
};

export type SampleGather = {
  dims: { N: u32; T: u32; TT: u32; I: u32; K: u32 };
  overrides: 'WG';
};

export type Sgd = {
  dims: { P: u32; momentum: f32; one_minus_dampening: f32; weight_decay: f32; nesterov: u32 };
  overrides: 'WG';
};

export type WindowGather = {
  dims: { N: u32; T: u32; I: u32; O: u32; C: u32; every: u32 };
  overrides: 'WG';
};
