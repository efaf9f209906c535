import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import golden from '../golden/from_pytorch.json';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { relativeError } from '../gpu/expect.ts';

describeGpu('a safetensors file of PyTorch', () => {
  const inputs = { shape: golden.shape, data: Float32Array.from(golden.x) };
  const { tensors } = readSafetensors(readFileSync('test/golden/from_pytorch.safetensors'));

  test('loads with any name prefix, and predicts the same to 1e-6', async () => {
    expect([...tensors.keys()][0]).toBe('model.rnn.weight_ih_l0');
    const trainer = await Trainer.create({ device: testDevice(), model: golden.config });
    const other = await trainer.predict(inputs);
    expect(relativeError(other.data, golden.y)).toBeGreaterThan(0.1);
    trainer.loadStateDict(tensors);
    const { shape, data } = await trainer.predict(inputs);
    expect(shape).toEqual([5, 3]);
    expect(relativeError(data, golden.y)).toBeLessThan(1e-6);
    trainer.dispose();
  });

  test('keeps its values bit for bit when it is written again', async () => {
    const trainer = await Trainer.create({ device: testDevice(), model: golden.config });
    trainer.loadStateDict(tensors);
    const again = readSafetensors(writeSafetensors(await trainer.stateDict())).tensors;
    const values = [...tensors.values()];
    for (const [k, [name, { shape, data }]] of [...again].entries()) {
      expect(name).toBe([...tensors.keys()][k]!.replace('model.rnn.', 'lstm.').replace('model.V.', 'fc.'));
      expect({ shape, data }).toEqual({ shape: values[k]!.shape, data: values[k]!.data });
    }
    trainer.dispose();
  });
});
