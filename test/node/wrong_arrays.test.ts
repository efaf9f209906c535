import { expect, test } from 'vitest';
import { ConfigError, DataError, type LstmError, ShapeError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { OneSeries } from '../../src/forecast/frame.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import type { StateDict, StateDictInput, TensorValue } from '../../src/model/parameters.ts';
import { GRU, LSTM, RNN } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { SampleData } from '../../src/nn/trainer_options.ts';
import { describeGpu, guardedTestDevice, testDevice } from '../gpu/device.ts';
import { bitsOf } from '../gpu/expect.ts';
import { stateOf } from '../gpu/trainer_state.ts';

const sizes = { inputSize: 2, hiddenSize: 2 };
const [S, T] = [4, 3];
const data = {
  inputs: { shape: [S, T, 2], data: Float32Array.from({ length: S * T * 2 }, (_, k) => Math.sin(k)) },
  targets: { shape: [S, T, 1], data: Float32Array.from({ length: S * T }, (_, k) => Math.cos(k)) },
};
const model = { ...sizes, head: 'every' } as const;
const once = { epochs: 1, batchSize: 2, shuffle: false };

const bitsOfAll = (state: StateDict) => [...state].map(([name, value]) => [name, bitsOf(value.data)]);

/** A state dict with one tensor that is rejected. */
const WRONG: readonly [string, (value: TensorValue) => unknown, typeof LstmError, string][] = [
  [
    'a null',
    ({ shape, data }) => ({ shape, data: [...data].with(-1, null as never) }),
    DataError,
    'got null, expected',
  ],
  [
    'a value beyond float32',
    ({ shape, data }) => ({ shape, data: [...data].with(-1, 1e300) }),
    DataError,
    'got 1e+300',
  ],
  ['a value too many', ({ shape, data }) => ({ shape, data: [...data, 1] }), ShapeError, 'values, but shape ['],
  ['text for data', ({ shape }) => ({ shape, data: '1' }), ConfigError, 'data: got "1", expected numbers'],
  ['its data alone', ({ data }) => data, ConfigError, 'got [object Float32Array], expected { shape, data }'],
  ['another shape', ({ shape, data }) => ({ shape: [...shape, 1], data }), ShapeError, 'got '],
  ['nothing', () => undefined, ConfigError, 'got undefined, expected { shape, data }'],
];

/** Weights other than the present ones: visible if any of them is written. */
const others = (state: StateDict): StateDict =>
  new Map(Array.from(state, ([name, { shape, data }]) => [name, { shape, data: data.map((value) => value + 1) }]));

describeGpu('a state dict', () => {
  test.each(WRONG)('with %s is rejected as a whole by modules', async (_, wrong, kind, message) => {
    const device = testDevice();
    for (const module of [
      await LSTM.create({ device, ...sizes, numLayers: 2, bidirectional: true, projSize: 1 }),
      await GRU.create({ device, ...sizes }),
      await RNN.create({ device, ...sizes }),
    ]) {
      const before = await module.stateDict();
      for (const [name, value] of before) {
        const mixed = new Map<string, unknown>([...others(before), [name, wrong(value)]]) as StateDictInput;
        expect(() => module.loadStateDict(mixed)).toThrow(kind);
        expect(() => module.loadStateDict(mixed)).toThrow(name);
        expect(() => module.loadStateDict(mixed)).toThrow(message);
      }
      expect(bitsOfAll(await module.stateDict())).toEqual(bitsOfAll(before));
      module.dispose();
    }
  });

  test.each(WRONG)(
    'with %s is refused whole by a trainer, and what its optimizer keeps stays',
    async (_, wrong, kind) => {
      const schedule = { name: 'ReduceLROnPlateau', patience: 0 } as const;
      const options = { device: testDevice(), model, schedule, optimizer: { name: 'Adam', lr: 0.1 } } as const;
      const [trainer, straight] = [await Trainer.create(options), await Trainer.create(options)];
      for (const one of [trainer, straight]) await one.fit(data, once);
      const [before, state] = [await trainer.stateDict(), await stateOf(trainer)];
      for (const [name, value] of before) {
        const mixed = new Map<string, unknown>([...others(before), [name, wrong(value)]]) as StateDictInput;
        expect(() => trainer.loadStateDict(mixed), name).toThrow(kind);
        expect(() => trainer.loadStateDict(mixed)).toThrow(name);
      }
      expect(bitsOfAll(await stateOf(trainer))).toEqual(bitsOfAll(state));
      for (const one of [trainer, straight]) await one.fit(data, once);
      expect(bitsOfAll(await trainer.stateDict())).toEqual(bitsOfAll(await straight.stateDict()));
      for (const one of [trainer, straight]) one.dispose();
    },
  );

  test('is a Map', async () => {
    const [lstm, trainer] = [
      await LSTM.create({ device: testDevice(), ...sizes }),
      await Trainer.create({ device: testDevice(), model }),
    ];
    for (const own of [lstm, trainer])
      for (const wrong of [undefined, null, {}, [], Object.fromEntries(await own.stateDict())])
        expect(() => own.loadStateDict(wrong as never)).toThrow(/^state dict: got .*, expected a Map from names/);
    for (const own of [lstm, trainer]) own.dispose();
  });
});

describeGpu('a module', () => {
  test('rejects a state or a gradient with an unknown name, instead of ignoring it', async () => {
    const lstm = await LSTM.create({ device: testDevice(), ...sizes });
    const input = { shape: [1, 1, 2], data: [1, 2] };
    await expect(lstm.forward(input, { h_0: input } as never)).rejects.toThrow('forward: unknown key "h_0". Known: h0');
    await lstm.forward(input);
    await expect(lstm.backward({ out: input } as never)).rejects.toThrow('backward: unknown key "out". Known: output');
    await expect(lstm.backward(null as never)).rejects.toThrow('backward: got null, expected an object');
    for (const name of ['h0', 'c0'])
      await expect(lstm.forward(input, { [name]: null } as never)).rejects.toThrow(
        `${name}: got null, expected { shape`,
      );
    await expect(lstm.backward({ hn: null } as never)).rejects.toThrow('hn: got null, expected { shape, data }');
    lstm.dispose();
  });

  test.each([false, true])('reads arrays at the time of the call: batchFirst %s', async (batchFirst) => {
    const lstm = await LSTM.create({ device: testDevice(), ...sizes, batchFirst });
    const states = { h0: { shape: [1, 2, 2], data: [1, 2, 3, 4] }, c0: { shape: [1, 2, 2], data: [4, 3, 2, 1] } };
    const inputs = [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8)];
    const shape = [2, 2, 2];
    const expected = await lstm.forward({ shape, data: [1, 2, 3, 4, 5, 6, 7, 8] }, structuredClone(states));
    const runs = inputs.map((own) => lstm.forward({ shape, data: own }, states));
    for (const own of [...inputs, states.h0.data, states.c0.data]) own.fill(0);
    for (const run of runs) expect(await run).toEqual(expected);
    lstm.dispose();
  });
});

describeGpu('samples', () => {
  test('may have anything after the end of a sequence, except classes', async () => {
    const lengths = [3, 1, 2, 3];
    const noisy = { inputs: structuredClone(data.inputs), targets: structuredClone(data.targets), lengths };
    for (const [s, length] of lengths.entries()) {
      noisy.inputs.data.fill(Number.NaN, (s * T + length) * 2, (s + 1) * T * 2);
      noisy.targets.data.fill(Infinity, s * T + length, (s + 1) * T);
    }
    const reports = [];
    for (const samples of [{ ...data, lengths }, noisy]) {
      const trainer = await Trainer.create({ device: testDevice(), model });
      const { epochs } = await trainer.fit(samples, { ...once, validation: samples });
      reports.push(epochs.map(({ loss, validationLoss }) => ({ loss, validationLoss })));
      trainer.dispose();
    }
    expect(reports[1]).toEqual(reports[0]);
    expect(Object.values(reports[0]![0]!).every(Number.isFinite)).toBe(true);
  });

  test.each([
    [{ ...data, length: [1, 1, 1, 1] }, ConfigError, 'data: unknown key "length". Known: inputs, targets, lengths.'],
    [undefined, ConfigError, 'data: got undefined, expected an object'],
    [{ inputs: data.inputs }, ConfigError, 'targets: got undefined, expected { shape, data }.'],
    [
      { ...data, inputs: data.inputs.data },
      ConfigError,
      'inputs: got [object Float32Array], expected { shape, data }.',
    ],
    [{ ...data, inputs: { ...data.inputs, shape: ['4', 3, 2] } }, ShapeError, 'inputs: got the shape ["4",3,2]'],
    [{ ...data, lengths: [1n, 1n, 1n, 1n] }, ConfigError, 'lengths[0]: got 1n, expected a whole number'],
    [{ ...data, lengths: null }, ConfigError, 'lengths: got null, expected numbers'],
  ])('are rejected by name if any is missing: %#', async (samples, kind, message) => {
    const trainer = await Trainer.create({ device: testDevice(), model });
    const run = () => trainer.fit(samples as SampleData, once);
    await expect(run()).rejects.toThrow(kind);
    await expect(run()).rejects.toThrow(message);
    trainer.dispose();
  });

  test.each([-1, 3, 0.5, 0.99999999999, -100, Number.NaN, 2 ** 32])('have no class %d of 3', async (label) => {
    const trainer = await Trainer.create({
      device: testDevice(),
      model: { ...sizes, outputSize: 3 },
      loss: { name: 'crossEntropy' },
    });
    for (const labels of [[0, 1, label, 2], Float64Array.of(0, 1, label, 2)])
      await expect(trainer.fit({ ...data, targets: { shape: [S], data: labels } }, once)).rejects.toThrow(
        `targets: got ${label}, expected classes: whole numbers from 0 to 2, at sample 2 (from 0).`,
      );
    trainer.dispose();
  });
});

describeGpu('a series', () => {
  const series = Array.from({ length: 20 }, (_, k) => k % 7);

  test.each([
    [[null, ...series.slice(1)], 'series: row 1 is null'],
    [series.map((value) => [value]), 'fit: got 20 series for 1 models'],
    [{ values: series }, 'series: got [object Object], expected numbers'],
    [{ target: series, past: [series] }, 'past: got [[0,1,2'],
    [{ target: series, past: new Map([['p', series]]) }, 'past: got {}, expected an object with columns by name.'],
    [{ target: series, future: 'f' }, 'future: got "f", expected an object with columns by name.'],
    [{ target: series, past: { p: null } }, 'past: got a column "p", but the model reads []'],
  ])('of another kind is rejected by name: %#', async (given, message) => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 3, hiddenSize: 2 });
    await expect(forecaster.fit(given as OneSeries, { epochs: 1 })).rejects.toThrow(message);
    forecaster.dispose();
  });

  test('of null is not the fitted one', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 3, hiddenSize: 2 });
    await forecaster.fit(series, { epochs: 1 });
    for (const wrong of [null, '', 0, false] as unknown[] as OneSeries[]) {
      await expect(forecaster.predict({ series: wrong })).rejects.toThrow(/^series: got .*, expected numbers/);
      await expect(forecaster.evaluate({ series: wrong })).rejects.toThrow(/^series: got .*, expected numbers/);
    }
    const columns = series.map((value) => [value]) as never;
    await expect(forecaster.predict({ series: columns })).rejects.toThrow('series: row 1 is [0], expected a finite');
    forecaster.dispose();
  });

  test('is rejected by row if its scale takes it beyond float32', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 3, hiddenSize: 2, past: ['p'] });
    await forecaster.fit({ target: series, past: { p: series } }, { epochs: 1 });
    const wild = series.with(18, 1e300);
    const message = '(scaled): row 19 of the 20 values is 3.3';
    for (const [frame, name] of [
      [{ target: wild, past: { p: series } }, 'series'],
      [{ target: series, past: { p: wild } }, 'past.p'],
    ] as const) {
      await expect(forecaster.evaluate({ series: frame })).rejects.toThrow(`${name} ${message}`);
      await expect(forecaster.fit(frame, { epochs: 1, from: 'initial' })).rejects.toThrow(`${name} ${message}`);
    }
    await expect(forecaster.predict({ series: { target: wild, past: { p: series } } })).rejects.toThrow(
      'float32 can represent',
    );
    forecaster.dispose();
  });
});

describeGpu('writeTensor', () => {
  test('accepts only float32 and uint32: the GPU would accept the bytes of anything', async () => {
    const device = guardedTestDevice();
    const tensor = createTensor(device, 'x', [2]);
    for (const wrong of [Int32Array.of(1, 2), Float64Array.of(1), new Uint8Array(8), BigInt64Array.of(1n), [1, 2]])
      expect(() => writeTensor(device, tensor, wrong as never)).toThrow(
        /^x: got \w+, expected a Float32Array or a Uint32Array/,
      );
    writeTensor(device, tensor, Float32Array.of(9, 1, 2).subarray(1));
    expect([...new Float32Array(await readBuffer(device, tensor.buffer, 0, 8))]).toEqual([1, 2]);
    tensor.buffer.destroy();
  });
});
