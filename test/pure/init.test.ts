import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import golden from '../golden/init.json';

/** A tensor of init.json: small models have all values, the others a digest of their bytes. */
interface Drawn {
  shape: number[];
  sha256: string;
  first: number[];
  last: number[];
  values?: number[];
}

describe('initialWeights', () => {
  test.each(golden.cases)(
    "are PyTorch's, bit for bit: seed $seed, I=$inputSize H=$hiddenSize O=$outputSize L=$numLayers",
    ({ seed, tensors, projSize, ...options }) => {
      const config = modelConfig({ ...(options as ModelOptions), ...(projSize && { projSize }) });
      const weights = initialWeights(config, seed);
      expect([...weights.keys()]).toEqual(Object.keys(tensors));
      for (const [name, drawn] of Object.entries(tensors as unknown as Record<string, Drawn>)) {
        const { shape, data } = weights.get(name)!;
        expect(shape, name).toEqual(drawn.shape);
        expect([...data.slice(0, 4)], name).toEqual(drawn.first.map(Math.fround));
        expect([...data.slice(-4)], name).toEqual(drawn.last.map(Math.fround));
        if (drawn.values) expect(data, name).toEqual(Float32Array.from(drawn.values));
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        expect(createHash('sha256').update(bytes).digest('hex'), name).toBe(drawn.sha256);
      }
    },
  );
});
