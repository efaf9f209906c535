import { describe, expect, test } from 'vitest';
import { bundle } from './bundle.ts';

/** The most bytes of a gzipped bundle for these lines. */
const BUDGETS = [
  {
    what: 'a forecaster with all its shaders',
    code: "export { Forecaster, requestDevice, readSeries } from 'lstm-webgpu';",
    bytes: 113_700,
  },
  {
    what: 'a module like those of torch.nn',
    code: "export { LSTM, requestDevice } from 'lstm-webgpu';",
    bytes: 35_100,
  },
  { what: 'the whole data entry', code: "export * from 'lstm-webgpu/data';", bytes: 26_600 },
  { what: 'the CSV reader', code: "export { readSeries } from 'lstm-webgpu';", bytes: 20_200 },
  { what: "a worker's script", code: "import { serve } from 'lstm-webgpu/worker'; serve();", bytes: 97_900 },
  { what: 'a page that connects to a worker', code: "export { connect } from 'lstm-webgpu/client';", bytes: 6_500 },
];

describe('what an application ships', () => {
  test.each(BUDGETS)('$what takes at most $bytes bytes', async ({ code, bytes }) => {
    const { gzipBytes } = await bundle(code);
    expect(gzipBytes).toBeLessThanOrEqual(bytes);
  });

  test('without the engine, contains no WGSL', async () => {
    for (const code of ["export * from 'lstm-webgpu/data';", "export { readSeries } from 'lstm-webgpu';"])
      expect((await bundle(code)).text).not.toMatch(/@compute|@group|GPUBufferUsage/);
    expect((await bundle("export { Forecaster } from 'lstm-webgpu';")).text).toMatch(/@compute/);
  });

  test('contains the WGSL of a shared file once', async () => {
    const { text } = await bundle("export { Forecaster } from 'lstm-webgpu';");
    expect(text.match(/fn sequence_forward\(/g)).toHaveLength(1);
  });
});
