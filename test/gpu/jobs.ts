import { DataError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { trainPack } from '../../src/forecast/pack.ts';
import { LSTM } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { sweep } from '../../src/sweep/sweep.ts';

export const series = Float64Array.from({ length: 60 }, (_, row) => 100 + 10 * Math.sin(row / 5) + row / 10);
const filled = (...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size) }, (_, k) => Math.sin(k)),
});
export const samples = { inputs: filled(20, 5, 1), targets: filled(20, 1) };
export const model = { hiddenSize: 3, windowLength: 5 };
export const fit = { epochs: 2, batchSize: 16 };

const forecasterJob = (options: object) => async (device: GPUDevice) => {
  const forecaster = await Forecaster.create({ device, ...model });
  try {
    const { epochs } = await forecaster.fit(series, { ...fit, ...options });
    const { metrics } = await forecaster.evaluate();
    const file = await forecaster.save();
    return [
      ...epochs.map(({ loss }) => loss),
      metrics.rmse,
      ...(await forecaster.predict({ horizon: 2 })),
      file.length,
    ];
  } finally {
    forecaster.dispose();
  }
};

/** Calls of the library, and their results. */
export const JOBS: Record<string, (device: GPUDevice) => Promise<number[]>> = {
  'Forecaster, resident': forecasterJob({ validation: 0.3, earlyStopping: true }),
  'Forecaster, sequence': forecasterJob({ plan: 'sequence', optimizer: { name: 'RMSprop' } }),
  'Forecaster, timestep': forecasterJob({ plan: 'timestep', clip: { norm: 1 } }),
  async Trainer(device) {
    const trainer = await Trainer.create({ device, model: { cell: 'GRU', inputSize: 1, hiddenSize: 4 } });
    try {
      const { epochs } = await trainer.fit(samples, { epochs: 2, batchSize: 8, validation: samples });
      const { data } = await trainer.predict(samples.inputs);
      return [...epochs.map(({ loss }) => loss), ...data, (await trainer.checkpoint()).length];
    } finally {
      trainer.dispose();
    }
  },
  async LSTM(device) {
    const module = await LSTM.create({ device, inputSize: 3, hiddenSize: 2, numLayers: 2, bidirectional: true });
    try {
      const { output } = await module.forward(filled(5, 2, 3));
      const { input, parameters } = await module.backward({ output });
      return [...output.data, ...input.data, ...parameters.get('weight_hh_l0')!.data];
    } finally {
      module.dispose();
    }
  },
  async backtest(device) {
    return [(await backtest(series, { device, folds: 2, testRows: 10, model, fit })).metrics.rmse];
  },
  async trainPack(device) {
    const results = await trainPack(device, { model, fit }, [{ series, seed: 0 }]);
    return results.map((result) => (result.ok ? result.metrics.rmse : Number.NaN));
  },
  async sweep(device) {
    const rmse: number[] = [];
    for await (const result of sweep({ device, series: [{ id: 'a', values: series }], grid: { ...model, ...fit } }))
      if (result.ok) rmse.push(result.metrics.rmse);
      else throw new DataError(result.reason);
    return rmse;
  },
};
