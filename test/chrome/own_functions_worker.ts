import { LSTM } from '../../src/nn/recurrent.ts';
import { serve, type WorkerContext } from '../../src/worker/index.ts';

const functions = {
  rowsOf: async (_: WorkerContext, file: Blob) => Float64Array.from((await file.text()).split('\n'), Number),

  /** The last state of an LSTM over a series, on the connection's device. */
  async lastState({ device }: WorkerContext, values: Float32Array, hiddenSize: number) {
    const lstm = await LSTM.create({ device, inputSize: 1, hiddenSize, seed: 1 });
    const { hn } = await lstm.forward({ shape: [values.length, 1, 1], data: values });
    lstm.dispose();
    return hn;
  },

  async count(
    _: WorkerContext,
    { to, onNumber, signal }: { to: number; onNumber: (n: number) => unknown; signal?: AbortSignal },
  ) {
    for (let n = 1; n <= to; n++) {
      signal?.throwIfAborted();
      await onNumber(n);
    }
    return to;
  },

  loseDevice: ({ device }: WorkerContext) => device.destroy(),
  fails: () => {
    throw new RangeError('a bug of the worker');
  },
};

export type OwnFunctions = typeof functions;

serve(functions);
