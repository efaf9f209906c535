import { describe, expect, test } from 'vitest';
import { bundle } from './bundle.ts';

/** Bytes of an application's bundle, gzipped, of which the library may take so many. */
const BUDGETS = [
  {
    what: 'a forecaster, with every shader it can need',
    code: "export { Forecaster, requestDevice, readSeries } from 'lstm-webgpu';",
    bytes: 97_000,
  },
  { what: 'a module as of torch.nn', code: "export { LSTM, requestDevice } from 'lstm-webgpu';", bytes: 28_400 },
  { what: 'everything about data', code: "export * from 'lstm-webgpu/data';", bytes: 25_800 },
  { what: 'the CSV reader', code: "export { readSeries } from 'lstm-webgpu';", bytes: 18_550 },
  { what: "a worker's script", code: "import { serve } from 'lstm-webgpu/worker'; serve();", bytes: 81_500 },
  { what: 'a page that talks to a worker', code: "export { connect } from 'lstm-webgpu/client';", bytes: 6_500 },
];

describe('what an application ships', () => {
  test.each(BUDGETS)('$what keeps to $bytes bytes', async ({ code, bytes }) => {
    const { gzipBytes } = await bundle(code);
    expect(gzipBytes).toBeLessThanOrEqual(bytes);
  });

  test('without a GPU in it, it ships no WGSL', async () => {
    for (const code of ["export * from 'lstm-webgpu/data';", "export { readSeries } from 'lstm-webgpu';"])
      expect((await bundle(code)).text).not.toMatch(/@compute|@group|GPUBufferUsage/);
    expect((await bundle("export { Forecaster } from 'lstm-webgpu';")).text).toMatch(/@compute/);
  });

  test('ships the WGSL of a shared file once', async () => {
    const { text } = await bundle("export { Forecaster } from 'lstm-webgpu';");
    expect(text.match(/fn sequence_forward\(/g)).toHaveLength(1);
  });
});
