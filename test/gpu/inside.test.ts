import { expect, test } from 'vitest';
import { Inspector } from '../../demo/inside/inspect.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { createModule } from '../../src/nn/recurrent.ts';
import { describeGpu, testDevice } from './device.ts';
import { expectClose, expectNormClose } from './expect.ts';
import { randomValues } from './run_kernel.ts';

const [T, I, H] = [7, 2, 5];

describeGpu("what the page shows of a model's internals", () => {
  test.each([
    ['LSTM', 1],
    ['LSTM', 2],
    ['GRU', 1],
    ['GRU', 2],
    ['RNN_TANH', 1],
    ['RNN_RELU', 1],
  ] as const)(
    "has the device's own hidden state at every step, and its gradient of every input: %s, %i layers",
    async (cell, numLayers) => {
      const config = modelConfig({ cell, inputSize: I, hiddenSize: H, numLayers });
      const [weights, window] = [initialWeights(config, 8), randomValues(T * I, 1)];
      const { pictures, kept } = new Inspector().inspect(config, weights, window, 0);
      const module = await createModule({ device: testDevice(), cell, inputSize: I, hiddenSize: H, numLayers });
      module.loadStateDict(new Map([...weights].filter(([name]) => !name.startsWith('fc.'))));
      const { output } = await module.forward({ shape: [T, 1, I], data: window });
      const h = pictures.at(-1)!.values;
      const states = output.data.map((_, k) => h[(k % H) * T + Math.floor(k / H)]!);
      if (numLayers === 1) expectClose(states, output.data, { tensor: 'h', tolerance: 'elementwise' });
      const atTheEnd = { shape: [T, 1, H], data: new Float32Array(T * H) };
      atTheEnd.data.set(weights.get('fc.weight')!.data, (T - 1) * H);
      const { input } = await module.backward({ output: atTheEnd });
      expect(input.data).toHaveLength(kept.input.length);
      for (let t = 0; t < T; t++) {
        // a time step at a time, as early ones may be far smaller
        const [own, expected] = [input.data, kept.input].map((all) => all.slice(t * I, (t + 1) * I));
        expectNormClose(own!, expected!, { tensor: `dy/dx of step ${t}`, tolerance: 'gradient' });
      }
      module.dispose();
    },
  );
});
