import { tensorOf } from '../../src/arrays.ts';
import { conformalRadius } from '../../src/data/conformal.ts';
import { readSeries } from '../../src/data/csv.ts';
import { readFrame } from '../../src/data/frame.ts';
import { createScaler, MinMaxScaler, type ScalerName } from '../../src/data/scaler.ts';
import { splitSamples } from '../../src/data/windows.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { modelFile, parseModelFile } from '../../src/forecast/model_file.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { requestDevice, setGpuFinder } from '../../src/gpu/device.ts';
import { GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { createStorage } from '../../src/gpu/tensor.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { openStore } from '../../src/io/store.ts';
import { Lifetime } from '../../src/lifetime.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { readText } from '../../src/node/input.ts';

const gpuWith = (adapter: object | null): GPU => ({ requestAdapter: async () => adapter }) as unknown as GPU;
const smallAdapter = { limits: { maxBufferSize: 4 }, info: {}, features: new Set() };

/** A rejected command, without a device. */
async function refusedWith(kind: new () => object): Promise<void> {
  const raw = { pushErrorScope() {}, popErrorScope: async () => Object.assign(new kind(), { message: 'refused' }) };
  const device = new GuardedDevice({ ...raw, createBuffer() {}, queue: {}, lost: {} } as unknown as GPUDevice);
  device.run('test', () => undefined);
  await device.settled();
}

/** A model file with changed metadata. */
function modelWith(changes: Record<string, string>): Uint8Array {
  const shape = forecastShape({ windowLength: 4, hiddenSize: 3 });
  const members = [initialWeights(shape.config, 9)];
  const { tensors, metadata } = readSafetensors(
    modelFile({ shape, seed: 9, scalers: [], ids: [], seriesOf: [], residuals: [], members }),
  );
  return writeSafetensors(tensors, { ...metadata, ...changes });
}

/** As another program would write it. */
function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  const without = header.replace(/,?"lstm_webgpu\.sha256":"[^"]*"/, '').padEnd(length);
  const changed = bytes.slice();
  changed.set(new TextEncoder().encode(without), 8);
  return changed;
}

const rows = (...lines: string[]): string => `${lines.join('\n')}\n`;

/** A call that throws an error with the code; or the test file that has one, if it needs a device or a browser. */
export const PROVOKED: Readonly<Record<ErrorCode, (() => unknown) | `test/${string}`>> = {
  option: () => modelConfig({ inputSize: 1, hiddenSize: 2, projSize: 3 }),
  'unknown-option': () => readSeries('', { colum: 1 } as object),
  'not-whole-number': () => modelConfig({ inputSize: 1, hiddenSize: 0 }),
  'out-of-range': () => splitSamples({ rows: 20, windowLength: 10, split: 1 }),
  'not-a-choice': () => createScaler('median' as ScalerName),
  'plan-unfit': 'test/gpu/forecaster.test.ts',
  'nothing-to-train-on': () => splitSamples({ rows: 12, windowLength: 10, split: 0.1 }),
  'unknown-series': 'test/node/series_ids.test.ts',
  state: 'test/gpu/recurrent_errors.test.ts',
  disposed: () => {
    const life = new Lifetime('model', { free: () => undefined, idle: () => undefined });
    life.end();
    life.check('predict');
  },
  'already-training': 'test/node/one_at_a_time.test.ts',
  'not-trained': () => new MinMaxScaler().transform([1]),
  'nothing-to-resume': 'test/node/one_at_a_time.test.ts',
  shape: () => tensorOf('x', { shape: [2], data: [1] }),
  data: () => conformalRadius([], 0.9),
  'csv-empty': () => readSeries('\n'),
  'csv-no-rows': () => readSeries('Date,Close\n'),
  'csv-not-text': () => readSeries('PK\u0003\u0004'),
  'csv-open-quote': () => readSeries(rows('Close', '"1', '2')),
  'csv-row-length': () => readSeries(rows('a,b', '1,2', '3'), { delimiter: ',' }),
  'csv-no-numbers': () => readSeries(rows('name', 'Ana', 'Bia')),
  'csv-no-column': () => readSeries(rows('Close', '1', '2'), { column: 'Open' }),
  'csv-not-numbers': () => readSeries(rows('name,Close', 'Ana,1', 'Bia,2'), { column: 'name' }),
  'csv-which-column': () => readSeries(rows('a,b', '1,5', '2,4', '4,7')),
  'csv-bad-date': () => readSeries(rows('Date,Close', '2020-01-01,1', '2020-02-31,2', '2020-01-03,3')),
  'csv-many-values': () =>
    readFrame(rows('a,b', ...Array.from({ length: 60 }, (_, k) => `${k},n${k}x`)), { past: ['b'], column: 'a' }),
  'csv-hole': () => readSeries(rows('Date,Close', '2020-01-01,1', '2020-01-02,', '2020-01-03,3')),
  'csv-no-whole-row': () => readFrame(rows('a,b', '1,', ',2', '3,'), { column: 'a', past: ['b'], missing: 'drop' }),
  'csv-many-series': () => readFrame(rows('id,a', 'x,1', 'y,2'), { column: 'a', id: 'id' }),
  'bad-value': () => new MinMaxScaler().fit([1, Number.NaN]),
  'too-short': () => splitSamples({ rows: 5, windowLength: 10, split: 0.8 }),
  'future-too-short': 'test/node/columns.test.ts',
  constant: () => new MinMaxScaler().fit([2, 2]),
  'file-damaged': () => readSafetensors(new Uint8Array(3)),
  'file-of-another-kind': () => readSafetensors(new TextEncoder().encode('GGUF, another model')),
  'file-without-checksum': () => parseModelFile(withoutChecksum(modelWith({}))),
  'file-of-another-version': () => parseModelFile(modelWith({ 'lstm_webgpu.format': '1' })),
  'file-unreadable': () => readText('no/such/file.csv'),
  'other-series': 'test/node/checkpoint.test.ts',
  'storage-refused': () => openStore('models'),
  'storage-full': 'test/chrome/store.test.ts',
  'storage-failed': 'test/chrome/store.test.ts',
  device: () => requestDevice({ gpu: gpuWith(smallAdapter), requiredLimits: { maxWishes: 3 } as object }),
  'no-webgpu': () => {
    setGpuFinder(async () => undefined);
    return requestDevice();
  },
  'no-adapter': () => requestDevice({ gpu: gpuWith(null) }),
  'beyond-limit': () => requestDevice({ gpu: gpuWith(smallAdapter), requiredLimits: { maxBufferSize: 8 } }),
  'too-large': () =>
    createStorage({ limits: { maxBufferSize: 4, maxStorageBufferBindingSize: 4 } } as GuardedDevice, 'weights', 8),
  'loops-cut-short': 'test/gpu/self_test.test.ts',
  'command-refused': () => refusedWith(class GPUValidationError {}),
  'out-of-memory': () => refusedWith(class GPUOutOfMemoryError {}),
  'device-lost': 'test/chrome/worker.test.ts',
  worker: 'test/chrome/worker.test.ts',
  shader: 'test/gpu/shader_errors.test.ts',
  'training-not-finite': 'test/node/checkpoint.test.ts',
};

/** The error that a call throws or rejects with. */
export async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
