import { resolve } from 'node:path';
import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';
import { wgsl } from '../../tools/wgsl.ts';

/** The minified code that a page loads if it imports a name. */
async function bundleOf(name: string, file: string): Promise<string> {
  const input = `data:text/javascript,import { ${name} } from '${resolve(file)}'; ${name}();`;
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [wgsl()],
    build: { write: false, minify: true, target: 'es2022', rolldownOptions: { input } },
  });
  return (result as Rolldown.RolldownOutput).output
    .map((chunk) => (chunk.type === 'chunk' ? chunk.code : ''))
    .join('\n');
}

test('a page that connects to a worker loads neither the engine nor its shaders', async () => {
  const client = await bundleOf('connect', 'src/worker/client.ts');
  expect(client).not.toMatch(/@compute|createComputePipeline|requestAdapter|indexedDB/);
  expect(client.length).toBeLessThan(17_000);
  expect(await bundleOf('serve', 'src/worker/index.ts')).toMatch(/@compute/);
});
