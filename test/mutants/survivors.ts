/**
 * Mutants that no training run detects, by name, with the reason. These cannot change a number; any other undetected mutant
 * means that a test is missing.
 */
export const SURVIVORS: readonly { of: RegExp; why: string }[] = [
  {
    of: /: bias_reduce #\d+: d_bias and d_twin swapped$/,
    why: 'both biases have the same gradient: LSTM and RNN add them',
  },
  {
    of: /GRU .*: bias_reduce #\d+: d_twin zero after it$/,
    why: 'a sum for one bias only; the other is written after it',
  },
  { of: /: (lstm|rnn)_cell_forward #\d+: bias_ih and bias_hh swapped$/, why: 'the two are only added' },
  {
    of: /: (adam|rmsprop|resident) #\d+: (m|v) and (v|extra) swapped$/,
    why: 'another name for the same buffer: only this kernel reads it',
  },
  {
    of: /: (adam|rmsprop) #\d+: m and extra swapped$/,
    why: 'another name for the same buffer: only this kernel reads it',
  },
  { of: /: adam #\d+: extra zero after it$/, why: 'unused without amsgrad' },
  { of: /: resident #\d+: history zero after it$/, why: 'scratch: every slice writes it before reading it' },
  {
    of: /_sequence_(forward|backward) #\d+: (raw|d_raw|d_c) zero after it$/,
    why: 'scratch within the recurrence, or unused without a projection',
  },
  { of: /: lstm_sequence_backward #\d+: d_c and d_raw swapped$/, why: 'scratch within the recurrence, of one size' },
  {
    of: /_sequence_backward #\d+: d_h zero after it$/,
    why: 'without a projection it is not read after the recurrence',
  },
  {
    of: /timestep, (LSTM|GRU) .*: (lstm|gru)_cell_backward #\d+: (d_c|d_h) zero after it$/,
    why: 'the first time step, or the last read: nothing reads it afterwards',
  },
  {
    of: /timestep, GRU .*: matmul_quad #\d+: a zero before it$/,
    why: 'the first time step, whose state is zero; its products are written, not added',
  },
];
