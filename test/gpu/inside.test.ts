import { expect, test } from 'vitest';
import { inspect } from '../../demo/inside/inspect.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { createModule } from '../../src/nn/recurrent.ts';
import { describeGpu, testDevice } from './device.ts';
import { expectClose } from './expect.ts';
import { randomValues } from './run_kernel.ts';

const LAST: Record<string, number> = { LSTM: 6, GRU: 4, RNN_TANH: 1, RNN_RELU: 1 };

describeGpu('what the page shows of the inside of a model', () => {
  test.each(['LSTM', 'GRU', 'RNN_TANH', 'RNN_RELU'] as const)(
    "ends in the GPU's own hidden state: %s",
    async (cell) => {
      const device = testDevice();
      const [T, H] = [12, 5];
      const forecaster = await Forecaster.create({ device, cell, windowLength: T, hiddenSize: H, seed: 3 });
      const weights = await forecaster.stateDict();
      const window = randomValues(T, 1);
      const { pictures, flow } = await inspect(device, forecaster.config, weights, window, 3);
      expect(pictures).toHaveLength(LAST[cell]!);

      const module = await createModule({ device, cell, inputSize: 1, hiddenSize: H });
      module.loadStateDict(new Map([...weights].filter(([name]) => !name.startsWith('fc.'))));
      const { hn, cn } = await module.forward({ shape: [T, 1, 1], data: window });
      const lastOf = (name: string) => {
        const { values } = pictures.find((picture) => picture.name === name)!;
        return Float32Array.from({ length: H }, (_, unit) => values[unit * T + T - 1]!);
      };
      expectClose(lastOf('h'), hn.data, { tensor: 'h', tolerance: 'relative' });
      if (cn) expectClose(lastOf('c'), cn.data, { tensor: 'c', tolerance: 'relative' });

      expect(flow.map(({ name }) => name)).toEqual(['RNN', 'LSTM', 'trained']);
      for (const { norms } of flow) {
        expect(norms).toHaveLength(T);
        expect(norms.at(-1)).toBe(1);
        expect(norms.every(Number.isFinite)).toBe(true);
      }
      module.dispose();
      forecaster.dispose();
    },
  );
});
