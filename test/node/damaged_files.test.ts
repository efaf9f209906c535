import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { parseTrainerFile } from '../../src/nn/trainer_file.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const series = Float64Array.from({ length: 40 }, (_, t) => Math.sin(t / 3));
const inputs = { shape: [8, 3, 1], data: Float32Array.from({ length: 24 }, (_, k) => Math.cos(k)) };
const targets = { shape: [8, 1], data: Float32Array.from({ length: 8 }, (_, k) => Math.sin(k)) };

/** A kind of file, its readers, and its name in messages. */
interface Kind {
  write(): Promise<Uint8Array<ArrayBuffer>>;
  parse(bytes: Uint8Array): unknown;
  load(bytes: ArrayBuffer): Promise<{ destroy?: () => void; dispose?: () => void }>;
  named: RegExp;
}

async function forecasterFile(write: (forecaster: Forecaster) => Promise<Uint8Array<ArrayBuffer>>) {
  const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 2, windowLength: 3, target: 'Äpfel' });
  await forecaster.fit(series, { epochs: 2, batchSize: 16, validation: 0.3, earlyStopping: true });
  const bytes = await write(forecaster);
  forecaster.dispose();
  return bytes;
}

async function trainerFile() {
  const trainer = await Trainer.create({ device: testDevice(), model: { inputSize: 1, hiddenSize: 2 } });
  await trainer.fit({ inputs, targets }, { epochs: 2, batchSize: 4 });
  const bytes = await trainer.checkpoint();
  trainer.dispose();
  return bytes;
}

const loadForecaster = (bytes: ArrayBuffer) => Forecaster.load(bytes, { device: testDevice() });
const KINDS: [string, Kind][] = [
  [
    "a forecaster's model",
    {
      write: () => forecasterFile((forecaster) => forecaster.save()),
      ...{ parse: parseModelFile, load: loadForecaster, named: /^model file: / },
    },
  ],
  [
    "a forecaster's checkpoint",
    {
      write: () => forecasterFile((forecaster) => forecaster.checkpoint()),
      ...{ parse: parseModelFile, load: loadForecaster, named: /^model file: / },
    },
  ],
  [
    "a trainer's checkpoint",
    {
      ...{ write: trainerFile, parse: parseTrainerFile, named: /^model file: / },
      load: (bytes) => Trainer.load(bytes, { device: testDevice() }),
    },
  ],
];

/** Numbers from 0 to below `end`, repeatable by their seed. */
function randomFrom(seed: number): (end: number) => number {
  const generator = new MersenneTwister(seed);
  return (end) => generator.uint32() % end;
}

function errorOf(act: () => unknown): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

describeGpu.each(KINDS)('%s', (_, { write, parse, load, named }) => {
  test('is rejected by its kind with any byte or bit changed, and loaded unchanged: 1,000 times each', async () => {
    const bytes = await write();
    const loaded = await load(bytes.buffer);
    loaded.destroy?.();
    loaded.dispose?.();
    const damaged = (at: number, by: number) => {
      const other = bytes.slice();
      other[at]! ^= by;
      return other;
    };
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = randomFrom(seed);
    for (let k = 0; k < 2000; k++) {
      const [at, by] = [random(bytes.length), k % 2 === 0 ? 1 + random(255) : 1 << random(8)];
      const error = errorOf(() => parse(damaged(at, by)));
      const where = `byte ${at} ^ ${by}, seed ${seed}`;
      expect(error, where).toBeInstanceOf(DataError);
      expect(error?.message, where).toMatch(named);
    }
    for (const at of [3, 8, 40, bytes.length >> 1, bytes.length - 1])
      await expect(load(damaged(at, 4).buffer)).rejects.toThrow(named);
  });
});
