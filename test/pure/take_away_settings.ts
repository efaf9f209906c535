import type { TrainSettings } from '../../demo/protocol.ts';

/** The tutorial's run, as the page has it. */
export const SETTINGS: TrainSettings = {
  cell: 'LSTM',
  numLayers: 1,
  hiddenSize: 32,
  windowLength: 10,
  epochs: 20,
  batchSize: 1,
  lr: 0.001,
  split: 0.8,
  seed: 0,
  ensemble: 1,
  horizon: 10,
  plan: 'auto',
  shuffle: false,
  scalerFit: 'all',
};

/** What a script to take away printed: epoch losses, the model's RMSE, the naive one, and the rows ahead. */
export function printed(stdout: string): { losses: number[]; rmse: number; naiveRmse: number; future: number[] } {
  const after = (label: string) => Number(new RegExp(`^${label}: (.*)$`, 'm').exec(stdout)?.[1]);
  return {
    losses: [...stdout.matchAll(/^Epoch \d+: loss (.*)$/gm)].map(([, loss]) => Number(loss)),
    rmse: after('RMSE of the model'),
    naiveRmse: after('RMSE of tomorrow = today'),
    future: /^Beyond the end: (.*)$/m.exec(stdout)?.[1]?.split(', ').map(Number) ?? [],
  };
}
