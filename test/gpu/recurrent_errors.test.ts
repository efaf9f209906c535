import { expect, test } from 'vitest';
import { ConfigError, DeviceLostError, ShapeError, StateError } from '../../src/errors.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import type { TensorValue } from '../../src/model/parameters.ts';
import type { LSTMOptions } from '../../src/nn/module_options.ts';
import { type ForwardOptions, GRU, LSTM, RNN, type UpstreamGradients } from '../../src/nn/recurrent.ts';
import { describeGpu, testDevice, testGpu } from './device.ts';

const zeros = (...shape: number[]): TensorValue => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const sizes = { inputSize: 3, hiddenSize: 4 };

describeGpu("torch.nn's errors", () => {
  test.each<[Partial<LSTMOptions>, RegExp]>([
    [{ projSize: -1 }, /projSize: got -1/],
    [{ projSize: 4 }, /projSize: got 4, expected less than hiddenSize, which is 4/],
    [{ dropout: 1.5 }, /dropout: got 1.5, expected a number from 0 to 1/],
    [{ dropout: Number.NaN }, /dropout: got NaN/],
    [{ hiddenSize: 0 }, /hiddenSize: got 0/],
    [{ seed: -1 }, /seed: got -1/],
    [
      { device: undefined as never },
      /^device: got undefined, expected a GPUDevice, as returned by requestDevice\(\)\.$/,
    ],
  ])('for the options %j', async (options, message) => {
    const create = LSTM.create({ device: testDevice(), ...sizes, ...options });
    await expect(create).rejects.toThrow(ConfigError);
    await expect(LSTM.create({ device: testDevice(), ...sizes, ...options })).rejects.toThrow(message);
  });

  test('for another cell', async () => {
    const device = testDevice();
    await expect(GRU.create({ device, ...sizes, projSize: 2 } as never)).rejects.toThrow(
      /projSize: got 2 for cell GRU/,
    );
    await expect(RNN.create({ device, ...sizes, nonlinearity: 'sigmoid' as never })).rejects.toThrow(
      /nonlinearity: got "sigmoid"/,
    );
  });

  test.each<[string, TensorValue, ForwardOptions, RegExp]>([
    [
      'the last axis',
      zeros(5, 2, 4),
      {},
      /input: got 4 in the last axis of \[5, 2, 4\], expected inputSize, which is 3/,
    ],
    ['the number of axes', zeros(3), {}, /input: got shape \[3\], expected \[T, N, inputSize\]/],
    ['a sequence of length 0', zeros(0, 2, 3), {}, /length 0; expected at least 1/],
    ['a batch of 0 rows', zeros(5, 0, 3), {}, /batch of 0 rows/],
    ['values missing', { shape: [5, 2, 3], data: new Float32Array(29) }, {}, /input: got 29 values.*needs 30/],
    [
      'h0',
      zeros(5, 2, 3),
      { h0: zeros(1, 3, 4), c0: zeros(1, 2, 4) },
      /h0: got shape \[1, 3, 4\], expected \[1, 2, 4\]/,
    ],
    [
      'h0 with a batch for an input without',
      zeros(5, 3),
      { h0: zeros(1, 1, 4), c0: zeros(1, 4) },
      /h0: got shape \[1, 1, 4\], expected \[1, 4\]/,
    ],
    [
      'c0',
      zeros(5, 2, 3),
      { h0: zeros(1, 2, 4), c0: zeros(2, 2, 4) },
      /c0: got shape \[2, 2, 4\], expected \[1, 2, 4\]/,
    ],
    ['c0 without h0', zeros(5, 2, 3), { c0: zeros(1, 2, 4) }, /h0: missing/],
    ['h0 without c0', zeros(5, 2, 3), { h0: zeros(1, 2, 4) }, /c0: missing/],
    ['the number of lengths', zeros(5, 2, 3), { lengths: [5] }, /lengths: got 1, expected one for each of the 2 rows/],
    [
      'a length of 0',
      zeros(5, 2, 3),
      { lengths: [5, 0] },
      /lengths\[1\]: got 0, expected a whole number from 1 to .* 5/,
    ],
    ['a length past the end', zeros(5, 2, 3), { lengths: [6, 1] }, /lengths\[0\]: got 6/],
  ])('for %s', async (_, input, options, message) => {
    const lstm = await LSTM.create({ device: testDevice(), ...sizes });
    await expect(lstm.forward(input, options)).rejects.toThrow(message);
    lstm.dispose();
  });

  test('for gradients of the wrong shape, and for a backward before a forward', async () => {
    const lstm = await LSTM.create({ device: testDevice(), ...sizes });
    const early = lstm.backward({});
    await expect(early).rejects.toThrow(/backward: there is no forward pass; call forward\(\) first/);
    await expect(early).rejects.toMatchObject({ name: 'StateError', code: 'state' });
    await lstm.forward(zeros(5, 2, 3));
    const wrong: [UpstreamGradients, RegExp][] = [
      [{ output: zeros(2, 5, 4) }, /output: got shape \[2, 5, 4\], expected \[5, 2, 4\]/],
      [{ hn: zeros(2, 4) }, /hn: got shape \[2, 4\], expected \[1, 2, 4\]/],
      [{ cn: zeros(1, 2, 5) }, /cn: got shape \[1, 2, 5\], expected \[1, 2, 4\]/],
    ];
    for (const [gradients, message] of wrong) {
      await expect(lstm.backward(gradients)).rejects.toThrow(ShapeError);
      await expect(lstm.backward(gradients)).rejects.toThrow(message);
    }
    lstm.dispose();
    const gru = await GRU.create({ device: testDevice(), ...sizes });
    await expect(gru.forward(zeros(5, 2, 3), { h0: zeros(1, 2, 4), c0: zeros(1, 2, 4) })).rejects.toThrow(
      /c0: got one, but a GRU has no cell state/,
    );
    gru.dispose();
  });

  test('for weights: the old ones are kept', async () => {
    const lstm = await LSTM.create({ device: testDevice(), ...sizes });
    const before = await lstm.stateDict();
    expect(() => lstm.loadStateDict(new Map([['weight_ih_l0', zeros(16, 3)]]))).toThrow(/weight_hh_l0: missing/);
    expect(await lstm.stateDict()).toEqual(before);
    lstm.dispose();
  });

  test('for a disposed module', async () => {
    const lstm = await LSTM.create({ device: testDevice(), ...sizes });
    await lstm.forward(zeros(5, 2, 3));
    const weights = await lstm.stateDict();
    for (let k = 0; k < 2; k++) lstm.dispose();
    for (const call of [lstm.forward(zeros(5, 2, 3)), lstm.backward({}), lstm.gradientFlow(), lstm.stateDict()]) {
      const error = await call.then(undefined, (reason: unknown) => reason);
      expect(error).toBeInstanceOf(StateError);
      expect((error as Error).message).toMatch(/: this module was disposed; create a new one/);
    }
    expect(() => lstm.loadStateDict(weights)).toThrow('loadStateDict: this module was disposed');
  });

  test('for a lost device: what to do, whatever ran on it', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const lstm = await LSTM.create({ device, ...sizes });
    await lstm.forward(zeros(5, 2, 3));
    device.destroy();
    const run = lstm.forward(zeros(5, 2, 3));
    await expect(run).rejects.toThrow(DeviceLostError);
    await expect(run).rejects.toThrow(
      /device was lost \(destroyed\).*Request a new device and try again; saved weights/,
    );
    await expect(run).rejects.not.toThrow(/fit/);
    lstm.dispose();
  });

  test('dropout with one layer only warns', async () => {
    const lstm = await LSTM.create({ device: testDevice(), ...sizes, dropout: 0.5 });
    expect(lstm.warnings).toEqual([expect.stringMatching(/dropout: got 0.5 with numLayers 1/)]);
    lstm.dispose();
    expect((await LSTM.create({ device: testDevice(), ...sizes })).warnings).toEqual([]);
  });
});
