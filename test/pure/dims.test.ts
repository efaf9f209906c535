import { expect, test } from 'vitest';
import { dimsText } from '../../tools/dims.ts';

/** `npm run dims` writes the file anew: it is this test with -u. */
test('src/kernels/dims.ts has the uniforms and overrides of the shaders', async () => {
  await expect(dimsText()).toMatchFileSnapshot('../../src/kernels/dims.ts');
});
