import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { inject } from 'vitest';

/** The code that a browser application ships for these lines: bundled, minified, gzipped. */
export async function bundle(code: string): Promise<{ text: string; gzipBytes: number }> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: inject('unpacked') }, // a package can import itself by name
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const { text, contents } = outputFiles[0]!;
  return { text, gzipBytes: gzipSync(contents, { level: 9 }).length };
}
