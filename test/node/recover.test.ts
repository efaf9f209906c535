import { expect, test } from 'vitest';
import { Forecaster, requestDevice } from '../../src/node/index.ts';
import { describeGpu } from '../gpu/device.ts';
import { bitsOf } from '../gpu/expect.ts';

describeGpu('recover: true in Node', () => {
  test('finds a new device by itself, and ends bit-identical', async () => {
    const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3));
    const options = { epochs: 4, batchSize: 8, plan: 'timestep', sliceMs: 0.001 } as const;
    const model = { hiddenSize: 4, windowLength: 5 };
    const device = await requestDevice();
    const straight = await Forecaster.create({ device, ...model });
    await straight.fit(series, options);
    const recovered = await Forecaster.create({ device: await requestDevice(), ...model });
    let slices = 0;
    const lost: number[] = [];
    await recovered.fit(series, {
      ...options,
      recover: true,
      onDeviceLost: ({ epoch }) => lost.push(epoch),
      onProgress: () => {
        if (++slices === 9) recovered.device.destroy();
      },
    });
    expect(lost).toEqual([2]);
    for (const [name, { data }] of await straight.stateDict())
      expect(bitsOf((await recovered.stateDict()).get(name)!.data), name).toEqual(bitsOf(data));
    for (const one of [straight, recovered]) one.dispose();
    device.destroy();
  });
});
