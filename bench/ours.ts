import { Forecaster, type ForecasterOptions, type PlanName } from '../src/index.ts';
import type { Contender } from './contender.ts';

/** Where the engine runs: Dawn in Node, or a page in headless Chrome. The same functions are timed in both. */
export interface Place {
  name: string;
  deviceName: string;
  device: GPUDevice;
  /** A new device, with no kernel compiled yet. */
  freshDevice(): Promise<GPUDevice>;
}

export interface Work {
  series: Float64Array;
  batchSize: number;
  plan: PlanName;
  options?: Partial<ForecasterOptions>;
}

/** Epochs of a sample: slices reach their full size within the first. */
const EPOCHS = 3;

/** Milliseconds per optimizer step of a model, over a few epochs, with compiled kernels. */
export function ourSteps(place: Place, name: string, { series, batchSize, plan, options }: Work): Contender {
  const sample = async () => {
    const forecaster = await Forecaster.create({ device: place.device, seed: 0, ...options });
    try {
      const { epochs } = await forecaster.fit(series, { epochs: EPOCHS, batchSize, plan, scalerFit: 'all' });
      const sum = (of: 'seconds' | 'steps') => epochs.reduce((total, epoch) => total + epoch[of], 0);
      return (sum('seconds') * 1000) / sum('steps') / forecaster.ensemble;
    } finally {
      forecaster.dispose();
    }
  };
  return {
    name: `ours, ${name}, ${place.name}`,
    device: place.deviceName,
    prepare: async () => void (await sample()),
    sample,
  };
}

/** Milliseconds from fit() to the first loss on a device with nothing compiled yet. */
export function ourFirstLoss(place: Place, plan: PlanName, series: Float64Array): Contender {
  return {
    name: `ours, ${plan}, ${place.name}`,
    device: place.deviceName,
    sample: async () => {
      const device = await place.freshDevice();
      const forecaster = await Forecaster.create({ device, seed: 0 });
      const stopper = new AbortController();
      const start = performance.now();
      let firstMs = Number.NaN;
      const onProgress = () => {
        if (Number.isNaN(firstMs)) firstMs = performance.now() - start;
        stopper.abort();
      };
      await forecaster.fit(series, { plan, signal: stopper.signal, onProgress }).then(
        () => undefined,
        (error: unknown) => {
          if (!stopper.signal.aborted) throw error;
        },
      );
      forecaster.dispose();
      device.destroy();
      return firstMs;
    },
  };
}
