import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';
import { wgsl } from '../../tools/wgsl.ts';

/** What a page loads that imports this, minified. */
async function bundleOf(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [wgsl()],
    build: { write: false, minify: true, target: 'es2022', lib: { entry, formats: ['es'] } },
  });
  const [output] = result as Rolldown.RolldownOutput[];
  return output!.output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n');
}

test('a page that imports the client of the worker carries neither the engine nor its shaders', async () => {
  const client = await bundleOf('src/worker/client.ts');
  expect(client).not.toMatch(/@compute|createComputePipeline|requestAdapter/);
  expect(client.length).toBeLessThan(12_000);
  expect(await bundleOf('src/worker/index.ts')).toMatch(/@compute/);
});
