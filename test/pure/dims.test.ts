import { expect, test } from 'vitest';
import { dimsText } from '../../tools/dims.ts';

/** `npm run dims` runs this test with -u, which rewrites the file. */
test('src/kernels/dims.ts has the uniforms and overrides of the shaders', async () => {
  await expect(dimsText()).toMatchFileSnapshot('../../src/kernels/dims.ts');
});
